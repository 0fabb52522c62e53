/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tables of grants mean, for grant_use.c and grant_table.c alone: who
 * may read this may write them. Every count is exact, whatever fails:
 *
 *     readers, writers of an entry   its handles that the granter may see
 *     grant_live[] of a granter      its handles
 *     references of a frame          its handles, or more (pins)
 *
 * and to each of these come the uses that are in no handle: held_...[].
 */
#pragma once

#include "vmm/grant_table.h"

/* Uses of an entry that its granter can see: GTF_reading is set while there is
 * any, GTF_writing while there are writers. A use by a mapper of another level
 * that may only read is not counted here: the granter must not learn of it. */
struct grant_active { /* one per grant reference of the granter */
	u32 gfn;      /* as read from the entry when its first use began */
	u16 readers;  /* live mappings and copies under way */
	u16 writers;
};
struct grant_map {	      /* one per handle of the mapper */
	struct grant_use use; /* granter DOMID_NOBODY: free */
	u32 gfn;	      /* where the mapper has it; free: the next one */
};
#define GRANT_NO_HANDLE CASEMATE_MAX_MAPTRACK
#define GFN_NOWHERE 0xffffffffu /* unmapped, not flushed yet */

extern u32 grant_handles[CASEMATE_MAX_DOMAINS]; /* that exist, by mapper */
extern u32 grant_free[CASEMATE_MAX_DOMAINS];	/* see grant_handles.c */

/* Place of a handle: mapper * CASEMATE_MAX_MAPTRACK + handle. */
#define GRANT_SLOTS (CASEMATE_MAX_DOMAINS * CASEMATE_MAX_MAPTRACK)
#define GRANT_SLOT(d, h) ((u32)(d)*CASEMATE_MAX_MAPTRACK + (h))

#ifdef __FRAMAC__
/* For the prover the frames are arrays. */
extern struct grant_active grant_actives[CASEMATE_MAX_DOMAINS]
					[CASEMATE_MAX_GRANTS];
extern struct grant_map grant_maps[GRANT_SLOTS];
/* clang-format off */
/* What a step may write; the counts say what it writes of that. */
#define GRANT_MAPS                                                             \
	grant_maps[0 .. GRANT_SLOTS - 1],                                      \
		grant_free[0 .. CASEMATE_MAX_DOMAINS - 1]
#define GRANT_USES                                                             \
	grant_live[0 .. CASEMATE_MAX_DOMAINS - 1],                             \
		grant_actives[0 .. CASEMATE_MAX_DOMAINS - 1]                   \
			     [0 .. CASEMATE_MAX_GRANTS - 1]
#define GRANT_HELD                                                             \
	held_live[0 .. CASEMATE_MAX_DOMAINS - 1],                              \
		held_reads[0 .. CASEMATE_MAX_DOMAINS - 1]                      \
			  [0 .. CASEMATE_MAX_GRANTS - 1],                      \
		held_writes[0 .. CASEMATE_MAX_DOMAINS - 1]                     \
			   [0 .. CASEMATE_MAX_GRANTS - 1],                     \
		held_frames[0 .. 0xffffffff]
/* clang-format on */
#define GRANT_ACTIVE(granter, ref) grant_actives[granter][ref]
#define GRANT_MAP(slot) grant_maps[slot]
#else
#define GRANT_ACTIVE(granter, ref) (*grant_active(granter, ref))
#define GRANT_MAP(slot) (*grant_map(slot))
#endif
/* Where they are (grant_store.c): for a ref within the granter's grant frames,
 * for the slot of a handle below the mapper's handle_count. */
struct grant_active *grant_active(domid_t granter, u32 ref);
struct grant_map *grant_map(u32 slot);

/*@ ghost extern u64 held_live[CASEMATE_MAX_DOMAINS]; */
/*@ ghost extern u64 held_reads[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_GRANTS]; */
/*@ ghost extern u64 held_writes[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_GRANTS]; */
/*@ ghost extern u64 held_frames[0x100000000]; */

