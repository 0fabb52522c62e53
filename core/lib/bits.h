/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words as sets of bits. Callers never write & | ~ themselves where a proof
 * depends on it: they call these leaves, whose contracts speak of bit() only.
 */
#pragma once

#include "lib/types.h"

/*@ predicate bit(integer x, integer i) = (x & (1 << i)) != 0;

    predicate subset64(integer x, integer y) =
      \forall integer i; 0 <= i < 64 ==> bit(x, i) ==> bit(y, i);

    predicate subset32(integer x, integer y) =
      \forall integer i; 0 <= i < 32 ==> bit(x, i) ==> bit(y, i);
*/
/* The provers have no extensionality for words, so it is an axiom here;
 * proofs/check-axioms.sh checks both with bit-vector solvers. */
/*@ axiomatic Bits {
      axiom ext64: \forall u64 x, y;
        (\forall integer i; 0 <= i < 64 ==> (bit(x, i) <==> bit(y, i)))
        ==> x == y;
      axiom ext32: \forall u32 x, y;
        (\forall integer i; 0 <= i < 32 ==> (bit(x, i) <==> bit(y, i)))
        ==> x == y;
    }
*/

/*@ requires i < 32;
    assigns \nothing;
    ensures exact: \result == 1 <==> bit(x, i);
*/
static inline bool bit32_test(u32 x, u32 i)
{
	return (x & ((u32)1 << i)) != 0;
}

/*@ requires i < 64;
    assigns \nothing;
    ensures exact: \result == 1 <==> bit(x, i);
*/
static inline bool bit64_test(u64 x, u32 i)
{
	return (x & ((u64)1 << i)) != 0;
}

/*@ assigns \nothing;
    ensures exact: \result == 1 <==> subset64(x, y);
*/
static inline bool bits64_subset(u64 x, u64 y)
{
	u64 z = x & y;
	/*@ assert z_bits: \forall integer i; 0 <= i < 64 ==>
	      (bit(z, i) <==> bit(x, i) && bit(y, i)); */
	return z == x;
}

/*@ assigns \nothing;
    ensures exact: \result == 1 <==> subset32(x, y);
*/
static inline bool bits32_subset(u32 x, u32 y)
{
	u32 z = x & y;
	/*@ assert z_bits: \forall integer i; 0 <= i < 32 ==>
	      (bit(z, i) <==> bit(x, i) && bit(y, i)); */
	return z == x;
}

/*@ assigns \nothing;
    ensures exact: \forall integer i; 0 <= i < 32 ==>
      (bit(\result, i) <==> bit(x, i) && !bit(y, i));
*/
static inline u32 bits32_without(u32 x, u32 y)
{
	u32 keep = ~y;
	/*@ assert keep_bits: \forall integer i; 0 <= i < 32 ==>
	      (bit(keep, i) <==> !bit(y, i)); */
	u32 z = x & keep;
	/*@ assert z_bits: \forall integer i; 0 <= i < 32 ==>
	      (bit(z, i) <==> bit(x, i) && bit(keep, i)); */
	return z;
}

/* Have two sets nothing in common? */
/*@ assigns \nothing;
    ensures exact: \result == 1 <==>
      (\forall integer i; 0 <= i < 32 ==> !(bit(x, i) && bit(y, i)));
*/
static inline bool bits32_disjoint(u32 x, u32 y)
{
	return bits32_without(x, y) == x;
}
