/* SPDX-License-Identifier: Apache-2.0 */
/* Inside grants: the tables of uses and mappings (grant_table.c), as the
 * hypercalls (grant.c, grant_copy.c) see them. Results are GNTST_*. */
#pragma once

#include "vmm/grant.h"
#include "vmm/hypercall.h"

/* One use of a granted page, from check to release. */
struct grant_use {
	domid_t granter;
	u32 ref;
	bool is_write;
	bool is_shown; /* may the granter see the use? */
	mfn_t mfn;
};

/* Check the entry (read once) and begin the use; u->mfn is the page. The
 * monitor has permitted `user` this access to the granter. */
/*@ requires user: \valid_read(user) && is_domain(user->id);
    requires use: \valid(u) && u->granter < CASEMATE_MAX_DOMAINS;
    requires inv: policy_inv && maps_ok;
    requires access: may_use(user->id, u->granter, u->is_write);
    assigns u->is_shown, u->mfn;
    ensures own: \result == 0 ==> frame_owner(u->mfn) == u->granter;
*/
int grant_use_open(struct grant_use *u, const struct domain *user);
/*@ requires use: \valid_read(u) && u->granter < CASEMATE_MAX_DOMAINS;
    requires ref: u->ref < CASEMATE_MAX_GRANTS;
    assigns \nothing; // but grant_table.c's own tables and the entry's marks
*/
void grant_use_close(const struct grant_use *u);
/* The frame behind a domain's gfn, if it is that domain's own RAM. */
/*@ requires d: \valid_read(d) && is_domain(d->id) && d == &domains[d->id];
    requires out: \valid(out);
    assigns *out;
    ensures own: \result == 1 ==> frame_owner(*out) == d->id;
*/
bool grant_ram_find(const struct domain *d, gfn_t gfn, mfn_t *out);

/* Open the use and put its page into the mapper's empty slot. */
/*@ requires mapper: \valid(mapper) && is_domain(mapper->id);
    requires use: \valid(u) && u->granter < CASEMATE_MAX_DOMAINS;
    requires handle: \valid(handle);
    requires inv: policy_inv && maps_ok;
    requires access: may_use(mapper->id, u->granter, u->is_write);
    assigns *u, *handle, p2m_state, frame_state, mapper->meta_frames;
    ensures mapped: \result == 0 ==> frame_owner(u->mfn) == u->granter &&
      frame_refs(u->mfn) > 0 && p2m_mfn(mapper->id, gfn) == u->mfn &&
      p2m_kind(mapper->id, gfn) ==
        (u->is_write != 0 ? P2M_GRANT_RW : P2M_GRANT_RO);
    ensures nothing: \result != 0 ==>
      p2m_kind(mapper->id, gfn) == \old(p2m_kind(mapper->id, gfn));
    ensures others: other_slots{Pre,Post}(mapper->id, gfn);
*/
int grant_map_commit(struct domain *mapper, struct grant_use *u, gfn_t gfn,
		     u32 *handle);
/* The mapping behind a handle; NULL for a free one or none. */
/*@ requires mapper: \valid_read(mapper) && is_domain(mapper->id);
    assigns \result \from mapper->id, handle;
    ensures known: \result != \null ==> \valid_read(\result) &&
      handle < CASEMATE_MAX_MAPTRACK &&
      \result->granter < CASEMATE_MAX_DOMAINS;
*/
const struct grant_map *grant_map_find(const struct domain *mapper, u32 handle);

#define GRANT_UNMAP_BATCH 16u /* unmappings that share one flush */
/* Unmappings whose pages may still be in some processor's TLB. */
struct grant_unmap {
	u32 count;
	struct grant_use uses[GRANT_UNMAP_BATCH];
};

/* The mapper's slot and handle are free again; the page is not yet. */
/*@ requires mapper: \valid(mapper) && is_domain(mapper->id);
    requires handle: handle < CASEMATE_MAX_MAPTRACK;
    requires room: \valid(b) && b->count < GRANT_UNMAP_BATCH;
    assigns *b, p2m_state;
    ensures one: b->count == \old(b->count) + 1;
*/
void grant_unmap_begin(struct domain *mapper, u32 handle,
		       struct grant_unmap *b);
/* No processor of the mapper can reach the pages any more: let them go. */
/*@ requires mapper: \valid(mapper) && is_domain(mapper->id);
    requires batch: \valid(b) && b->count <= GRANT_UNMAP_BATCH;
    requires held: \forall integer i; 0 <= i < b->count ==>
      frame_refs(b->uses[i].mfn) > 0;
    assigns b->count, frame_state,
      mapper->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].flush;
    ensures empty: b->count == 0;
*/
void grant_unmap_finish(struct domain *mapper, struct grant_unmap *b);

/* One entry of GNTTABOP_copy: struct gnttab_copy without its unions; `page` is
 * a gfn, or a reference in its low half. */
struct grant_copy_side {
	u64 page;
	domid_t domid;
	u16 offset;
	u32 pad;
};
struct grant_copy_op {
	struct grant_copy_side source;
	struct grant_copy_side dest;
	u16 len;
	u16 flags;
	int16_t status;
	u16 pad;
};
/*@ requires v: caller_ok(v);
    requires row: row_ok(row) && \valid_read(op);
    requires inv: policy_inv && maps_ok && domains_ok;
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
*/
int grant_copy_one(struct vcpu *v, const struct hypercall_row *row,
		   const struct grant_copy_op *op);