/*@ logic integer slot(integer d, integer h) = d * CASEMATE_MAX_MAPTRACK + h;
    predicate is_slot(integer i) = 0 <= i < GRANT_SLOTS;
    predicate is_handle(integer d, integer h) =
      is_domid(d) && 0 <= h < CASEMATE_MAX_MAPTRACK;
    predicate is_entry(integer g, integer r) =
      is_domid(g) && 0 <= r < CASEMATE_MAX_GRANTS;

    predicate is_used{L}(integer i) =
      grant_maps[i].use.granter != DOMID_NOBODY;

    // what handle i counts for: 0 or 1
    logic integer of{L}(integer i, integer g) =
      grant_maps[i].use.granter == g ? 1 : 0;
    logic integer reads{L}(integer i, integer g, integer r) =
      grant_maps[i].use.granter == g && grant_maps[i].use.ref == r &&
      grant_maps[i].use.is_shown != 0 && grant_maps[i].use.is_write == 0 ?
        1 : 0;
    logic integer writes{L}(integer i, integer g, integer r) =
      grant_maps[i].use.granter == g && grant_maps[i].use.ref == r &&
      grant_maps[i].use.is_shown != 0 && grant_maps[i].use.is_write != 0 ?
        1 : 0;
    logic integer holds{L}(integer i, integer m) =
      grant_maps[i].use.granter != DOMID_NOBODY &&
      grant_maps[i].use.mfn == m ? 1 : 0;
    // and the first n
    logic integer n_of{L}(integer g, integer n) =
      n <= 0 ? 0 : n_of(g, n - 1) + of(n - 1, g);
    logic integer n_reads{L}(integer g, integer r, integer n) =
      n <= 0 ? 0 : n_reads(g, r, n - 1) + reads(n - 1, g, r);
    logic integer n_writes{L}(integer g, integer r, integer n) =
      n <= 0 ? 0 : n_writes(g, r, n - 1) + writes(n - 1, g, r);
    logic integer n_holds{L}(integer m, integer n) =
      n <= 0 ? 0 : n_holds(m, n - 1) + holds(n - 1, m);

    // the granter's table has the entry
    predicate has_entry{L}(integer g, integer r) =
      domains[g].state != STATE_DYING ==>
      r < domains[g].grant_frame_count * CASEMATE_GRANTS_PER_FRAME;

    // a use begins, or ends: what it adds to what is held
    predicate held_live_is{L1,L2}(struct grant_use u, integer n) =
      \forall integer g; is_domid(g) ==> \at(held_live[g], L2) ==
        \at(held_live[g], L1) + (g == u.granter ? n : 0);
    predicate held_reads_is{L1,L2}(struct grant_use u, integer n) =
      \forall integer g, r; is_entry(g, r) ==> \at(held_reads[g][r], L2) ==
        \at(held_reads[g][r], L1) + (g == u.granter && r == u.ref &&
          u.is_write == 0 && u.is_shown != 0 &&
          \at(domains[g].state, L1) != STATE_DYING ? n : 0);
    predicate held_writes_is{L1,L2}(struct grant_use u, integer n) =
      \forall integer g, r; is_entry(g, r) ==> \at(held_writes[g][r], L2) ==
        \at(held_writes[g][r], L1) + (g == u.granter && r == u.ref &&
          u.is_write != 0 && u.is_shown != 0 &&
          \at(domains[g].state, L1) != STATE_DYING ? n : 0);
    predicate held_frames_is{L1,L2}(struct grant_use u, integer n) =
      \forall integer m; is_frame(m) ==> \at(held_frames[m], L2) ==
        \at(held_frames[m], L1) + (m == u.mfn ? n : 0);
    predicate held_is{L1,L2}(struct grant_use u, integer n) =
      held_live_is{L1,L2}(u, n) && held_reads_is{L1,L2}(u, n) &&
      held_writes_is{L1,L2}(u, n) && held_frames_is{L1,L2}(u, n);
    predicate is_held{L}(struct grant_use u) =
      is_entry(u.granter, u.ref) && has_entry(u.granter, u.ref) &&
      held_live[u.granter] > 0 &&
      held_frames[u.mfn] > 0 && (u.is_shown != 0 &&
        domains[u.granter].state != STATE_DYING ==>
        (u.is_write != 0 ? held_writes[u.granter][u.ref]
          : held_reads[u.granter][u.ref]) > 0);
    predicate held_live_same{L1,L2} = \forall integer g; is_domid(g) ==>
      \at(held_live[g], L1) == \at(held_live[g], L2);
    predicate held_reads_same{L1,L2} = \forall integer g, r; is_entry(g, r) ==>
      \at(held_reads[g][r], L1) == \at(held_reads[g][r], L2);
    predicate held_writes_same{L1,L2} = \forall integer g, r;
      is_entry(g, r) ==>
      \at(held_writes[g][r], L1) == \at(held_writes[g][r], L2);
    predicate held_frames_same{L1,L2} = \forall integer m; is_frame(m) ==>
      \at(held_frames[m], L1) == \at(held_frames[m], L2);
    // a hypercall holds a handful at a time
    predicate few_held{L} =
      (\forall integer g; is_domid(g) ==> held_live[g] < 0x10000) &&
      (\forall integer g, r; is_entry(g, r) ==> held_reads[g][r] < 0x10000) &&
      (\forall integer g, r; is_entry(g, r) ==> held_writes[g][r] < 0x10000) &&
      (\forall integer m; is_frame(m) ==> held_frames[m] < 0x10000);

    // Exact counts. Of a dying granter nobody can open a use any more; its
    // entries are not kept.
    predicate active_ok{L}(integer g, integer r) =
      domains[g].state != STATE_DYING ==>
      grant_actives[g][r].readers == n_reads(g, r, GRANT_SLOTS) +
        held_reads[g][r] &&
      grant_actives[g][r].writers == n_writes(g, r, GRANT_SLOTS) +
        held_writes[g][r];
    predicate live_ok{L}(integer g) =
      grant_live[g] == n_of(g, GRANT_SLOTS) + held_live[g];
    predicate refs_ok{L}(integer m) =
      frame_refs(m) >= n_holds(m, GRANT_SLOTS) + held_frames[m];

    predicate actives_ok{L} = \forall integer g, r; is_entry(g, r) ==>
      active_ok(g, r);
    predicate lives_ok{L} = \forall integer g; is_domid(g) ==> live_ok(g);
    predicate all_refs_ok{L} = \forall integer m; is_frame(m) ==> refs_ok(m);

    // A handle: its use was permitted; its leaf is where it says, of that
    // frame and with those rights.
    predicate map_ok{L}(integer d, integer h) = is_used(slot(d, h)) ==>
      h < grant_handles[d] &&
      is_entry(grant_maps[slot(d, h)].use.granter,
        grant_maps[slot(d, h)].use.ref) &&
      has_entry(grant_maps[slot(d, h)].use.granter,
        grant_maps[slot(d, h)].use.ref) &&
      may_use(d, grant_maps[slot(d, h)].use.granter,
        grant_maps[slot(d, h)].use.is_write);
    predicate is_mapped{L}(integer d, integer h) = is_used(slot(d, h)) &&
      grant_maps[slot(d, h)].gfn != GFN_NOWHERE;
    predicate map_leaf_ok{L}(integer d, integer h) = is_mapped(d, h) ==>
      p2m_mfn(d, grant_maps[slot(d, h)].gfn) ==
        grant_maps[slot(d, h)].use.mfn &&
      p2m_kind(d, grant_maps[slot(d, h)].gfn) ==
        (grant_maps[slot(d, h)].use.is_write != 0 ?
          P2M_GRANT_RW : P2M_GRANT_RO);
    predicate apart{L}(integer d, integer h, integer k) =
      is_mapped(d, h) && is_mapped(d, k) && h != k ==>
      grant_maps[slot(d, h)].gfn != grant_maps[slot(d, k)].gfn;
    // and each foreign leaf has a handle
    predicate is_known{L}(integer d, integer gfn) =
      p2m_kind(d, gfn) >= P2M_GRANT_RW ==> \exists integer h;
      is_handle(d, h) && is_mapped(d, h) && grant_maps[slot(d, h)].gfn == gfn;

    predicate handles_ok{L} = \forall integer d, h; is_handle(d, h) ==>
      map_ok(d, h);
    predicate leaves_ok{L} = \forall integer d, h; is_handle(d, h) ==>
      map_leaf_ok(d, h);
    predicate apart_ok{L} = \forall integer d, h, k;
      is_handle(d, h) && is_handle(d, k) ==> apart(d, h, k);
    predicate known_ok{L} = \forall integer d, gfn; is_domid(d) ==>
      is_known(d, gfn);
    predicate sizes_ok{L} = \forall integer d; is_domid(d) ==>
      grant_handles[d] <= CASEMATE_MAX_MAPTRACK &&
      domains[d].grant_frame_count <= CASEMATE_MAX_GRANT_FRAMES;

    predicate counts_exact{L} = actives_ok && lives_ok && all_refs_ok;
    predicate maps_known{L} = handles_ok && leaves_ok && apart_ok && known_ok;
    // what a step leaves of the handles but d's h, all for h out of range
    predicate others_same{L1,L2}(integer d, integer h) =
      \forall integer e, k; is_handle(e, k) && (e != d || k != h) ==>
        \at(grant_maps[slot(e, k)], L1) == \at(grant_maps[slot(e, k)], L2);
    predicate still_mapped{L1,L2} =
      \forall integer e, k; is_handle(e, k) && is_mapped{L1}(e, k) ==>
        is_mapped{L2}(e, k) && \at(grant_maps[slot(e, k)].gfn, L1) ==
        \at(grant_maps[slot(e, k)].gfn, L2);
    predicate still_known{L1,L2}(integer d, integer gfn) =
      \forall integer e, g; is_domid(e) && (e != d || g != gfn) &&
        is_known{L1}(e, g) ==> is_known{L2}(e, g);
    // The invariant of both files.
    predicate grants_ok{L} = counts_exact && maps_known && sizes_ok;
*/

