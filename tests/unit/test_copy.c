/* SPDX-License-Identifier: Apache-2.0 */
/* Guest linear addresses: page tables of every shape in the guest's own
 * frames, walked by the core. Nothing outside the guest's RAM is ever read or
 * written, whatever the tables say. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "fake_policy.h"
#include "vmm/copy.h"

#include <cmocka.h>

#define P 1ull
#define W 2ull
#define U 4ull
#define PS 0x80ull
#define NX (1ull << 63)
#define PML4 0x10000ull /* tables under test: gfn 16 and on */
#define PDPT 0x11000ull
#define PD 0x12000ull
#define PT 0x13000ull
#define HIGH 0xffff800000000000ull
#define RAM 1024u /* 4 MiB of guest frames */
#define STEPS 20000u

static struct domain *d, *other;
static struct vcpu *v;
static u8 buffer[COPY_MAX + 1];

static u64 *table(gpa_t gpa)
{
	return guest_at(d, gpa);
}

static void paging(u64 cr3, bool is_paged, bool is_long)
{
	fake_of(&v->hw)->paging =
		(struct fake_paging){ cr3, is_paged, is_long, is_long, 0, 0 };
}

/* va 0 .. 2 MiB by 4 KiB pages: page i -> guest frame 256 + i. */
static int setup(void **state)
{
	u32 i;

	(void)state;
	fake_power_on();
	fake_policy_open();
	d = guest_make(1, LB_RED, 1, RAM);
	other = guest_make(2, LB_RED, 1, 32);
	v = &d->vcpus[0];
	for (i = 0; i < 4; i++) {
		memset(table(PML4 + i * PAGE_SIZE), 0, PAGE_SIZE);
	}
	table(PML4)[0] = PDPT | P | W | U;
	table(PDPT)[0] = PD | P | W | U;
	table(PD)[0] = PT | P | W | U;
	for (i = 0; i < 512; i++) {
		table(PT)[i] = (256ull + i) << PAGE_SHIFT | P | W | U | NX;
	}
	for (i = 0; i < sizeof(buffer); i++) {
		buffer[i] = (u8)(i * 31u + i / 256u);
	}
	paging(PML4, true, true);
	return 0;
}

static void lands_at(gva_t va, gpa_t gpa)
{
	u8 out[16] = { 0 };

	assert_int_equal(copy_translate(v, va, false), gpa);
	memset(guest_at(d, gpa), 0, 16);
	assert_int_equal(copy_to_guest(v, va, buffer, 16), 0);
	assert_memory_equal(guest_at(d, gpa), buffer, 16);
	assert_int_equal(copy_from_guest(v, out, va, 16), 0);
	assert_memory_equal(out, buffer, 16);
}

static void refused(gva_t va)
{
	u8 out[4] = { 9, 9, 9, 9 };

	assert_int_equal(copy_from_guest(v, out, va, 4), E_FAULT);
	assert_int_equal(out[0], 9);
	assert_int_equal(copy_to_guest(v, va, buffer, 4), E_FAULT);
}

static void test_4k(void **state)
{
	(void)state;
	lands_at(0, 0x100000);
	lands_at(0x1234, 0x101234);
	lands_at(0x1ffff0, 0x2ffff0);
	table(PT)[3] = 0;   /* not present */
	table(PT)[4] &= ~P; /* all but the bit */
	refused(0x3000);
	refused(0x4ffc);
	refused(0x200000);     /* no PT */
	refused(0x40000000);   /* no PD */
	refused(0x8000000000); /* no PDPT */
	assert_int_equal(copy_translate(v, 0x3000, false), ~0ull);
}

static void test_2m(void **state)
{
	(void)state;
	table(PD)[5] = 0x200000ull | P | W | U | PS;
	lands_at(0xa00000, 0x200000);
	lands_at(0xa54320, 0x254320);
	table(PD)[6] = 0x201000ull | P | W | U | PS; /* low bits: reserved */
	lands_at(0xc00000, 0x200000);
	table(PD)[7] = 0x40000000ull | P | W | PS; /* no RAM there */
	refused(0xe00000);
}

static void test_1g(void **state)
{
	(void)state;
	table(PDPT)[3] = P | W | U | PS;
	lands_at(0xc0000000ull + 0x123450, 0x123450);
	lands_at(0xc0000000ull + 0x3ffff0, 0x3ffff0);
	refused(0xc0000000ull + 0x400000);	      /* the end of its RAM */
	table(PDPT)[4] = 1ull << 51 | P | W | U | PS; /* far outside */
	refused(0x100000000ull);
}

