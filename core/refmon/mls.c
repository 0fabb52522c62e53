/* SPDX-License-Identifier: Apache-2.0 */
/* Dominance of levels: the test equals its definition (lvl_dom), and the
 * definition is a partial order. */
#include "refmon/mls.h"

/*@ lemma subset_anti: \forall u64 x, y;
      subset64(x, y) ==> subset64(y, x) ==> x == y;

    lemma dom_refl{L}: \forall integer a; lvl_dom(a, a);

    lemma dom_anti{L}: \forall integer a, b;
      lvl_dom(a, b) ==> lvl_dom(b, a) ==> lvl_eq(a, b);

    lemma dom_trans{L}: \forall integer a, b, c;
      lvl_dom(a, b) ==> lvl_dom(b, c) ==> lvl_dom(a, c);
*/

bool mls_dominates(u32 a, u32 b)
{
	if (pol_level_sens[a] < pol_level_sens[b]) {
		return false;
	}
	/*@ loop invariant range: 0 <= i <= POLICY_CAT_WORDS;
	    loop invariant below: \forall integer k; 0 <= k < i ==>
	      subset64(pol_level_cat[b].word[k], pol_level_cat[a].word[k]);
	    loop assigns i;
	    loop variant POLICY_CAT_WORDS - i;
	*/
	for (u32 i = 0; i < POLICY_CAT_WORDS; i++) {
		if (!bits64_subset(pol_level_cat[b].word[i],
				   pol_level_cat[a].word[i])) {
			return false;
		}
	}
	return true;
}

/*@ requires range: pol_level_count <= POLICY_MAX_LEVELS &&
      a < pol_level_count;
    assigns pol_dom[a];
    ensures exact: dom_row_ok(a);
*/
static void derive_row(u32 a)
{
	/*@ loop invariant range: 0 <= b <= pol_level_count;
	    loop invariant exact: \forall integer k; 0 <= k < b ==>
	      (pol_dom[a].over[k] != 0 <==> lvl_dom(a, k));
	    loop assigns b, pol_dom[a];
	    loop variant pol_level_count - b;
	*/
	for (u32 b = 0; b < pol_level_count; b++) {
		pol_dom[a].over[b] = mls_dominates(a, b) ? 1 : 0;
	}
}

void mls_derive(void)
{
	/*@ loop invariant range: 0 <= a <= pol_level_count;
	    loop invariant exact: \forall integer k; 0 <= k < a ==>
	      dom_row_ok(k);
	    loop assigns a, pol_dom[..];
	    loop variant pol_level_count - a;
	*/
	for (u32 a = 0; a < pol_level_count; a++) {
		derive_row(a);
	}
}

/*@ requires range: pol_level_count <= POLICY_MAX_LEVELS &&
      a < pol_level_count;
    assigns \nothing;
    ensures exact: \result == 1 <==> dom_row_ok(a);
*/
static bool row_holds(u32 a)
{
	/*@ loop invariant range: 0 <= b <= pol_level_count;
	    loop invariant exact: \forall integer k; 0 <= k < b ==>
	      (pol_dom[a].over[k] != 0 <==> lvl_dom(a, k));
	    loop assigns b;
	    loop variant pol_level_count - b;
	*/
	for (u32 b = 0; b < pol_level_count; b++) {
		if (mls_dominates(a, b) != (pol_dom[a].over[b] != 0)) {
			return false;
		}
	}
	return true;
}

bool mls_holds(void)
{
	/*@ loop invariant range: 0 <= a <= pol_level_count;
	    loop invariant exact: \forall integer k; 0 <= k < a ==>
	      dom_row_ok(k);
	    loop assigns a;
	    loop variant pol_level_count - a;
	*/
	for (u32 a = 0; a < pol_level_count; a++) {
		if (!row_holds(a)) {
			return false;
		}
	}
	return true;
}
