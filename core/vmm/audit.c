/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded audit ring. The oldest record gives way: its loss shows as a gap in
 * the sequence numbers, so a reader always knows how many it missed. */
#include "vmm/audit.h"

/* WP-ALIAS: audit_ring,audit_sequence */

struct audit_record audit_ring[AUDIT_RING_RECORDS];
u64 audit_sequence;

void audit_append(const struct audit_record *r)
{
	struct audit_record *slot =
		&audit_ring[audit_sequence % AUDIT_RING_RECORDS];

	*slot = *r;
	slot->sequence = audit_sequence;
	audit_sequence += 1;
}

void audit_relabel(u32 slot, u16 subject, u16 object)
{
	audit_ring[slot].subject_label = subject;
	audit_ring[slot].object_label = object;
}

u64 audit_oldest(void)
{
	return audit_sequence > AUDIT_RING_RECORDS
		       ? audit_sequence - AUDIT_RING_RECORDS
		       : 0;
}

u64 audit_next(void)
{
	return audit_sequence;
}

bool audit_get(u64 sequence, struct audit_record *out)
{
	if (sequence < audit_oldest() || sequence >= audit_sequence) {
		return false;
	}
	*out = audit_ring[sequence % AUDIT_RING_RECORDS];
	return true;
}
