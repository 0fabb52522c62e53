/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flow theorem on the actual policy: information flows X -> Y only if
 * high(Y) dominates low(X). The proofs say that this check cannot fail; it
 * runs all the same, against compilers and memory that break the rules.
 */
#include "refmon/parts.h"

/* Where information may flow both ways no class needs a look. */
/*@ requires ok: policy_ok;
    requires range: s < pol_label_count && o < pol_label_count;
    assigns \nothing;
    ensures exact: \result == 1;
    ensures theorem: flow_pair_ok(s, o);
*/
static bool pair_holds(u32 s, u32 o)
{
	//@ assert labels: label_range(s) && label_range(o);
	bool up = mls_dominates(pol_label[s].high, pol_label[o].low);
	bool down = mls_dominates(pol_label[o].high, pol_label[s].low);

	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop assigns c;
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES && !(up && down); c++) {
		u32 av = decide_allowed(s, o, false, c);

		if ((!up && !bits32_disjoint(av, refmon_class_reads[c])) ||
		    (!down && !bits32_disjoint(av, refmon_class_writes[c]))) {
			return false;
		}
	}
	return true;
}

bool flow_holds(void)
{
	/*@ loop invariant range: 0 <= s <= pol_label_count;
	    loop invariant done: \forall integer k; 0 <= k < s ==>
	      flow_label_ok(k);
	    loop assigns s;
	    loop variant pol_label_count - s;
	*/
	for (u32 s = 0; s < pol_label_count; s++) {
		/*@ loop invariant range: 0 <= o <= pol_label_count;
		    loop invariant done: \forall integer k; 0 <= k < o ==>
		      flow_pair_ok(s, k);
		    loop assigns o;
		    loop variant pol_label_count - o;
		*/
		for (u32 o = 0; o < pol_label_count; o++) {
			if (!pair_holds(s, o)) {
				return false;
			}
		}
		//@ assert line: flow_label_ok(s);
	}
	return true;
}
