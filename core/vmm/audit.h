/* SPDX-License-Identifier: Apache-2.0 */
/* The audit ring: the last AUDIT_RING_RECORDS refusals; never blocks. */
#pragma once

#include "abi/audit.h"
#include "lib/types.h"

void audit_append(const struct audit_record *r); /* sequence filled in */
/* The record with this sequence; false when it is not in the ring (any more,
 * or yet). */
bool audit_get(u64 sequence, struct audit_record *out);
u64 audit_oldest(void); /* sequence of the oldest record kept */
u64 audit_next(void);	/* sequence the next record will get */
