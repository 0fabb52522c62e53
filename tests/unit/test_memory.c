/* SPDX-License-Identifier: Apache-2.0 */
/* memory_op: a domain's own map. Every frame that goes or comes is accounted
 * for, and no argument reaches anybody else's memory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "fake_policy.h"
#include "vmm/audit.h"
#include "vmm/hypercall.h"

#include <xen/xen.h>
#include <xen/memory.h>

#include <cmocka.h>

#define CALL __HYPERVISOR_memory_op
#define RAM 2048u
#define LIST 0x30000ull /* where extents are listed */
#define STEPS 3000u

static struct domain *dom0, *d, *other;
static u64 free_before, audit_before;

static int setup(void **state)
{
	(void)state;
	fake_power_on();
	fake_policy_open();
	dom0 = guest_make(0, LB_DOM0, 1, 64);
	d = guest_make(1, LB_RED, 1, RAM);
	other = guest_make(2, LB_RED, 1, 64);
	free_before = frame_free_count();
	audit_before = audit_next();
	return 0;
}

static long reserve(struct domain *who, u64 op, domid_t domid, u32 order,
		    u64 count)
{
	struct xen_memory_reservation r;

	memset(&r, 0, sizeof(r));
	r.extent_start.p = (void *)LIST;
	r.nr_extents = count;
	r.extent_order = order;
	r.domid = domid;
	return guest_op(who, CALL, op, &r, sizeof(r));
}

static void list(struct domain *who, u32 i, u64 gfn)
{
	memcpy(guest_at(who, LIST + 8u * i), &gfn, 8);
}

static long drop(u64 gfn)
{
	list(d, 0, gfn);
	return reserve(d, XENMEM_decrease_reservation, DOMID_SELF, 0, 1);
}

static long add(u64 gfn)
{
	list(d, 0, gfn);
	return reserve(d, XENMEM_populate_physmap, DOMID_SELF, 0, 1);
}

/* Every RAM slot has a frame of the domain's own, and they add up. */
static void accounts_agree(void)
{
	u64 ram = 0;
	gfn_t gfn;

	for (gfn = 0; gfn < 8192; gfn++) {
		struct p2m_entry e = p2m_get(d, gfn);

		if (e.kind == P2M_RAM) {
			assert_true(frame_is_owned_by(e.mfn, d->id));
			ram += 1;
		}
	}
	assert_int_equal(d->frames, ram);
	assert_int_equal(frame_free_count() + guest_frames_held(),
			 FAKE_RAM - FAKE_FIRST);
}

static void test_drop_and_add(void **state)
{
	mfn_t mfn = p2m_get(d, 1000).mfn;

	(void)state;
	memset(fake_memory(mfn), 0x99, PAGE_SIZE);
	d->vcpus[0].flush = false;
	assert_int_equal(drop(1000), 1);
	assert_true(d->vcpus[0].flush); /* before the frame is reused */
	assert_int_equal(p2m_get(d, 1000).kind, P2M_NONE);
	assert_int_equal(fake_memory(mfn)[5], 0);
	assert_int_equal(frame_free_count(), free_before + 1);
	assert_int_equal(drop(1000), 0); /* none done: no RAM there */
	assert_int_equal(add(1000), 1);
	assert_int_equal(add(1000), 0); /* occupied */
	assert_int_equal(frame_free_count(), free_before);
	accounts_agree();
}

static void test_wild_frames(void **state)
{
	static const u64 wild[] = { RAM,	P2M_MAX_GFN - 1, P2M_MAX_GFN,
				    1ull << 36, 1ull << 52,	 1ull << 63,
				    ~0ull };
	u32 i;

	(void)state;
	for (i = 0; i < 7; i++) {
		assert_int_equal(drop(wild[i]), 0);
	}
	for (i = 2; i < 7; i++) {
		assert_int_equal(add(wild[i]), 0);
	}
	assert_int_equal(frame_free_count(), free_before);
	accounts_agree();
}

/* What is mapped but not RAM of its own is not given up this way. */
static void test_drop_not_ram(void **state)
{
	mfn_t theirs = p2m_get(other, 5).mfn;

	(void)state;
	assert_int_equal(p2m_set(d, 4000, theirs, P2M_GRANT_RW), 0);
	assert_int_equal(p2m_set(d, 4001, d->shared, P2M_SHARED), 0);
	assert_int_equal(drop(4000), 0);
	assert_int_equal(drop(4001), 0);
	assert_int_equal(p2m_get(d, 4000).mfn, theirs);
	assert_int_equal(p2m_get(d, 4001).mfn, d->shared);
	assert_true(frame_is_owned_by(theirs, 2));
}

