/* SPDX-License-Identifier: Apache-2.0 */
/* How domains end: shutdown by the guest, teardown by dom0. */
#pragma once

#include "vmm/p2m.h"

/* The guest stopped (SHUTDOWN_* of xen/sched.h); for domain 0: the machine. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    assigns d->state, d->shutdown_reason,
      domains[0].vcpus[0 .. CASEMATE_MAX_VCPUS - 1],
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1];
    ensures stopped: d->state != STATE_RUNNING;
*/
void domain_shutdown(struct domain *d, u32 reason);
/* Tear down step by step: E_RESTART until done, then 0. Frames still mapped
 * by others keep the slot in state DYING until they are let go. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires guest: d->id != 0;
    requires access: someone_may(d->id, CLASS_domain, PERM_domain_destroy) ||
      (d->state != STATE_RUNNING && \exists integer s; is_domain(s) &&
        may_label(s, d->label, CLASS_domain, PERM_domain_create));
    assigns domains[0 .. CASEMATE_MAX_DOMAINS - 1], p2m_state, frame_state;
    ensures end: d->state == STATE_DYING || d->state == STATE_FREE;
    ensures result: \result == 0 || \result == E_RESTART;
*/
err_t domain_destroy(struct domain *d);
/* Free slots whose last foreign mapping went away. */
/*@ assigns domains[0 .. CASEMATE_MAX_DOMAINS - 1];
    ensures only: \forall integer i; 0 <= i < CASEMATE_MAX_DOMAINS &&
      \old(domains[i].state) != STATE_DYING ==>
      domains[i].state == \old(domains[i].state);
*/
void domain_reap(void);
