/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame ownership. Every machine frame is free, the core's, or owned by one
 * domain. A frame goes to another only when no reference is left, and
 * scrubbed.
 *
 *   FREE --alloc--> OWNED(d) --release--> (refs == 0) scrub --> FREE
 *                      |                  (refs > 0) ORPHAN --last put--> scrub
 *                      +-- get/put: grant mappings and pins hold references
 *
 * An orphan stays on its former owner's account: else a guest that maps its
 * own pages and gives them up would get beyond its quota. The owner's slot is
 * not reused before (grant_live[]; pins end with the domain).
 */
#pragma once

#include "lib/types.h"

enum frame_type {
	FRAME_ABSENT = 0, /* not RAM, or never ours */
	FRAME_FREE,
	FRAME_CORE,   /* the core's own */
	FRAME_OWNED,  /* guest memory of frame.owner, in its p2m */
	FRAME_ORPHAN, /* given up by its owner, still referenced, and charged */
	FRAME_META    /* core memory charged to owner: tables, VMCB, shared */
};
struct frame {
	domid_t owner;
	u8 type;     /* enum frame_type */
	u8 is_dirty; /* free since boot, not scrubbed yet */
	u32 refs;    /* grant mappings, pins; not the owner's own mapping */
};

#define DOMID_NOBODY 0xffffu

#ifdef __FRAMAC__
#include "vmm/domain.h"
#include "vmm/frame_spec.h"
#endif

/*@ predicate frames_kept{L1,L2} = \forall integer m;
      frame_owner{L2}(m) == frame_owner{L1}(m) &&
      frame_refs{L2}(m) == frame_refs{L1}(m);
*/

/* Free frames handed out zeroed. FRAME_OWNED is charged to the owner's
 * max_frames, FRAME_META to max_meta. -ENOMEM when out of frames or over. */
/*@ requires owner: owner < CASEMATE_MAX_DOMAINS;
    requires type: type == FRAME_OWNED || type == FRAME_META;
    requires out: \valid(out);
    requires apart: \separated(out, &domains[owner].frames,
      &domains[owner].meta_frames, &domains[owner].max_frames,
      &domains[owner].max_meta);
    assigns *out, frame_state, *(type == FRAME_OWNED
      ? &domains[owner].frames : &domains[owner].meta_frames);
    ensures result: \result == 0 || \result == E_NOMEM;
    ensures owned: \result == 0 && type == FRAME_OWNED ==>
      frame_owner(*out) == owner;
    ensures meta: \result == 0 && type == FRAME_META ==>
      frame_payer(*out) == owner;
    ensures fresh: \result == 0 ==> frame_type{Pre}(*out) == FRAME_FREE &&
      frame_owner{Pre}(*out) == DOMID_NOBODY && frame_refs(*out) == 0 &&
      frame_is_zero(*out);
    ensures typed: \result == 0 ==> is_frame(*out) && frame_type(*out) == type;
    ensures others: \result == 0 ==> frames_but{Pre,Post}(*out);
    ensures nothing: \result != 0 ==> frames_same{Pre,Post} &&
      *out == \old(*out);
    ensures charged: \result == 0 && type == FRAME_OWNED ==>
      domains[owner].frames == \old(domains[owner].frames) + 1 &&
      domains[owner].frames <= domains[owner].max_frames;
    ensures charged_meta: \result == 0 && type == FRAME_META ==>
      domains[owner].meta_frames == \old(domains[owner].meta_frames) + 1 &&
      domains[owner].meta_frames <= domains[owner].max_meta;
*/
err_t frame_alloc(domid_t owner, u8 type, mfn_t *out);
/* The owner gives it up: returns to FREE now or when its references end. */
/*@ assigns frame_state, domains[frame_state.of.owner[mfn]].frames,
      domains[frame_state.of.owner[mfn]].meta_frames;
    ensures gone: frame_owner(mfn) == DOMID_NOBODY;
    ensures others: \forall integer m; m != mfn ==>
      frame_owner(m) == \old(frame_owner(m));
    ensures but: frames_but{Pre,Post}(mfn);
    ensures free: \old(frame_refs(mfn)) == 0 &&
      (\old(frame_type(mfn)) == FRAME_META ||
       \old(frame_type(mfn)) == FRAME_OWNED) ==>
        frame_type(mfn) == FRAME_FREE && frame_is_zero(mfn);
    ensures orphan: \old(frame_refs(mfn)) != 0 &&
      \old(frame_type(mfn)) == FRAME_OWNED ==>
        frame_type(mfn) == FRAME_ORPHAN &&
        frame_refs(mfn) == \old(frame_refs(mfn));
*/
void frame_release(mfn_t mfn);
/* A reference by someone else than the owner (or the core's pin). Only for
 * FRAME_OWNED; -EINVAL otherwise, or when the count is exhausted. */
/*@ assigns frame_state;
    ensures result: \result == 0 || \result == E_INVAL;
    ensures one: \result == 0 ==> frame_refs(mfn) == \old(frame_refs(mfn)) + 1;
    ensures none: \result != 0 ==> frame_refs(mfn) == \old(frame_refs(mfn));
    ensures others: \forall integer m; m != mfn ==>
      frame_refs(m) == \old(frame_refs(m));
    ensures owned: \result == 0 ==> frame_owner(mfn) != DOMID_NOBODY;
    ensures owners: \forall integer m;
      frame_owner(m) == \old(frame_owner(m));
    ensures but: frames_but{Pre,Post}(mfn);
    ensures nothing: \result != 0 ==> frames_same{Pre,Post};
*/
err_t frame_get(mfn_t mfn);
/* Nothing where there is no frame or no reference. */
/*@ assigns frame_state, domains[0 .. CASEMATE_MAX_DOMAINS - 1].frames;
    ensures one: \old(frame_refs(mfn)) > 0 ==>
      frame_refs(mfn) == \old(frame_refs(mfn)) - 1;
    ensures none: \old(frame_refs(mfn)) == 0 ==> frames_same{Pre,Post};
    ensures owners: \forall integer m;
      frame_owner(m) == \old(frame_owner(m));
    ensures but: frames_but{Pre,Post}(mfn);
    ensures last: \old(frame_type(mfn)) == FRAME_ORPHAN &&
      \old(frame_refs(mfn)) == 1 ==>
        frame_type(mfn) == FRAME_FREE && frame_is_zero(mfn);
    ensures kept: \old(frame_refs(mfn)) > 1 ==>
      frame_type(mfn) == \old(frame_type(mfn)) && words_same{Pre,Post}(mfn);
*/
void frame_put(mfn_t mfn);
/*@ assigns \nothing;
    ensures exact: \result == 1 <==> d != DOMID_NOBODY && frame_owner(mfn) == d;
*/
bool frame_is_owned_by(mfn_t mfn, domid_t d); /* FRAME_OWNED by d */
/*@ assigns \result \from frame_state;
*/
u64 frame_free_count(void);
/*@ assigns \result \from frame_state;
*/
u64 frame_total_count(void);