static void test_orders(void **state)
{
	u32 order;

	(void)state;
	for (order = 0; order <= 4; order++) {
		list(d, 0, 1024);
		assert_int_equal(reserve(d, XENMEM_decrease_reservation,
					 DOMID_SELF, order, 1),
				 1);
		assert_int_equal(d->frames, RAM - (1u << order));
		assert_int_equal(reserve(d, XENMEM_populate_physmap, DOMID_SELF,
					 order, 1),
				 1);
		assert_int_equal(d->frames, RAM);
	}
	list(d, 0, 0);
	assert_int_equal(
		reserve(d, XENMEM_decrease_reservation, DOMID_SELF, 5, 1),
		E_INVAL);
	assert_int_equal(
		reserve(d, XENMEM_populate_physmap, DOMID_SELF, ~0u, 1),
		E_INVAL);
	assert_int_equal(d->frames, RAM);
}

/* An extent that fails half-way is undone: all or nothing. */
static void test_extent_undone(void **state)
{
	(void)state;
	list(d, 0, 2048);
	assert_int_equal(p2m_set(d, 2048 + 9, d->shared, P2M_SHARED), 0);
	assert_int_equal(reserve(d, XENMEM_populate_physmap, DOMID_SELF, 4, 1),
			 0);
	assert_int_equal(d->frames, RAM);
	assert_int_equal(p2m_get(d, 2048).kind, P2M_NONE);
	assert_int_equal(p2m_get(d, 2048 + 9).kind, P2M_SHARED);
	accounts_agree();
}

/* More extents than one turn handles; the count is of all turns. */
static void test_continuation(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 500; i++) {
		list(d, i, 1024 + i);
	}
	assert_int_equal(
		reserve(d, XENMEM_decrease_reservation, DOMID_SELF, 0, 500),
		500);
	assert_int_equal(d->frames, RAM - 500);
	assert_int_equal(
		reserve(d, XENMEM_populate_physmap, DOMID_SELF, 0, 500), 500);
	assert_int_equal(d->frames, RAM);
	list(d, 100, 5); /* occupied: it stops there */
	assert_int_equal(
		reserve(d, XENMEM_decrease_reservation, DOMID_SELF, 0, 100),
		100);
	assert_int_equal(
		reserve(d, XENMEM_populate_physmap, DOMID_SELF, 0, 500), 100);
	accounts_agree();
}

/* A guest may make up the place to go on from: then less is done. */
static void test_forged_continuation(void **state)
{
	struct xen_memory_reservation r;

	(void)state;
	memset(&r, 0, sizeof(r));
	r.extent_start.p = (void *)LIST;
	r.nr_extents = 3;
	r.domid = DOMID_SELF;
	list(d, 2, 1024);
	memcpy(guest_at(d, GUEST_ARGS), &r, sizeof(r));
	assert_int_equal(guest_call(d, CALL, 2u << 6 | 1u, GUEST_ARGS, 0), 3);
	assert_int_equal(d->frames, RAM - 1);
	assert_int_equal(guest_call(d, CALL, 3u << 6 | 1u, GUEST_ARGS, 0), 3);
	assert_true(guest_call(d, CALL, 0xffffffffffffffc1ull, GUEST_ARGS, 0) >
		    0);
	assert_int_equal(d->frames, RAM - 1);
	accounts_agree();
}

static void test_quota(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 200; i++) {
		list(d, i, 3000 + i);
	}
	assert_int_equal(
		reserve(d, XENMEM_populate_physmap, DOMID_SELF, 0, 200),
		64); /* guest_make() leaves room for 64 */
	assert_int_equal(d->frames, d->max_frames);
	assert_int_equal(p2m_get(d, 3064).kind, P2M_NONE);
	accounts_agree();
}

static void test_bad_arguments(void **state)
{
	(void)state;
	assert_int_equal(reserve(d, XENMEM_populate_physmap, 2, 0, 1), E_PERM);
	assert_int_equal(reserve(d, XENMEM_decrease_reservation, 0, 0, 1),
			 E_PERM);
	assert_int_equal(audit_next(), audit_before + 2); /* on record */
	assert_int_equal(reserve(d, XENMEM_decrease_reservation, 0x7fff, 0, 1),
			 E_SRCH);
	assert_int_equal(reserve(d, XENMEM_decrease_reservation, DOMID_SELF, 0,
				 1ull << 26),
			 E_INVAL);
	assert_int_equal(
		reserve(d, XENMEM_decrease_reservation, DOMID_SELF, 0, ~0ull),
		E_INVAL);
	assert_int_equal(
		reserve(d, XENMEM_decrease_reservation, DOMID_SELF, 0, 0), 0);
	assert_int_equal(
		guest_call(d, CALL, XENMEM_populate_physmap, GUEST_NOWHERE, 0),
		E_FAULT);
	assert_int_equal(frame_free_count(), free_before);
	list(d, 0, 100);
	assert_int_equal(reserve(d, XENMEM_decrease_reservation, 1, 0, 1), 1);
}

