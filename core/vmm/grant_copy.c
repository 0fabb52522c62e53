/* SPDX-License-Identifier: Apache-2.0 */
/* GNTTABOP_copy: between granted pages and the caller's own RAM. Both owners
 * are put to the monitor before either page is looked at. */
#include "vmm/grant_table.h"
#include "vmm/shared.h"

#include <xen/grant_table.h>

_Static_assert(sizeof(struct grant_copy_op) == sizeof(struct gnttab_copy) &&
		       offsetof(struct gnttab_copy, source.domid) == 8 &&
		       offsetof(struct gnttab_copy, dest) == 16 &&
		       offsetof(struct gnttab_copy, len) == 32 &&
		       offsetof(struct gnttab_copy, status) == 36,
	       "gnttab_copy layout");

/* What one side of a copy turned out to be. */
struct copy_end {
	struct domain *owner;
	bool is_ref;
	bool is_blind; /* push: nothing about the owner goes back */
	u64 page;
	struct grant_use use;
};

/* Only the caller itself may be named by frame; for others the monitor is
 * asked, so that the attempt is on record, and the answer is no. */
static int copy_end_find(struct vcpu *v, const struct hypercall_row *row,
			 const struct grant_copy_side *side, bool is_ref,
			 u32 perm, struct copy_end *end)
{
	end->owner = domain_find(side->domid, vcpu_domain(v));
	if (end->owner == NULL) {
		return GNTST_bad_domain;
	}
	if (!is_ref && side->domid != DOMID_SELF) {
		(void)mediate(v, row, end->owner, perm);
		return GNTST_permission_denied;
	}
	end->is_ref = is_ref;
	end->page = side->page;
	end->use.granter = end->owner->id;
	end->use.ref = (u32)side->page;
	return GNTST_okay;
}

/* A full write where permitted; else a blind push where that is. */
static err_t dest_permit(struct vcpu *v, const struct hypercall_row *row,
			 struct copy_end *end)
{
	const struct domain *d = vcpu_domain(v);
	u32 perm = PERM_grant_copy_to;

	end->use.is_write = true;
	if (!end->is_ref) {
		return 0;
	}
	if (!mediate_quiet(d, end->owner, CLASS_grant, PERM_grant_copy_to) &&
	    (row->perms & (1u << PERM_grant_push)) != 0 &&
	    mediate_quiet(d, end->owner, CLASS_grant, PERM_grant_push)) {
		end->is_blind = true;
		perm = PERM_grant_push;
	}
	return mediate(v, row, end->owner, perm);
}

static int copy_end_open(struct vcpu *v, struct copy_end *end)
{
	if (end->is_ref) {
		return grant_use_open(&end->use, vcpu_domain(v));
	}
	return grant_ram_find(end->owner, end->page, &end->use.mfn)
		       ? GNTST_okay
		       : GNTST_bad_page;
}

static void copy_end_close(const struct copy_end *end)
{
	if (end->is_ref) {
		grant_use_close(&end->use);
	}
}

/* The source is open. A push answers the same whatever becomes of it. */
static int copy_write(struct vcpu *v, const struct grant_copy_op *op,
		      const struct copy_end *from, struct copy_end *to)
{
	int status = copy_end_open(v, to);

	if (status == GNTST_okay) {
		shared_copy(to->use.mfn, op->dest.offset, from->use.mfn,
			    op->source.offset, op->len);
		copy_end_close(to);
	}
	return to->is_blind ? GNTST_okay : status;
}

int grant_copy_one(struct vcpu *v, const struct hypercall_row *row,
		   const struct grant_copy_op *op)
{
	struct copy_end from = { 0 };
	struct copy_end to = { 0 };
	int status;

	if (op->len > PAGE_SIZE || op->source.offset > PAGE_SIZE - op->len ||
	    op->dest.offset > PAGE_SIZE - op->len) {
		return GNTST_bad_copy_arg;
	}
	status = copy_end_find(v, row, &op->source,
			       (op->flags & GNTCOPY_source_gref) != 0,
			       PERM_grant_copy_from, &from);
	if (status == GNTST_okay) {
		status = copy_end_find(v, row, &op->dest,
				       (op->flags & GNTCOPY_dest_gref) != 0,
				       PERM_grant_copy_to, &to);
	}
	if (status != GNTST_okay) {
		return status;
	}
	if ((from.is_ref &&
	     mediate(v, row, from.owner, PERM_grant_copy_from) != 0) ||
	    dest_permit(v, row, &to) != 0) {
		return GNTST_permission_denied;
	}
	status = copy_end_open(v, &from);
	if (status == GNTST_okay) {
		status = copy_write(v, op, &from, &to);
		copy_end_close(&from);
	}
	return status;
}
