/* SPDX-License-Identifier: Apache-2.0 */
/* Building a guest: the digest by another SHA-384, and no frame lost on any
 * way out, wherever memory or quota ends. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/sha512.h>

#include "fake_guest.h"
#include "fake_policy.h"
#include "vmm/hypercall.h"
#include "vmm/domain_end.h"
#include "vmm/domain_make.h"
#include "vmm/grant.h"
#include "vmm/launch.h"

#include <cmocka.h>

#define HOG 100u /* a domain that takes what others must not find */
#define LABEL_RED "guest_t@S:3"

static struct domain *dom0;
static struct vcpu *caller;
static u8 chain[64];

static int setup(void **state)
{
	(void)state;
	fake_power_on();
	fake_policy_open();
	dom0 = guest_make(0, LB_DOM0, 1, 64);
	caller = &dom0->vcpus[0];
	memset(chain, 0, sizeof(chain));
	return 0;
}

/* ---- the digest, from the words of abi/control.h --------------------- */

static void put_le(u8 *p, u64 x, u32 bytes)
{
	while (bytes > 0) {
		*p = (u8)x;
		p += 1;
		x >>= 8;
		bytes -= 1;
	}
}

/* D' = SHA-384(D || R), R: op, kind, arg0, arg1, data[96], reserved. */
static void extend(u32 op, u32 kind, u64 arg0, u64 arg1, const void *data,
		   u32 bytes)
{
	u8 all[48 + 128] = { 0 };

	memcpy(all, chain, 48);
	put_le(all + 48, op, 4);
	put_le(all + 52, kind, 4);
	put_le(all + 56, arg0, 8);
	put_le(all + 64, arg1, 8);
	if (bytes != 0) {
		memcpy(all + 72, data, bytes);
	}
	assert_int_equal(mbedtls_sha512_ret(all, sizeof(all), chain, 1), 0);
}

static void extend_page(u32 kind, gfn_t gfn, const u8 *page)
{
	u8 hash[64];

	assert_int_equal(mbedtls_sha512_ret(page, PAGE_SIZE, hash, 1), 0);
	extend(3, kind, gfn, 0, hash, 48);
}

static void digest_is(const struct domain *d)
{
	assert_memory_equal(d->digest, chain, 48);
}

static struct domain *create(u32 vcpus, u64 max_frames)
{
	domid_t id = 0;

	assert_int_equal(launch_create(LB_RED, vcpus, max_frames, &id), 0);
	extend(1, 0, vcpus, max_frames, LABEL_RED, sizeof(LABEL_RED) - 1);
	return &domains[id];
}

static err_t populate(struct domain *d, gfn_t gfn, u64 count, u64 *done)
{
	err_t err = E_RESTART;
	u32 i;

	for (i = 0; err == E_RESTART; i++) {
		assert_true(i < 100);
		err = launch_populate(d, gfn, count, done);
	}
	return err;
}

static void test_digest(void **state)
{
	struct domain *d = create(2, 400);
	u8 *page = guest_at(dom0, 0x5000);
	u64 done = 0;
	u32 i;

	(void)state;
	digest_is(d);
	assert_int_equal(populate(d, 0, 300, &done), 0);
	assert_int_equal(done, 300);
	extend(2, 0, 0, 300, NULL, 0);
	digest_is(d);
	assert_int_equal(populate(d, CASEMATE_ACPI_GFN, 4, &done), 0);
	extend(2, 0, CASEMATE_ACPI_GFN, 4, NULL, 0);
	srand(5);
	for (i = 1; i <= 5; i++) {
		gfn_t gfn = i == 4 ? CASEMATE_ACPI_GFN + 1 : 100 + i;
		u32 j;

		for (j = 0; j < PAGE_SIZE; j++) {
			page[j] = (u8)rand();
		}
		assert_int_equal(launch_load(caller, d, i, gfn, 0x5000), 0);
		assert_memory_equal(guest_at(d, gfn << 12), page, PAGE_SIZE);
		extend_page(i, gfn, page);
		digest_is(d);
	}
	assert_int_equal(launch_start(d, 0x1000850, 0x4a00000, true), 0);
	extend(4, 0, 0x1000850, 0x4a00000, NULL, 0);
	digest_is(d);
	assert_int_equal(fake_of(&d->vcpus[0].hw)->entry, 0x1000850);
	assert_int_equal(fake_of(&d->vcpus[0].hw)->start_info, 0x4a00000);
	assert_int_equal(d->state, STATE_RUNNING);
	assert_true(d->is_paused);
	assert_int_equal(d->ram_end, 300);
}

