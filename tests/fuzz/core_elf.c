/* SPDX-License-Identifier: Apache-2.0 */
/* The core's reader of dom0's kernel, for fuzz_kernel.c. */
#include <stdlib.h>
#include <string.h>

#include "boot/boot.h"
#include "fuzz.h"

int core_elf_check(const uint8_t *bytes, uint64_t size);

int core_elf_check(const uint8_t *bytes, uint64_t size)
{
	struct elf_image e;
	const char *why = elf_check(&e, bytes, size);

	if (why[0] != '\0') {
		return -1;
	}
	if (e.low >= e.high || e.high > 1ull << 32 || e.entry < e.low ||
	    e.entry >= e.high) {
		fuzz_fail("the core takes a kernel at %lx..%lx, entry %x",
			  e.low, e.high, e.entry);
	}
	return 0;
}
