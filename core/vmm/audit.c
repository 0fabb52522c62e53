/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded audit ring. The oldest record gives way: its loss shows as a gap in
 * the sequence numbers, so a reader always knows how many it missed. */
#include "vmm/audit.h"

static struct audit_record ring[AUDIT_RING_RECORDS];
static u64 next_sequence;

void audit_append(const struct audit_record *r)
{
	struct audit_record *slot = &ring[next_sequence % AUDIT_RING_RECORDS];

	*slot = *r;
	slot->sequence = next_sequence;
	next_sequence += 1;
}

u64 audit_oldest(void)
{
	return next_sequence > AUDIT_RING_RECORDS
		       ? next_sequence - AUDIT_RING_RECORDS
		       : 0;
}

u64 audit_next(void)
{
	return next_sequence;
}

bool audit_get(u64 sequence, struct audit_record *out)
{
	if (sequence < audit_oldest() || sequence >= next_sequence) {
		return false;
	}
	*out = ring[sequence % AUDIT_RING_RECORDS];
	return true;
}
