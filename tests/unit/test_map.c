/* SPDX-License-Identifier: Apache-2.0 */
/* The memory map of start-up against one that looks at every page: loaders'
 * entries in any order, with overlaps; then the core takes from it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "boot/boot.h"
#include "fake_hw.h"

#include <cmocka.h>

#define PAGES 512u
#define ROUNDS 4000u

static u32 page[PAGES]; /* what each should be; 0: nothing there */

static void reset(void)
{
	boot.range_count = 0;
	memset(page, 0, sizeof(page));
}

static void expect(u64 start, u64 end, u32 type)
{
	u64 i;

	for (i = start / PAGE_SIZE; i < end / PAGE_SIZE && i < PAGES; i++) {
		if (type != BOOT_RAM || page[i] != BOOT_RESERVED) {
			page[i] = type;
		}
	}
}

/* Sorted, not empty, apart, merged, and page by page as expected. */
static void check(void)
{
	static u32 have[PAGES];
	u32 i;

	memset(have, 0, sizeof(have));
	for (i = 0; i < boot.range_count; i++) {
		const struct boot_range *r = &boot.ranges[i], *b = r - 1;
		u64 a;

		assert_true(r->start < r->end);
		assert_int_equal((r->start | r->end) & PAGE_MASK, 0);
		assert_true(i == 0 || b->end < r->start ||
			    (b->end == r->start && b->type != r->type));
		for (a = r->start / PAGE_SIZE; a < r->end / PAGE_SIZE; a++) {
			have[a] = r->type;
		}
	}
	assert_memory_equal(have, page, sizeof(page));
}

static void add_random(void)
{
	u64 start = (u64)rand() % (PAGES * PAGE_SIZE / 2);
	u64 bytes = (u64)rand() % (40 * PAGE_SIZE);
	u32 type = (u32)rand() % 3u;

	map_add(start, bytes, type);
	if (bytes == 0) {
		return;
	}
	if (type == 1) {
		expect(page_up(start), page_down(start + bytes), BOOT_RAM);
	} else {
		expect(page_down(start), page_up(start + bytes), BOOT_RESERVED);
	}
}

static void test_random(void **state)
{
	u32 i, j;

	(void)state;
	srand(7);
	for (i = 0; i < ROUNDS; i++) {
		reset();
		for (j = 0; j < 20; j++) {
			add_random();
			check();
		}
	}
}

static void test_ends(void **state)
{
	(void)state;
	reset();
	map_add(1ull << 52, PAGE_SIZE, 1); /* beyond all addresses */
	map_add(~0ull, ~0ull, 2);
	assert_int_equal(boot.range_count, 0);
	map_add((1ull << 52) - PAGE_SIZE, ~0ull, 1); /* cut */
	assert_int_equal(boot.range_count, 1);
	assert_true(boot.ranges[0].end == 1ull << 52);
	reset();
	map_add(0x10, PAGE_SIZE, 1); /* no whole page */
	assert_int_equal(boot.range_count, 0);
	map_add(0x10, PAGE_SIZE, 2); /* touches two */
	assert_int_equal(boot.ranges[0].end, 2 * PAGE_SIZE);
}

static void test_too_many(void **state)
{
	volatile u32 i = 0;

	(void)state;
	reset();
	if (setjmp(fake_stop) == 0) {
		for (i = 0; i < 1000; i++) {
			map_add((u64)i * 4 * PAGE_SIZE, PAGE_SIZE, 1 + i % 2);
		}
	}
	assert_int_equal(i, BOOT_MAX_RANGES);
}

static void test_questions(void **state)
{
	(void)state;
	reset();
	map_add(0, 10 * PAGE_SIZE, 1);
	map_add(4 * PAGE_SIZE, PAGE_SIZE, 2);
	map_paint(8 * PAGE_SIZE, 9 * PAGE_SIZE, BOOT_MODULE);
	assert_int_equal(map_covered(0, 3 * PAGE_SIZE), 3 * PAGE_SIZE);
	assert_int_equal(map_covered(0, 10 * PAGE_SIZE), 4 * PAGE_SIZE);
	assert_int_equal(map_covered(5 * PAGE_SIZE, 12 * PAGE_SIZE),
			 10 * PAGE_SIZE);
	assert_int_equal(map_end(0, ~0ull), 10 * PAGE_SIZE);
	assert_int_equal(map_end(20 * PAGE_SIZE, ~0ull), 20 * PAGE_SIZE);
	/* from the top, never what is not RAM, never below the floor */
	assert_int_equal(map_take(PAGE_SIZE, 0, ~0ull), 9 * PAGE_SIZE);
	assert_int_equal(map_take(2 * PAGE_SIZE, 0, ~0ull), 6 * PAGE_SIZE);
	assert_int_equal(map_take(PAGE_SIZE, PAGE_SIZE, 3 * PAGE_SIZE),
			 2 * PAGE_SIZE);
	if (setjmp(fake_stop) == 0) {
		(void)map_take(3 * PAGE_SIZE, 0, ~0ull);
		fail_msg("there are not three pages");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_questions),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
