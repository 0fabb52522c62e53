/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files in memory, with a bound on their size. The file may change or
 * shrink while it is read: what was read is what counts. */
#include "launch/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int blob_alloc(struct blob *blob, size_t bytes, const char *what,
	       struct fail *fail)
{
	blob->bytes = bytes;
	blob->data = malloc(bytes == 0 ? 1 : bytes);
	if (blob->data == NULL) {
		blob->bytes = 0;
		return fail_set(fail,
				"%s: no memory for %zu bytes in domain 0; "
				"give domain 0 more memory",
				what, bytes);
	}
	return 0;
}

void blob_free(struct blob *blob)
{
	free(blob->data);
	blob->data = NULL;
	blob->bytes = 0;
}

static int read_all(struct blob *blob, int fd)
{
	size_t done = 0;

	while (done < blob->bytes) {
		ssize_t n = read(fd, blob->data + done, blob->bytes - done);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -1;
		}
		if (n == 0) {
			break;
		}
		done += (size_t)n;
	}
	blob->bytes = done;
	return 0;
}

static int check_size(int fd, size_t limit, struct stat *st, const char *what,
		      const char *path, struct fail *fail)
{
	if (fstat(fd, st) != 0) {
		return fail_set(fail, "%s %s: %s", what, path, strerror(errno));
	}
	if (!S_ISREG(st->st_mode)) {
		return fail_set(fail,
				"%s %s: not a regular file; name the image "
				"itself",
				what, path);
	}
	if (st->st_size < 0 || (uint64_t)st->st_size > limit) {
		return fail_set(fail,
				"%s %s: %lld bytes, at most %zu are accepted",
				what, path, (long long)st->st_size, limit);
	}
	return 0;
}

int blob_read(struct blob *blob, const char *path, size_t limit,
	      const char *what, struct fail *fail)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc;

	if (fd < 0) {
		return fail_set(fail, "%s %s: %s; check the path", what, path,
				strerror(errno));
	}
	rc = check_size(fd, limit, &st, what, path, fail);
	if (rc == 0) {
		rc = blob_alloc(blob, (size_t)st.st_size, path, fail);
	}
	if (rc == 0 && read_all(blob, fd) != 0) {
		rc = fail_set(fail, "%s %s: %s", what, path, strerror(errno));
		blob_free(blob);
	}
	close(fd);
	return rc;
}
