/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flow theorem on the actual policy: information flows X -> Y only if
 * high(Y) dominates low(X). The proofs say that this check cannot fail; it
 * runs all the same, against compilers and memory that break the rules.
 */
#include "refmon/flow.h"

#include "refmon/decide.h"
#include "refmon/mls.h"

/*@ requires ok: policy_ok;
    requires range: s < pol_label_count && o < pol_label_count &&
      cls < POLICY_CLASSES;
    requires up: up == 1 <==> may_read(s, o);
    requires down: down == 1 <==> may_write(s, o);
    assigns \nothing;
    ensures exact: \result == 1;
*/
static bool class_holds(u32 s, u32 o, u32 cls, bool up, bool down)
{
	u32 av = decide_allowed(s, o, false, cls);

	return (up || bits32_disjoint(av, refmon_class_reads[cls])) &&
	       (down || bits32_disjoint(av, refmon_class_writes[cls]));
}

/*@ requires ok: policy_ok;
    requires range: s < pol_label_count && o < pol_label_count;
    assigns \nothing;
    ensures exact: \result == 1;
    ensures theorem: flow_pair_ok(s, o);
*/
static bool pair_holds(u32 s, u32 o)
{
	//@ assert labels: label_range(s) && label_range(o);
	//@ assert rows: dom_row_ok(pol_label_high[s]);
	//@ assert cols: dom_row_ok(pol_label_high[o]);
	bool up = pol_dom[pol_label_high[s]].over[pol_label_low[o]] != 0;
	bool down = pol_dom[pol_label_high[o]].over[pol_label_low[s]] != 0;

	if (up && down) {
		return true;
	}
	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop assigns c;
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		if (!class_holds(s, o, c, up, down)) {
			return false;
		}
	}
	return true;
}

/*@ requires ok: policy_ok;
    requires range: s < pol_label_count;
    assigns \nothing;
    ensures exact: \result == 1;
    ensures theorem: flow_label_ok(s);
*/
static bool label_holds(u32 s)
{
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
	return true;
}

bool flow_holds(void)
{
	if (!mls_holds()) {
		return false;
	}
	/*@ loop invariant range: 0 <= s <= pol_label_count;
	    loop invariant done: \forall integer k; 0 <= k < s ==>
	      flow_label_ok(k);
	    loop assigns s;
	    loop variant pol_label_count - s;
	*/
	for (u32 s = 0; s < pol_label_count; s++) {
		if (!label_holds(s)) {
			return false;
		}
	}
	return true;
}
