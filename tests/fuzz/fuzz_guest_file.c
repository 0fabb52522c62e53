/* SPDX-License-Identifier: Apache-2.0 */
/* A guest file: refused with one line, or read into what is within bounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/limits.h"
#include "casemate/config.h"
#include "fuzz.h"

static void guest_check(const struct guest *g)
{
	if (g->name[0] == '\0' || strlen(g->name) > GUEST_NAME_MAX ||
	    strlen(g->label) > GUEST_LABEL_MAX || g->label[0] == '\0' ||
	    g->kernel == NULL || g->cmdline == NULL) {
		fuzz_fail("a guest without name, label or kernel");
	}
	if (g->memory_mib < GUEST_MEMORY_MIN_MIB ||
	    g->memory_mib > GUEST_MEMORY_MAX_MIB || g->vcpus < 1 ||
	    g->vcpus > CASEMATE_MAX_VCPUS || g->on_crash > ON_CRASH_PRESERVE) {
		fuzz_fail("%u MiB, %u vCPUs", g->memory_mib, g->vcpus);
	}
	if (strspn(g->name, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-") !=
	    strlen(g->name)) {
		fuzz_fail("the name '%s'", g->name);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static int fd = -1;
	static char path[64];
	static FILE *nowhere;
	struct fail fail = { "" };
	struct guest guest;
	int rc;

	if (fd < 0) {
		fd = memfd_create("guest.cfg", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		nowhere = fopen("/dev/null", "w");
	}
	if (ftruncate(fd, 0) != 0 ||
	    pwrite(fd, data, bytes, 0) != (ssize_t)bytes) {
		fuzz_fail("cannot write the file");
	}
	rc = config_load(&guest, path, nowhere, &fail);
	if (rc == 0) {
		guest_check(&guest);
	} else if (rc != -1 || fail.text[0] == '\0' ||
		   strchr(fail.text, '\n') != NULL) {
		fuzz_fail("result %d, text '%s'", rc, fail.text);
	}
	config_free(&guest);
	return 0;
}