/* PS in the top level is no page, however large. */
static void test_512g(void **state)
{
	(void)state;
	table(PML4)[1] = PDPT | P | W | U | PS;
	assert_int_not_equal(copy_translate(v, 1ull << 39, false), 0);
	table(PML4)[2] = P | W | U | PS; /* frame 0: no table in there */
	memset(guest_at(d, 0), 0, PAGE_SIZE);
	refused(2ull << 39);
}

static void test_canonical(void **state)
{
	static const gva_t wild[] = { 1ull << 47,
				      0x0000ffffffffffffull,
				      0xffff7fffffffffffull,
				      1ull << 62,
				      1ull << 63,
				      0x8000000000001234ull };
	u32 i;

	(void)state;
	table(PML4)[256] = PDPT | P | W | U;
	lands_at(HIGH + 0x1230, 0x101230);
	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		refused(wild[i]);
		assert_int_equal(copy_translate(v, wild[i], true), ~0ull);
	}
}

static void test_read_only(void **state)
{
	u64 *entries[] = { &table(PML4)[0], &table(PDPT)[0], &table(PD)[0],
			   &table(PT)[1] };
	u8 out[4] = { 0 };
	u32 i;

	(void)state;
	for (i = 0; i < 4; i++) { /* one level is enough */
		*entries[i] &= ~W;
		assert_int_equal(copy_from_guest(v, out, 0x1000, 4), 0);
		memset(guest_at(d, 0x101000), 0x11, 4);
		assert_int_equal(copy_to_guest(v, 0x1000, buffer, 4), E_FAULT);
		assert_int_equal(*(u8 *)guest_at(d, 0x101000), 0x11);
		assert_int_equal(copy_translate(v, 0x1000, true), ~0ull);
		assert_int_equal(copy_translate(v, 0x1000, false), 0x101000);
		*entries[i] |= W;
	}
	assert_int_equal(copy_to_guest(v, 0x1000, buffer, 4), 0);
}

static void test_crossing(void **state)
{
	static u8 out[COPY_MAX];

	(void)state;
	table(PT)[11] = 0x300000ull | P | W; /* not beside its neighbour */
	assert_int_equal(copy_to_guest(v, 0xaf80, buffer, 4096), 0);
	assert_memory_equal(guest_at(d, 0x10af80), buffer, 128);
	assert_memory_equal(guest_at(d, 0x300000), buffer + 128, 3968);
	assert_int_equal(copy_from_guest(v, out, 0xaf80, 4096), 0);
	assert_memory_equal(out, buffer, 4096);
	table(PT)[11] = 0;
	assert_int_equal(copy_from_guest(v, out, 0xaffc, 4), 0);
	assert_int_equal(copy_from_guest(v, out, 0xaffc, 5), E_FAULT);
	memset(guest_at(d, 0x10aff0), 0, 16);
	assert_int_equal(copy_to_guest(v, 0xaffc, buffer, 5), E_FAULT);
}

static void test_sizes(void **state)
{
	u8 *page = guest_at(d, 0x100000);

	(void)state;
	memset(page, 0, PAGE_SIZE);
	assert_int_equal(copy_to_guest(v, 0, buffer, COPY_MAX + 1), E_INVAL);
	assert_int_equal(page[1], 0);
	assert_int_equal(copy_from_guest(v, buffer, 0, ~0u), E_INVAL);
	assert_int_equal(copy_from_guest(v, buffer, 1ull << 47, 0), 0);
	assert_int_equal(copy_to_guest(v, 0, buffer, COPY_MAX), 0);
	assert_memory_equal(page, buffer, COPY_MAX);
}

/* The last page and the first one are neighbours, and nothing else is. */
static void test_wrap(void **state)
{
	u8 out[8] = { 0 };

	(void)state;
	refused(~0ull);
	assert_int_equal(copy_from_guest(v, out, 0xfffffffffffffffcull, 8),
			 E_FAULT);
	table(PML4)[511] = PDPT | P | W;
	table(PDPT)[511] = PD | P | W;
	table(PD)[511] = PT | P | W;
	assert_int_equal(copy_translate(v, ~0ull, false), 0x2fffff);
	memcpy(guest_at(d, 0x2ffffc), "tail", 4);
	memcpy(guest_at(d, 0x100000), "head", 4);
	assert_int_equal(copy_from_guest(v, out, 0xfffffffffffffffcull, 8), 0);
	assert_memory_equal(out, "tailhead", 8);
	table(PT)[0] = 0;
	assert_int_equal(copy_to_guest(v, 0xfffffffffffffffcull, out, 8),
			 E_FAULT);
}

