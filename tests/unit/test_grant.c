/* SPDX-License-Identifier: Apache-2.0 */
/* Grants: every operation and refusal, what a lower granter can see, then
 * random sequences against a model of all live mappings. */
#define __XEN_INTERFACE_VERSION__ 0x00040e00
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_vmm.h"
#include "vmm/grant_table.h"
#include "vmm/shared.h"

#include <xen/grant_table.h>
#include <xen/xen.h>

#define STEPS 100000u
#define RAM 12u
#define HOLE 1000u /* gfns from here on are empty */
#define RW GNTMAP_host_map
#define RO (GNTMAP_host_map | GNTMAP_readonly)

static struct domain *dom0, *a, *b;

static struct domain *make(domid_t id)
{
	struct domain *d = fake_domain(id, id, 2, RAM);

	assert_int_equal(grant_domain_init(d), 0);
	return d;
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	dom0 = make(0);
	a = make(1);
	b = make(2);
	return 0;
}

static mfn_t ram(struct domain *d, gfn_t gfn)
{
	return p2m_get(d, gfn).mfn;
}

static void permit(struct domain *d, u32 ref, u16 flags, domid_t to, u32 gfn)
{
	shared_grant_store(d, ref, ((u64)gfn << 32) | ((u64)to << 16) | flags);
}

static u16 flags_of(struct domain *d, u32 ref)
{
	return (u16)shared_grant_load(d, ref);
}

/* As the dispatcher does. */
static err_t call_at(struct domain *d, u16 subop, gva_t at, u32 count)
{
	struct hypercall_row row = fake_row(CLASS_grant, subop);
	struct vcpu *v = &d->vcpus[0];
	err_t err;

	v->hw.regs.rsi = at;
	v->hw.regs.rdx = count;
	do {
		err = grant_op(v, &row);
	} while (err == E_RESTART);
	return err;
}

static err_t call(struct domain *d, u16 subop, void *op, u32 bytes)
{
	err_t err;

	memcpy(fake_args, op, bytes);
	err = call_at(d, subop, FAKE_ARGS_VA, 1);
	memcpy(op, fake_args, bytes);
	return err;
}

static int map(struct domain *d, domid_t dom, u32 ref, u32 flags, u64 gfn,
	       u32 *handle)
{
	struct gnttab_map_grant_ref op = { 0 };

	op.host_addr = gfn * PAGE_SIZE;
	op.flags = flags;
	op.ref = ref;
	op.dom = dom;
	op.dev_bus_addr = 0x1234;
	assert_int_equal(call(d, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.dev_bus_addr, 0);
	*handle = op.handle;
	return op.status;
}

static int unmap(struct domain *d, u32 handle, u64 gfn)
{
	struct gnttab_unmap_grant_ref op = { 0 };

	op.host_addr = gfn * PAGE_SIZE;
	op.handle = handle;
	assert_int_equal(call(d, GNTTABOP_unmap_grant_ref, &op, sizeof(op)), 0);
	return op.status;
}

static struct gnttab_copy copy_of(u16 flags, u64 src, domid_t sd, u64 dst,
				  domid_t dd, u16 len)
{
	struct gnttab_copy op;

	memset(&op, 0, sizeof(op));
	op.flags = flags;
	op.source.u.gmfn = src;
	op.source.domid = sd;
	op.dest.u.gmfn = dst;
	op.dest.domid = dd;
	op.len = len;
	return op;
}

static int copy_call(struct domain *d, struct gnttab_copy op)
{
	op.status = 99;
	assert_int_equal(call(d, GNTTABOP_copy, &op, sizeof(op)), 0);
	return op.status;
}

/* ---- map and unmap --------------------------------------------------- */

static void test_map_rw(void **state)
{
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_okay);
	assert_int_equal(fake_last_perm, PERM_grant_map_rw);
	assert_int_equal(p2m_get(b, HOLE).mfn, ram(a, 3));
	assert_int_equal(p2m_get(b, HOLE).kind, P2M_GRANT_RW);
	assert_int_equal(fake_frame_refs(ram(a, 3)), 1);
	assert_int_equal(flags_of(a, 8),
			 GTF_permit_access | GTF_reading | GTF_writing);
	assert_int_equal(grant_live[a->id], 1);
	assert_int_equal(unmap(b, h, HOLE), GNTST_okay);
	assert_int_equal(p2m_get(b, HOLE).kind, P2M_NONE);
	assert_int_equal(fake_flushes, 1);
	assert_int_equal(fake_frame_refs(ram(a, 3)), 0);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
	assert_int_equal(grant_live[a->id], 0);
	assert_int_equal(unmap(b, h, HOLE), GNTST_bad_handle);
}

static void test_map_ro(void **state)
{
	u32 h, h2;

	(void)state;
	permit(a, 8, GTF_permit_access | GTF_readonly, 2, 3);
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_bad_gntref);
	assert_int_equal(map(b, 1, 8, RO, HOLE, &h), GNTST_okay);
	assert_int_equal(fake_last_perm, PERM_grant_map_ro);
	assert_int_equal(p2m_get(b, HOLE).kind, P2M_GRANT_RO);
	assert_int_equal(flags_of(a, 8),
			 GTF_permit_access | GTF_readonly | GTF_reading);
	assert_int_equal(map(b, 1, 8, RO, HOLE + 1, &h2), GNTST_okay);
	assert_int_not_equal(h, h2);
	assert_int_equal(unmap(b, h, HOLE), GNTST_okay);
	assert_true(flags_of(a, 8) & GTF_reading);
	assert_int_equal(unmap(b, h2, HOLE + 1), GNTST_okay);
	assert_false(flags_of(a, 8) & GTF_reading);
}

static void test_writer_leaves_reader(void **state)
{
	u32 r, w;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, RO, HOLE, &r), GNTST_okay);
	assert_int_equal(map(b, 1, 8, RW, HOLE + 1, &w), GNTST_okay);
	assert_int_equal(unmap(b, w, HOLE + 1), GNTST_okay);
	assert_int_equal(flags_of(a, 8), GTF_permit_access | GTF_reading);
}

