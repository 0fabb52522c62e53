/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grant table hypercalls: arrays of map, unmap and copy operations, each
 * with its own status, and questions about a table. Each entry is copied in
 * once; the monitor is asked before a granter's table is looked at.
 */
#ifndef __XEN_INTERFACE_VERSION__
#define __XEN_INTERFACE_VERSION__ 0x00040e00
#endif
#include "vmm/grant.h"

#include <xen/grant_table.h>

#include "refmon/refmon.h"
#include "vmm/copy.h"
#include "vmm/grant_table.h"
#include "vmm/hypercall.h"
#include "vmm/p2m.h"

#define GRANT_BATCH_MAX 1024u /* entries of one hypercall */

/* ---- one map or unmap ------------------------------------------------ */

/* What a map request says about the caller alone. */
static int map_check(const struct gnttab_map_grant_ref *op)
{
	u32 asked = op->flags & ~GNTMAP_guest_avail_mask;

	if ((asked & ~(u32)GNTMAP_readonly) != GNTMAP_host_map) {
		return GNTST_general_error;
	}
	if (op->host_addr % PAGE_SIZE != 0 ||
	    op->host_addr / PAGE_SIZE >= P2M_MAX_GFN) {
		return GNTST_bad_virt_addr;
	}
	return GNTST_okay;
}

static int map_one(struct vcpu *v, const struct hypercall_row *row,
		   struct gnttab_map_grant_ref *op)
{
	struct domain *granter = domain_find(op->dom, vcpu_domain(v));
	struct grant_use u = { 0 };
	int status = map_check(op);

	u.is_write = (op->flags & GNTMAP_readonly) == 0;
	if (granter == NULL) {
		return GNTST_bad_domain;
	}
	if (mediate(v, row, granter,
		    u.is_write ? PERM_grant_map_rw : PERM_grant_map_ro) != 0) {
		return GNTST_permission_denied;
	}
	if (status != GNTST_okay) {
		return status;
	}
	u.granter = granter->id;
	u.ref = op->ref;
	return grant_map_commit(vcpu_domain(v), &u, op->host_addr / PAGE_SIZE,
				&op->handle);
}

static int unmap_one(struct vcpu *v, const struct gnttab_unmap_grant_ref *op,
		     struct grant_unmap *b)
{
	const struct grant_map *m = grant_map_find(vcpu_domain(v), op->handle);

	if (m == NULL) {
		return GNTST_bad_handle;
	}
	if (op->host_addr != (u64)m->gfn * PAGE_SIZE) {
		return GNTST_bad_virt_addr;
	}
	grant_unmap_begin(vcpu_domain(v), op->handle, b);
	return GNTST_okay;
}

/* ---- arrays of operations ------------------------------------------- */

/* The caller will not learn the handle: take the mapping back. */
static void map_undo(struct vcpu *v, u32 handle)
{
	struct grant_unmap b;

	b.count = 0;
	grant_unmap_begin(vcpu_domain(v), handle, &b);
	grant_unmap_finish(vcpu_domain(v), &b);
}

static err_t map_entry(struct vcpu *v, const struct hypercall_row *row,
		       gva_t at)
{
	struct gnttab_map_grant_ref op;
	err_t err = copy_from_guest(v, &op, at, sizeof(op));

	if (err != 0) {
		return err;
	}
	op.dev_bus_addr = 0;
	op.status = (int16_t)map_one(v, row, &op);
	err = copy_to_guest(v, at, &op, sizeof(op));
	if (err != 0 && op.status == GNTST_okay) {
		map_undo(v, op.handle);
	}
	return err;
}

static err_t map_all(struct vcpu *v, const struct hypercall_row *row, gva_t arg,
		     u32 count)
{
	err_t err = 0;
	u32 i;

	for (i = 0; i < count && err == 0; i++) {
		err = map_entry(v, row,
				arg + i * sizeof(struct gnttab_map_grant_ref));
	}
	return err;
}

static err_t unmap_entry(struct vcpu *v, gva_t at, struct grant_unmap *b)
{
	struct gnttab_unmap_grant_ref op;
	err_t err = copy_from_guest(v, &op, at, sizeof(op));

	if (err != 0) {
		return err;
	}
	op.status = (int16_t)unmap_one(v, &op, b);
	return copy_to_guest(v, at, &op, sizeof(op));
}

static err_t unmap_all(struct vcpu *v, gva_t arg, u32 count)
{
	struct grant_unmap b;
	err_t err = 0;
	u32 i;

	b.count = 0;
	for (i = 0; i < count && err == 0; i++) {
		gva_t at = arg + i * sizeof(struct gnttab_unmap_grant_ref);

		err = unmap_entry(v, at, &b);
		if (b.count == GRANT_UNMAP_BATCH) {
			grant_unmap_finish(vcpu_domain(v), &b);
		}
	}
	grant_unmap_finish(vcpu_domain(v), &b);
	return err;
}

