/* SPDX-License-Identifier: Apache-2.0 */
/* Inside grants: the tables of uses and mappings (grant_table.c), as the
 * hypercalls (grant.c, grant_copy.c) see them. Results are GNTST_*. */
#pragma once

#include "vmm/grant.h"
#include "vmm/hypercall.h"

#include <xen/grant_table.h>

/* One use of a granted page, from check to release. It holds a reference on
 * the frame. */
struct grant_use {
	domid_t granter;
	bool is_write;
	bool is_shown; /* may the granter see the use? */
	u32 ref;
	u32 mfn; /* 16 TiB of machine memory is enough */
};

/* Uses of an entry that its granter can see: GTF_reading is set while uses is
 * not 0, GTF_writing while writers is not 0. A use by a mapper of another level
 * that may only read is not counted here: the granter must not learn of it. */
struct grant_active { /* one per grant reference of the granter */
	u32 gfn;      /* as read from the entry when its first use began */
	u16 uses;     /* live mappings and copies under way */
	u16 writers;
};
struct grant_map {	      /* one per handle of the mapper */
	struct grant_use use; /* granter DOMID_NOBODY: free */
	u32 gfn;	      /* where the mapper has it; free: the next one */
};
/* Where they are, in frames on the domain's account (grant_store.c): for a ref
 * within its grant frames, a handle that grant_map_ensure() made room for. */
struct grant_active *grant_active(domid_t granter, u32 ref);
struct grant_map *grant_map(domid_t mapper, u32 handle);
err_t grant_map_ensure(struct domain *d, u32 handle); /* or -ENOMEM */

/* Check the entry (read once) and begin the use; u->mfn is the page. The
 * monitor has permitted `user` this access to the granter. */
/*@ requires user: \valid_read(user) && is_domain(user->id);
    requires use: \valid(u) && u->granter < CASEMATE_MAX_DOMAINS;
    requires inv: policy_inv && maps_ok;
    requires access: may_use(user->id, u->granter, u->is_write);
    assigns u->is_shown, u->mfn, frame_state;
    ensures own: \result == 0 ==> frame_owner(u->mfn) == u->granter &&
      frame_refs(u->mfn) > 0;
*/
int grant_use_open(struct grant_use *u, const struct domain *user);
/*@ requires use: \valid_read(u) && u->granter < CASEMATE_MAX_DOMAINS;
    requires ref: u->ref < CASEMATE_MAX_GRANTS;
    requires held: frame_refs(u->mfn) > 0;
    assigns frame_state; // grant_table.c's own tables and the entry's marks
*/
void grant_use_close(const struct grant_use *u);

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

#define GRANT_UNMAP_BATCH 16u /* unmappings that share one flush */
/* Unmappings whose pages may still be in some processor's TLB. */
struct grant_unmap {
	u32 count;
	struct grant_use uses[GRANT_UNMAP_BATCH];
};

/* What `handle` maps at guest-physical `at`: the mapper's slot and handle are
 * free again; the page is not yet. */
/*@ requires mapper: \valid(mapper) && is_domain(mapper->id);
    requires room: \valid(b) && b->count < GRANT_UNMAP_BATCH;
    assigns *b, p2m_state;
    ensures one: b->count == \old(b->count) + (\result == 0 ? 1 : 0);
*/
int grant_unmap_begin(struct domain *mapper, u32 handle, gpa_t at,
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

/* One entry of GNTTABOP_copy. */
/*@ requires v: caller_ok(v);
    requires row: row_ok(row) && \valid_read(op);
    requires inv: policy_inv && maps_ok && domains_ok;
    assigns frame_state, domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
*/
int grant_copy_one(struct vcpu *v, const struct hypercall_row *row,
		   const struct gnttab_copy *op);
