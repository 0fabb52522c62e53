/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handles of mappers, and that the counts of grant_spec.h stay exact when
 * one is taken or given back. A handle is taken only for a use that the monitor
 * permitted, with its leaf in place.
 *
 * WP-ALIAS: pol_live,pol_type_count,pol_level_count,pol_label_count
 * WP-ALIAS: pol_row_count,pol_sens_count,pol_cat_count,pol_names_bytes
 * WP-ALIAS: pol_type,pol_level,pol_label,pol_self,pol_pair,pol_rows
 * WP-ALIAS: pol_initial,pol_names,pol_dom
 * WP-ALIAS: refmon_class_perms,refmon_class_reads,refmon_class_writes
 * WP-ALIAS: refmon_class_self,audit_ring,audit_sequence,domains
 */
#include "vmm/grant_spec.h"

/* Free handles of a domain are a list through their `gfn`, ended by any number
 * that is no handle. It says where to look; the handle itself, that it is
 * free. */
u32 grant_free[CASEMATE_MAX_DOMAINS];

void grant_slot_write(u32 at, struct grant_map m)
{
	GRANT_MAP(at) = m;
	/*@ ghost
	  /@ loop invariant 0 <= i <= GRANT_SLOTS;
	     loop invariant of: \forall integer g; n_of(g, i) ==
	       n_of{Pre}(g, i) + (i <= at ? 0 : of(at, g) - of{Pre}(at, g));
	     loop assigns i; loop variant GRANT_SLOTS - i; @/
	  for (u32 i = 0; i < GRANT_SLOTS; i++) { }
	*/
	/*@ ghost
	  /@ loop invariant 0 <= i <= GRANT_SLOTS;
	     loop invariant reads: \forall integer g, r; n_reads(g, r, i) ==
	       n_reads{Pre}(g, r, i) +
	       (i <= at ? 0 : reads(at, g, r) - reads{Pre}(at, g, r));
	     loop assigns i; loop variant GRANT_SLOTS - i; @/
	  for (u32 i = 0; i < GRANT_SLOTS; i++) { }
	*/
	/*@ ghost
	  /@ loop invariant 0 <= i <= GRANT_SLOTS;
	     loop invariant writes: \forall integer g, r; n_writes(g, r, i) ==
	       n_writes{Pre}(g, r, i) +
	       (i <= at ? 0 : writes(at, g, r) - writes{Pre}(at, g, r));
	     loop assigns i; loop variant GRANT_SLOTS - i; @/
	  for (u32 i = 0; i < GRANT_SLOTS; i++) { }
	*/
	/*@ ghost
	  /@ loop invariant 0 <= i <= GRANT_SLOTS;
	     loop invariant holds: \forall integer m; n_holds(m, i) ==
	       n_holds{Pre}(m, i) +
	       (i <= at ? 0 : holds(at, m) - holds{Pre}(at, m));
	     loop assigns i; loop variant GRANT_SLOTS - i; @/
	  for (u32 i = 0; i < GRANT_SLOTS; i++) { }
	*/
}

/*@ requires d: is_domain(d);
    requires inv: grants_ok;
    assigns GRANT_MAPS, grant_handles[d], frame_state;
    ensures actives: actives_ok;
    ensures lives: lives_ok;
    ensures refs: all_refs_ok;
    ensures handles: handles_ok;
    ensures leaves: leaves_ok;
    ensures apart: apart_ok;
    ensures known: known_ok;
    ensures sizes: sizes_ok;
    ensures frames: frames_kept{Pre,Post};
    ensures same: \forall integer i; is_slot(i) && is_used{Pre}(i) ==>
      grant_maps[i] == \old(grant_maps[i]);
*/
static err_t handles_grow(domid_t d)
{
	u32 first = grant_handles[d];
	err_t err = grant_map_grow(d);

	/*@ ghost
	  /@ loop invariant 0 <= i <= GRANT_SLOTS;
	     loop invariant of: \forall integer g; is_domid(g) ==>
	       n_of(g, i) == n_of{Pre}(g, i);
	     loop invariant reads: \forall integer g, r; is_entry(g, r) ==>
	       n_reads(g, r, i) == n_reads{Pre}(g, r, i);
	     loop invariant writes: \forall integer g, r; is_entry(g, r) ==>
	       n_writes(g, r, i) == n_writes{Pre}(g, r, i);
	     loop invariant holds: \forall integer m;
	       n_holds(m, i) == n_holds{Pre}(m, i);
	     loop assigns i; loop variant GRANT_SLOTS - i; @/
	  for (u32 i = 0; i < GRANT_SLOTS; i++) { }
	*/
	//@ assert still: still_mapped{Pre,Here};
	//@ assert back: still_mapped{Here,Pre};
	//@ assert known: still_known{Pre,Here}(0, -1);
	if (err == 0) {
		grant_free[d] = first;
	}
	return err;
}