/* dom0 keeps its frames: devices know them by number. */
static void test_dom0_keeps(void **state)
{
	(void)state;
	list(dom0, 0, 20);
	assert_int_equal(
		reserve(dom0, XENMEM_decrease_reservation, DOMID_SELF, 0, 1),
		0); /* none done */
	list(dom0, 0, 5000);
	assert_int_equal(
		reserve(dom0, XENMEM_populate_physmap, DOMID_SELF, 0, 1), 0);
	assert_int_equal(dom0->frames, 64);
}

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(guest_call(d, CALL, XENMEM_current_reservation, 0, 0),
			 RAM);
	assert_int_equal(guest_call(d, CALL, XENMEM_maximum_reservation, 0, 0),
			 RAM + 64);
}

/* ---- add_to_physmap, remove_from_physmap ------------------------------ */

static long place(struct domain *who, u32 space, u64 idx, u64 gpfn)
{
	struct xen_add_to_physmap a;

	memset(&a, 0, sizeof(a));
	a.domid = DOMID_SELF;
	a.space = space;
	a.idx = idx;
	a.gpfn = gpfn;
	return guest_op(who, CALL, XENMEM_add_to_physmap, &a, sizeof(a));
}

static void test_shared_info(void **state)
{
	mfn_t ram = p2m_get(d, 100).mfn;

	(void)state;
	assert_int_equal(place(d, XENMAPSPACE_shared_info, 0, 100), 0);
	assert_int_equal(p2m_get(d, 100).mfn, d->shared);
	assert_int_equal(p2m_get(d, 100).kind, P2M_SHARED);
	assert_int_equal(fake_frame(ram)->type, FRAME_FREE); /* made way */
	assert_int_equal(place(d, XENMAPSPACE_shared_info, 0, 100), 0);
	assert_int_equal(place(d, XENMAPSPACE_shared_info, 0, 4000), 0);
	assert_int_equal(p2m_get(d, 100).kind, P2M_NONE); /* one place only */
	assert_int_equal(p2m_get(d, 4000).mfn, d->shared);
	assert_int_equal(d->shared_gfn, 4000);
	assert_int_equal(place(d, XENMAPSPACE_shared_info, 1, 5000), E_INVAL);
	accounts_agree();
}

static void test_grant_frames(void **state)
{
	u32 i;

	(void)state;
	for (i = CASEMATE_MAX_GRANT_FRAMES; i > 0; i--) { /* as Linux does */
		assert_int_equal(
			place(d, XENMAPSPACE_grant_table, i - 1, 4000 + i), 0);
		assert_int_equal(p2m_get(d, 4000 + i).mfn,
				 d->grant_frames[i - 1]);
	}
	assert_int_equal(place(d, XENMAPSPACE_grant_table,
			       CASEMATE_MAX_GRANT_FRAMES, 5000),
			 E_INVAL);
	assert_int_equal(place(d, XENMAPSPACE_grant_table, ~0ull, 5000),
			 E_INVAL);
	assert_int_equal(place(d, XENMAPSPACE_grant_table, 1ull << 32, 5000),
			 E_INVAL);
	assert_int_equal(p2m_get(d, 5000).kind, P2M_NONE);
}

