/* SPDX-License-Identifier: Apache-2.0 */
/* Are the rule rows and the indices into them well formed? Each function
 * answers one question and changes nothing. */
#include "refmon/check.h"

/* ---- rows ---- */

/*@ requires range: r < POLICY_MAX_ROWS;
    assigns \nothing;
    ensures exact: \result == 1 <==> row_bits_ok(r);
*/
static bool row_bits_hold(u32 r)
{
	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant done: \forall integer k; 0 <= k < c ==>
	      subset32(pol_rows[r].av[k], refmon_class_perms[k]);
	    loop assigns c;
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		if (!bits32_subset(pol_rows[r].av[c], refmon_class_perms[c])) {
			return false;
		}
	}
	return true;
}

/*@ requires range: a < POLICY_MAX_ROWS && b < POLICY_MAX_ROWS;
    assigns \nothing;
    ensures exact: \result == 1 <==> row_before(a, b);
*/
static bool row_is_before(u32 a, u32 b)
{
	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant same: \forall integer k; 0 <= k < c ==>
	      pol_rows[a].av[k] == pol_rows[b].av[k];
	    loop assigns c;
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		if (pol_rows[a].av[c] != pol_rows[b].av[c]) {
			return pol_rows[a].av[c] < pol_rows[b].av[c];
		}
	}
	return false;
}

bool check_row_zero(void)
{
	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant done: \forall integer k; 0 <= k < c ==>
	      pol_rows[0].av[k] == 0;
	    loop assigns c;
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		if (pol_rows[0].av[c] != 0) {
			return false;
		}
	}
	return true;
}

bool check_rows(void)
{
	/*@ loop invariant range: 0 <= r <= pol_row_count;
	    loop invariant done: \forall integer k; 0 <= k < r ==> row_ok(k);
	    loop assigns r;
	    loop variant pol_row_count - r;
	*/
	for (u32 r = 0; r < pol_row_count; r++) {
		if (!row_bits_hold(r) || (r > 0 && !row_is_before(r - 1u, r))) {
			return false;
		}
	}
	return true;
}

bool check_strict_bits(void)
{
	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant done: \forall integer k; 0 <= k < c ==>
	      subset32(pol_strict[k], refmon_class_perms[k]);
	    loop assigns c;
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		if (!bits32_subset(pol_strict[c], refmon_class_perms[c])) {
			return false;
		}
	}
	return true;
}

bool check_self(void)
{
	/*@ loop invariant range: 0 <= t <= pol_type_count;
	    loop invariant done: \forall integer k; 0 <= k < t ==>
	      pol_self[k] < pol_row_count;
	    loop assigns t;
	    loop variant pol_type_count - t;
	*/
	for (u32 t = 0; t < pol_type_count; t++) {
		if (pol_self[t] >= pol_row_count) {
			return false;
		}
	}
	return true;
}

/*@ requires range: r < POLICY_MAX_ROWS;
    assigns \nothing;
    ensures exact: \result == 1 <==> row_plain(r);
*/
static bool row_is_plain(u32 r)
{
	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant done: \forall integer k; 0 <= k < c ==>
	      no_self_bits(r, k);
	    loop assigns c;
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		if (!bits32_disjoint(pol_rows[r].av[c], refmon_class_self[c])) {
			return false;
		}
	}
	return true;
}

/*@ requires counts: counts_ok;
    requires range: s < pol_type_count;
    assigns \nothing;
    ensures exact: \result == 1 <==> pair_line_ok(s);
*/
static bool pair_line_holds(u32 s)
{
	/*@ loop invariant range: 0 <= o <= pol_type_count;
	    loop invariant done: \forall integer k; 0 <= k < o ==>
	      pair_plain(s, k);
	    loop assigns o;
	    loop variant pol_type_count - o;
	*/
	for (u32 o = 0; o < pol_type_count; o++) {
		if (pol_pair[s].row[o] >= pol_row_count ||
		    !row_is_plain(pol_pair[s].row[o])) {
			return false;
		}
	}
	return true;
}

bool check_pairs(void)
{
	/*@ loop invariant range: 0 <= s <= pol_type_count;
	    loop invariant done: \forall integer k; 0 <= k < s ==>
	      pair_line_ok(k);
	    loop assigns s;
	    loop variant pol_type_count - s;
	*/
	for (u32 s = 0; s < pol_type_count; s++) {
		if (!pair_line_holds(s)) {
			return false;
		}
	}
	return true;
}
