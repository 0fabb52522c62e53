/* SPDX-License-Identifier: Apache-2.0 */
/* Dominance of levels: the test equals its definition (lvl_dom), and the
 * definition is a partial order. */
#include "refmon/parts.h"

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
	if (pol_level[a].sens < pol_level[b].sens) {
		return false;
	}
	/*@ loop invariant range: 0 <= i <= POLICY_CAT_WORDS;
	    loop invariant below: \forall integer k; 0 <= k < i ==>
	      subset64(pol_level[b].cat[k], pol_level[a].cat[k]);
	    loop assigns i;
	    loop variant POLICY_CAT_WORDS - i;
	*/
	for (u32 i = 0; i < POLICY_CAT_WORDS; i++) {
		if (!bits64_subset(pol_level[b].cat[i], pol_level[a].cat[i])) {
			return false;
		}
	}
	return true;
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
		/*@ loop invariant range: 0 <= b <= pol_level_count;
		    loop invariant exact: \forall integer k; 0 <= k < b ==>
		      (pol_dom[a].over[k] != 0 <==> lvl_dom(a, k));
		    loop assigns b, pol_dom[a];
		    loop variant pol_level_count - b;
		*/
		for (u32 b = 0; b < pol_level_count; b++) {
			pol_dom[a].over[b] = mls_dominates(a, b) ? 1 : 0;
		}
		//@ assert row: dom_row_ok(a);
	}
}