static void test_place_refused(void **state)
{
	static const u32 spaces[] = { XENMAPSPACE_gmfn,
				      XENMAPSPACE_gmfn_range,
				      XENMAPSPACE_gmfn_foreign,
				      XENMAPSPACE_dev_mmio,
				      6,
				      ~0u };
	struct xen_add_to_physmap a;
	u32 i;

	(void)state;
	for (i = 0; i < 6; i++) {
		assert_int_equal(place(d, spaces[i], 0, 5000), E_INVAL);
	}
	assert_int_equal(p2m_set(d, 4000, p2m_get(other, 5).mfn, P2M_GRANT_RW),
			 0);
	assert_int_equal(place(d, XENMAPSPACE_shared_info, 0, 4000), E_INVAL);
	assert_int_equal(p2m_get(d, 4000).kind, P2M_GRANT_RW);
	assert_int_equal(place(d, XENMAPSPACE_shared_info, 0, P2M_MAX_GFN),
			 E_INVAL);
	assert_int_equal(place(d, XENMAPSPACE_shared_info, 0, ~0ull - 1),
			 E_INVAL);
	assert_int_equal(d->shared_gfn, MFN_NONE);
	assert_int_equal(place(d, XENMAPSPACE_shared_info, 0, 4001), 0);
	assert_int_equal(place(d, XENMAPSPACE_grant_table, 0, 4001), E_INVAL);
	assert_int_equal(d->grant_gfns[0], MFN_NONE);
	memset(&a, 0, sizeof(a));
	a.domid = 2; /* somebody else's map */
	a.gpfn = 5;
	assert_int_equal(
		guest_op(d, CALL, XENMEM_add_to_physmap, &a, sizeof(a)),
		E_PERM);
	assert_int_equal(audit_next(), audit_before + 1);
	assert_int_equal(p2m_get(other, 5).kind, P2M_RAM);
}

/* dom0's RAM that makes way stays dom0's. */
static void test_dom0_shared_info(void **state)
{
	mfn_t ram = p2m_get(dom0, 50).mfn;

	(void)state;
	assert_int_equal(place(dom0, XENMAPSPACE_shared_info, 0, 50), 0);
	assert_int_equal(p2m_get(dom0, 50).mfn, dom0->shared);
	assert_true(frame_is_owned_by(ram, 0));
	assert_int_equal(frame_free_count(), free_before);
}

static long give_up(u64 gpfn, domid_t domid)
{
	struct xen_remove_from_physmap r;

	memset(&r, 0, sizeof(r));
	r.domid = domid;
	r.gpfn = gpfn;
	return guest_op(d, CALL, XENMEM_remove_from_physmap, &r, sizeof(r));
}

static void test_remove(void **state)
{
	(void)state;
	assert_int_equal(give_up(100, DOMID_SELF), 0);
	assert_int_equal(frame_free_count(), free_before + 1);
	assert_int_equal(give_up(100, DOMID_SELF), E_INVAL);
	assert_int_equal(give_up(5, 2), E_PERM);
	assert_int_equal(give_up(~0ull, DOMID_SELF), E_INVAL);
	assert_int_equal(place(d, XENMAPSPACE_shared_info, 0, 4000), 0);
	assert_int_equal(give_up(4000, DOMID_SELF), E_INVAL);
	assert_int_equal(p2m_get(d, 4000).kind, P2M_SHARED);
	accounts_agree();
}

/* A page that others still use is given up, but not reused. */
static void test_remove_in_use(void **state)
{
	mfn_t mfn = p2m_get(d, 100).mfn;

	(void)state;
	assert_int_equal(frame_get(mfn), 0);
	assert_int_equal(give_up(100, DOMID_SELF), 0);
	assert_int_equal(fake_frame(mfn)->type, FRAME_ORPHAN);
	assert_int_equal(add(100), 1);
	assert_int_not_equal(p2m_get(d, 100).mfn, mfn);
	frame_put(mfn);
	assert_int_equal(fake_frame(mfn)->type, FRAME_FREE);
}

/* ---- other domains' memory -------------------------------------------- */

static long foreign(domid_t domid)
{
	struct xen_add_to_physmap_batch a;

	memset(&a, 0, sizeof(a));
	a.domid = DOMID_SELF;
	a.space = XENMAPSPACE_gmfn_foreign;
	a.size = 1;
	a.u.foreign_domid = domid;
	return guest_op(dom0, CALL, XENMEM_add_to_physmap_batch, &a, sizeof(a));
}

static long acquire(domid_t domid)
{
	struct xen_mem_acquire_resource a;

	memset(&a, 0, sizeof(a));
	a.domid = domid;
	a.nr_frames = 1;
	return guest_op(dom0, CALL, XENMEM_acquire_resource, &a, sizeof(a));
}

/* Even a policy that allows it all does not open a guest's memory. */
static void test_never_foreign(void **state)
{
	(void)state;
	assert_int_equal(foreign(2), E_OPNOTSUPP);
	assert_int_equal(acquire(2), E_OPNOTSUPP);
	assert_int_equal(foreign(9), E_SRCH);
	assert_int_equal(acquire(0x7ff4), E_SRCH);
	assert_int_equal(audit_next(), audit_before);
	fake_policy_without(CLASS_memory, PERM_memory_map_rw);
	assert_int_equal(foreign(2), E_PERM);
	fake_policy_without(CLASS_memory, PERM_memory_acquire);
	assert_int_equal(acquire(2), E_PERM);
	assert_int_equal(audit_next(), audit_before + 2);
}

