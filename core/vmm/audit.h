/* SPDX-License-Identifier: Apache-2.0 */
/* The audit ring: the last AUDIT_RING_RECORDS refusals; never blocks. */
#pragma once

#include "abi/audit.h"
#include "lib/types.h"

/* Only audit.c writes them. audit_sequence is the next record's number. */
extern struct audit_record audit_ring[AUDIT_RING_RECORDS];
extern u64 audit_sequence;

/*@ logic integer audit_slot(integer sequence) =
      sequence % AUDIT_RING_RECORDS;

    // The oldest sequence kept.
    logic integer audit_first{L} = audit_sequence > AUDIT_RING_RECORDS
      ? audit_sequence - AUDIT_RING_RECORDS : 0;

    // The record made between L1 and L2 says this.
    predicate audit_says{L1,L2}(integer subject, integer object, integer cls,
                                integer perm) =
      \let i = audit_slot(\at(audit_sequence, L1));
      \at(audit_ring[i].subject_domid, L2) == subject &&
      \at(audit_ring[i].object_domid, L2) == object &&
      \at(audit_ring[i].cls, L2) == cls &&
      \at(audit_ring[i].perm, L2) == (u8)perm;
*/

/* sequence filled in */
/*@ requires r: \valid_read(r);
    requires apart: \separated(r, &audit_sequence,
      &audit_ring[0 .. AUDIT_RING_RECORDS - 1]);
    assigns audit_ring[0 .. AUDIT_RING_RECORDS - 1], audit_sequence;
    ensures one: audit_sequence == (u64)(\old(audit_sequence) + 1);
    ensures says: audit_says{Pre,Post}(r->subject_domid, r->object_domid,
      r->cls, r->perm);
    ensures number: audit_ring[audit_slot(\old(audit_sequence))].sequence ==
      \old(audit_sequence);
    ensures others: \forall integer i; 0 <= i < AUDIT_RING_RECORDS &&
      i != audit_slot(\old(audit_sequence)) ==>
      audit_ring[i].sequence == \old(audit_ring[i].sequence);
*/
void audit_append(const struct audit_record *r);

/* The record with this sequence; false when it is not in the ring (any more,
 * or yet). */
/*@ requires out: \valid(out);
    requires apart: \separated(out, &audit_sequence,
      &audit_ring[0 .. AUDIT_RING_RECORDS - 1]);
    assigns *out;
    ensures exact: \result == 1 <==>
      audit_first <= sequence < audit_sequence;
    ensures content: \result == 1 ==>
      out->sequence == audit_ring[audit_slot(sequence)].sequence &&
      out->subject_domid == audit_ring[audit_slot(sequence)].subject_domid &&
      out->object_domid == audit_ring[audit_slot(sequence)].object_domid;
*/
bool audit_get(u64 sequence, struct audit_record *out);

/* A record's labels under the policy now loaded, by its place in the ring. */
/*@ requires slot: slot < AUDIT_RING_RECORDS;
    assigns audit_ring[slot].subject_label, audit_ring[slot].object_label;
    ensures set: audit_ring[slot].subject_label == subject &&
      audit_ring[slot].object_label == object;
*/
void audit_relabel(u32 slot, u16 subject, u16 object);

/* sequence of the oldest record kept */
/*@ assigns \nothing;
    ensures exact: \result == audit_first;
*/
u64 audit_oldest(void);

/* sequence the next record will get */
/*@ assigns \nothing;
    ensures exact: \result == audit_sequence;
*/
u64 audit_next(void);