/* Whatever is mapped but is not the domain's own RAM is out of reach: pages
 * behind a grant, shared pages; as arguments and as page tables. */
static void test_not_ram(void **state)
{
	static const u32 kinds[] = { P2M_GRANT_RW, P2M_GRANT_RO, P2M_SHARED };
	mfn_t foreign = p2m_get(other, 20).mfn;
	u32 i;

	(void)state;
	memset(fake_memory(foreign), 0, PAGE_SIZE);
	for (i = 0; i < 3; i++) {
		assert_int_equal(p2m_set(d, 5000 + i, foreign, kinds[i]), 0);
		table(PT)[i] = (5000ull + i) << PAGE_SHIFT | P | W | U;
		refused(i * PAGE_SIZE);
		((u64 *)(void *)fake_memory(foreign))[0] = 0x100000 | P | W;
		table(PD)[1] = (5000ull + i) << PAGE_SHIFT | P | W;
		refused(0x200000);
		table(PDPT)[1] = (5000ull + i) << PAGE_SHIFT | P | W;
		refused(0x40000000);
		paging((5000ull + i) << PAGE_SHIFT, true, true);
		refused(0);
		paging(PML4, true, true);
	}
}

static void test_no_paging(void **state)
{
	(void)state;
	paging(PML4, false, false);
	refused(0x1000);
	paging(PML4, true, false); /* 32-bit or PAE */
	refused(0x1000);
	paging(PML4 | 0xfffull, true, true); /* PCID, PWT, PCD */
	lands_at(0x1230, 0x101230);
	paging(PML4 | 1ull << 63, true, true);
	lands_at(0x1230, 0x101230);
	paging(1ull << 51, true, true); /* no RAM there */
	refused(0x1000);
	paging(0xfffffffffffff000ull, true, true);
	refused(0x1000);
}

/* A map that leads into itself ends after four levels. */
static void test_self_map(void **state)
{
	(void)state;
	table(PML4)[510] = PML4 | P | W;
	assert_int_equal(copy_translate(v, 0xffffff7fbfdfe000ull, false), PML4);
	lands_at(0xffffff7fbfdfe000ull + 8u * 100u, PML4 + 8u * 100u);
}

/* Tables of random bits: the walk ends, and only the guest's own RAM is
 * touched: the other domain and the core's frames keep their content. */
static void test_random_tables(void **state)
{
	static u8 core_before[PAGE_SIZE], other_before[PAGE_SIZE];
	u8 *core = fake_memory(d->npt_root);
	u8 *theirs = guest_at(other, 0x5000);
	u32 hits = 0, i, j;

	(void)state;
	memcpy(core_before, core, PAGE_SIZE);
	memcpy(other_before, theirs, PAGE_SIZE);
	srand(11);
	for (i = 0; i < STEPS; i++) {
		gva_t va = (u64)rand() << 33 ^ (u64)rand() << 12 ^ (u64)rand();
		u64 *t = table(PML4 + (u64)(rand() % 4) * PAGE_SIZE);

		for (j = 0; j < 32; j++) {
			u64 word = (u64)rand() << 32 ^ (u64)rand() << 1;

			t[rand() % 512] =
				rand() % 4 == 0
					? word
					: PML4 + (word % 4) * PAGE_SIZE +
						  (word & 0x87u) + 1u;
		}
		if (rand() % 2 == 0) {
			va = (u64)((long)(va << 16) >> 16);
		}
		hits += copy_to_guest(v, va, "\xff", 1) == 0;
		hits += copy_from_guest(v, buffer, va, 64) == 0;
	}
	assert_true(hits > 100); /* it was not all refused */
	assert_memory_equal(core, core_before, PAGE_SIZE);
	assert_memory_equal(theirs, other_before, PAGE_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_4k, setup),
		cmocka_unit_test_setup(test_2m, setup),
		cmocka_unit_test_setup(test_1g, setup),
		cmocka_unit_test_setup(test_512g, setup),
		cmocka_unit_test_setup(test_canonical, setup),
		cmocka_unit_test_setup(test_read_only, setup),
		cmocka_unit_test_setup(test_crossing, setup),
		cmocka_unit_test_setup(test_sizes, setup),
		cmocka_unit_test_setup(test_wrap, setup),
		cmocka_unit_test_setup(test_not_ram, setup),
		cmocka_unit_test_setup(test_no_paging, setup),
		cmocka_unit_test_setup(test_self_map, setup),
		cmocka_unit_test_setup(test_random_tables, setup),
	};

	return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
