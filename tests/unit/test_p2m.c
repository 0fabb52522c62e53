/* SPDX-License-Identifier: Apache-2.0 */
/* Guest-physical maps: slots, refusals, teardown, and what a guest can make
 * the core spend on them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "vmm/domain_make.h"
#include "vmm/p2m.h"

#include <cmocka.h>

#define STEPS 20000u

static struct domain *d;
static u64 free_before;

static int setup(void **state)
{
	(void)state;
	fake_power_on();
	free_before = frame_free_count();
	d = guest_building(1, 0, 4096);
	return 0;
}

static mfn_t ram_frame(void)
{
	mfn_t mfn = MFN_NONE;

	assert_int_equal(frame_alloc(d->id, FRAME_OWNED, &mfn), 0);
	return mfn;
}

static void expect(gfn_t gfn, mfn_t mfn, u32 kind)
{
	struct p2m_entry e = p2m_get(d, gfn);

	assert_int_equal(e.kind, kind);
	assert_int_equal(e.mfn, mfn);
}

static void test_set_get_clear(void **state)
{
	static const gfn_t at[] = {
		0, 1, 511, 512, 0x40000, 0xfeffc, P2M_MAX_GFN - 1
	};
	u32 i, kind;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		for (kind = P2M_RAM; kind <= P2M_GRANT_RO; kind++) {
			mfn_t mfn = 100 + i * 8 + kind;

			expect(at[i], MFN_NONE, P2M_NONE);
			assert_int_equal(p2m_set(d, at[i], mfn, kind), 0);
			expect(at[i], mfn, kind);
			assert_int_equal(p2m_set(d, at[i], mfn + 1, P2M_RAM),
					 E_EXIST);
			expect(at[i], mfn, kind); /* as it was */
			p2m_clear(d, at[i]);
		}
		expect(at[i], MFN_NONE, P2M_NONE);
	}
}

static void test_neighbours(void **state)
{
	(void)state;
	assert_int_equal(p2m_set(d, 700, 50, P2M_RAM), 0);
	expect(699, MFN_NONE, P2M_NONE);
	expect(701, MFN_NONE, P2M_NONE);
	expect(700 - 512, MFN_NONE, P2M_NONE);
	expect(700 + 512, MFN_NONE, P2M_NONE);
	expect(700 + 0x40000, MFN_NONE, P2M_NONE);
	expect(700 + 0x8000000, MFN_NONE, P2M_NONE);
}

static void test_range(void **state)
{
	static const gfn_t at[] = { P2M_MAX_GFN, P2M_MAX_GFN + 1, 1ull << 36,
				    1ull << 52,	 ~0ull,		  ~0ull >> 12 };
	u64 meta = d->meta_frames;
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		assert_int_equal(p2m_set(d, at[i], 5, P2M_RAM), E_INVAL);
		expect(at[i], MFN_NONE, P2M_NONE);
		p2m_clear(d, at[i]);
	}
	p2m_clear(d, 12345); /* nothing there: nothing happens */
	assert_int_equal(d->meta_frames, meta);
}

/* The leaf's machine word: what the processor will enforce. */
static u64 leaf_word(gfn_t gfn)
{
	mfn_t table = d->npt_root;
	u32 shift;

	for (shift = 27; shift > 0; shift -= 9) {
		const u64 *t = (const void *)fake_memory(table);
		u64 entry = t[(gfn >> shift) & 511u];

		assert_int_equal(entry & 7u, 7); /* tables restrict nothing */
		table = (entry & 0xffffffffff000ull) >> 12;
	}
	return ((const u64 *)(const void *)fake_memory(table))[gfn & 511u];
}

static void test_rights(void **state)
{
	static const struct {
		u32 kind;
		bool write, exec;
	} want[] = { { P2M_RAM, true, true },
		     { P2M_SHARED, true, false },
		     { P2M_GRANT_RW, true, false },
		     { P2M_GRANT_RO, false, false } };
	u32 i;

	(void)state;
	for (i = 0; i < 4; i++) {
		u64 word;

		assert_int_equal(p2m_set(d, i, 0xabcd0 + i, want[i].kind), 0);
		word = leaf_word(i);
		assert_int_equal(word & 1u, 1);
		assert_int_equal((word & 2u) != 0, want[i].write);
		assert_int_equal(word >> 63 == 0, want[i].exec);
		assert_int_equal((word & 0xffffffffff000ull) >> 12,
				 0xabcd0 + i);
	}
}