static void test_map_bad_entry(void **state)
{
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 0, 3); /* for dom0, not for b */
	permit(a, 9, GTF_invalid, 2, 3);
	permit(a, 10, GTF_accept_transfer, 2, 3);
	permit(a, 11, GTF_transitive, 2, 3);
	permit(a, 12, GTF_permit_access, 2, 500); /* no such page */
	permit(a, 13, GTF_permit_access, 2, ~0u);
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_bad_gntref);
	assert_int_equal(map(b, 1, 9, RW, HOLE, &h), GNTST_bad_gntref);
	assert_int_equal(map(b, 1, 10, RW, HOLE, &h), GNTST_bad_gntref);
	assert_int_equal(map(b, 1, 11, RW, HOLE, &h), GNTST_bad_gntref);
	assert_int_equal(map(b, 1, 12, RW, HOLE, &h), GNTST_bad_page);
	assert_int_equal(map(b, 1, 13, RW, HOLE, &h), GNTST_bad_page);
	assert_int_equal(map(b, 1, 512, RW, HOLE, &h), GNTST_bad_gntref);
	assert_int_equal(map(b, 1, ~0u, RW, HOLE, &h), GNTST_bad_gntref);
	assert_int_equal(map(b, 77, 8, RW, HOLE, &h), GNTST_bad_domain);
	assert_int_equal(fake_p2m_grants(b), 0);
	assert_int_equal(flags_of(a, 12), GTF_permit_access);
}

static void test_map_bad_request(void **state)
{
	struct gnttab_map_grant_ref op = { 0 };
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, 0, HOLE, &h), GNTST_general_error);
	assert_int_equal(map(b, 1, 8, RW | GNTMAP_device_map, HOLE, &h),
			 GNTST_general_error);
	assert_int_equal(map(b, 1, 8, RW | GNTMAP_application_map, HOLE, &h),
			 GNTST_general_error);
	assert_int_equal(map(b, 1, 8, RW | GNTMAP_contains_pte, HOLE, &h),
			 GNTST_general_error);
	assert_int_equal(map(b, 1, 8, RW, 3, &h), GNTST_general_error);
	assert_int_equal(map(b, 1, 8, RW, P2M_MAX_GFN, &h),
			 GNTST_bad_virt_addr);
	op.host_addr = HOLE * PAGE_SIZE + 8;
	op.flags = RW;
	op.ref = 8;
	op.dom = 1;
	assert_int_equal(call(b, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_bad_virt_addr);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
	assert_int_equal(fake_frame_refs(ram(a, 3)), 0);
	fake_p2m_full = true;
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_no_space);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
	fake_p2m_full = false;
	assert_int_equal(map(b, 1, 8, RW | (1u << 16), HOLE, &h), GNTST_okay);
}

static void test_map_denied(void **state)
{
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	fake_allow[2][1][CLASS_grant] = 1u << PERM_grant_map_ro;
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_permission_denied);
	/* Asked before the entry is looked at: no difference to be seen. */
	assert_int_equal(map(b, 1, 999, RW, HOLE, &h), GNTST_permission_denied);
	assert_int_equal(map(b, 1, 9, RW, 3, &h), GNTST_permission_denied);
	assert_int_equal(map(b, 1, 8, 0, HOLE, &h), GNTST_permission_denied);
	assert_int_equal(fake_denials, 4);
	assert_int_equal(map(b, 1, 8, RO, HOLE, &h), GNTST_okay);
}

static void test_map_dying(void **state)
{
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	a->state = STATE_DYING;
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_bad_domain);
}

static void test_map_own(void **state)
{
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 1, 3);
	assert_int_equal(map(a, DOMID_SELF, 8, RW, HOLE, &h), GNTST_okay);
	assert_int_equal(grant_live[a->id], 1);
	fake_allow[1][1][CLASS_grant] = 0;
	assert_int_equal(map(a, 1, 8, RW, HOLE + 1, &h),
			 GNTST_permission_denied);
}

static void test_no_second_hand(void **state)
{
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_okay);
	/* b cannot grant on what it only maps. */
	permit(b, 8, GTF_permit_access, 0, HOLE);
	assert_int_equal(map(dom0, 2, 8, RO, HOLE, &h), GNTST_bad_page);
	assert_int_equal(copy_call(dom0, copy_of(GNTCOPY_source_gref, 8, 2, 1,
						 DOMID_SELF, 16)),
			 GNTST_bad_page);
}

static void test_pinned_frame(void **state)
{
	u32 h, h2;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_okay);
	permit(a, 8, GTF_permit_access, 2, 4); /* changed while in use */
	assert_int_equal(map(b, 1, 8, RW, HOLE + 1, &h2), GNTST_bad_gntref);
	assert_int_equal(unmap(b, h, HOLE), GNTST_okay);
	assert_int_equal(map(b, 1, 8, RW, HOLE + 1, &h2), GNTST_okay);
	assert_int_equal(p2m_get(b, HOLE + 1).mfn, ram(a, 4));
}

static void revoke(void)
{
	shared_grant_store(a, 8, 0);
}

/* The granter takes the grant back between check and use. */
static void test_revoked_meanwhile(void **state)
{
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	fake_meanwhile = revoke;
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_bad_gntref);
	fake_meanwhile = NULL;
	assert_int_equal(flags_of(a, 8), 0);
	assert_int_equal(fake_p2m_grants(b), 0);
	assert_int_equal(fake_frame_refs(ram(a, 3)), 0);
}

static void test_page_given_up(void **state)
{
	mfn_t mfn = ram(a, 3);
	u32 h, h2;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_okay);
	p2m_clear(a, 3);
	frame_release(mfn);
	assert_int_equal(fake_frame_type(mfn), FRAME_ORPHAN);
	assert_int_equal(map(b, 1, 8, RW, HOLE + 1, &h2), GNTST_bad_page);
	assert_int_equal(unmap(b, h, HOLE), GNTST_okay);
	assert_int_equal(fake_frame_type(mfn), FRAME_FREE);
}

