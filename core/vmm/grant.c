/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grant table hypercalls: arrays of map, unmap and copy operations, each
 * with its own status, and questions about a table. Each entry is copied in
 * once; the monitor is asked before a granter's table is looked at.
 */

#include "vmm/grant_table.h"
#include "vmm/p2m.h"

#include <xen/grant_table.h>

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

/* ---- entries of an array -------------------------------------------- */

/* The caller will not learn the handle of a mapping it cannot be told of:
 * that one is taken back. */
static err_t map_entry(struct vcpu *v, const struct hypercall_row *row,
		       gva_t at, struct grant_unmap *b)
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
		grant_unmap_begin(vcpu_domain(v), op.handle, b);
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

/* ---- questions about a table ---------------------------------------- */

/* A domain may always ask about its own table. */
static err_t query_permit(struct vcpu *v, const struct hypercall_row *row,
			  domid_t id, struct domain **out)
{
	*out = domain_find(id, vcpu_domain(v));
	if (*out == NULL) {
		return E_SRCH;
	}
	return *out == vcpu_domain(v) ? 0
				      : mediate(v, row, *out, PERM_grant_query);
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
	err = query_permit(v, row, op.dom, &d);
	op.status = err == E_SRCH ? GNTST_bad_domain : GNTST_permission_denied;
	if (err == 0) {
		op.status = GNTST_okay;
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

	if (err == 0) {
		err = query_permit(v, row, op.dom, &d);
	}
	op.version = 1;
	return err != 0 ? err : copy_to_guest(v, arg, &op, sizeof(op));
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

err_t grant_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg,
	       struct grant_unmap *b)
{
	switch (row->subop) {
	case GNTTABOP_map_grant_ref:
		return map_entry(v, row, arg, b);
	case GNTTABOP_unmap_grant_ref:
		return unmap_entry(v, arg, b);
	case GNTTABOP_copy:
		return copy_entry(v, row, arg);
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
	case GNTTABOP_copy:
		return sizeof(struct grant_copy_op);
	default:
		return 0;
	}
}
