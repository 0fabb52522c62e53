/* SPDX-License-Identifier: Apache-2.0 */
/* Frame ownership: every arrow of the drawing in frame.h, every refusal, then
 * random sequences against a model that knows nothing of frame.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fake_hw.h"
#include "vmm/frame_boot.h"

#include <cmocka.h>

#define STEPS 200000u
#define QUOTA 300u

static struct domain *a, *b;

static int setup(void **state)
{
	(void)state;
	fake_power_on();
	a = &domains[1];
	b = &domains[2];
	a->max_frames = b->max_frames = QUOTA;
	a->max_meta = b->max_meta = 8;
	return 0;
}

static bool is_zero(mfn_t mfn)
{
	const u8 *p = fake_memory(mfn);
	u32 i;

	for (i = 0; i < PAGE_SIZE; i++) {
		if (p[i] != 0) {
			return false;
		}
	}
	return true;
}

static mfn_t take(domid_t owner, u8 type)
{
	mfn_t mfn = MFN_NONE;

	assert_int_equal(frame_alloc(owner, type, &mfn), 0);
	return mfn;
}

static void test_alloc(void **state)
{
	u64 free = frame_free_count();
	mfn_t x = take(1, FRAME_OWNED), y = take(2, FRAME_META);

	(void)state;
	assert_int_not_equal(x, y);
	assert_true(x >= FAKE_FIRST && x < FAKE_RAM);
	assert_true(is_zero(x) && is_zero(y)); /* it was garbage */
	assert_int_equal(frame_free_count(), free - 2);
	assert_int_equal(a->frames, 1);
	assert_int_equal(a->meta_frames, 0);
	assert_int_equal(b->frames, 0);
	assert_int_equal(b->meta_frames, 1);
	assert_true(frame_is_owned_by(x, 1));
	assert_false(frame_is_owned_by(x, 2));
	assert_false(frame_is_owned_by(y, 2)); /* not guest memory */
	assert_false(frame_is_owned_by(FAKE_RAM, 1));
	assert_false(frame_is_owned_by(MFN_NONE, 1));
}

static void test_scrub(void **state)
{
	mfn_t x = take(1, FRAME_OWNED);

	(void)state;
	memset(fake_memory(x), 0x5a, PAGE_SIZE);
	frame_release(x);
	assert_true(is_zero(x)); /* already now, not at the next alloc */
	assert_int_equal(a->frames, 0);
	assert_int_equal(take(2, FRAME_OWNED), x);
	assert_true(is_zero(x));
	assert_true(frame_is_owned_by(x, 2));
	assert_false(frame_is_owned_by(x, 1));
}

static void test_orphan(void **state)
{
	mfn_t x = take(1, FRAME_OWNED);
	u64 free = frame_free_count();

	(void)state;
	memset(fake_memory(x), 0x5a, PAGE_SIZE);
	assert_int_equal(frame_get(x), 0);
	assert_int_equal(frame_get(x), 0);
	frame_release(x);
	assert_int_equal(fake_frame(x)->type, FRAME_ORPHAN);
	assert_int_equal(a->frames, 1); /* still on its account */
	assert_false(frame_is_owned_by(x, 1));
	assert_int_equal(frame_get(x), E_INVAL); /* no new references */
	assert_int_equal(frame_free_count(), free);
	frame_put(x);
	assert_int_equal(frame_free_count(), free);
	assert_int_equal(fake_memory(x)[7], 0x5a); /* still in use */
	frame_put(x);
	assert_int_equal(frame_free_count(), free + 1);
	assert_int_equal(a->frames, 0);
	assert_true(is_zero(x));
	frame_put(x); /* one too many is not believed */
	assert_int_equal(frame_free_count(), free + 1);
}

static void test_refs_of_living_owner(void **state)
{
	mfn_t x = take(1, FRAME_OWNED);
	u64 free = frame_free_count();

	(void)state;
	assert_int_equal(frame_get(x), 0);
	frame_put(x);
	frame_put(x); /* none left: nothing happens */
	assert_true(frame_is_owned_by(x, 1));
	assert_int_equal(frame_free_count(), free);
	fake_frame(x)->refs = ~0u;
	assert_int_equal(frame_get(x), E_INVAL);
	assert_int_equal(fake_frame(x)->refs, ~0u);
}

static void test_get_refused(void **state)
{
	mfn_t meta = take(1, FRAME_META), x = take(1, FRAME_OWNED);

	(void)state;
	frame_release(x);
	assert_int_equal(frame_get(meta), E_INVAL);
	assert_int_equal(frame_get(x), E_INVAL); /* free */
	assert_int_equal(frame_get(0), E_INVAL); /* absent */
	assert_int_equal(frame_get(FAKE_RAM), E_INVAL);
	assert_int_equal(frame_get(MFN_NONE), E_INVAL);
	assert_int_equal(fake_frame(meta)->refs, 0);
	assert_int_equal(fake_frame(x)->refs, 0);
}

