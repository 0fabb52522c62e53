/* SPDX-License-Identifier: Apache-2.0 */
/* dom0's kernel: a measured ELF64 boot module. */
#pragma once

#include "lib/types.h"

struct elf_image {
	const u8 *bytes;
	u64 size;
	u32 entry; /* PVH entry point, physical */
	u64 low;   /* physical range of all segments */
	u64 high;
};
/* Everything is checked here; "" or what is wrong with the file. */
const char *elf_check(struct elf_image *e, const u8 *bytes, u64 size);
/* Copy the segments to their physical addresses (checked, in [low, high)). */
void elf_load(const struct elf_image *e);
