/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grant table hypercalls: arrays of map, unmap and copy operations, each
 * with its own status, and questions about a table. Each entry is copied in
 * once; the monitor is asked before a granter's table is looked at.
 */

#include "vmm/grant_table.h"
#include "vmm/hypercall.h"
#include "vmm/p2m.h"

#include <xen/grant_table.h>

/* The arguments of one operation. */
union grant_args {
	struct gnttab_map_grant_ref map;
	struct gnttab_unmap_grant_ref unmap;
	struct gnttab_copy copy;
	struct gnttab_setup_table setup;
	struct gnttab_query_size size;
	struct gnttab_set_version set;
	struct gnttab_get_version get;
};
static const u8 args_bytes[HYPERCALL_SUBOPS] = {
	[GNTTABOP_map_grant_ref] = sizeof(struct gnttab_map_grant_ref),
	[GNTTABOP_unmap_grant_ref] = sizeof(struct gnttab_unmap_grant_ref),
	[GNTTABOP_copy] = sizeof(struct gnttab_copy),
	[GNTTABOP_setup_table] = sizeof(struct gnttab_setup_table),
	[GNTTABOP_query_size] = sizeof(struct gnttab_query_size),
	[GNTTABOP_set_version] = sizeof(struct gnttab_set_version),
	[GNTTABOP_get_version] = sizeof(struct gnttab_get_version),
};

/* The monitor comes before what the request itself says. */
static int map_one(struct vcpu *v, const struct hypercall_row *row,
		   struct gnttab_map_grant_ref *op)
{
	const struct domain *granter = domain_find(op->dom, vcpu_domain(v));
	u32 asked = op->flags & ~GNTMAP_guest_avail_mask;
	struct grant_use u = { 0 };
	struct grant_mapped r;

	op->dev_bus_addr = 0;
	u.ref = op->ref;
	u.is_write = (op->flags & GNTMAP_readonly) == 0;
	if (granter == NULL) {
		return GNTST_bad_domain;
	}
	if (mediate(v, row, granter,
		    u.is_write ? PERM_grant_map_rw : PERM_grant_map_ro) != 0) {
		return GNTST_permission_denied;
	}
	if ((asked & ~(u32)GNTMAP_readonly) != GNTMAP_host_map) {
		return GNTST_general_error;
	}
	if (op->host_addr % PAGE_SIZE != 0 ||
	    op->host_addr / PAGE_SIZE >= P2M_MAX_GFN) {
		return GNTST_bad_virt_addr;
	}
	u.granter = granter->id;
	r = grant_map_commit(v->domid, u, op->host_addr / PAGE_SIZE);
	op->handle = r.handle;
	return r.status;
}

static int unmap_one(domid_t mapper, const struct gnttab_unmap_grant_ref *op)
{
	int status = grant_unmap_begin(mapper, op->handle, op->host_addr);

	return status == GNTST_bad_handle
		       ? grant_revoked_unmap(mapper, op->handle, op->host_addr)
		       : status;
}

/* ---- questions about a table ---------------------------------------- */

static int status_of(err_t err)
{
	switch (err) {
	case 0:
		return GNTST_okay;
	case E_SRCH:
		return GNTST_bad_domain;
	case E_PERM:
		return GNTST_permission_denied;
	case E_FAULT:
		return GNTST_bad_virt_addr;
	case E_NOMEM:
		return GNTST_no_space;
	default:
		return GNTST_general_error;
	}
}

/* Grow the caller's table and tell where its frames are in its map (all ones
 * where it has not put them yet with XENMEM_add_to_physmap). */
static int setup_table(struct vcpu *v, const struct hypercall_row *row,
		       const struct gnttab_setup_table *op)
{
	struct domain *d = vcpu_domain(v);
	err_t err = mediate_own(v, row, op->dom);
	mfn_t last;

	if (err == 0 && op->nr_frames != 0) {
		err = grant_frame(d, op->nr_frames - 1, &last);
	}
	if (err == 0) {
		err = copy_to_guest(v, (gva_t)op->frame_list.p, d->grant_gfns,
				    op->nr_frames * (u32)sizeof(gfn_t));
	}
	return status_of(err);
}