static void test_release_refused(void **state)
{
	mfn_t x = take(1, FRAME_OWNED);
	u64 free;

	(void)state;
	frame_release(x);
	free = frame_free_count();
	frame_release(x); /* twice */
	frame_release(0); /* absent */
	frame_release(FAKE_RAM);
	frame_release(MFN_NONE);
	frame_put(FAKE_RAM);
	frame_put(MFN_NONE);
	assert_int_equal(frame_free_count(), free);
	assert_int_equal(a->frames, 0);
}

static void test_quota(void **state)
{
	mfn_t mfn = 77;
	u32 i;

	(void)state;
	for (i = 0; i < QUOTA; i++) {
		(void)take(1, FRAME_OWNED);
	}
	assert_int_equal(frame_alloc(1, FRAME_OWNED, &mfn), E_NOMEM);
	assert_int_equal(mfn, 77); /* nothing is written on error */
	assert_int_equal(a->frames, QUOTA);
	for (i = 0; i < 8; i++) { /* the other account is its own */
		(void)take(1, FRAME_META);
	}
	assert_int_equal(frame_alloc(1, FRAME_META, &mfn), E_NOMEM);
	assert_int_equal(a->meta_frames, 8);
	(void)take(2, FRAME_OWNED); /* and so is the other domain's */
}

static void test_out_of_frames(void **state)
{
	u64 n = frame_free_count();
	mfn_t mfn, last = MFN_NONE;
	u64 i;

	(void)state;
	a->max_frames = ~0ull;
	for (i = 0; i < n; i++) {
		last = take(1, FRAME_OWNED);
	}
	assert_int_equal(n, FAKE_RAM - FAKE_FIRST);
	assert_int_equal(frame_free_count(), 0);
	assert_int_equal(frame_alloc(1, FRAME_OWNED, &mfn), E_NOMEM);
	assert_int_equal(frame_alloc(2, FRAME_META, &mfn), E_NOMEM);
	assert_int_equal(a->frames, n);
	assert_int_equal(b->meta_frames, 0);
	frame_release(last);
	assert_int_equal(take(2, FRAME_OWNED), last);
}

static void test_boot(void **state)
{
	u64 free = frame_free_count(), total = frame_total_count();

	(void)state;
	frame_boot_add(3, FRAME_CORE, DOMID_NOBODY);
	frame_boot_add(4, FRAME_CORE, DOMID_NOBODY);
	frame_boot_add(FAKE_RAM, FRAME_FREE, DOMID_NOBODY); /* beyond */
	assert_int_equal(frame_total_count(), total + 2);
	assert_int_equal(frame_free_count(), free);
	frame_release(3); /* the core's frames are nobody's to give up */
	assert_int_equal(frame_get(3), E_INVAL);
	assert_int_equal(fake_frame(3)->type, FRAME_CORE);
	frame_boot_add(5, FRAME_FREE, DOMID_NOBODY);
	assert_int_equal(frame_total_count(), total + 3);
	assert_int_equal(frame_free_count(), free + 1);
	assert_int_equal(take(1, FRAME_OWNED), 5);
	assert_true(is_zero(5)); /* a used-up module leaves nothing behind */
	assert_true(frame_table_bytes(FAKE_RAM) >=
		    FAKE_RAM * (sizeof(struct frame) + sizeof(u32)));
}

/* ---- random sequences ------------------------------------------------ */

struct model {
	domid_t owner;
	u8 type;
	u32 refs;
	u8 mark; /* what was written into it */
};
static struct model model[FAKE_RAM];
static u64 model_free;

static u64 model_count(domid_t owner, u8 type)
{
	u64 n = 0;
	mfn_t mfn;

	for (mfn = 0; mfn < FAKE_RAM; mfn++) {
		n += model[mfn].type == type && model[mfn].owner == owner;
	}
	return n;
}

static void model_alloc(domid_t owner, u8 type, u8 mark)
{
	struct domain *d = &domains[owner];
	bool fits = model_free > 0 &&
		    (type == FRAME_OWNED ? d->frames < d->max_frames
					 : d->meta_frames < d->max_meta);
	mfn_t mfn = MFN_NONE;
	err_t err = frame_alloc(owner, type, &mfn);

	assert_int_equal(err, fits ? 0 : E_NOMEM);
	if (err != 0) {
		return;
	}
	assert_true(mfn >= FAKE_FIRST && mfn < FAKE_RAM);
	assert_int_equal(model[mfn].type, FRAME_FREE);
	assert_true(is_zero(mfn));
	memset(fake_memory(mfn), mark, PAGE_SIZE);
	model[mfn] = (struct model){ owner, type, 0, mark };
	model_free -= 1;
}

