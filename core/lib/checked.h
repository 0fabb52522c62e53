/* SPDX-License-Identifier: Apache-2.0 */
/* Range tests and arithmetic that cannot wrap: compare before computing. */
#pragma once

#include "lib/types.h"

/* Does a + b fit? */
/*@ assigns \nothing;
    ensures exact: \result == 1 <==> a + b <= 0xffffffffffffffff;
*/
static inline bool add64_fits(u64 a, u64 b)
{
	return a <= ~(u64)0 - b;
}

/*@ assigns \nothing;
    ensures exact: \result == 1 <==> a + b <= 0xffffffff;
*/
static inline bool add32_fits(u32 a, u32 b)
{
	return a <= ~(u32)0 - b;
}

/* Does [start, start + count) lie within [0, limit)? */
/*@ assigns \nothing;
    ensures exact: \result == 1 <==> start + count <= limit;
*/
static inline bool range_within(u64 start, u64 count, u64 limit)
{
	return start <= limit && count <= limit - start;
}

/* Is x in [start, start + count)? The range may end at 2^64. */
/*@ assigns \nothing;
    ensures exact: \result == 1 <==> start <= x < start + count;
*/
static inline bool range_has(u64 start, u64 count, u64 x)
{
	return start <= x && x - start < count;
}

/* Have two ranges a byte in common? */
/*@ assigns \nothing;
    ensures exact: \result == 1 <==>
      (\exists integer x; a <= x < a + an && b <= x < b + bn);
*/
static inline bool ranges_overlap(u64 a, u64 an, u64 b, u64 bn)
{
	if (an == 0 || bn == 0) {
		return false;
	}
	if (a <= b) {
		/*@ assert witness: b < a + an ==>
		      a <= b < a + an && b <= b < b + bn; */
		return b - a < an;
	}
	/*@ assert witness: a < b + bn ==>
	      a <= a < a + an && b <= a < b + bn; */
	return a - b < bn;
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