u32 grant_handle_next(domid_t d)
{
	u32 h = grant_free[d];

	if (h >= grant_handles[d]) {
		if (handles_grow(d) != 0) {
			return GRANT_NO_HANDLE;
		}
		h = grant_free[d];
	}
	return h < grant_handles[d] &&
			       GRANT_MAP(GRANT_SLOT(d, h)).use.granter ==
				       DOMID_NOBODY
		       ? h
		       : GRANT_NO_HANDLE;
}

void grant_handle_take(domid_t d, u32 h, struct grant_use u, gfn_t gfn)
{
	struct grant_map m = { u, (u32)gfn };

	grant_free[d] = GRANT_MAP(GRANT_SLOT(d, h)).gfn;
	grant_slot_write(GRANT_SLOT(d, h), m);
	//@ ghost held_live[u.granter] = held_live[u.granter] - 1;
	//@ ghost held_frames[u.mfn] = held_frames[u.mfn] - 1;
	/*@ ghost
	  if (u.is_shown && u.is_write) {
	    held_writes[u.granter][u.ref] = held_writes[u.granter][u.ref] - 1;
	  } else if (u.is_shown) {
	    held_reads[u.granter][u.ref] = held_reads[u.granter][u.ref] - 1;
	  }
	*/
	//@ assert here: is_mapped(d, h);
	//@ assert others: others_same{Pre,Here}(d, h);
	//@ assert still: still_mapped{Pre,Here};
	//@ assert known: still_known{Pre,Here}(d, gfn);
	//@ assert new: is_known(d, gfn);
	/*@ assert one: \forall integer k; is_handle(d, k) && k != h ==>
	      apart(d, h, k) && apart(d, k, h); */
	/*@ assert two: \forall integer e, j, k; is_handle(e, j) &&
	      is_handle(e, k) && (e != d || (j != h && k != h)) ==>
	      apart(e, j, k); */
}

struct grant_use grant_handle_give(domid_t d, u32 h)
{
	struct grant_use u = GRANT_MAP(GRANT_SLOT(d, h)).use;
	struct grant_map m = { { DOMID_NOBODY, false, false, 0, 0 },
			       grant_free[d] };

	//@ assert used: map_ok(d, h);
	//@ ghost lemma_range(u.granter, u.ref, u.mfn);
	grant_slot_write(GRANT_SLOT(d, h), m);
	grant_free[d] = h;
	//@ ghost held_live[u.granter] = held_live[u.granter] + 1;
	//@ ghost held_frames[u.mfn] = held_frames[u.mfn] + 1;
	/*@ ghost
	  if (u.is_shown && domains[u.granter].state != STATE_DYING) {
	    if (u.is_write) {
	      held_writes[u.granter][u.ref] =
	        held_writes[u.granter][u.ref] + 1;
	    } else {
	      held_reads[u.granter][u.ref] = held_reads[u.granter][u.ref] + 1;
	    }
	  }
	*/
	//@ assert others: others_same{Pre,Here}(d, h);
	//@ assert still: still_mapped{Pre,Here};
	//@ assert known: still_known{Pre,Here}(0, -1);
	return u;
}
