/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of guest-visible shared memory: shared_info and vcpu_info (Xen's
 * public/xen.h, 2-level event ABI), grant entries, granted pages. The guest
 * may change every bit at any time, so each access is one atomic operation
 * and no content is trusted. No decision is made here.
 */
#pragma once

#include "vmm/domain.h"
#include "vmm/event_ports.h"
#include "vmm/frame.h"

/* All take a port < CASEMATE_MAX_PORTS. A domain whose shared_info does not
 * exist (d->shared == MFN_NONE) has nothing pending or masked, and what is set
 * is dropped, as if it had been set before. */
/*@ requires d: \valid_read(d) && is_port(port);
    requires access: may_raise(d->id, port);
    assigns \nothing; // of the core
*/
bool shared_test_and_set_pending(struct domain *d, u32 port);
/*@ requires d: \valid_read(d) && is_port(port);
    requires access: may_open(d->id);
    assigns \nothing; // of the core
*/
void shared_clear_pending(struct domain *d, u32 port);
/*@ requires d: \valid_read(d) && is_port(port);
    assigns \nothing;
*/
bool shared_is_pending(struct domain *d, u32 port);
/*@ requires d: \valid_read(d) && is_port(port);
    assigns \nothing;
*/
bool shared_is_masked(struct domain *d, u32 port);
/*@ requires d: \valid_read(d) && is_port(port);
    requires access: may_open(d->id);
    assigns \nothing; // of the core
*/
bool shared_test_and_clear_mask(struct domain *d, u32 port);
/* vcpu_info of the vCPU: set the selector bit of the port's word, and if it was
 * clear, evtchn_upcall_pending. True if that was clear, too: the vCPU does not
 * know yet. Where v->info.mfn is MFN_NONE nothing is set: whoever registers
 * vcpu_info marks everything pending, as Xen does. v->info.offset is a multiple
 * of 8 and the 64 bytes lie in one page. */
/*@ requires v: \valid_read(v) && is_port(port);
    requires access: may_raise(v->domid, port);
    assigns \nothing; // of the core
*/
bool shared_raise_upcall(struct vcpu *v, u32 port);
bool shared_is_upcall_pending(struct vcpu *v);

/* A grant entry, version 1, as one 64-bit word:
 *     63          32 31      16 15        0
 *    |    frame     |  domid   |   flags   |
 * All take a ref < grant_frame_count * CASEMATE_GRANTS_PER_FRAME. */
/*@ requires ref: ref < d->grant_frame_count * CASEMATE_GRANTS_PER_FRAME;
    assigns \nothing; // and another value each time
*/
u64 shared_grant_load(const struct domain *d, u32 ref);
void shared_grant_store(struct domain *d, u32 ref, u64 entry);
/* Set flag bits if the entry is still exactly `seen`; false if it is not. */
/*@ requires ref: ref < d->grant_frame_count * CASEMATE_GRANTS_PER_FRAME;
    assigns \nothing; // of the core
*/
bool shared_grant_mark(struct domain *d, u32 ref, u64 seen, u16 flags);
/*@ requires ref: ref < d->grant_frame_count * CASEMATE_GRANTS_PER_FRAME;
    assigns \nothing; // of the core
*/
void shared_grant_unmark(struct domain *d, u32 ref, u16 flags);

/* Copy within guest memory, n <= PAGE_SIZE - offset on both sides. */
/*@ requires range: n <= PAGE_SIZE && to_offset <= PAGE_SIZE - n &&
      from_offset <= PAGE_SIZE - n;
    requires access: \exists integer s; is_domain(s) &&
      (frame_owner(to) == s || may_use(s, frame_owner(to), 1)) &&
      (frame_owner(from) == s || may_use(s, frame_owner(from), 0));
    assigns \nothing; // of the core
*/
void shared_copy(mfn_t to, u32 to_offset, mfn_t from, u32 from_offset, u32 n);
