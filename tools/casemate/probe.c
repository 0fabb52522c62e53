/* SPDX-License-Identifier: Apache-2.0 */
/* When xenstored's socket does not answer, libxenstore 4.17 goes on to the
 * kernel's xenbus device, whatever the flags of xs_open() say, and waits there
 * for a dead xenstored for ever. So look at the socket first. */
#include "casemate/probe.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenstore_lib.h>

int probe_xenstored(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc, error;

	if (fd < 0) {
		return -1;
	}
	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 xs_daemon_socket());
	rc = connect(fd, (struct sockaddr *)&address, sizeof(address));
	error = errno;
	if (rc != 0 && error == EAGAIN) {
		rc = 0; /* it is there, with others waiting to be accepted */
	}
	close(fd);
	errno = error;
	return rc;
}
