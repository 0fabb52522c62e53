/* SPDX-License-Identifier: Apache-2.0 */
/* Inside grants: the tables of uses and mappings (grant_table.c), as the
 * hypercalls (grant.c, grant_copy.c) see them. Results are GNTST_*. */
#pragma once

#include "vmm/grant.h"

/* Of Xen's public/grant_table.h, to the letter: a file that sees both does not
 * compile if they differ. */
/* clang-format off */
#define GTF_permit_access   (1U<<0)
#define GTF_type_mask       (3U<<0)
#define _GTF_readonly       (2)
#define GTF_readonly        (1U<<_GTF_readonly)
#define _GTF_reading        (3)
#define GTF_reading         (1U<<_GTF_reading)
#define _GTF_writing        (4)
#define GTF_writing         (1U<<_GTF_writing)
#define GNTST_okay             (0)  /* Normal return.                        */
#define GNTST_general_error    (-1) /* General undefined error.              */
#define GNTST_bad_domain       (-2) /* Unrecognsed domain id.                */
#define GNTST_bad_gntref       (-3) /* Unrecognised or inappropriate gntref. */
#define GNTST_bad_handle       (-4) /* Unrecognised or inappropriate handle. */
#define GNTST_bad_virt_addr    (-5) /* Inappropriate virtual address to map. */
#define GNTST_permission_denied (-8) /* Not enough privilege for operation.  */
#define GNTST_bad_page         (-9) /* Specified page was invalid for op.    */
#define GNTST_bad_copy_arg    (-10) /* copy arguments cross page boundary.   */
#define GNTST_no_space        (-13) /* Out of space (handles etc).           */
/* clang-format on */

/* One use of a granted page, from check to release. It holds a reference on
 * the frame. */
struct grant_use {
	domid_t granter;
	bool is_write;
	bool is_shown; /* may the granter see the use? */
	u32 ref;
	u32 mfn; /* 16 TiB of machine memory is enough */
};

#define MFN_LIMIT 0x100000000ull
struct grant_opened {
	int status;
	struct grant_use use;
};

/* What the contracts below say of the tables, grant_spec.h has; their files
 * also require and ensure its invariant. */
/*@ ghost extern u32 grant_state; */

/* Check the entry (read once) and begin the use; use.mfn is the page. The
 * monitor has permitted `user` this access to the granter. */
/*@ requires user: is_domain(user) && is_domain(u.granter);
    requires inv: policy_inv && maps_ok;
    requires access: may_use(user, u.granter, u.is_write);
    assigns grant_state, frame_state,
      domains[0 .. CASEMATE_MAX_DOMAINS - 1].frames;
    ensures own: \result.status == 0 ==>
      frame_owner(\result.use.mfn) == u.granter &&
      frame_refs(\result.use.mfn) > 0;
    ensures asked: \result.use.granter == u.granter &&
      \result.use.ref == u.ref && \result.use.is_write == u.is_write;
*/
struct grant_opened grant_use_open(struct grant_use u, domid_t user);
/*@ requires use: u.granter < CASEMATE_MAX_DOMAINS &&
      u.ref < CASEMATE_MAX_GRANTS;
    requires held: frame_refs(u.mfn) > 0;
    assigns grant_state, frame_state,
      domains[0 .. CASEMATE_MAX_DOMAINS - 1].frames;
*/
void grant_use_close(struct grant_use u);

/* The granter sees a use only where information may flow back to it: equal
 * levels, a permitted two-way use, or a write (which is such a flow). */
/*@ requires domains: is_domain(user) && is_domain(granter);
    requires inv: policy_inv;
    assigns \nothing;
    ensures write: is_write != 0 ==> \result != 0;
*/
bool grant_use_is_shown(domid_t user, domid_t granter, bool is_write);

/* Open the use and put its page into the mapper's empty slot. */
struct grant_mapped {
	int status;
	u32 handle;
};
/*@ requires mapper: is_domain(mapper) && is_domain(u.granter);
    requires gfn: gfn < P2M_MAX_GFN;
    requires inv: policy_inv && maps_ok && domains_ok;
    requires access: may_use(mapper, u.granter, u.is_write);
    assigns grant_state, p2m_state, frame_state,
      domains[0 .. CASEMATE_MAX_DOMAINS - 1].frames;
    ensures mapped: \result.status == 0 ==>
      \result.handle < CASEMATE_MAX_MAPTRACK &&
      frame_owner(p2m_mfn(mapper, gfn)) == u.granter &&
      frame_refs(p2m_mfn(mapper, gfn)) > 0 &&
      p2m_kind(mapper, gfn) ==
        (u.is_write != 0 ? P2M_GRANT_RW : P2M_GRANT_RO);
    ensures nothing: \result.status != 0 ==>
      p2m_kind(mapper, gfn) == \old(p2m_kind(mapper, gfn));
    ensures others: other_slots{Pre,Post}(mapper, gfn);
*/
struct grant_mapped grant_map_commit(domid_t mapper, struct grant_use u,
				     gfn_t gfn);

#define GRANT_UNMAP_BATCH 16u /* unmappings that share one flush */
/* What `handle` maps at guest-physical `at`: the mapper's slot is free again;
 * handle and page are not yet. At most a batch of them, then
 * grant_unmap_finish(). */
/*@ requires mapper: is_domain(mapper);
    assigns grant_state, p2m_state;
*/
int grant_unmap_begin(domid_t mapper, u32 handle, gpa_t at);
/* No processor of the mapper can reach the pages any more: let them go. */
/*@ requires mapper: is_domain(mapper);
    assigns grant_state, frame_state,
      domains[0 .. CASEMATE_MAX_DOMAINS - 1].frames,
      domains[mapper].vcpus[0 .. CASEMATE_MAX_VCPUS - 1].flush;
*/
void grant_unmap_finish(domid_t mapper);
/* A dying domain drops what it maps, from handle `from` on, at most `budget`;
 * where to go on. */
/*@ requires mapper: is_domain(mapper);
    assigns grant_state, p2m_state, frame_state,
      domains[0 .. CASEMATE_MAX_DOMAINS - 1].frames,
      domains[mapper].vcpus[0 .. CASEMATE_MAX_VCPUS - 1].flush;
*/
u32 grant_handles_drop(domid_t mapper, u32 from, u32 budget);

/* After a change of policy: undo the mappings it does not permit. The mapper
 * finds a zeroed page of its own instead, until it unmaps; how many. */
u32 grant_revoke(void);
/* Unmapping of such a mapping, as grant_unmap_begin(). */
int grant_revoked_unmap(domid_t mapper, u32 handle, gpa_t at);

struct gnttab_copy;
/* One entry of GNTTABOP_copy. */
/*@ requires v: caller_ok(v);
    requires row: row_ok(row) && \valid_read(op);
    requires inv: policy_inv && maps_ok && domains_ok;
    assigns frame_state, domains[0 .. CASEMATE_MAX_DOMAINS - 1].frames,
      domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
*/
int grant_copy_one(struct vcpu *v, const struct hypercall_row *row,
		   const struct gnttab_copy *op);
