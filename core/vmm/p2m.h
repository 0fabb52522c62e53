/* SPDX-License-Identifier: Apache-2.0 */
/* The guest-physical map of each domain, in nested page tables (4 KiB leaves).
 * The tag of a leaf says what it is; the hardware ignores it. */
#pragma once

#include "vmm/domain.h"
#include "vmm/frame.h"
#include "vmm/p2m_table.h"
#include "vmm/permit.h"

/*@ ghost extern u32 p2m_state; */
/*@ axiomatic maps {
      logic integer p2m_kind{L}(integer d, integer gfn) reads p2m_state;
      logic integer p2m_mfn{L}(integer d, integer gfn) reads p2m_state;
    }

    // What d reaches without a grant is its own.
    predicate maps_ok{L} = \forall integer d, gfn;
      p2m_kind(d, gfn) == P2M_RAM ==> frame_owner(p2m_mfn(d, gfn)) == d;
    predicate other_slots{L1,L2}(integer d, integer gfn) =
      \forall integer e, g; (e != d || g != gfn) ==>
      p2m_kind{L1}(e, g) == p2m_kind{L2}(e, g) &&
      p2m_mfn{L1}(e, g) == p2m_mfn{L2}(e, g);
*/
/* An empty map. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    assigns p2m_state, frame_state, d->npt_root, d->meta_frames;
    ensures result: \result == 0 || \result == E_NOMEM;
*/
err_t p2m_make(struct domain *d);
/*@ requires d: \valid_read(d) && is_domain(d->id) && d == &domains[d->id];
    assigns \result \from d->id, gfn, p2m_state;
    ensures exact: \result == p2m_kind(d->id, gfn);
*/
u32 p2m_kind_at(const struct domain *d, gfn_t gfn); /* enum p2m_kind */
/* The frame behind gfn if it is RAM of d's own; MFN_NONE otherwise. */
/*@ requires d: \valid_read(d) && is_domain(d->id) && d == &domains[d->id];
    assigns \result \from d->id, gfn, p2m_state, frame_state;
    ensures own: \result != MFN_NONE ==> frame_owner(\result) == d->id &&
      p2m_kind(d->id, gfn) == P2M_RAM && p2m_mfn(d->id, gfn) == \result;
*/
mfn_t p2m_ram(const struct domain *d, gfn_t gfn);
/* Only into an empty slot: -EEXIST otherwise; -EINVAL gfn out of range,
 * -ENOMEM no table frame. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires kind: P2M_RAM <= kind <= P2M_GRANT_RO;
    requires own: kind == P2M_RAM ==> frame_owner(mfn) == d->id;
    requires held: kind >= P2M_GRANT_RW ==> frame_refs(mfn) > 0;
    requires access: kind >= P2M_GRANT_RW ==>
      may_use(d->id, frame_owner(mfn), (kind == P2M_GRANT_RW ? 1 : 0));
    assigns p2m_state, frame_state, d->meta_frames, d->table_frames;
    ensures set: \result == 0 ==> \old(p2m_kind(d->id, gfn)) == P2M_NONE &&
      p2m_kind(d->id, gfn) == kind && p2m_mfn(d->id, gfn) == mfn;
    ensures frames: frames_kept{Pre,Post};
    ensures nothing: \result != 0 ==>
      p2m_kind(d->id, gfn) == \old(p2m_kind(d->id, gfn));
    ensures others: other_slots{Pre,Post}(d->id, gfn);
*/
err_t p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, u32 kind);
/* A fresh frame of d's own there; -EEXIST, -EINVAL, -ENOMEM. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    assigns p2m_state, frame_state, d->frames, d->meta_frames,
      d->table_frames;
    ensures set: \result == 0 ==> p2m_kind(d->id, gfn) == P2M_RAM &&
      frame_owner(p2m_mfn(d->id, gfn)) == d->id;
    ensures others: other_slots{Pre,Post}(d->id, gfn);
*/
err_t p2m_add_ram(struct domain *d, gfn_t gfn);
/* Empty a slot. The caller flushes (p2m_flush) before the frame is reused. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    assigns p2m_state;
    ensures empty: p2m_kind(d->id, gfn) == P2M_NONE;
    ensures others: other_slots{Pre,Post}(d->id, gfn);
*/
void p2m_clear(struct domain *d, gfn_t gfn);
/* No vCPU of d is in guest mode when this returns, and each flushes before it
 * enters again: sets `flush`, kicks, waits for `in_guest` to be false. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    assigns d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].flush;
*/
void p2m_flush(struct domain *d);
/* v uses no stale translation from now on (sched.c). */
/*@ requires v: vcpu_ok(v);
    assigns v->flush;
*/
void p2m_flush_vcpu(struct vcpu *v);
/* Take down the map of a dying domain with the RAM in it, at most one table a
 * call: the leftmost that has none below it; of a leaf table with more RAM than
 * may be scrubbed at one go, a part. True when nothing is left. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires dying: d->state == STATE_DYING;
    assigns p2m_state, frame_state, d->npt_root, d->frames, d->meta_frames,
      d->table_frames;
    ensures done: \result == 1 ==> d->npt_root == MFN_NONE;
*/
bool p2m_teardown(struct domain *d);
