/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Makefile gives the variables of the core sections of their own:
 *
 *   core_x_first | .bss or .data of the core and the fakes | core_x_last
 *
 * Their pages become private mappings of a file that holds the saved state;
 * to drop the private copies is to restore it, at a cost that grows only with
 * the pages that were written.
 */
#include "reset.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

extern uint8_t core_bss_first[], core_bss_last[];
extern uint8_t core_data_first[], core_data_last[];

#define PARTS 2u

static const struct part {
	const char *name;
	uint8_t *first, *last;
} parts[PARTS] = {
	{ "core.bss", core_bss_first, core_bss_last },
	{ "core.data", core_data_first, core_data_last },
};
static int file[RESET_STATES][PARTS];
static unsigned int current = ~0u;

static int save(const struct part *p)
{
	size_t bytes = (size_t)(p->last - p->first), done = 0;
	int fd = memfd_create(p->name, 0);

	if (fd < 0 || p->first >= p->last) {
		fuzz_fail("no file for the state of the core");
	}
	while (done < bytes) {
		/* Not write(): ASan would look at what lies in between. */
		long n = syscall(SYS_write, fd, p->first + done, bytes - done);

		if (n <= 0) {
			fuzz_fail("cannot save the state of the core");
		}
		done += (size_t)n;
	}
	return fd;
}

static void map(const struct part *p, int fd)
{
	if (mmap(p->first, (size_t)(p->last - p->first), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_FIXED, fd, 0) != p->first) {
		fuzz_fail("cannot map the state of the core");
	}
}

void reset_save(unsigned int which)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		file[which][i] = save(&parts[i]);
	}
}

void reset_restore(unsigned int which)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		const struct part *p = &parts[i];

		if (which != current) {
			map(p, file[which][i]);
		} else if (madvise(p->first, (size_t)(p->last - p->first),
				   MADV_DONTNEED) != 0) {
			fuzz_fail("cannot restore the state of the core");
		}
	}
	current = which;
}