/* Whatever differs - order, place, kind, content, label, size - differs. */
static void test_digest_tells(void **state)
{
	static const struct {
		u32 label, vcpus, kind;
		gfn_t gfn;
		u64 count;
		u8 byte;
		u32 entry;
	} variants[] = {
		{ LB_RED, 1, 1, 3, 9, 7, 5 }, { LB_BLUE, 1, 1, 3, 9, 7, 5 },
		{ LB_RED, 2, 1, 3, 9, 7, 5 }, { LB_RED, 1, 2, 3, 9, 7, 5 },
		{ LB_RED, 1, 1, 4, 9, 7, 5 }, { LB_RED, 1, 1, 3, 8, 7, 5 },
		{ LB_RED, 1, 1, 3, 9, 8, 5 }, { LB_RED, 1, 1, 3, 9, 7, 6 },
	};
	u8 seen[8][48];
	u32 i, j;

	(void)state;
	for (i = 0; i < 8; i++) {
		domid_t id = 0;
		u64 done;

		assert_int_equal(launch_create(variants[i].label,
					       variants[i].vcpus, 64, &id),
				 0);
		assert_int_equal(
			populate(&domains[id], 0, variants[i].count, &done), 0);
		memset(guest_at(dom0, 0x5000), variants[i].byte, PAGE_SIZE);
		assert_int_equal(launch_load(caller, &domains[id],
					     variants[i].kind, variants[i].gfn,
					     0x5000),
				 0);
		assert_int_equal(
			launch_start(&domains[id], variants[i].entry, 0, true),
			0);
		memcpy(seen[i], domains[id].digest, 48);
		for (j = 0; j < i; j++) {
			assert_memory_not_equal(seen[i], seen[j], 48);
		}
	}
}

/* What the guest finds: rings granted to dom0, empty RAM, its ports. */
static void test_created(void **state)
{
	struct domain *d = create(1, 64);
	const u64 *grants = (void *)fake_memory(d->grant_frames[0]);
	u64 done, i;

	(void)state;
	assert_int_equal(d->state, STATE_BUILDING);
	assert_int_equal(d->frames, 2);
	assert_int_equal(grants[0], CASEMATE_CONSOLE_GFN << 32 | 0 << 16 | 1);
	assert_int_equal(grants[1], CASEMATE_STORE_GFN << 32 | 0 << 16 | 1);
	assert_int_not_equal(d->store_port, d->console_port);
	assert_int_not_equal(d->store_port * d->console_port, 0);
	assert_int_equal(populate(d, 0, 10, &done), 0);
	for (i = 0; i < 10 * PAGE_SIZE; i++) {
		assert_int_equal(*(u8 *)guest_at(d, i), 0);
	}
	assert_null(guest_at(d, 10 * PAGE_SIZE));
}

/* ---- every way out ---------------------------------------------------- */

/* Leave exactly `n` free frames. */
static void leave_free(u64 n)
{
	mfn_t mfn;

	domains[HOG].id = HOG;
	domains[HOG].max_frames = ~0ull;
	while (frame_free_count() > n) {
		assert_int_equal(frame_alloc(HOG, FRAME_OWNED, &mfn), 0);
	}
}

static u32 existing(void)
{
	u32 i, n = 0;

	for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
		n += domains[i].state != STATE_FREE;
	}
	return n;
}