static void test_unmap_errors(void **state)
{
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_okay);
	assert_int_equal(unmap(b, h, HOLE + 1), GNTST_bad_virt_addr);
	assert_int_equal(unmap(b, h + 1, HOLE), GNTST_bad_handle);
	assert_int_equal(unmap(b, CASEMATE_MAX_MAPTRACK, HOLE),
			 GNTST_bad_handle);
	assert_int_equal(unmap(b, ~0u, HOLE), GNTST_bad_handle);
	assert_int_equal(unmap(a, h, HOLE), GNTST_bad_handle); /* not a's */
	fake_allow[2][1][CLASS_grant] = 0; /* letting go is never denied */
	assert_int_equal(unmap(b, h, HOLE), GNTST_okay);
}

static void test_handles_run_out(void **state)
{
	u32 h, i;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	for (i = 0; i < CASEMATE_MAX_MAPTRACK; i++) {
		assert_int_equal(map(b, 1, 8, RW, HOLE + i, &h), GNTST_okay);
		assert_int_equal(h, i);
	}
	assert_int_equal(map(b, 1, 8, RW, HOLE + i, &h), GNTST_no_space);
	assert_int_equal(fake_frame_refs(ram(a, 3)), CASEMATE_MAX_MAPTRACK);
	assert_int_equal(unmap(b, 700, HOLE + 700), GNTST_okay);
	assert_int_equal(map(b, 1, 8, RW, HOLE + 700, &h), GNTST_okay);
	assert_int_equal(h, 700);
	assert_int_equal(map(b, 1, 8, RW, HOLE + i, &h), GNTST_no_space);
	/* All back, then all out again. */
	for (i = 0; i < CASEMATE_MAX_MAPTRACK; i++) {
		assert_int_equal(unmap(b, i, HOLE + i), GNTST_okay);
	}
	assert_int_equal(fake_frame_refs(ram(a, 3)), 0);
	for (i = 0; i < CASEMATE_MAX_MAPTRACK; i++) {
		assert_int_equal(map(b, 1, 8, RO, HOLE + i, &h), GNTST_okay);
	}
	assert_int_equal(map(b, 1, 8, RO, HOLE + i, &h), GNTST_no_space);
}

/* Room for handles is made as they are needed, a frame at a time; that it
 * cannot be made is an answer like any other. */
static void test_handle_frames(void **state)
{
	u32 h, i, n;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(b->handle_frames[0], MFN_NONE);
	for (i = 0; i <= CASEMATE_HANDLES_PER_FRAME; i++) {
		assert_int_equal(b->handle_frames[1], MFN_NONE);
		assert_int_equal(map(b, 1, 8, RW, HOLE + i, &h), GNTST_okay);
	}
	assert_int_equal(fake_frame_type(b->handle_frames[1]), FRAME_META);
	n = CASEMATE_HANDLES_PER_FRAME * 2;
	for (; i < n; i++) {
		assert_int_equal(map(b, 1, 8, RW, HOLE + i, &h), GNTST_okay);
	}
	fake_frames_full = true;
	assert_int_equal(map(b, 1, 8, RW, HOLE + n, &h), GNTST_no_space);
	assert_int_equal(fake_frame_refs(ram(a, 3)), n);
	assert_int_equal(unmap(b, 5, HOLE + 5), GNTST_okay);
	assert_int_equal(map(b, 1, 8, RW, HOLE + 5, &h), GNTST_okay);
	fake_frames_full = false;
	assert_int_equal(map(b, 1, 8, RW, HOLE + n, &h), GNTST_okay);
	assert_int_equal(h, n);
}

/* ---- what a granter may see ------------------------------------------ */

static void test_hidden_from_below(void **state)
{
	u32 h;

	(void)state;
	fake_level[2] = 1; /* b above a: it may read, and tell nothing */
	fake_allow[2][1][CLASS_grant] = (1u << PERM_grant_map_ro) |
					(1u << PERM_grant_copy_from);
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, RO, HOLE, &h), GNTST_okay);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
	assert_int_equal(fake_frame_refs(ram(a, 3)), 1);
	assert_int_equal(unmap(b, h, HOLE), GNTST_okay);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_permission_denied);
}

static void test_hidden_next_to_shown(void **state)
{
	u32 shown, hidden;

	(void)state;
	fake_level[2] = 1;
	fake_allow[2][1][CLASS_grant] = 1u << PERM_grant_map_ro;
	permit(a, 8, GTF_permit_access, 0, 3);
	assert_int_equal(map(dom0, 1, 8, RO, HOLE, &shown), GNTST_okay);
	permit(a, 8, GTF_permit_access | GTF_reading, 2, 3);
	assert_int_equal(map(b, 1, 8, RO, HOLE, &hidden), GNTST_okay);
	assert_int_equal(unmap(dom0, shown, HOLE), GNTST_okay);
	/* b still maps it, and a cannot tell. */
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
	assert_int_equal(grant_live[a->id], 1);
	assert_int_equal(unmap(b, hidden, HOLE), GNTST_okay);
}

static void test_shown_two_way(void **state)
{
	u32 h;

	(void)state;
	fake_level[2] = 1; /* other level, but map_rw is permitted: trusted */
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, RO, HOLE, &h), GNTST_okay);
	assert_int_equal(flags_of(a, 8), GTF_permit_access | GTF_reading);
}

/* ---- copy ------------------------------------------------------------ */

static u8 *page(struct domain *d, gfn_t gfn)
{
	return hw_frame(ram(d, gfn));
}

