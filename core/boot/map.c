/* SPDX-License-Identifier: Apache-2.0 */
/* The memory map of start-up; see map.h. Loader entries are not trusted to be
 * sorted, aligned, sane or free of overlaps: what is not RAM wins. */
#include "boot/map.h"

#include "boot/main.h"
#include "lib/mem.h"
#include "lib/print.h"

#define MAX_RAW 256u
#define E820_RAM 1u
#define ADDRESS_END (1ull << 52)
#define FOUR_GIB (1ull << 32)
#define MIB ((u64)1 << 20)
#define ROOM_MIN (16u * MIB)

struct raw_entry {
	u64 start;
	u64 end;
	bool is_ram;
};

/* core.lds */
extern u8 image_start[];
extern u8 image_end[];

static struct raw_entry raw[MAX_RAW];
static u32 raw_count;
static struct boot_range scratch[BOOT_MAX_RANGES];
static u32 scratch_count;
static u64 claim_limit = FOUR_GIB;

void map_add(u64 start, u64 bytes, u32 e820_type)
{
	u64 end;

	if (start >= ADDRESS_END || bytes == 0) {
		return;
	}
	end = bytes > ADDRESS_END - start ? ADDRESS_END : start + bytes;
	if (raw_count == MAX_RAW) {
		panic("the memory map has more than %u entries", MAX_RAW);
	}
	raw[raw_count] = (struct raw_entry){ start, end,
					     e820_type == E820_RAM };
	raw_count++;
}

static void scratch_add(u64 start, u64 end, u32 type)
{
	struct boot_range *last = NULL;

	if (start >= end) {
		return;
	}
	if (scratch_count > 0) {
		last = &scratch[scratch_count - 1u];
	}
	if (last != NULL && last->end == start && last->type == type) {
		last->end = end;
		return;
	}
	if (scratch_count == BOOT_MAX_RANGES) {
		panic("the memory map has more than %u ranges",
		      BOOT_MAX_RANGES);
	}
	scratch[scratch_count] = (struct boot_range){ start, end, type };
	scratch_count++;
}

static u64 lower(u64 a, u64 b)
{
	return a < b ? a : b;
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
		scratch_add(r->start, lower(r->end, start), r->type);
	}
	scratch_add(start, end, type);
	for (i = 0; i < boot.range_count; i++) {
		r = &boot.ranges[i];
		scratch_add(higher(r->start, end), r->end, r->type);
	}
	memcpy(boot.ranges, scratch, scratch_count * sizeof(scratch[0]));
	boot.range_count = scratch_count;
}

static u64 page_down(u64 a)
{
	return a & ~(u64)PAGE_MASK;
}

static u64 page_up(u64 a)
{
	return page_down(a + PAGE_MASK);
}

void map_build(void)
{
	u32 i;

	for (i = 0; i < raw_count; i++) {
		u64 start = page_up(raw[i].start);
		u64 end = page_down(raw[i].end);

		if (raw[i].is_ram && start < end) {
			map_paint(start, end, BOOT_RAM);
		}
	}
	for (i = 0; i < raw_count; i++) {
		if (!raw[i].is_ram) {
			map_paint(page_down(raw[i].start), page_up(raw[i].end),
				  BOOT_RESERVED);
		}
	}
	map_paint((u64)image_start, (u64)image_end, BOOT_CORE);
}

u64 map_covered(u64 start, u64 end, u32 type1, u32 type2)
{
	u64 at = start;
	u32 i;

	for (i = 0; i < boot.range_count && at < end; i++) {
		const struct boot_range *r = &boot.ranges[i];

		if (r->start <= at && at < r->end &&
		    (r->type == type1 || r->type == type2)) {
			at = r->end;
		}
	}
	return lower(at, end);
}

u64 map_bytes(u32 type)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < boot.range_count; i++) {
		if (boot.ranges[i].type == type) {
			sum += boot.ranges[i].end - boot.ranges[i].start;
		}
	}
	return sum;
}

/* An estimate, so that the one line can name the whole need: the modules may
 * all have to move, and the core's own tables take less than 1 in 128. */
static void map_check_room(u64 dom0_end)
{
	u64 modules = map_bytes(BOOT_MODULE);
	u64 all = map_bytes(BOOT_RAM) + map_bytes(BOOT_CORE) + modules;
	u64 need = dom0_end + modules + all / 128u + ROOM_MIN;

	if (all < need) {
		panic("memory is too small: %lu MiB are there, dom0 "
		      "(dom0_mem=%luM), the modules and the core need %lu MiB",
		      all / MIB, boot.dom0_bytes / MIB, need / MIB);
	}
}

void map_check_dom0(void)
{
	u64 end = MAP_DOM0_START + boot.dom0_bytes;
	u64 at = map_covered(MAP_DOM0_START, end, BOOT_RAM, BOOT_MODULE);

	if (at != end) {
		panic("memory is too small: dom0 (dom0_mem=%luM) needs RAM "
		      "from 16 to %lu MiB, it ends at %lu MiB",
		      boot.dom0_bytes / MIB, end / MIB, at / MIB);
	}
	map_check_room(end);
}

void map_lift_limit(void)
{
	claim_limit = ADDRESS_END;
}

u64 map_take_trampoline(void)
{
	u32 i;

	for (i = boot.range_count; i > 0; i--) {
		const struct boot_range *r = &boot.ranges[i - 1u];
		u64 end = lower(r->end, MAP_DOM0_LOW_END);

		if (r->type == BOOT_RAM && end > PAGE_SIZE && r->start < end) {
			map_paint(end - PAGE_SIZE, end, BOOT_CORE);
			return end - PAGE_SIZE;
		}
	}
	panic("no free memory below 640 KiB to start processors with");
}

/* The highest place for `bytes`, or 0; *largest is the largest gap seen. */
static u64 claim_find(u64 bytes, u64 *largest)
{
	u64 floor = MAP_DOM0_START + boot.dom0_bytes;
	u32 i;

	*largest = 0;
	for (i = boot.range_count; i > 0; i--) {
		const struct boot_range *r = &boot.ranges[i - 1u];
		u64 start = higher(r->start, floor);
		u64 end = lower(r->end, claim_limit);

		if (r->type != BOOT_RAM || end <= start) {
			continue;
		}
		if (end - start >= bytes) {
			return end - bytes;
		}
		*largest = higher(*largest, end - start);
	}
	return 0;
}

u64 boot_claim(u64 bytes)
{
	u64 size = page_up(bytes);
	u64 largest;
	u64 at = claim_find(size, &largest);

	if (at == 0 || size < bytes) {
		panic("memory is too small: %lu KiB are needed beyond dom0's "
		      "%lu MiB, %lu KiB are there; add memory or lower "
		      "dom0_mem",
		      size >> 10, boot.dom0_bytes / MIB, largest >> 10);
	}
	map_paint(at, at + size, BOOT_CORE);
	mem_zero((void *)at, size);
	return at;
}