/*@ ghost
  /@ requires is_entry(g, r) && is_frame(m);
     assigns \nothing;
     ensures of: 0 <= n_of(g, GRANT_SLOTS) <= GRANT_SLOTS;
     ensures reads: 0 <= n_reads(g, r, GRANT_SLOTS);
     ensures writes: 0 <= n_writes(g, r, GRANT_SLOTS);
     ensures holds: 0 <= n_holds(m, GRANT_SLOTS);
  @/
  void lemma_range(u32 g, u32 r, u32 m)
  {
    /@ loop invariant 0 <= i <= GRANT_SLOTS;
       loop invariant 0 <= n_of(g, i) <= i;
       loop invariant 0 <= n_reads(g, r, i);
       loop invariant 0 <= n_writes(g, r, i);
       loop invariant 0 <= n_holds(m, i);
       loop assigns i; loop variant GRANT_SLOTS - i; @/
    for (u32 i = 0; i < GRANT_SLOTS; i++) { }
  }
*/

/*@ requires inv: grants_ok && domains_ok;
    requires room: few_held;
    assigns grant_actives[u.granter][0 .. CASEMATE_MAX_GRANTS - 1],
      held_reads[u.granter][0 .. CASEMATE_MAX_GRANTS - 1],
      held_writes[u.granter][0 .. CASEMATE_MAX_GRANTS - 1],
      grant_live[u.granter], held_live[u.granter],
      held_frames[0 .. 0xffffffff];
    ensures actives: actives_ok;
    ensures lives: lives_ok;
    ensures refs: all_refs_ok;
    ensures maps: maps_known && sizes_ok;
    ensures nothing: \result.status != 0 ==>
      held_is{Pre,Post}(\result.use, 0);
    ensures one: \result.status == 0 ==> held_is{Pre,Post}(\result.use, 1);
    ensures open: \result.status == 0 ==> is_held(\result.use) &&
      domains[u.granter].state != STATE_DYING;
*/
struct grant_opened grant_use_open(struct grant_use u, domid_t user);
/*@ requires counts: counts_exact;
    requires maps: handles_ok && leaves_ok && apart_ok && sizes_ok;
    requires known: known_ok;
    requires open: is_held(u);
    assigns grant_actives[u.granter][0 .. CASEMATE_MAX_GRANTS - 1],
      held_reads[u.granter][0 .. CASEMATE_MAX_GRANTS - 1],
      held_writes[u.granter][0 .. CASEMATE_MAX_GRANTS - 1],
      grant_live[u.granter], held_live[u.granter],
      held_frames[u.mfn];
    ensures actives: actives_ok;
    ensures lives: lives_ok;
    ensures refs: all_refs_ok;
    ensures maps: maps_known && sizes_ok;
    ensures one: held_is{Pre,Post}(u, -1);
*/
void grant_use_close(struct grant_use u);

