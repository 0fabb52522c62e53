/* SPDX-License-Identifier: Apache-2.0 */
/* Are levels and labels well formed? Each function answers one question and
 * changes nothing. */
#include "refmon/check.h"

/* ---- levels ---- */

/*@ requires range: a < POLICY_MAX_LEVELS && b < POLICY_MAX_LEVELS;
    assigns \nothing;
    ensures exact: \result == 1 <==> cats_before(a, b);
*/
static bool cats_are_before(u32 a, u32 b)
{
	/*@ loop invariant range: 0 <= i <= POLICY_CAT_WORDS;
	    loop invariant same: \forall integer k; 0 <= k < i ==>
	      pol_level_cat[a].word[k] == pol_level_cat[b].word[k];
	    loop assigns i;
	    loop variant POLICY_CAT_WORDS - i;
	*/
	for (u32 i = 0; i < POLICY_CAT_WORDS; i++) {
		if (pol_level_cat[a].word[i] != pol_level_cat[b].word[i]) {
			return pol_level_cat[a].word[i] <
			       pol_level_cat[b].word[i];
		}
	}
	return false;
}

/*@ requires counts: counts_ok;
    requires range: l < pol_level_count;
    assigns \nothing;
    ensures exact: \result == 1 <==> level_ok(l);
*/
static bool level_holds(u32 l)
{
	if (pol_level_sens[l] >= pol_sens_count) {
		return false;
	}
	if (l == 0 || pol_level_sens[l - 1u] < pol_level_sens[l]) {
		return true;
	}
	return pol_level_sens[l - 1u] == pol_level_sens[l] &&
	       cats_are_before(l - 1u, l);
}

bool check_levels(void)
{
	/*@ loop invariant range: 0 <= l <= pol_level_count;
	    loop invariant done: \forall integer k; 0 <= k < l ==> level_ok(k);
	    loop assigns l;
	    loop variant pol_level_count - l;
	*/
	for (u32 l = 0; l < pol_level_count; l++) {
		if (!level_holds(l)) {
			return false;
		}
	}
	return true;
}

/* The compartments that exist, as word w of a category set. */
/*@ requires counts: counts_ok;
    requires range: w < POLICY_CAT_WORDS;
    assigns \nothing;
    ensures exact: \forall integer i; 0 <= i < 64 ==>
      (bit(\result, i) <==> 64 * w + i < pol_cat_count);
*/
static u64 cat_word(u32 w)
{
	u64 word = 0;

	/*@ loop invariant range: 0 <= b <= 64;
	    loop invariant below: \forall integer i; 0 <= i < b ==>
	      (bit(word, i) <==> 64 * w + i < pol_cat_count);
	    loop invariant above: \forall integer i; b <= i < 64 ==>
	      !bit(word, i);
	    loop assigns b, word;
	    loop variant 64 - b;
	*/
	for (u32 b = 0; b < 64u; b++) {
		if (64u * w + b < pol_cat_count) {
			word = bit64_set(word, b);
		}
	}
	return word;
}

/*@ requires counts: counts_ok;
    requires range: w < POLICY_CAT_WORDS;
    assigns \nothing;
    ensures exact: \result == 1 <==> cat_column_ok(w);
*/
static bool cat_column_holds(u32 w)
{
	u64 exist = cat_word(w);

	/*@ loop invariant range: 0 <= l <= pol_level_count;
	    loop invariant done: \forall integer k; 0 <= k < l ==>
	      cat_fits(k, w);
	    loop assigns l;
	    loop variant pol_level_count - l;
	*/
	for (u32 l = 0; l < pol_level_count; l++) {
		/*@ assert meaning: cat_fits(l, w) <==>
		      subset64(pol_level_cat[l].word[w], exist); */
		if (!bits64_subset(pol_level_cat[l].word[w], exist)) {
			return false;
		}
	}
	return true;
}

bool check_cats(void)
{
	/*@ loop invariant range: 0 <= w <= POLICY_CAT_WORDS;
	    loop invariant done: \forall integer k; 0 <= k < w ==>
	      cat_column_ok(k);
	    loop assigns w;
	    loop variant POLICY_CAT_WORDS - w;
	*/
	for (u32 w = 0; w < POLICY_CAT_WORDS; w++) {
		if (!cat_column_holds(w)) {
			return false;
		}
	}
	return true;
}

/* ---- labels ---- */

bool check_label_ranges(void)
{
	/*@ loop invariant range: 0 <= l <= pol_label_count;
	    loop invariant done: \forall integer k; 0 <= k < l ==>
	      label_range(k);
	    loop assigns l;
	    loop variant pol_label_count - l;
	*/
	for (u32 l = 0; l < pol_label_count; l++) {
		if (pol_label_type[l] >= pol_type_count ||
		    pol_label_low[l] >= pol_level_count ||
		    pol_label_high[l] >= pol_level_count) {
			return false;
		}
	}
	return true;
}

/*@ requires range: a < POLICY_MAX_LABELS && b < POLICY_MAX_LABELS;
    assigns \nothing;
    ensures exact: \result == 1 <==> label_before(a, b);
*/
static bool label_is_before(u32 a, u32 b)
{
	if (pol_label_type[a] != pol_label_type[b]) {
		return pol_label_type[a] < pol_label_type[b];
	}
	if (pol_label_low[a] != pol_label_low[b]) {
		return pol_label_low[a] < pol_label_low[b];
	}
	return pol_label_high[a] < pol_label_high[b];
}

bool check_label_order(void)
{
	/*@ loop invariant range: 1 <= l <= pol_label_count;
	    loop invariant done: \forall integer k; 1 <= k < l ==>
	      label_before(k - 1, k);
	    loop assigns l;
	    loop variant pol_label_count - l;
	*/
	for (u32 l = 1; l < pol_label_count; l++) {
		if (!label_is_before(l - 1u, l)) {
			return false;
		}
	}
	return true;
}

/* Only a trusted type may take in more than it lets out. */
/*@ requires counts: counts_ok;
    requires dom: dom_ok;
    requires range: l < pol_label_count && label_range(l);
    assigns \nothing;
    ensures exact: \result == 1 <==> label_flow(l);
*/
static bool label_flow_holds(u32 l)
{
	//@ assert row: dom_row_ok(pol_label_high[l]);
	if (pol_dom[pol_label_high[l]].over[pol_label_low[l]] == 0) {
		return false;
	}
	return pol_label_low[l] == pol_label_high[l] ||
	       bit32_test(pol_type_flags[pol_label_type[l]], 0);
}

bool check_label_flows(void)
{
	/*@ loop invariant range: 0 <= l <= pol_label_count;
	    loop invariant done: \forall integer k; 0 <= k < l ==>
	      label_flow(k);
	    loop assigns l;
	    loop variant pol_label_count - l;
	*/
	for (u32 l = 0; l < pol_label_count; l++) {
		//@ assert range: label_range(l);
		if (!label_flow_holds(l)) {
			return false;
		}
	}
	return true;
}