static void model_to_free(mfn_t mfn)
{
	model[mfn] = (struct model){ DOMID_NOBODY, FRAME_FREE, 0, 0 };
	model_free += 1;
	assert_true(is_zero(mfn));
}

static void model_release(mfn_t mfn)
{
	struct model *m = &model[mfn];

	frame_release(mfn);
	if (m->type != FRAME_OWNED && m->type != FRAME_META) {
		return;
	}
	if (m->refs == 0) {
		model_to_free(mfn);
	} else {
		m->type = FRAME_ORPHAN;
	}
}

static void model_get(mfn_t mfn)
{
	err_t err = frame_get(mfn);

	assert_int_equal(err, model[mfn].type == FRAME_OWNED ? 0 : E_INVAL);
	model[mfn].refs += err == 0 ? 1 : 0;
}

static void model_put(mfn_t mfn)
{
	struct model *m = &model[mfn];

	frame_put(mfn);
	if (m->refs == 0) {
		return;
	}
	m->refs -= 1;
	if (m->refs == 0 && m->type == FRAME_ORPHAN) {
		model_to_free(mfn);
	}
}

static void model_agrees(mfn_t mfn)
{
	const struct model *m = &model[mfn];
	const struct frame *f = fake_frame(mfn);

	assert_int_equal(f->type, m->type);
	assert_int_equal(f->owner, m->owner);
	assert_int_equal(frame_is_owned_by(mfn, 1),
			 m->type == FRAME_OWNED && m->owner == 1);
	assert_int_equal(frame_free_count(), model_free);
	if (m->type > FRAME_CORE) { /* nobody else wrote there */
		assert_int_equal(f->refs, m->refs);
		assert_int_equal(fake_memory(mfn)[mfn % PAGE_SIZE], m->mark);
	}
}

static void model_agrees_all(void)
{
	mfn_t mfn;

	for (mfn = FAKE_FIRST; mfn < FAKE_RAM; mfn++) {
		model_agrees(mfn);
	}
	assert_int_equal(a->frames, model_count(1, FRAME_OWNED) +
					    model_count(1, FRAME_ORPHAN));
	assert_int_equal(b->frames, model_count(2, FRAME_OWNED) +
					    model_count(2, FRAME_ORPHAN));
	assert_int_equal(a->meta_frames, model_count(1, FRAME_META));
	assert_int_equal(b->meta_frames, model_count(2, FRAME_META));
}

/* Mostly among the frames in use: the stack hands out the highest first. */
static mfn_t any_frame(void)
{
	return (mfn_t)(FAKE_RAM - 1u - (u32)rand() % 400u);
}

static void model_step(void)
{
	mfn_t mfn = any_frame();
	domid_t owner = (domid_t)(1 + rand() % 2);

	switch (rand() % 10) {
	case 0:
	case 1:
	case 2:
		model_alloc(owner, FRAME_OWNED, (u8)(1 + rand() % 255));
		break;
	case 3:
		model_alloc(owner, FRAME_META, (u8)(1 + rand() % 255));
		break;
	case 4:
	case 5:
		model_release(mfn);
		break;
	case 6:
	case 7:
		model_get(mfn);
		break;
	default:
		model_put(mfn);
		break;
	}
	model_agrees(mfn);
}

static void test_random(void **state)
{
	u32 i;

	(void)state;
	srand(20240607);
	model_free = FAKE_RAM - FAKE_FIRST;
	for (i = FAKE_FIRST; i < FAKE_RAM; i++) {
		model[i] = (struct model){ DOMID_NOBODY, FRAME_FREE, 0, 0 };
	}
	for (i = 0; i < STEPS; i++) {
		model_step();
		if (i % 5000 == 0) {
			model_agrees_all();
		}
	}
	model_agrees_all();
	for (i = FAKE_FIRST; i < FAKE_RAM; i++) { /* everything comes back */
		model_release(i);
		while (model[i].refs > 0) {
			model_put(i);
		}
	}
	assert_int_equal(frame_free_count(), FAKE_RAM - FAKE_FIRST);
	assert_int_equal(a->frames + b->frames, 0);
	assert_int_equal(a->meta_frames + b->meta_frames, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_alloc, setup),
		cmocka_unit_test_setup(test_scrub, setup),
		cmocka_unit_test_setup(test_orphan, setup),
		cmocka_unit_test_setup(test_refs_of_living_owner, setup),
		cmocka_unit_test_setup(test_get_refused, setup),
		cmocka_unit_test_setup(test_release_refused, setup),
		cmocka_unit_test_setup(test_quota, setup),
		cmocka_unit_test_setup(test_out_of_frames, setup),
		cmocka_unit_test_setup(test_boot, setup),
		cmocka_unit_test_setup(test_random, setup),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