/* p2m_ram: what a domain may be served from is its own RAM alone. */
static void test_ram(void **state)
{
	mfn_t own = ram_frame(), other = MFN_NONE;

	(void)state;
	(void)guest_building(2, 0, 16);
	assert_int_equal(frame_alloc(2, FRAME_OWNED, &other), 0);
	assert_int_equal(p2m_set(d, 5, own, P2M_RAM), 0);
	assert_int_equal(p2m_set(d, 6, other, P2M_GRANT_RW), 0);
	assert_int_equal(p2m_set(d, 7, d->shared, P2M_SHARED), 0);
	assert_int_equal(p2m_set(d, 8, other, P2M_RAM), 0); /* never so */
	assert_int_equal(p2m_ram(d, 5), own);
	assert_int_equal(p2m_ram(d, 6), MFN_NONE);
	assert_int_equal(p2m_ram(d, 7), MFN_NONE);
	assert_int_equal(p2m_ram(d, 8), MFN_NONE);
	assert_int_equal(p2m_ram(d, 9), MFN_NONE);
	assert_int_equal(p2m_ram(d, ~0ull >> 12), MFN_NONE);
	p2m_clear(d, 8);
}

static void test_flush(void **state)
{
	(void)state;
	d->vcpus[0].flush = false;
	p2m_flush(d);
	assert_true(d->vcpus[0].flush);
	assert_int_equal(fake_kicks[0] + fake_kicks[1], 0); /* not running */
	d->vcpus[0].run.state = VCPU_RUNNING; /* elsewhere, out of guest mode */
	d->vcpus[0].cpu = 1;
	p2m_flush(d);
	assert_int_equal(fake_kicks[1], 0);
	d->vcpus[0].in_guest = true;
	p2m_flush(d);
	assert_false(d->vcpus[0].in_guest);
	assert_int_equal(fake_kicks[1], 1);
}

/* A map as sparse as can be costs no more than max_meta frames, and what it
 * cost comes back. */
static void test_sparse(void **state)
{
	u64 set = 0;
	gfn_t gfn;
	err_t err = 0;

	(void)state;
	for (gfn = 0; err == 0 && gfn < P2M_MAX_GFN; gfn += 512) {
		err = p2m_set(d, gfn, 1, P2M_GRANT_RO);
		set += err == 0 ? 1 : 0;
		assert_true(d->meta_frames <= d->max_meta);
	}
	assert_int_equal(err, E_NOMEM);
	assert_true(set > d->max_meta / 2 && set < d->max_meta);
	expect(gfn - 512, MFN_NONE, P2M_NONE);
	p2m_clear(d, 0); /* a slot whose table is there still works */
	assert_int_equal(p2m_set(d, 0, 9, P2M_GRANT_RW), 0);
	guest_destroy(d);
	assert_int_equal(frame_free_count(), free_before);
}

/* One entry per top-level subtree: three tables each. */
static void test_very_sparse(void **state)
{
	gfn_t gfn;
	err_t err = 0;

	(void)state;
	d->max_meta = d->meta_frames + 4; /* one path and one table more */
	assert_int_equal(p2m_set(d, 0, 1, P2M_GRANT_RO), 0);
	err = p2m_set(d, 1ull << 27, 1, P2M_GRANT_RO);
	assert_int_equal(err, E_NOMEM);
	assert_int_equal(d->meta_frames, d->max_meta);
	for (gfn = 0; gfn < P2M_MAX_GFN; gfn += 1ull << 18) {
		expect(gfn, gfn == 0 ? 1 : MFN_NONE,
		       gfn == 0 ? P2M_GRANT_RO : P2M_NONE);
	}
	guest_destroy(d);
	assert_int_equal(frame_free_count(), free_before);
}