/* Room for more handles, on d's account; all of them free. */
/*@ requires d: is_domid(d);
    assigns GRANT_MAPS, grant_handles[d], frame_state;
    ensures more: \old(grant_handles[d]) <= grant_handles[d] <=
      CASEMATE_MAX_MAPTRACK;
    ensures same: \forall integer i; is_slot(i) && is_used{Pre}(i) ==>
      grant_maps[i] == \old(grant_maps[i]);
    ensures free: \forall integer i; is_slot(i) && !is_used{Pre}(i) ==>
      !is_used(i);
    ensures frames: frames_kept{Pre,Post};
*/
err_t grant_map_grow(domid_t d);

/* p2m_set(); what that counts on d's account is not seen here. */
/*@ requires d: is_domain(d);
    requires kind: P2M_GRANT_RW <= kind <= P2M_GRANT_RO;
    requires held: frame_refs(mfn) > 0;
    requires access: may_use(d, frame_owner(mfn),
      (kind == P2M_GRANT_RW ? 1 : 0));
    assigns p2m_state, frame_state;
    ensures set: \result == 0 ==> \old(p2m_kind(d, gfn)) == P2M_NONE &&
      p2m_kind(d, gfn) == kind && p2m_mfn(d, gfn) == mfn;
    ensures nothing: \result != 0 ==>
      p2m_kind(d, gfn) == \old(p2m_kind(d, gfn)) &&
      p2m_mfn(d, gfn) == \old(p2m_mfn(d, gfn));
    ensures others: other_slots{Pre,Post}(d, gfn);
    ensures frames: frames_kept{Pre,Post};
*/
err_t grant_leaf_set(domid_t d, gfn_t gfn, u32 mfn, u32 kind);