/* A domain may always ask about its own table. */
static err_t query_permit(struct vcpu *v, const struct hypercall_row *row,
			  const struct domain *d)
{
	if (d == NULL) {
		return E_SRCH;
	}
	return d == vcpu_domain(v) ? 0 : mediate(v, row, d, PERM_grant_query);
}

static int query_size(struct vcpu *v, const struct hypercall_row *row,
		      struct gnttab_query_size *op)
{
	const struct domain *d = domain_find(op->dom, vcpu_domain(v));
	err_t err = query_permit(v, row, d);

	if (err == 0) {
		op->nr_frames = d->grant_frame_count;
		op->max_nr_frames = CASEMATE_MAX_GRANT_FRAMES;
	}
	return status_of(err);
}

/* Version 1 is all there is; the caller is told so in any case. */
static err_t set_version(struct gnttab_set_version *op)
{
	u32 asked = op->version;

	op->version = 1;
	if (asked == 1) {
		return 0;
	}
	return asked == 2 ? E_NOSYS : E_INVAL;
}

/* One operation; what it cannot tell the caller it takes back: the handle of a
 * mapping would be lost. */
static err_t one_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	u32 bytes = args_bytes[row->subop];
	struct domain *d = vcpu_domain(v);
	union grant_args a;
	err_t told, err = 0;

	if (copy_from_guest(v, &a, arg, bytes) != 0) {
		return E_FAULT;
	}
	switch (row->subop) {
	case GNTTABOP_map_grant_ref:
		a.map.status = map_one(v, row, &a.map);
		break;
	case GNTTABOP_unmap_grant_ref:
		a.unmap.status = unmap_one(v->domid, &a.unmap);
		break;
	case GNTTABOP_copy:
		a.copy.status = grant_copy_one(v, row, &a.copy);
		break;
	case GNTTABOP_setup_table:
		a.setup.status = setup_table(v, row, &a.setup);
		break;
	case GNTTABOP_query_size:
		a.size.status = query_size(v, row, &a.size);
		break;
	case GNTTABOP_set_version:
		err = set_version(&a.set);
		break;
	case GNTTABOP_get_version:
		err = query_permit(v, row, domain_find(a.get.dom, d));
		a.get.version = 1;
		break;
	default:
		err = E_NOSYS;
	}
	told = copy_to_guest(v, arg, &a, bytes);
	if (told != 0 && row->subop == GNTTABOP_map_grant_ref &&
	    a.map.status == GNTST_okay) {
		(void)grant_unmap_begin(v->domid, a.map.handle,
					a.map.host_addr);
	}
	return err != 0 ? err : told;
}

/* Some at a time: what is left stands in the argument registers when the call
 * starts again. */
err_t grant_op(struct vcpu *v, const struct hypercall_row *row)
{
	struct regs *r = &v->hw.regs;
	u32 bytes = args_bytes[row->subop];
	u32 count = (u32)r->rdx;
	err_t err = 0;
	u32 i;

	if (row->subop != GNTTABOP_map_grant_ref &&
	    row->subop != GNTTABOP_unmap_grant_ref &&
	    row->subop != GNTTABOP_copy && count != 1) {
		return E_INVAL;
	}
	for (i = 0; i < GRANT_UNMAP_BATCH && i < count && err == 0; i++) {
		err = one_op(v, row, r->rsi + (u64)i * bytes);
	}
	grant_unmap_finish(v->domid);
	if (err != 0 || i == count) {
		return err;
	}
	r->rsi += (u64)i * bytes;
	r->rdx = count - i;
	return E_RESTART;
}
