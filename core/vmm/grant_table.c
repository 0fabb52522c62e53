/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mappings of granted pages, by handle of the mapper. A mapping holds its use,
 * and with it a reference on the frame, until no processor can reach the page
 * any more. Nothing is mapped that the monitor did not permit.
 *
 * WP-ALIAS: pol_live,pol_type_count,pol_level_count,pol_label_count
 * WP-ALIAS: pol_row_count,pol_sens_count,pol_cat_count,pol_names_bytes
 * WP-ALIAS: pol_type,pol_level,pol_label,pol_self,pol_pair,pol_rows
 * WP-ALIAS: pol_initial,pol_names,pol_dom
 * WP-ALIAS: refmon_class_perms,refmon_class_reads,refmon_class_writes
 * WP-ALIAS: refmon_class_self,audit_ring,audit_sequence,domains
 */
#include "vmm/grant_spec.h"

#include "vmm/p2m.h"

/* Unmapped and not flushed yet, all of one mapper. */
static u32 closing[GRANT_UNMAP_BATCH];
static u32 closing_count;

/*@ requires inv: grants_ok && few_held;
    assigns grant_handles[mapper], GRANT_MAPS, GRANT_USES, GRANT_HELD;
    ensures actives: actives_ok;
    ensures lives: lives_ok;
    ensures refs: all_refs_ok;
    ensures handles: handles_ok;
    ensures leaves: leaves_ok;
    ensures apart: apart_ok;
    ensures known: known_ok;
    ensures sizes: sizes_ok;
    ensures held_live: held_live_same{Pre,Post};
    ensures held_reads: held_reads_same{Pre,Post};
    ensures held_writes: held_writes_same{Pre,Post};
    ensures held_frames: held_frames_same{Pre,Post};
    ensures handle: \result.status == 0 ==>
      is_mapped(mapper, \result.handle) &&
      grant_maps[slot(mapper, \result.handle)].gfn == gfn &&
      grant_maps[slot(mapper, \result.handle)].use.granter == u.granter &&
      grant_maps[slot(mapper, \result.handle)].use.ref == u.ref &&
      grant_maps[slot(mapper, \result.handle)].use.is_write == u.is_write;
*/
struct grant_mapped grant_map_commit(domid_t mapper, struct grant_use u,
				     gfn_t gfn)
{
	u32 kind = u.is_write ? P2M_GRANT_RW : P2M_GRANT_RO;
	struct grant_mapped r = { GNTST_no_space, grant_handle_next(mapper) };
	struct grant_opened o;
	err_t err;

	if (r.handle == GRANT_NO_HANDLE) {
		return r;
	}
	o = grant_use_open(u, mapper);
	r.status = o.status;
	if (o.status != GNTST_okay) {
		return r;
	}
	//@ ghost before: ;
	err = grant_leaf_set(mapper, gfn, o.use.mfn, kind);
	//@ assert known: still_known{before,Here}(mapper, gfn);
	if (err != 0) {
		grant_use_close(o.use);
		r.status = err == E_NOMEM ? GNTST_no_space
					  : GNTST_general_error;
		return r;
	}
	grant_handle_take(mapper, r.handle, o.use, gfn);
	return r;
}

/*@ predicate closing_ok{L}(integer d) = closing_count <= GRANT_UNMAP_BATCH &&
      (\forall integer i; 0 <= i < closing_count ==>
        closing[i] < CASEMATE_MAX_MAPTRACK && is_used(slot(d, closing[i])) &&
        grant_maps[slot(d, closing[i])].gfn == GFN_NOWHERE) &&
      (\forall integer i, j; 0 <= i < j < closing_count ==>
        closing[i] != closing[j]);
*/