/* ---- grant_handles.c ----------------------------------------------- */

/*@ requires slot: is_slot(at);
    assigns grant_maps[at];
    ensures set: grant_maps[at] == m;
    ensures of: \forall integer g; n_of(g, GRANT_SLOTS) ==
      \old(n_of(g, GRANT_SLOTS)) - \old(of(at, g)) + of(at, g);
    ensures reads: \forall integer g, r; n_reads(g, r, GRANT_SLOTS) ==
      \old(n_reads(g, r, GRANT_SLOTS)) - \old(reads(at, g, r)) +
        reads(at, g, r);
    ensures writes: \forall integer g, r; n_writes(g, r, GRANT_SLOTS) ==
      \old(n_writes(g, r, GRANT_SLOTS)) - \old(writes(at, g, r)) +
        writes(at, g, r);
    ensures holds: \forall integer m; n_holds(m, GRANT_SLOTS) ==
      \old(n_holds(m, GRANT_SLOTS)) - \old(holds(at, m)) + holds(at, m);
*/
void grant_slot_write(u32 at, struct grant_map m);

/* The next handle to give out, GRANT_NO_HANDLE where there is none. */
/*@ requires d: is_domain(d);
    requires inv: grants_ok;
    assigns GRANT_MAPS, grant_handles[d], frame_state;
    ensures inv: grants_ok;
    ensures range: \result <= GRANT_NO_HANDLE;
    ensures free: \result < GRANT_NO_HANDLE ==>
      \result < grant_handles[d] && !is_used(slot(d, \result));
    ensures frames: frames_kept{Pre,Post};
*/
u32 grant_handle_next(domid_t d);