/* RAM goes back scrubbed, grants and shared pages are others' business. */
static void test_teardown(void **state)
{
	static const gfn_t at[] = {
		0, 511, 512, 5000, 0xc0000, 0xfeffc, 0x8000000, P2M_MAX_GFN - 1
	};
	mfn_t frames[8];
	mfn_t foreign;
	u64 free;
	u32 i, steps = 0;

	(void)state;
	(void)guest_building(2, 0, 16);
	assert_int_equal(frame_alloc(2, FRAME_OWNED, &foreign), 0);
	for (i = 0; i < 8; i++) {
		frames[i] = ram_frame();
		memset(fake_memory(frames[i]), 0x77, PAGE_SIZE);
		assert_int_equal(p2m_set(d, at[i], frames[i], P2M_RAM), 0);
	}
	assert_int_equal(p2m_set(d, 1, foreign, P2M_GRANT_RW), 0);
	assert_int_equal(p2m_set(d, 2, d->shared, P2M_SHARED), 0);
	free = frame_free_count();
	while (!p2m_teardown(d)) {
		steps += 1;
		assert_true(steps < 14); /* one table a step */
		assert_true(frame_free_count() <= free + 3);
		free = frame_free_count();
	}
	assert_int_equal(steps, 7 + 4 + 2); /* and the root */
	assert_int_equal(d->frames, 0);
	for (i = 0; i < 8; i++) {
		assert_int_equal(fake_frame(frames[i])->type, FRAME_FREE);
		assert_int_equal(fake_memory(frames[i])[9], 0);
		expect(at[i], MFN_NONE, P2M_NONE);
	}
	assert_true(frame_is_owned_by(foreign, 2));
	assert_int_equal(fake_frame(d->shared)->type, FRAME_META);
	assert_int_equal(d->npt_root, MFN_NONE);
	assert_true(p2m_teardown(d)); /* none: nothing happens */
	guest_destroy(&domains[2]);
}

static void test_teardown_returns_all(void **state)
{
	gfn_t gfn;

	(void)state;
	for (gfn = 0; gfn < 3000; gfn++) {
		assert_int_equal(p2m_set(d, gfn * 7, ram_frame(), P2M_RAM), 0);
	}
	assert_int_equal(d->frames, 3000);
	guest_destroy(d);
	assert_int_equal(frame_free_count(), free_before);
	assert_int_equal(guest_frames_held(), 0);
	assert_int_equal(domains[1].state, STATE_FREE);
}

/* A domain that died before it had a map root. */
static void test_teardown_without_root(void **state)
{
	mfn_t root = d->npt_root;

	(void)state;
	d->npt_root = MFN_NONE;
	assert_true(p2m_teardown(d));
	d->npt_root = root;
	guest_destroy(d);
	assert_int_equal(frame_free_count(), free_before);
}

/* ---- random sequences against a plain array -------------------------- */

#define PLACES 2048u

static struct p2m_entry model[PLACES];

/* Spread over all levels of the tables, dense in places. */
static gfn_t place(u32 i)
{
	return (gfn_t)(i % 64u) + (gfn_t)((i / 64u) % 8u) * 512u +
	       (gfn_t)((i / 512u) % 2u) * 0x40000u +
	       (gfn_t)(i / 1024u) * 0x8000000u;
}

static void test_random(void **state)
{
	struct p2m_entry none = { MFN_NONE, P2M_NONE };
	u32 n, i;

	(void)state;
	srand(7);
	for (i = 0; i < PLACES; i++) {
		model[i] = none;
	}
	for (n = 0; n < STEPS; n++) {
		mfn_t mfn = (mfn_t)rand() & 0xffffffu;
		u32 kind = 2u + (u32)rand() % 3u;

		i = (u32)rand() % PLACES;
		if (rand() % 2 == 0) {
			assert_int_equal(p2m_set(d, place(i), mfn, kind),
					 model[i].kind == P2M_NONE ? 0
								   : E_EXIST);
			if (model[i].kind == P2M_NONE) {
				model[i] = (struct p2m_entry){ mfn, kind };
			}
		} else {
			p2m_clear(d, place(i));
			model[i] = none;
		}
		i = (u32)rand() % PLACES;
		expect(place(i), model[i].mfn, model[i].kind);
	}
	for (i = 0; i < PLACES; i++) {
		expect(place(i), model[i].mfn, model[i].kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_set_get_clear, setup),
		cmocka_unit_test_setup(test_neighbours, setup),
		cmocka_unit_test_setup(test_range, setup),
		cmocka_unit_test_setup(test_rights, setup),
		cmocka_unit_test_setup(test_ram, setup),
		cmocka_unit_test_setup(test_flush, setup),
		cmocka_unit_test_setup(test_sparse, setup),
		cmocka_unit_test_setup(test_very_sparse, setup),
		cmocka_unit_test_setup(test_teardown, setup),
		cmocka_unit_test_setup(test_teardown_returns_all, setup),
		cmocka_unit_test_setup(test_teardown_without_root, setup),
		cmocka_unit_test_setup(test_random, setup),
	};

	return cmocka_run_group_tests_name("p2m", tests, NULL, NULL);
}