/* Creation with 0, 1, 2 ... free frames: it fails and gives all back until
 * there are enough. A frame of dom0 that is in use stays in use. */
static void test_create_out_of_memory(void **state)
{
	mfn_t low = p2m_get(dom0, 0x20).mfn;
	err_t err = E_NOMEM;
	domid_t id = 77;
	u32 need;

	(void)state;
	assert_int_equal(frame_get(low), 0);
	for (need = 0; err != 0; need++) {
		assert_true(need < 64);
		(void)setup(state);
		leave_free(need);
		err = launch_create(LB_RED, 4, 64, &id);
		if (err != 0) {
			assert_int_equal(err, E_NOMEM);
			assert_int_equal(id, 77);
			assert_int_equal(frame_free_count(), need);
			assert_int_equal(existing(), 1);
			assert_int_equal(grant_live[dom0->id], 0);
		}
	}
	assert_true(need > 10); /* tables, control blocks, rings */
	guest_destroy(&domains[id]);
	assert_int_equal(frame_free_count(), need - 1);
}

/* Frame 0 is dom0's and may be in use by others: a failed creation must not
 * give back a reference it never took. */
static void test_create_keeps_frame_0(void **state)
{
	domid_t id;
	u32 left;

	(void)state;
	for (left = 1; left < 10; left++) {
		(void)setup(state);
		fake_frame(0)->type = FRAME_OWNED;
		fake_frame(0)->owner = 0;
		fake_frame(0)->refs = 5;
		leave_free(left);
		(void)launch_create(LB_RED, 4, 64, &id);
		assert_int_equal(fake_frame(0)->refs, 5);
	}
}

static void test_create_over_quota(void **state)
{
	u64 free = frame_free_count(), max;
	domid_t id = 77;

	(void)state;
	for (max = 0; max < 2; max++) { /* the rings alone are two */
		assert_int_equal(launch_create(LB_RED, 1, max, &id), E_NOMEM);
		assert_int_equal(frame_free_count(), free);
		assert_int_equal(existing(), 1);
	}
	assert_int_equal(launch_create(LB_RED, 1, 2, &id), 0);
}

static void test_no_slot(void **state)
{
	u64 free = frame_free_count(), taken;
	domid_t id, first = 0;
	u32 i;

	(void)state;
	for (i = 1; i < CASEMATE_MAX_DOMAINS; i++) {
		assert_int_equal(launch_create(LB_RED, 1, 4, &id), 0);
		first = i == 1 ? id : first;
	}
	taken = frame_free_count();
	assert_int_equal(launch_create(LB_RED, 1, 4, &id), E_NOSPC);
	assert_int_equal(frame_free_count(), taken);
	guest_destroy(&domains[first]);
	assert_int_equal(launch_create(LB_RED, 1, 4, &id), 0);
	assert_int_equal(id, first);
	for (i = 1; i < CASEMATE_MAX_DOMAINS; i++) {
		guest_destroy(&domains[i]);
	}
	assert_int_equal(frame_free_count(), free);
}

/* A number does not come back at once, and never as domain 0. */
static void test_slots_round_robin(void **state)
{
	domid_t a, b;

	(void)state;
	assert_int_equal(launch_create(LB_RED, 1, 4, &a), 0);
	guest_destroy(&domains[a]);
	assert_int_equal(launch_create(LB_RED, 1, 4, &b), 0);
	assert_int_not_equal(a, b);
	assert_int_not_equal(b, 0);
}

static void test_populate_over_quota(void **state)
{
	u64 free = frame_free_count();
	struct domain *d = create(1, 202);
	u64 done = 0;

	(void)state;
	assert_int_equal(populate(d, 0, 300, &done), E_NOMEM);
	assert_int_equal(done, 200);
	assert_int_equal(d->frames, 202);
	extend(2, 0, 0, 200, NULL, 0); /* what there is is recorded */
	digest_is(d);
	assert_int_equal(populate(d, 1000, 1, &done), E_NOMEM);
	assert_int_equal(done, 0);
	extend(2, 0, 1000, 0, NULL, 0);
	digest_is(d);
	assert_int_equal(launch_start(d, 0, 0, true), 0); /* not stuck */
	guest_destroy(d);
	assert_int_equal(frame_free_count(), free);
}