/*@ requires handle: is_handle(d, h) && h < grant_handles[d] &&
      !is_used(slot(d, h));
    requires counts: counts_exact;
    requires maps: handles_ok && leaves_ok && apart_ok && sizes_ok;
    requires known: \forall integer e, g; is_domid(e) &&
      (e != d || g != gfn) ==> is_known(e, g);
    requires use: is_held(u) && may_use(d, u.granter, u.is_write) &&
      domains[u.granter].state != STATE_DYING;
    requires leaf: gfn < P2M_MAX_GFN && p2m_mfn(d, gfn) == u.mfn &&
      p2m_kind(d, gfn) == (u.is_write != 0 ? P2M_GRANT_RW : P2M_GRANT_RO);
    requires fresh: \forall integer k; is_handle(d, k) && is_mapped(d, k) ==>
      grant_maps[slot(d, k)].gfn != gfn;
    assigns GRANT_MAPS, held_live[u.granter],
      held_reads[u.granter][u.ref], held_writes[u.granter][u.ref],
      held_frames[u.mfn];
    ensures actives: actives_ok;
    ensures lives: lives_ok;
    ensures refs: all_refs_ok;
    ensures handles: handles_ok;
    ensures leaves: leaves_ok;
    ensures apart: apart_ok;
    ensures known: known_ok;
    ensures held: held_is{Pre,Post}(u, -1);
    ensures taken: is_mapped(d, h) && grant_maps[slot(d, h)].use == u &&
      grant_maps[slot(d, h)].gfn == gfn;
    ensures others: others_same{Pre,Post}(d, h);
*/
void grant_handle_take(domid_t d, u32 h, struct grant_use u, gfn_t gfn);

/* The use is the caller's now. */
/*@ requires handle: is_handle(d, h) && is_used(slot(d, h)) &&
      grant_maps[slot(d, h)].gfn == GFN_NOWHERE;
    requires inv: grants_ok && few_held;
    assigns GRANT_MAPS, held_live[grant_maps[slot(d, h)].use.granter],
      held_reads[grant_maps[slot(d, h)].use.granter]
        [grant_maps[slot(d, h)].use.ref],
      held_writes[grant_maps[slot(d, h)].use.granter]
        [grant_maps[slot(d, h)].use.ref],
      held_frames[grant_maps[slot(d, h)].use.mfn];
    ensures actives: actives_ok;
    ensures lives: lives_ok;
    ensures refs: all_refs_ok;
    ensures handles: handles_ok;
    ensures leaves: leaves_ok;
    ensures apart: apart_ok;
    ensures known: known_ok;
    ensures sizes: sizes_ok;
    ensures use: \result == \old(grant_maps[slot(d, h)].use);
    ensures held: held_is{Pre,Post}(\result, 1);
    ensures open: is_held(\result);
    ensures free: !is_used(slot(d, h));
    ensures others: others_same{Pre,Post}(d, h);
*/
struct grant_use grant_handle_give(domid_t d, u32 h);
