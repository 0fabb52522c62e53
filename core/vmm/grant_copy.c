/* SPDX-License-Identifier: Apache-2.0 */
/* GNTTABOP_copy: between granted pages and the caller's own RAM. Both owners
 * are put to the monitor before either page is looked at. */
#include "vmm/grant_table.h"
#include "vmm/hypercall.h"
#include "vmm/shared.h"

#include <xen/grant_table.h>

/* What one side of a copy turned out to be. */
struct copy_end {
	bool is_ref;
	bool is_blind; /* push: nothing about the owner goes back */
	gfn_t gfn;     /* of the caller, unless is_ref */
	struct grant_use use;
};

/* Into a granted page: a full write where permitted, else a blind push where
 * that is. Only the caller itself may be named by frame; for others the
 * monitor is asked, so that the attempt is on record, and the answer is no. */
static int end_permit(struct vcpu *v, const struct hypercall_row *row,
		      const struct gnttab_copy_ptr *side, bool is_ref,
		      bool is_write, struct copy_end *end)
{
	const struct domain *d = vcpu_domain(v);
	const struct domain *owner = domain_find(side->domid, d);
	bool is_own = !is_ref && side->domid == DOMID_SELF;
	u32 perm = is_write ? PERM_grant_copy_to : PERM_grant_copy_from;

	if (owner == NULL) {
		return GNTST_bad_domain;
	}
	end->is_blind = is_ref && is_write &&
			!mediate_quiet(d, owner, CLASS_grant,
				       PERM_grant_copy_to) &&
			mediate_quiet(d, owner, CLASS_grant, PERM_grant_push);
	if (end->is_blind) {
		perm = PERM_grant_push;
	}
	end->is_ref = is_ref;
	end->gfn = side->u.gmfn;
	end->use.granter = owner->id;
	end->use.ref = side->u.ref;
	end->use.is_write = is_write;
	if (!is_own && mediate(v, row, owner, perm) != 0) {
		return GNTST_permission_denied;
	}
	return is_ref || is_own ? GNTST_okay : GNTST_permission_denied;
}

static int end_open(const struct domain *d, struct copy_end *end)
{
	mfn_t own;

	if (end->is_ref) {
		struct grant_opened o = grant_use_open(end->use, d->id);

		end->use = o.use;
		return o.status;
	}
	own = p2m_ram(d, end->gfn);
	end->use.mfn = (u32)own;
	return own == MFN_NONE ? GNTST_bad_page : GNTST_okay;
}

static void end_close(const struct copy_end *end)
{
	if (end->is_ref) {
		grant_use_close(end->use);
	}
}

/* A push answers the same whatever becomes of its destination. */
int grant_copy_one(struct vcpu *v, const struct hypercall_row *row,
		   const struct gnttab_copy *op)
{
	struct copy_end from = { 0 }, to = { 0 };
	int status;

	if (op->len > PAGE_SIZE || op->source.offset > PAGE_SIZE - op->len ||
	    op->dest.offset > PAGE_SIZE - op->len) {
		return GNTST_bad_copy_arg;
	}
	status = end_permit(v, row, &op->source,
			    (op->flags & GNTCOPY_source_gref) != 0, false,
			    &from);
	if (status == GNTST_okay) {
		status = end_permit(v, row, &op->dest,
				    (op->flags & GNTCOPY_dest_gref) != 0, true,
				    &to);
	}
	if (status == GNTST_okay) {
		status = end_open(vcpu_domain(v), &from);
	}
	if (status != GNTST_okay) {
		return status;
	}
	status = end_open(vcpu_domain(v), &to);
	if (status == GNTST_okay) {
		shared_copy(to.use.mfn, op->dest.offset, from.use.mfn,
			    op->source.offset, op->len);
		end_close(&to);
	}
	end_close(&from);
	return to.is_blind ? GNTST_okay : status;
}