/* 20 frames on both sides of a 2 MiB boundary need three tables as well. */
static void test_populate_out_of_memory(void **state)
{
	u32 left;

	for (left = 0; left < 30; left++) {
		u64 free, held, done = 99;
		struct domain *d;

		(void)setup(state);
		free = frame_free_count();
		d = create(1, 1000);
		held = free - frame_free_count();
		leave_free(left);
		assert_int_equal(populate(d, 502, 20, &done),
				 left >= 23 ? 0 : E_NOMEM);
		assert_int_equal(d->frames, 2 + done);
		assert_true(done == 20 || done + 3 >= left);
		assert_true(frame_free_count() <= left);
		extend(2, 0, 502, done, NULL, 0);
		digest_is(d);
		guest_destroy(d);
		assert_int_equal(frame_free_count(), left + held);
	}
}

static void test_populate_occupied(void **state)
{
	struct domain *d = create(1, 1000);
	u64 free, done = 0;

	(void)state;
	assert_int_equal(populate(d, 50, 10, &done), 0);
	memset(guest_at(d, 50 << 12), 0x33, PAGE_SIZE);
	free = frame_free_count();
	assert_int_equal(populate(d, 40, 30, &done), E_EXIST);
	assert_int_equal(done, 10);
	assert_int_equal(frame_free_count(), free - 10);
	assert_int_equal(*(u8 *)guest_at(d, 50 << 12), 0x33);
	assert_int_equal(populate(d, CASEMATE_STORE_GFN, 1, &done), E_EXIST);
	assert_int_equal(populate(d, P2M_MAX_GFN - 3, 9, &done), E_INVAL);
	assert_int_equal(done, 3);
	assert_int_equal(populate(d, ~0ull - 2, 9, &done), E_INVAL);
	assert_int_equal(done, 0);
}

/* One range at a time; nothing starts while it is open. */
static void test_populate_restarts(void **state)
{
	struct domain *d = create(1, 1000);
	u64 done = 9999;

	(void)state;
	assert_int_equal(launch_populate(d, 0, 300, &done), E_RESTART);
	assert_int_equal(done, 9999);
	assert_int_equal(launch_populate(d, 0, 299, &done), E_BUSY);
	assert_int_equal(launch_populate(d, 1, 300, &done), E_BUSY);
	assert_int_equal(launch_start(d, 0, 0, false), E_BUSY);
	assert_int_equal(d->state, STATE_BUILDING);
	digest_is(d); /* no record yet */
	assert_int_equal(launch_populate(d, 0, 300, &done), E_RESTART);
	assert_int_equal(launch_populate(d, 0, 300, &done), 0);
	assert_int_equal(done, 300);
	extend(2, 0, 0, 300, NULL, 0);
	digest_is(d);
}

static void test_destroy_in_mid_populate(void **state)
{
	u64 free = frame_free_count(), done;
	struct domain *d = create(1, 1000);

	(void)state;
	assert_int_equal(launch_populate(d, 0, 900, &done), E_RESTART);
	guest_destroy(d);
	assert_int_equal(frame_free_count(), free);
	assert_int_equal(existing(), 1);
}