/*@ requires inv: grants_ok && domains_ok;
    requires closing: closing_ok(mapper) && closing_count < GRANT_UNMAP_BATCH;
    assigns GRANT_MAPS, closing_count,
      closing[0 .. GRANT_UNMAP_BATCH - 1];
    ensures actives: actives_ok;
    ensures lives: lives_ok;
    ensures refs: all_refs_ok;
    ensures handles: handles_ok;
    ensures leaves: leaves_ok;
    ensures apart: apart_ok;
    ensures known: known_ok;
    ensures sizes: sizes_ok;
    ensures closing: closing_ok(mapper);
    ensures count: closing_count ==
      \old(closing_count) + (\result == GNTST_okay ? 1 : 0);
    ensures gone: \result == GNTST_okay ==> !is_mapped(mapper, handle) &&
      is_handle(mapper, handle);
    ensures empty: \forall integer g; \result == GNTST_okay &&
      at == g * PAGE_SIZE ==> p2m_kind(mapper, g) == P2M_NONE;
    ensures nothing: \result != GNTST_okay ==> p2m_state == \old(p2m_state);
    ensures others: others_same{Pre,Post}(mapper, handle);
*/
int grant_unmap_begin(domid_t mapper, u32 handle, gpa_t at)
{
	struct grant_map m;

	if (handle >= grant_handles[mapper]) {
		return GNTST_bad_handle;
	}
	m = GRANT_MAP(GRANT_SLOT(mapper, handle));
	if (m.use.granter == DOMID_NOBODY || m.gfn == GFN_NOWHERE) {
		return GNTST_bad_handle;
	}
	if (at != (gpa_t)m.gfn * PAGE_SIZE) {
		return GNTST_bad_virt_addr;
	}
	p2m_clear(&domains[mapper], m.gfn);
	m.gfn = GFN_NOWHERE;
	grant_slot_write(GRANT_SLOT(mapper, handle), m);
	closing[closing_count] = handle;
	closing_count += 1;
	return GNTST_okay;
}

/*@ requires inv: grants_ok && domains_ok && few_held;
    requires closing: closing_ok(mapper);
    assigns closing_count, GRANT_MAPS, GRANT_USES, GRANT_HELD;
    ensures actives: actives_ok;
    ensures lives: lives_ok;
    ensures refs: all_refs_ok;
    ensures handles: handles_ok;
    ensures leaves: leaves_ok;
    ensures apart: apart_ok;
    ensures known: known_ok;
    ensures sizes: sizes_ok;
    ensures held_live: held_live_same{Pre,Post};
    ensures held_reads: held_reads_same{Pre,Post};
    ensures held_writes: held_writes_same{Pre,Post};
    ensures held_frames: held_frames_same{Pre,Post};
    ensures closed: closing_count == 0;
    ensures gone: \forall integer i; 0 <= i < \old(closing_count) ==>
      !is_used(slot(mapper, \old(closing[i])));
*/
void grant_unmap_finish(domid_t mapper)
{
	if (closing_count == 0) {
		return;
	}
	p2m_flush(&domains[mapper]);
	/*@ loop invariant counts: counts_exact;
	    loop invariant handles: handles_ok;
	    loop invariant leaves: leaves_ok;
	    loop invariant apart: apart_ok;
	    loop invariant known: known_ok;
	    loop invariant sizes: sizes_ok;
	    loop invariant held_live: held_live_same{Pre,Here};
	    loop invariant held_reads: held_reads_same{Pre,Here};
	    loop invariant held_writes: held_writes_same{Pre,Here};
	    loop invariant held_frames: held_frames_same{Pre,Here};
	    loop invariant closing: closing_ok(mapper);
	    loop invariant less: closing_count <= \at(closing_count, Pre);
	    loop invariant gone: \forall integer i;
	      closing_count <= i < \at(closing_count, Pre) ==>
	      !is_used(slot(mapper, \at(closing[i], Pre)));
	    loop assigns closing_count, grant_state, frame_state, GRANT_MAPS,
	      GRANT_USES, GRANT_HELD;
	    loop variant closing_count;
	*/
	while (closing_count > 0) {
		closing_count -= 1;
		grant_use_close(
			grant_handle_give(mapper, closing[closing_count]));
	}
}

u32 grant_handles_drop(domid_t mapper, u32 from, u32 budget)
{
	u32 h = from;

	for (; budget > 0 && h < grant_handles[mapper]; budget--) {
		gpa_t at = (gpa_t)GRANT_MAP(GRANT_SLOT(mapper, h)).gfn *
			   PAGE_SIZE;

		(void)grant_unmap_begin(mapper, h, at);
		grant_unmap_finish(mapper);
		h += 1;
	}
	return h;
}