static void test_copy_from(void **state)
{
	struct gnttab_copy op = copy_of(GNTCOPY_source_gref, 8, 1, 5,
					DOMID_SELF, 100);

	(void)state;
	permit(a, 8, GTF_permit_access | GTF_readonly, 2, 3);
	memset(page(a, 3), 0x5a, PAGE_SIZE);
	op.source.offset = 10;
	op.dest.offset = 20;
	assert_int_equal(copy_call(b, op), GNTST_okay);
	assert_int_equal(fake_last_perm, PERM_grant_copy_from);
	assert_int_equal(page(b, 5)[19], 0);
	assert_int_equal(page(b, 5)[20], 0x5a);
	assert_int_equal(page(b, 5)[119], 0x5a);
	assert_int_equal(page(b, 5)[120], 0);
	assert_int_equal(flags_of(a, 8), GTF_permit_access | GTF_readonly);
}

static void test_copy_to(void **state)
{
	struct gnttab_copy op = copy_of(GNTCOPY_dest_gref, 5, DOMID_SELF, 8, 1,
					PAGE_SIZE);

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	memset(page(b, 5), 0x77, PAGE_SIZE);
	assert_int_equal(copy_call(b, op), GNTST_okay);
	assert_int_equal(fake_last_perm, PERM_grant_copy_to);
	assert_memory_equal(page(a, 3), page(b, 5), PAGE_SIZE);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
	permit(a, 8, GTF_permit_access | GTF_readonly, 2, 3);
	assert_int_equal(copy_call(b, op), GNTST_bad_gntref);
}

static void test_copy_both_granted(void **state)
{
	(void)state;
	permit(a, 8, GTF_permit_access, 0, 3);
	permit(b, 9, GTF_permit_access, 0, 4);
	memset(page(a, 3), 0x11, PAGE_SIZE);
	assert_int_equal(
		copy_call(dom0, copy_of(GNTCOPY_source_gref | GNTCOPY_dest_gref,
					8, 1, 9, 2, 64)),
		GNTST_okay);
	assert_int_equal(page(b, 4)[63], 0x11);
	assert_int_equal(page(b, 4)[64], 0);
}

static void test_copy_bounds(void **state)
{
	struct gnttab_copy op = copy_of(GNTCOPY_source_gref, 8, 1, 5,
					DOMID_SELF, 100);

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	op.source.offset = 3996;
	assert_int_equal(copy_call(b, op), GNTST_okay);
	op.source.offset = 3997;
	assert_int_equal(copy_call(b, op), GNTST_bad_copy_arg);
	op.source.offset = 0;
	op.dest.offset = 0xffff;
	assert_int_equal(copy_call(b, op), GNTST_bad_copy_arg);
	op.dest.offset = 0;
	op.len = 4097;
	assert_int_equal(copy_call(b, op), GNTST_bad_copy_arg);
	op.len = 0;
	assert_int_equal(copy_call(b, op), GNTST_okay);
}

static void test_copy_errors(void **state)
{
	const u16 src = GNTCOPY_source_gref;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	/* Foreign memory by frame number: never. */
	assert_int_equal(copy_call(b, copy_of(0, 3, 1, 5, DOMID_SELF, 8)),
			 GNTST_permission_denied);
	assert_int_equal(copy_call(b, copy_of(0, 3, DOMID_SELF, 5, 1, 8)),
			 GNTST_permission_denied);
	assert_int_equal(copy_call(b, copy_of(src, 8, 60, 5, DOMID_SELF, 8)),
			 GNTST_bad_domain);
	assert_int_equal(copy_call(b, copy_of(src, 9, 1, 5, DOMID_SELF, 8)),
			 GNTST_bad_gntref);
	assert_int_equal(copy_call(b, copy_of(src, 8, 1, 500, DOMID_SELF, 8)),
			 GNTST_bad_page);
	assert_int_equal(copy_call(b, copy_of(src, 8, 1, ~0ull, DOMID_SELF, 8)),
			 GNTST_bad_page);
	assert_int_equal(
		copy_call(b, copy_of(0, 1, DOMID_SELF, 2, DOMID_SELF, 8)),
		GNTST_okay);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
}

static void test_copy_denied(void **state)
{
	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	fake_allow[2][1][CLASS_grant] = 0;
	memset(page(b, 5), 0x99, PAGE_SIZE);
	assert_int_equal(copy_call(b, copy_of(GNTCOPY_source_gref, 8, 1, 5,
					      DOMID_SELF, 8)),
			 GNTST_permission_denied);
	assert_int_equal(fake_last_perm, PERM_grant_copy_from);
	assert_int_equal(copy_call(b, copy_of(GNTCOPY_dest_gref, 5, DOMID_SELF,
					      8, 1, 8)),
			 GNTST_permission_denied);
	assert_int_equal(fake_last_perm, PERM_grant_copy_to);
	assert_int_equal(fake_denials, 2);
	assert_int_equal(page(a, 3)[0], 0);
}

static void test_push(void **state)
{
	struct gnttab_copy op = copy_of(GNTCOPY_dest_gref, 5, DOMID_SELF, 8, 1,
					8);

	(void)state;
	fake_level[1] = 1; /* a above b */
	fake_allow[2][1][CLASS_grant] = 1u << PERM_grant_push;
	memset(page(b, 5), 0x42, PAGE_SIZE);
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(copy_call(b, op), GNTST_okay);
	assert_int_equal(page(a, 3)[7], 0x42);
	assert_int_equal(fake_denials, 0);
	/* Whatever a does, b hears the same. */
	memset(page(a, 3), 0, PAGE_SIZE);
	permit(a, 8, GTF_permit_access | GTF_readonly, 2, 3);
	assert_int_equal(copy_call(b, op), GNTST_okay);
	permit(a, 8, 0, 0, 0);
	assert_int_equal(copy_call(b, op), GNTST_okay);
	permit(a, 8, GTF_permit_access, 2, 700);
	assert_int_equal(copy_call(b, op), GNTST_okay);
	op.dest.u.ref = 70000;
	assert_int_equal(copy_call(b, op), GNTST_okay);
	a->state = STATE_DYING;
	assert_int_equal(copy_call(b, op), GNTST_okay);
	assert_int_equal(page(a, 3)[0], 0);
	/* Its own mistakes it does hear of. */
	op.source.u.gmfn = 500;
	assert_int_equal(copy_call(b, op), GNTST_bad_page);
	op.len = 5000;
	assert_int_equal(copy_call(b, op), GNTST_bad_copy_arg);
}

