/* SPDX-License-Identifier: Apache-2.0 */
/* Building a guest from pages dom0 hands in, each step recorded in the launch
 * digest (abi/control.h). After launch_start() there is no way back in. */
#pragma once

#include "vmm/p2m.h"

/*@ requires access: \exists integer s; is_domain(s) &&
      may_label(s, label, CLASS_domain, PERM_domain_create);
    requires vcpus: 1 <= vcpus <= CASEMATE_MAX_VCPUS;
    requires out: \valid(out);
    requires inv: policy_inv && domains_ok;
    assigns *out, domains[0 .. CASEMATE_MAX_DOMAINS - 1], p2m_state, frame_state;
    ensures inv: domains_ok;
    ensures made: \result == 0 ==> is_domain(*out) &&
      domains[*out].state == STATE_BUILDING && domains[*out].label == label;
*/
err_t launch_create(u32 label, u32 vcpus, u64 max_frames, domid_t *out);
/* Up to a batch of frames; E_RESTART until the range is done. *done counts. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires building: d->state == STATE_BUILDING;
    requires access: someone_may(d->id, CLASS_memory, PERM_memory_populate);
    requires done: \valid(done);
    assigns *done, *d, p2m_state, frame_state;
    ensures door: d->state == STATE_BUILDING;
*/
err_t launch_populate(struct domain *d, gfn_t gfn, u64 count, u64 *done);
/* Copy one page of the caller's memory into the guest. */
/*@ requires caller: vcpu_ok(caller);
    requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires building: d->state == STATE_BUILDING;
    requires access: may(caller->domid, d->id, CLASS_launch, PERM_launch_load);
    requires inv: maps_ok;
    assigns d->digest[0 .. 47];
    ensures door: d->state == STATE_BUILDING;
*/
err_t launch_load(struct vcpu *caller, struct domain *d, u32 kind, gfn_t gfn,
		  gva_t from);
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires building: d->state == STATE_BUILDING;
    requires access: someone_may(d->id, CLASS_launch, PERM_launch_finalize);
    assigns *d;
    ensures closed: \result == 0 ==> d->state == STATE_RUNNING;
    ensures same: \result != 0 ==> d->state == STATE_BUILDING;
*/
err_t launch_start(struct domain *d, u32 entry, u32 start_info, bool is_paused);
