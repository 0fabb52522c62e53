/* SPDX-License-Identifier: Apache-2.0 */
/* Range tests and arithmetic that cannot wrap: compare before computing. */
#pragma once

#include "lib/types.h"

/* Does [start, start + count) lie within [0, limit)? */
/*@ assigns \nothing;
    ensures exact: \result == 1 <==> start + count <= limit;
*/
static inline bool range_within(u64 start, u64 count, u64 limit)
{
	return start <= limit && count <= limit - start;
}

/*@ assigns \nothing;
    ensures least: \result <= a && \result <= b;
    ensures one: \result == a || \result == b;
*/
static inline u64 min64(u64 a, u64 b)
{
	return a < b ? a : b;
}

/*@ requires room: x <= 0xfffffff8;
    assigns \nothing;
    ensures multiple: \result % 8 == 0;
    ensures next: x <= \result < x + 8;
*/
static inline u32 round_up8(u32 x)
{
	return (x + 7u) / 8u * 8u;
}