/* ---- arrays ---------------------------------------------------------- */

static void test_map_array(void **state)
{
	struct gnttab_map_grant_ref op[40] = { 0 };
	struct gnttab_unmap_grant_ref un[40] = { 0 };
	u32 i;

	(void)state;
	for (i = 0; i < 40; i++) {
		permit(a, i, GTF_permit_access, i == 7 ? 0 : 2, i % RAM);
		op[i].host_addr = (u64)(HOLE + i) * PAGE_SIZE;
		op[i].flags = RW;
		op[i].ref = i;
		op[i].dom = 1;
	}
	memcpy(fake_args, op, sizeof(op));
	assert_int_equal(call_at(b, GNTTABOP_map_grant_ref, FAKE_ARGS_VA, 40),
			 0);
	memcpy(op, fake_args, sizeof(op));
	for (i = 0; i < 40; i++) {
		assert_int_equal(op[i].status,
				 i == 7 ? GNTST_bad_gntref : GNTST_okay);
		un[i].host_addr = op[i].host_addr;
		un[i].handle = i == 7 ? 999 : op[i].handle;
	}
	assert_int_equal(grant_live[a->id], 39);
	memcpy(fake_args, un, sizeof(un));
	assert_int_equal(call_at(b, GNTTABOP_unmap_grant_ref, FAKE_ARGS_VA, 40),
			 0);
	memcpy(un, fake_args, sizeof(un));
	for (i = 0; i < 40; i++) {
		assert_int_equal(un[i].status,
				 i == 7 ? GNTST_bad_handle : GNTST_okay);
	}
	assert_int_equal(grant_live[a->id], 0);
	assert_int_equal(fake_flushes, 3); /* shared by 16 each */
}

static void test_bad_counts(void **state)
{
	static const u16 ops[] = {
		GNTTABOP_map_grant_ref, GNTTABOP_unmap_grant_ref,
		GNTTABOP_copy,		GNTTABOP_setup_table,
		GNTTABOP_query_size,	GNTTABOP_set_version,
		GNTTABOP_get_version
	};
	u32 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(call_at(b, ops[i], FAKE_ARGS_VA, 0), 0);
		/* A wild length runs into the end of the memory. */
		assert_int_equal(call_at(b, ops[i], FAKE_ARGS_VA, ~0u),
				 E_FAULT);
		assert_int_equal(call_at(b, ops[i], 0, 1), E_FAULT);
		assert_int_equal(call_at(b, ops[i], ~0ull - 7, 3), E_FAULT);
	}
	assert_int_equal(call_at(b, GNTTABOP_query_size, FAKE_ARGS_VA, 2),
			 E_INVAL);
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		assert_int_equal(call_at(b, ops[i], 0, 1), E_FAULT);
	}
	/* No row of the dispatcher's names it. */
	assert_int_equal(call_at(b, GNTTABOP_swap_grant_ref, FAKE_ARGS_VA, 1),
			 E_NOSYS);
}

static void test_array_ends_in_fault(void **state)
{
	struct gnttab_map_grant_ref op[2] = { 0 };
	gva_t at = FAKE_ARGS_VA + FAKE_ARGS_BYTES - sizeof(op);
	u32 i;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	for (i = 0; i < 2; i++) {
		op[i].host_addr = (u64)(HOLE + i) * PAGE_SIZE;
		op[i].flags = RW;
		op[i].ref = 8;
		op[i].dom = 1;
	}
	memcpy(&fake_args[FAKE_ARGS_BYTES - sizeof(op)], op, sizeof(op));
	assert_int_equal(call_at(b, GNTTABOP_map_grant_ref, at, 3), E_FAULT);
	assert_int_equal(grant_live[a->id], 2);
}

static void test_map_untold(void **state)
{
	struct gnttab_map_grant_ref op = { 0 };

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	op.host_addr = (u64)HOLE * PAGE_SIZE;
	op.flags = RW;
	op.ref = 8;
	op.dom = 1;
	fake_copy_out_fails = true;
	assert_int_equal(call(b, GNTTABOP_map_grant_ref, &op, sizeof(op)),
			 E_FAULT);
	assert_int_equal(grant_live[a->id], 0);
	assert_int_equal(fake_p2m_grants(b), 0);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
}

/* ---- questions ------------------------------------------------------- */

