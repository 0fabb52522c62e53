/* SPDX-License-Identifier: Apache-2.0 */
/* Nested page table entries: the AMD64 long-mode format, every access a user
 * access. Software tags live in bits 9-11, which the processor ignores. */
#include "hw/hw.h"
#include "lib/mem.h"

#define NPT_P 1ull
#define NPT_W 2ull
#define NPT_US 4ull
#define NPT_NX (1ull << 63)
#define NPT_ADDRESS 0x000ffffffffff000ull
#define NPT_TAG_BIT 9

u64 hw_npt_leaf(mfn_t mfn, u32 flags)
{
	u64 write = (flags & HW_NPT_WRITE) != 0 ? NPT_W : 0;
	u64 no_exec = (flags & HW_NPT_EXEC) == 0 ? NPT_NX : 0;
	u64 tag = (u64)(flags >> HW_NPT_TAG_SHIFT & 7u) << NPT_TAG_BIT;

	return mfn << PAGE_SHIFT | NPT_P | NPT_US | write | no_exec | tag;
}

u64 hw_npt_table(mfn_t mfn)
{
	return mfn << PAGE_SHIFT | NPT_P | NPT_W | NPT_US;
}

bool hw_npt_present(u64 entry)
{
	return (entry & NPT_P) != 0;
}

mfn_t hw_npt_mfn(u64 entry)
{
	return (entry & NPT_ADDRESS) >> PAGE_SHIFT;
}

u32 hw_npt_flags(u64 entry)
{
	u32 write = (entry & NPT_W) != 0 ? HW_NPT_WRITE : 0;
	u32 exec = (entry & NPT_NX) == 0 ? HW_NPT_EXEC : 0;

	return write | exec |
	       (u32)(entry >> NPT_TAG_BIT & 7u) << HW_NPT_TAG_SHIFT;
}

u64 hw_npt_read(mfn_t table, u32 index)
{
	const u64 *entries = hw_frame(table);

	return entries[index];
}

void hw_npt_write(mfn_t table, u32 index, u64 entry)
{
	u64 *entries = hw_frame(table);

	entries[index] = entry;
}

void hw_frame_zero(mfn_t mfn)
{
	memset(hw_frame(mfn), 0, PAGE_SIZE);
}
