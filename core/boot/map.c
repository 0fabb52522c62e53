/* SPDX-License-Identifier: Apache-2.0 */
/* The memory map of start-up; see boot.h. Loader entries are not trusted to be
 * sorted, aligned, sane or free of overlaps: what is not RAM wins. */
#include "boot/boot.h"

#include "lib/checked.h"
#include "lib/mem.h"
#include "lib/print.h"

#define E820_RAM 1u

static struct boot_range scratch[BOOT_MAX_RANGES];
static u32 scratch_count;

static void scratch_add(u64 start, u64 end, u32 type)
{
	struct boot_range *next = &scratch[scratch_count];

	if (start >= end) {
		return;
	}
	if (scratch_count > 0 && next[-1].end == start &&
	    next[-1].type == type) {
		next[-1].end = end;
		return;
	}
	if (scratch_count == BOOT_MAX_RANGES) {
		panic("the memory map has more than %u ranges",
		      BOOT_MAX_RANGES);
	}
	*next = (struct boot_range){ start, end, type };
	scratch_count++;
}

static u64 higher(u64 a, u64 b)
{
	return a > b ? a : b;
}

void map_paint(u64 start, u64 end, u32 type)
{
	const struct boot_range *r;
	u32 i;

	scratch_count = 0;
	for (i = 0; i < boot.range_count; i++) {
		r = &boot.ranges[i];
		scratch_add(r->start, min64(r->end, start), r->type);
	}
	scratch_add(start, end, type);
	for (i = 0; i < boot.range_count; i++) {
		r = &boot.ranges[i];
		scratch_add(higher(r->start, end), r->end, r->type);
	}
	memcpy(boot.ranges, scratch, scratch_count * sizeof(scratch[0]));
	boot.range_count = scratch_count;
}

/* RAM, but for what is reserved in it already. */
static void paint_ram(u64 start, u64 end)
{
	static struct boot_range old[BOOT_MAX_RANGES];
	u32 count = boot.range_count;
	u32 i;

	memcpy(old, boot.ranges, sizeof(old));
	map_paint(start, end, BOOT_RAM);
	for (i = 0; i < count; i++) {
		if (old[i].type == BOOT_RESERVED) {
			map_paint(old[i].start, old[i].end, BOOT_RESERVED);
		}
	}
}

/* RAM shrinks to whole pages, all else grows. */
void map_add(u64 start, u64 bytes, u32 e820_type)
{
	u64 end;

	if (start >= ADDRESS_END || bytes == 0) {
		return;
	}
	end = start + min64(bytes, ADDRESS_END - start);
	if (e820_type != E820_RAM) {
		map_paint(page_down(start), page_up(end), BOOT_RESERVED);
	} else if (page_up(start) < page_down(end)) {
		paint_ram(page_up(start), page_down(end));
	}
}

u64 map_covered(u64 start, u64 end)
{
	u64 at = start;
	u32 i;

	for (i = 0; i < boot.range_count && at < end; i++) {
		const struct boot_range *r = &boot.ranges[i];

		if (r->start <= at && at < r->end &&
		    (r->type == BOOT_RAM || r->type == BOOT_MODULE)) {
			at = r->end;
		}
	}
	return min64(at, end);
}

u64 map_end(u64 from, u64 to)
{
	u64 end = from;
	u32 i;

	for (i = 0; i < boot.range_count; i++) {
		const struct boot_range *r = &boot.ranges[i];

		if (r->type != BOOT_RESERVED && r->start >= from &&
		    r->end <= to) {
			end = higher(end, r->end);
		}
	}
	return end;
}

u64 map_take(u64 bytes, u64 floor, u64 limit)
{
	u32 i;

	for (i = boot.range_count; i > 0; i--) {
		const struct boot_range *r = &boot.ranges[i - 1u];
		u64 start = higher(r->start, floor);
		u64 end = min64(r->end, limit);

		if (r->type == BOOT_RAM && start < end &&
		    end - start >= bytes) {
			map_paint(end - bytes, end, BOOT_CORE);
			return end - bytes;
		}
	}
	panic("memory is too small: %lu KiB are needed above %lu MiB; add "
	      "memory or lower dom0_mem",
	      bytes >> 10, floor / MIB);
}

u64 boot_claim(u64 bytes, u64 limit)
{
	u64 size = page_up(bytes);
	u64 at = map_take(size, DOM0_START + boot.dom0_bytes, limit);

	memset((void *)at, 0, size);
	return at;
}