static void test_query_size(void **state)
{
	struct gnttab_query_size op = { .dom = DOMID_SELF };

	(void)state;
	fake_allow[1][1][CLASS_grant] = 0;
	assert_int_equal(call(a, GNTTABOP_query_size, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_okay);
	assert_int_equal(op.nr_frames, 1);
	assert_int_equal(op.max_nr_frames, CASEMATE_MAX_GRANT_FRAMES);
	op.dom = 2;
	assert_int_equal(call(a, GNTTABOP_query_size, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_okay);
	fake_allow[1][2][CLASS_grant] = 0;
	assert_int_equal(call(a, GNTTABOP_query_size, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_permission_denied);
	op.dom = 50;
	assert_int_equal(call(a, GNTTABOP_query_size, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_bad_domain);
}

static void test_setup_table(void **state)
{
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 3 };
	u64 *gfns = (u64 *)(void *)&fake_args[4096];
	u32 i;

	(void)state;
	for (i = 0; i < CASEMATE_MAX_GRANT_FRAMES; i++) {
		a->grant_gfns[i] = 70 + i;
	}
	op.frame_list.p = (void *)(FAKE_ARGS_VA + 4096);
	assert_int_equal(call(a, GNTTABOP_setup_table, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_okay);
	assert_int_equal(a->grant_frame_count, 3);
	assert_int_equal(gfns[2], 72);
	assert_int_equal(gfns[3], 0); /* not asked for */
	op.nr_frames = 0;
	assert_int_equal(call(a, GNTTABOP_setup_table, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_okay);
	op.nr_frames = CASEMATE_MAX_GRANT_FRAMES + 1;
	assert_int_equal(call(a, GNTTABOP_setup_table, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_general_error);
	op.nr_frames = ~0u;
	assert_int_equal(call(a, GNTTABOP_setup_table, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_general_error);
	op.nr_frames = 1;
	op.frame_list.p = NULL;
	assert_int_equal(call(a, GNTTABOP_setup_table, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_bad_virt_addr);
	assert_int_equal(fake_denials, 0);
	op.dom = 2; /* another's table: refused, and on record */
	assert_int_equal(call(a, GNTTABOP_setup_table, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_permission_denied);
	assert_int_equal(fake_denials, 1);
	op.dom = 50;
	assert_int_equal(call(a, GNTTABOP_setup_table, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_bad_domain);
}

static void test_version(void **state)
{
	struct gnttab_set_version set = { 1 };
	struct gnttab_get_version get = { .dom = DOMID_SELF };

	(void)state;
	assert_int_equal(call(a, GNTTABOP_set_version, &set, sizeof(set)), 0);
	set.version = 2;
	assert_int_equal(call(a, GNTTABOP_set_version, &set, sizeof(set)),
			 E_NOSYS);
	assert_int_equal(set.version, 1);
	set.version = 0;
	assert_int_equal(call(a, GNTTABOP_set_version, &set, sizeof(set)),
			 E_INVAL);
	assert_int_equal(call(a, GNTTABOP_get_version, &get, sizeof(get)), 0);
	assert_int_equal(get.version, 1);
	get.dom = 40;
	assert_int_equal(call(a, GNTTABOP_get_version, &get, sizeof(get)),
			 E_SRCH);
	get.dom = 2;
	fake_allow[1][2][CLASS_grant] = 0;
	assert_int_equal(call(a, GNTTABOP_get_version, &get, sizeof(get)),
			 E_PERM);
}

/* ---- the builder's side ---------------------------------------------- */

static void test_grow(void **state)
{
	mfn_t mfn, first = a->grant_frames[0];
	u32 h;

	(void)state;
	assert_int_equal(grant_frame(a, 0, &mfn), 0);
	assert_int_equal(mfn, first);
	assert_int_equal(grant_frame(a, 2, &mfn), 0);
	assert_int_equal(a->grant_frame_count, 3);
	assert_int_equal(a->grant_frames[2], mfn);
	assert_int_equal(fake_frame_type(mfn), FRAME_META);
	assert_int_equal(fake_frame_type(a->active_frames[2]), FRAME_META);
	assert_int_equal(grant_frame(a, CASEMATE_MAX_GRANT_FRAMES, &mfn),
			 E_INVAL);
	permit(a, 1535, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 1535, RO, HOLE, &h), GNTST_okay);
	assert_int_equal(map(b, 1, 1536, RO, HOLE, &h), GNTST_bad_gntref);
}

static void test_permit(void **state)
{
	u32 h;

	(void)state;
	grant_permit(a, 1, 0, 5);
	assert_int_equal(map(dom0, 1, 1, RW, HOLE, &h), GNTST_okay);
	assert_int_equal(p2m_get(dom0, HOLE).mfn, ram(a, 5));
}

static void test_teardown(void **state)
{
	u64 cursor = 0;
	u32 h, ha, i, calls = 0;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	permit(b, 8, GTF_permit_access, 1, 3);
	for (i = 0; i < 50; i++) {
		assert_int_equal(map(b, 1, 8, RW, HOLE + i, &h), GNTST_okay);
	}
	assert_int_equal(map(a, 2, 8, RW, HOLE, &ha), GNTST_okay);
	b->state = STATE_DYING;
	while (!grant_domain_teardown(b, &cursor, 64)) {
		calls += 1;
		assert_true(calls < 20);
	}
	assert_int_equal(grant_live[a->id], 0);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
	assert_int_equal(fake_p2m_grants(b), 0);
	assert_int_equal(grant_live[b->id], 1); /* a still maps it */
	/* The table's frames may be gone by then. */
	frame_release(b->grant_frames[0]);
	frame_release(b->active_frames[0]);
	b->active_frames[0] = MFN_NONE;
	b->grant_frames[0] = MFN_NONE;
	assert_int_equal(unmap(a, ha, HOLE), GNTST_okay);
	assert_int_equal(grant_live[b->id], 0);
}

/* ---- random sequences ------------------------------------------------ */

struct live {
	bool is_used;
	domid_t mapper, granter;
	u32 handle, ref;
	gfn_t gfn;
	mfn_t mfn;
	bool is_write, is_shown;
};
#define MODEL 64u
#define REFS 6u
static struct live model[MODEL];
static u64 seed;

static u32 rnd(u32 n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(seed >> 33) % n;
}

static bool is_shown(const struct live *m)
{
	u32 x = domains[m->mapper].label, y = domains[m->granter].label;

	return m->is_write || fake_level[x] == fake_level[y] ||
	       ((fake_allow[x][y][CLASS_grant] >> PERM_grant_map_rw) & 1) != 0;
}

static void model_count(domid_t granter, u32 ref, mfn_t mfn, u32 *uses,
			u32 *writers, u32 *refs, u32 *live)
{
	u32 i;

	*uses = *writers = *refs = *live = 0;
	for (i = 0; i < MODEL; i++) {
		const struct live *m = &model[i];

		if (!m->is_used) {
			continue;
		}
		*refs += m->mfn == mfn;
		*live += m->granter == granter;
		if (m->granter == granter && m->ref == ref && m->is_shown) {
			*uses += 1;
			*writers += m->is_write;
		}
	}
}

static void check_entry(domid_t d, u32 ref)
{
	u32 uses, writers, refs, live;
	u16 flags = flags_of(&domains[d], ref);

	model_count(d, ref, 0, &uses, &writers, &refs, &live);
	assert_int_equal((flags & GTF_reading) != 0, uses != 0);
	assert_int_equal((flags & GTF_writing) != 0, writers != 0);
	assert_int_equal(grant_live[d], live);
}

static void check_model(void)
{
	u32 i, uses, writers, refs, live, mine[3] = { 0 };

	for (i = 0; i < MODEL; i++) {
		struct p2m_entry e;

		if (!model[i].is_used) {
			continue;
		}
		mine[model[i].mapper] += 1;
		e = p2m_get(&domains[model[i].mapper], model[i].gfn);
		assert_int_equal(e.mfn, model[i].mfn);
		assert_int_equal(e.kind, model[i].is_write ? P2M_GRANT_RW
							   : P2M_GRANT_RO);
		model_count(0, 0, e.mfn, &uses, &writers, &refs, &live);
		assert_int_equal(fake_frame_refs(e.mfn), refs);
		assert_int_not_equal(fake_frame_type(e.mfn), FRAME_FREE);
	}
	for (i = 0; i < 3; i++) {
		assert_int_equal(fake_p2m_grants(&domains[i]), mine[i]);
	}
	for (i = 0; i < 3 * REFS; i++) {
		check_entry((domid_t)(i / REFS), i % REFS);
	}
}

static void random_map(void)
{
	struct live m = { .is_used = true };
	u32 slot = rnd(MODEL), flags;
	u64 entry;

	m.mapper = (domid_t)rnd(3);
	m.granter = (domid_t)rnd(3);
	m.ref = rnd(REFS);
	m.gfn = HOLE + rnd(40);
	m.is_write = rnd(2) != 0;
	if (rnd(8) != 0) { /* mostly one who was granted it */
		entry = shared_grant_load(&domains[m.granter], m.ref);
		m.mapper = (domid_t)(entry >> 16);
	}
	flags = (m.is_write ? RW : RO) | (rnd(30) == 0 ? 1u << rnd(6) : 0);
	if (model[slot].is_used) {
		return;
	}
	if (map(&domains[m.mapper], m.granter, m.ref, flags, m.gfn,
		&m.handle) != GNTST_okay) {
		return;
	}
	m.is_write = (flags & GNTMAP_readonly) == 0;
	entry = shared_grant_load(&domains[m.granter], m.ref);
	assert_int_equal((u16)(entry >> 16), m.mapper);
	m.is_shown = is_shown(&m);
	m.mfn = ram(&domains[m.granter], entry >> 32);
	model[slot] = m;
}

static void random_unmap(void)
{
	u32 slot = rnd(MODEL);
	struct live *m = &model[slot];

	if (!m->is_used) {
		(void)unmap(&domains[rnd(3)], rnd(4) + 60, HOLE + rnd(40));
		return;
	}
	if (rnd(10) == 0) {
		assert_int_equal(
			unmap(&domains[m->mapper], m->handle, m->gfn + 1),
			GNTST_bad_virt_addr);
		return;
	}
	assert_int_equal(unmap(&domains[m->mapper], m->handle, m->gfn),
			 GNTST_okay);
	m->is_used = false;
}

/* A granter changes an entry as a careful kernel does: not while in use. */
static void random_permit(void)
{
	struct domain *d = &domains[rnd(3)];
	u32 ref = rnd(REFS);
	u16 flags = rnd(5) == 0 ? 0 : GTF_permit_access;

	if ((flags_of(d, ref) & (GTF_reading | GTF_writing)) == 0) {
		permit(d, ref, flags | (rnd(3) == 0 ? GTF_readonly : 0),
		       (domid_t)rnd(3), rnd(RAM + 1));
	}
}

/* Give a page up, or take a new one. */
static void random_balloon(void)
{
	struct domain *d = &domains[rnd(3)];
	gfn_t gfn = rnd(RAM);
	mfn_t mfn = ram(d, gfn);

	if (mfn != MFN_NONE) {
		p2m_clear(d, gfn);
		frame_release(mfn);
	} else if (frame_alloc(d->id, FRAME_OWNED, &mfn) == 0) {
		assert_int_equal(p2m_set(d, gfn, mfn, P2M_RAM), 0);
	}
}

static void random_copy(void)
{
	struct gnttab_copy op = copy_of((u16)rnd(4), rnd(REFS), (domid_t)rnd(3),
					rnd(REFS), (domid_t)rnd(3),
					(u16)rnd(4100));

	if ((op.flags & GNTCOPY_source_gref) == 0) {
		op.source.domid = DOMID_SELF;
	}
	if ((op.flags & GNTCOPY_dest_gref) == 0) {
		op.dest.domid = DOMID_SELF;
	}
	op.source.offset = (u16)rnd(20);
	op.dest.offset = (u16)rnd(20);
	(void)copy_call(&domains[rnd(3)], op);
}

static void random_reborn(domid_t id)
{
	struct domain *d = &domains[id];
	u64 cursor = 0;
	u32 i;

	d->state = STATE_DYING;
	while (!grant_domain_teardown(d, &cursor, 1 + rnd(1024))) {
	}
	for (i = 0; i < MODEL; i++) {
		struct live *m = &model[i];

		if (m->is_used && m->granter == id && m->mapper != id) {
			assert_int_equal(
				unmap(&domains[m->mapper], m->handle, m->gfn),
				GNTST_okay);
		}
		if (m->granter == id || m->mapper == id) {
			m->is_used = false;
		}
	}
	assert_int_equal(grant_live[d->id], 0);
	for (i = 0; i < d->grant_frame_count; i++) {
		frame_release(d->grant_frames[i]);
		frame_release(d->active_frames[i]);
	}
	for (i = 0; i < CASEMATE_MAX_HANDLE_FRAMES; i++) {
		if (d->handle_frames[i] != MFN_NONE) {
			frame_release(d->handle_frames[i]);
		}
	}
	for (i = 0; i < RAM; i++) {
		if (ram(d, i) != MFN_NONE) {
			frame_release(ram(d, i));
			p2m_clear(d, i);
		}
	}
	frame_release(d->shared);
	make(id);
}

static void random_policy(void)
{
	u32 x = rnd(3), y = rnd(3);

	fake_allow[x][y][CLASS_grant] ^= 1u << rnd(6);
	if (rnd(4) == 0) {
		fake_level[rnd(3)] = rnd(2);
	}
}

static void random_step(u32 i)
{
	switch (rnd(9)) {
	case 0:
	case 1:
	case 2:
		random_map();
		break;
	case 3:
	case 4:
		random_unmap();
		break;
	case 5:
		random_permit();
		break;
	case 6:
		if (rnd(4) == 0) {
			random_balloon();
		}
		break;
	default:
		random_copy();
	}
	if (i % 3000 == 0) {
		random_reborn((domid_t)rnd(3));
	}
	if (i % 100 == 0) {
		random_policy();
	}
}

/* ---- another policy ---------------------------------------------------- */

static void forbid(u32 s, u32 o, u32 perm)
{
	fake_allow[s][o][CLASS_grant] &= ~(1u << perm);
}

static void test_revoke(void **state)
{
	u64 quota = b->max_frames;
	u32 rw, ro, own, again;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	permit(a, 9, GTF_permit_access, 2, 4);
	permit(b, 8, GTF_permit_access, 2, 5);
	assert_int_equal(map(b, 1, 8, RW, HOLE, &rw), GNTST_okay);
	assert_int_equal(map(b, 1, 9, RO, HOLE + 1, &ro), GNTST_okay);
	assert_int_equal(map(b, 2, 8, RW, HOLE + 2, &own), GNTST_okay);
	assert_int_equal(grant_revoke(), 0);
	forbid(2, 1, PERM_grant_map_rw);
	assert_int_equal(grant_revoke(), 1);
	assert_int_equal(fake_revocations, 1);
	assert_int_equal(b->max_frames, quota + 1);
	/* A page of its own instead; the granter's is free of it. */
	assert_int_equal(p2m_get(b, HOLE).kind, P2M_RAM);
	assert_int_not_equal(p2m_get(b, HOLE).mfn, ram(a, 3));
	assert_int_equal(fake_frame_refs(ram(a, 3)), 0);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
	assert_int_equal(p2m_get(b, HOLE + 1).mfn, ram(a, 4));
	assert_int_equal(p2m_get(b, HOLE + 2).mfn, ram(b, 5));
	assert_int_equal(grant_revoke(), 0);
	/* Its handle is not given out again before it is unmapped. */
	assert_int_equal(map(b, 2, 8, RO, HOLE + 3, &again), GNTST_okay);
	assert_int_not_equal(again, rw);
	assert_int_equal(unmap(b, rw, HOLE + 1), GNTST_bad_virt_addr);
	assert_int_equal(unmap(b, rw, HOLE), GNTST_okay);
	assert_int_equal(b->max_frames, quota);
	assert_int_equal(p2m_get(b, HOLE).kind, P2M_NONE);
	assert_int_equal(unmap(b, rw, HOLE), GNTST_bad_handle);
	assert_int_equal(unmap(b, ro, HOLE + 1), GNTST_okay);
	assert_int_equal(grant_live[a->id], 0);
}

/* What lets the granter see a reader counts, too. */
static void test_revoke_shown(void **state)
{
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, RO, HOLE, &h), GNTST_okay);
	assert_int_equal(flags_of(a, 8), GTF_permit_access | GTF_reading);
	fake_level[2] = 1; /* now it reads from below */
	forbid(2, 1, PERM_grant_map_rw);
	assert_int_equal(grant_revoke(), 1);
	assert_int_equal(flags_of(a, 8), GTF_permit_access);
	assert_int_equal(unmap(b, h, HOLE), GNTST_okay);
}

/* Without a page to put there, nothing is there. */
static void test_revoke_no_memory(void **state)
{
	u32 h;

	(void)state;
	permit(a, 8, GTF_permit_access, 2, 3);
	assert_int_equal(map(b, 1, 8, RW, HOLE, &h), GNTST_okay);
	forbid(2, 1, PERM_grant_map_rw);
	fake_frames_full = true;
	assert_int_equal(grant_revoke(), 1);
	assert_int_equal(p2m_get(b, HOLE).kind, P2M_NONE);
	assert_int_equal(unmap(b, h, HOLE), GNTST_okay);
	fake_frames_full = false;
	assert_int_equal(unmap(b, h, HOLE), GNTST_bad_handle);
}

static void test_random(void **state)
{
	const char *text = getenv("CASEMATE_SEED");
	u32 i;

	(void)state;
	seed = text != NULL ? strtoull(text, NULL, 0) : 1;
	print_message("seed %llu\n", (unsigned long long)seed);
	memset(model, 0, sizeof(model));
	for (i = 1; i <= STEPS; i++) {
		random_step(i);
		if (i % 8 == 0) {
			check_model();
		}
	}
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_map_rw),
		T(test_map_ro),
		T(test_writer_leaves_reader),
		T(test_map_bad_entry),
		T(test_map_bad_request),
		T(test_map_denied),
		T(test_map_dying),
		T(test_map_own),
		T(test_no_second_hand),
		T(test_pinned_frame),
		T(test_revoked_meanwhile),
		T(test_page_given_up),
		T(test_unmap_errors),
		T(test_handles_run_out),
		T(test_handle_frames),
		T(test_hidden_from_below),
		T(test_hidden_next_to_shown),
		T(test_shown_two_way),
		T(test_copy_from),
		T(test_copy_to),
		T(test_copy_both_granted),
		T(test_copy_bounds),
		T(test_copy_errors),
		T(test_copy_denied),
		T(test_push),
		T(test_map_array),
		T(test_bad_counts),
		T(test_array_ends_in_fault),
		T(test_map_untold),
		T(test_query_size),
		T(test_setup_table),
		T(test_version),
		T(test_grow),
		T(test_permit),
		T(test_teardown),
		T(test_revoke),
		T(test_revoke_shown),
		T(test_revoke_no_memory),
		T(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