/* ---- the map a guest is told ------------------------------------------ */

struct e820 {
	u64 start, bytes;
	u32 type;
} __attribute__((packed));

static u32 map(struct e820 out[4], u32 room)
{
	struct xen_memory_map m;

	memset(&m, 0, sizeof(m));
	m.nr_entries = room;
	m.buffer.p = (void *)LIST;
	memset(guest_at(d, LIST), 0xcc, 128);
	assert_int_equal(guest_op(d, CALL, XENMEM_memory_map, &m, sizeof(m)),
			 0);
	memcpy(out, guest_at(d, LIST), 4 * sizeof(out[0]));
	return m.nr_entries;
}

static void test_memory_map(void **state)
{
	struct e820 e[4];
	u32 i;

	(void)state;
	assert_int_equal(map(e, 128), 4);
	assert_int_equal(e[0].bytes, 0xa0000);
	assert_int_equal(e[1].start, 0x100000);
	assert_int_equal(e[1].start + e[1].bytes, (u64)RAM << 12);
	assert_int_equal(e[2].type, 3);
	assert_int_equal(e[2].start, 0xfc000000u);
	assert_int_equal(e[3].type, 2);
	for (i = 1; i < 4; i++) {
		assert_true(e[i].start >= e[i - 1].start + e[i - 1].bytes);
	}
	assert_int_equal(map(e, 1), 1); /* as many as there is room for */
	assert_int_equal(e[1].type, 0xcccccccc);
}

/* A guest of less than a megabyte has no second range. */
static void test_memory_map_tiny(void **state)
{
	struct e820 e[4];
	u32 i, n;

	(void)state;
	d->ram_end = 0x80;
	n = map(e, 4);
	for (i = 0; i < n; i++) {
		assert_true(e[i].bytes <= 1ull << 32);
		assert_true(e[i].start + e[i].bytes >= e[i].start);
	}
}

/* ---- random sequences -------------------------------------------------- */

static void test_random(void **state)
{
	u32 i;

	(void)state;
	srand(17);
	for (i = 0; i < STEPS; i++) {
		u64 gfn = 64 + (u64)rand() % 4000u;

		switch (rand() % 5) {
		case 0:
			(void)drop(gfn);
			break;
		case 1:
			(void)add(gfn);
			break;
		case 2:
			(void)give_up(gfn, DOMID_SELF);
			break;
		case 3:
			(void)place(d, XENMAPSPACE_shared_info, 0, gfn);
			break;
		default:
			(void)place(d, XENMAPSPACE_grant_table,
				    (u64)rand() % 5u, gfn);
			break;
		}
		/* The helpers' own pages must stay. */
		if (i % 500 == 0) {
			accounts_agree();
		}
	}
	accounts_agree();
	guest_destroy(d);
	guest_destroy(other);
	assert_int_equal(guest_frames_held(), 64 + dom0->meta_frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_drop_and_add, setup),
		cmocka_unit_test_setup(test_wild_frames, setup),
		cmocka_unit_test_setup(test_drop_not_ram, setup),
		cmocka_unit_test_setup(test_orders, setup),
		cmocka_unit_test_setup(test_extent_undone, setup),
		cmocka_unit_test_setup(test_continuation, setup),
		cmocka_unit_test_setup(test_forged_continuation, setup),
		cmocka_unit_test_setup(test_quota, setup),
		cmocka_unit_test_setup(test_bad_arguments, setup),
		cmocka_unit_test_setup(test_dom0_keeps, setup),
		cmocka_unit_test_setup(test_sizes, setup),
		cmocka_unit_test_setup(test_shared_info, setup),
		cmocka_unit_test_setup(test_grant_frames, setup),
		cmocka_unit_test_setup(test_place_refused, setup),
		cmocka_unit_test_setup(test_dom0_shared_info, setup),
		cmocka_unit_test_setup(test_remove, setup),
		cmocka_unit_test_setup(test_remove_in_use, setup),
		cmocka_unit_test_setup(test_never_foreign, setup),
		cmocka_unit_test_setup(test_memory_map, setup),
		cmocka_unit_test_setup(test_memory_map_tiny, setup),
		cmocka_unit_test_setup(test_random, setup),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
