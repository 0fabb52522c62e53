/* SPDX-License-Identifier: Apache-2.0 */
/* Grant tables version 1 (Xen's public/grant_table.h): the only way one
 * domain's memory becomes visible to another. */
#pragma once

#include "vmm/p2m.h"

/* First frame; -ENOMEM. Every domain, before its first hypercall. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires empty: d->grant_frame_count == 0;
    assigns d->grant_frame_count, d->meta_frames, frame_state,
      d->grant_frames[0 .. CASEMATE_MAX_GRANT_FRAMES - 1];
    ensures first: \result == 0 ==> d->grant_frame_count == 1;
*/
err_t grant_domain_init(struct domain *d);
/* Builder: entry `ref` of d permits domain `to` access to gfn (v1 flags). */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires building: d->state == STATE_BUILDING;
    requires ref: ref < d->grant_frame_count * CASEMATE_GRANTS_PER_FRAME;
    assigns \nothing; // of the core: an entry of d's own table
*/
void grant_permit(struct domain *d, u32 ref, domid_t to, gfn_t gfn);
/* Grow d's table so that frame `index` exists (XENMEM_add_to_physmap).
 * -EINVAL beyond CASEMATE_MAX_GRANT_FRAMES, -ENOMEM. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires out: \valid(out);
    assigns *out, d->grant_frame_count, d->meta_frames, frame_state,
      d->grant_frames[0 .. CASEMATE_MAX_GRANT_FRAMES - 1];
    ensures count: \old(d->grant_frame_count) <= d->grant_frame_count <=
      CASEMATE_MAX_GRANT_FRAMES;
    ensures there: \result == 0 ==> index < d->grant_frame_count &&
      *out == d->grant_frames[index];
*/
err_t grant_frame(struct domain *d, u32 index, mfn_t *out);
/* A dying domain drops what it maps. At most `budget` handles a call from
 * *cursor on; true when none is left. What others map of d is theirs to drop:
 * d's slot stays in STATE_DYING until its grant_live[] is 0; its grant
 * frames may go before. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires dying: d->state == STATE_DYING;
    requires cursor: \valid(cursor);
    assigns *cursor, p2m_state, frame_state,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].flush;
    ensures bounded: *cursor <= \old(*cursor) + budget;
*/
bool grant_domain_teardown(struct domain *d, u64 *cursor, u32 budget);
/* How many uses of a domain's pages are alive, its own included. */
extern u32 grant_live[CASEMATE_MAX_DOMAINS];