static void test_load_refused(void **state)
{
	static const gfn_t wild[] = { 10, 0x50000, P2M_MAX_GFN - 1, P2M_MAX_GFN,
				      ~0ull };
	struct domain *d = create(1, 100);
	mfn_t theirs = p2m_get(dom0, 0x20).mfn;
	u8 before[48];
	u64 done;
	u32 i;

	(void)state;
	assert_int_equal(populate(d, 0, 4, &done), 0);
	assert_int_equal(p2m_set(d, 20, theirs, P2M_GRANT_RW), 0);
	assert_int_equal(p2m_set(d, 21, d->shared, P2M_SHARED), 0);
	assert_int_equal(p2m_set(d, 22, theirs, P2M_RAM), 0); /* cannot be */
	memset(fake_memory(theirs), 0x44, PAGE_SIZE);
	memcpy(before, d->digest, 48);
	for (i = 0; i < 3; i++) {
		assert_int_equal(launch_load(caller, d, 1, 20 + i, 0x5000),
				 E_INVAL);
	}
	for (i = 0; i < 5; i++) {
		assert_int_equal(launch_load(caller, d, 1, wild[i], 0x5000),
				 E_INVAL);
	}
	assert_int_equal(fake_memory(theirs)[0], 0x44);
	assert_memory_equal(d->digest, before, 48);
	p2m_clear(d, 22);
}

/* The caller's page goes away half-way: what was copied is in the digest. */
static void test_load_fault(void **state)
{
	struct domain *d = create(1, 100);
	u64 done;

	(void)state;
	assert_int_equal(populate(d, 0, 4, &done), 0);
	extend(2, 0, 0, 4, NULL, 0);
	memset(guest_at(dom0, 63u << 12), 0x66, PAGE_SIZE);
	assert_int_equal(launch_load(caller, d, 2, 3, 0x3f800), E_FAULT);
	assert_int_equal(*(u8 *)guest_at(d, 0x37ff), 0x66);
	assert_int_equal(*(u8 *)guest_at(d, 0x3800), 0);
	extend_page(2, 3, guest_at(d, 0x3000));
	digest_is(d);
	assert_int_equal(launch_load(caller, d, 2, 3, GUEST_NOWHERE), E_FAULT);
	extend_page(2, 3, guest_at(d, 0x3000));
	digest_is(d);
}

/* Frames another domain still maps stay whole until it lets go. */
static void test_destroy_lingers(void **state)
{
	struct domain *d = create(1, 100);
	domid_t id = d->id;
	mfn_t mfn;
	u64 done;

	(void)state;
	assert_int_equal(populate(d, 0, 4, &done), 0);
	mfn = p2m_get(d, 2).mfn;
	memset(fake_memory(mfn), 0x71, PAGE_SIZE);
	assert_int_equal(frame_get(mfn), 0); /* as grant_map_commit does */
	guest_destroy(d);
	assert_int_equal(fake_frame(mfn)->type, FRAME_ORPHAN);
	assert_int_equal(fake_memory(mfn)[99], 0x71);
	frame_put(mfn);
	assert_int_equal(fake_memory(mfn)[99], 0);
	assert_int_equal(domains[id].state, STATE_FREE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_digest, setup),
		cmocka_unit_test_setup(test_digest_tells, setup),
		cmocka_unit_test_setup(test_created, setup),
		cmocka_unit_test_setup(test_create_out_of_memory, setup),
		cmocka_unit_test_setup(test_create_keeps_frame_0, setup),
		cmocka_unit_test_setup(test_create_over_quota, setup),
		cmocka_unit_test_setup(test_no_slot, setup),
		cmocka_unit_test_setup(test_slots_round_robin, setup),
		cmocka_unit_test_setup(test_populate_over_quota, setup),
		cmocka_unit_test_setup(test_populate_out_of_memory, setup),
		cmocka_unit_test_setup(test_populate_occupied, setup),
		cmocka_unit_test_setup(test_populate_restarts, setup),
		cmocka_unit_test_setup(test_destroy_in_mid_populate, setup),
		cmocka_unit_test_setup(test_load_refused, setup),
		cmocka_unit_test_setup(test_load_fault, setup),
		cmocka_unit_test_setup(test_destroy_lingers, setup),
	};

	return cmocka_run_group_tests_name("launch", tests, NULL, NULL);
}