static err_t copy_entry(struct vcpu *v, const struct hypercall_row *row,
			gva_t at)
{
	struct grant_copy_op op;
	err_t err = copy_from_guest(v, &op, at, sizeof(op));

	if (err != 0) {
		return err;
	}
	op.status = (int16_t)grant_copy_one(v, row, &op);
	return copy_to_guest(v, at, &op, sizeof(op));
}

static err_t copy_all(struct vcpu *v, const struct hypercall_row *row,
		      gva_t arg, u32 count)
{
	err_t err = 0;
	u32 i;

	for (i = 0; i < count && err == 0; i++) {
		err = copy_entry(v, row,
				 arg + i * sizeof(struct grant_copy_op));
	}
	return err;
}

/* ---- questions about a table ---------------------------------------- */

/* A domain may always ask about its own table. */
static int query_permit(struct vcpu *v, const struct hypercall_row *row,
			domid_t id, struct domain **out)
{
	*out = domain_find(id, vcpu_domain(v));
	if (*out == NULL) {
		return GNTST_bad_domain;
	}
	if (*out == vcpu_domain(v) ||
	    mediate(v, row, *out, PERM_grant_query) == 0) {
		return GNTST_okay;
	}
	return GNTST_permission_denied;
}

static err_t query_size(struct vcpu *v, const struct hypercall_row *row,
			gva_t arg)
{
	struct gnttab_query_size op;
	struct domain *d;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	op.status = (int16_t)query_permit(v, row, op.dom, &d);
	if (op.status == GNTST_okay) {
		op.nr_frames = d->grant_frame_count;
		op.max_nr_frames = CASEMATE_MAX_GRANT_FRAMES;
	}
	return copy_to_guest(v, arg, &op, sizeof(op));
}

static err_t get_version(struct vcpu *v, const struct hypercall_row *row,
			 gva_t arg)
{
	struct gnttab_get_version op;
	struct domain *d;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	switch (query_permit(v, row, op.dom, &d)) {
	case GNTST_okay:
		op.version = 1;
		return copy_to_guest(v, arg, &op, sizeof(op));
	case GNTST_bad_domain:
		return E_SRCH;
	default:
		return E_PERM;
	}
}

/* Grow the caller's table and tell where its frames are in its map (all ones
 * where it has not put them yet with XENMEM_add_to_physmap). */
static int setup_frames(struct vcpu *v, const struct gnttab_setup_table *op)
{
	struct domain *d = vcpu_domain(v);
	mfn_t mfn;
	u32 i;

	if (op->dom != DOMID_SELF && op->dom != d->id) {
		return GNTST_permission_denied;
	}
	if (op->nr_frames > CASEMATE_MAX_GRANT_FRAMES) {
		return GNTST_general_error;
	}
	for (i = 0; i < op->nr_frames; i++) {
		if (grant_frame(d, i, &mfn) != 0) {
			return GNTST_no_space;
		}
		if (copy_to_guest(v, (gva_t)op->frame_list.p + i * sizeof(u64),
				  &d->grant_gfns[i], sizeof(u64)) != 0) {
			return GNTST_bad_virt_addr;
		}
	}
	return GNTST_okay;
}

static err_t setup_table(struct vcpu *v, gva_t arg)
{
	struct gnttab_setup_table op;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	op.status = (int16_t)setup_frames(v, &op);
	return copy_to_guest(v, arg, &op, sizeof(op));
}

/* Version 1 is all there is; the caller is told so in any case. */
static err_t set_version(struct vcpu *v, gva_t arg)
{
	struct gnttab_set_version op;
	u32 asked;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	asked = op.version;
	op.version = 1;
	err = copy_to_guest(v, arg, &op, sizeof(op));
	if (err != 0 || asked == 1) {
		return err;
	}
	return asked == 2 ? E_NOSYS : E_INVAL;
}

static err_t single_op(struct vcpu *v, const struct hypercall_row *row,
		       gva_t arg)
{
	switch (row->subop) {
	case GNTTABOP_setup_table:
		return setup_table(v, arg);
	case GNTTABOP_query_size:
		return query_size(v, row, arg);
	case GNTTABOP_set_version:
		return set_version(v, arg);
	case GNTTABOP_get_version:
		return get_version(v, row, arg);
	default:
		return E_NOSYS;
	}
}

u32 grant_op_bytes(u32 subop)
{
	switch (subop) {
	case GNTTABOP_map_grant_ref:
		return sizeof(struct gnttab_map_grant_ref);
	case GNTTABOP_unmap_grant_ref:
		return sizeof(struct gnttab_unmap_grant_ref);
	default:
		return sizeof(struct grant_copy_op);
	}
}

err_t grant_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg,
	       u32 count)
{
	if (count > GRANT_BATCH_MAX) {
		return E_INVAL;
	}
	switch (row->subop) {
	case GNTTABOP_map_grant_ref:
		return map_all(v, row, arg, count);
	case GNTTABOP_unmap_grant_ref:
		return unmap_all(v, arg, count);
	case GNTTABOP_copy:
		return copy_all(v, row, arg, count);
	default:
		return count == 1 ? single_op(v, row, arg) : E_INVAL;
	}
}
