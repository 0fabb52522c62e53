/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the loaded policy well formed? Every function answers one question and
 * changes nothing; check_tables() asks them in the order of the tables.
 */
#include "refmon/check.h"

#include "refmon/mls.h"

/* ---- names ---- */

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> name_at(n);
*/
static bool is_name(u32 n)
{
	return n < pol_names_bytes && (n == 0 || pol_names[n - 1u] == 0);
}

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> type_names;
*/
static bool type_names_hold(void)
{
	/*@ loop invariant range: 0 <= t <= pol_type_count;
	    loop invariant done: \forall integer k; 0 <= k < t ==>
	      name_at(pol_type_name[k]);
	    loop assigns t;
	    loop variant pol_type_count - t;
	*/
	for (u32 t = 0; t < pol_type_count; t++) {
		if (!is_name(pol_type_name[t])) {
			return false;
		}
	}
	return true;
}

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> level_names;
*/
static bool level_names_hold(void)
{
	/*@ loop invariant range: 0 <= l <= pol_level_count;
	    loop invariant done: \forall integer k; 0 <= k < l ==>
	      name_at(pol_level_name[k]);
	    loop assigns l;
	    loop variant pol_level_count - l;
	*/
	for (u32 l = 0; l < pol_level_count; l++) {
		if (!is_name(pol_level_name[l])) {
			return false;
		}
	}
	return true;
}

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> label_names;
*/
static bool label_names_hold(void)
{
	/*@ loop invariant range: 0 <= l <= pol_label_count;
	    loop invariant done: \forall integer k; 0 <= k < l ==>
	      name_at(pol_label_name[k]);
	    loop assigns l;
	    loop variant pol_label_count - l;
	*/
	for (u32 l = 0; l < pol_label_count; l++) {
		if (!is_name(pol_label_name[l])) {
			return false;
		}
	}
	return true;
}

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> names_ok;
*/
static bool names_hold(void)
{
	return pol_names[pol_names_bytes - 1u] == 0 && type_names_hold() &&
	       level_names_hold() && label_names_hold();
}

/* How far two strings agree: to their first difference, to the end of both,
 * or to the end of the pool. */
/*@ requires counts: counts_ok;
    requires range: x < pol_names_bytes && y < pol_names_bytes;
    assigns \nothing;
    ensures range: x + \result <= pol_names_bytes &&
      y + \result <= pol_names_bytes;
    ensures same: \forall integer i; 0 <= i < \result ==>
      name_same(x, y, i);
    ensures first: x + \result < pol_names_bytes &&
      y + \result < pol_names_bytes ==> !name_same(x, y, \result);
*/
static u32 name_common(u32 x, u32 y)
{
	u32 room = pol_names_bytes - (x > y ? x : y);
	u32 i = 0;

	/*@ loop invariant range: 0 <= i <= room;
	    loop invariant same: \forall integer k; 0 <= k < i ==>
	      name_same(x, y, k);
	    loop assigns i;
	    loop variant room - i;
	*/
	while (i < room && pol_names[x + i] == pol_names[y + i] &&
	       pol_names[x + i] != 0) {
		i++;
	}
	return i;
}

/* strcmp(x, y) < 0, inside the pool. */
/*@ requires counts: counts_ok;
    requires range: x < pol_names_bytes && y < pol_names_bytes;
    assigns \nothing;
    ensures exact: \result == 1 <==> name_before(x, y);
*/
static bool name_is_before(u32 x, u32 y)
{
	u32 i = name_common(x, y);

	/*@ assert only: \forall integer k; k != i ==>
	      !name_differs(x, y, k); */
	//@ assert here: name_before(x, y) <==> name_differs(x, y, i);
	return x + i < pol_names_bytes && y + i < pol_names_bytes &&
	       pol_names[x + i] < pol_names[y + i];
}

/* ---- types ---- */

/*@ requires counts: counts_ok;
    requires names: type_names;
    requires range: t < pol_type_count;
    assigns \nothing;
    ensures exact: \result == 1 <==> type_ok(t);
*/
static bool type_holds(u32 t)
{
	if (pol_type_flags[t] >
	    (POLICY_TYPE_TRUSTED | POLICY_TYPE_DOMAIN | POLICY_TYPE_OBJECT)) {
		return false;
	}
	if (t == 0) {
		return true;
	}
	//@ assert this: name_at(pol_type_name[t]);
	//@ assert last: name_at(pol_type_name[t - 1]);
	return name_is_before(pol_type_name[t - 1u], pol_type_name[t]);
}

/*@ requires counts: counts_ok;
    requires names: type_names;
    assigns \nothing;
    ensures exact: \result == 1 <==> types_ok;
*/
static bool types_hold(void)
{
	/*@ loop invariant range: 0 <= t <= pol_type_count;
	    loop invariant done: \forall integer k; 0 <= k < t ==> type_ok(k);
	    loop assigns t;
	    loop variant pol_type_count - t;
	*/
	for (u32 t = 0; t < pol_type_count; t++) {
		if (!type_holds(t)) {
			return false;
		}
	}
	return true;
}

/* ---- initial labels ---- */

/*@ requires counts: counts_ok;
    requires ranges: label_ranges;
    requires range: i < POLICY_INITIAL_COUNT;
    assigns \nothing;
    ensures exact: \result == 1 <==> fits_initial(i);
*/
static bool initial_holds(u32 i)
{
	u32 l = pol_initial[i];

	if (l >= pol_label_count) {
		return false;
	}
	//@ assert range: label_range(l);
	return bit32_test(pol_type_flags[pol_label_type[l]],
			  i == POLICY_INITIAL_DOM0 ? 1u : 2u);
}

/*@ requires counts: counts_ok;
    requires ranges: label_ranges;
    assigns \nothing;
    ensures exact: \result == 1 <==> initials_ok;
*/
static bool initials_hold(void)
{
	/*@ loop invariant range: 0 <= i <= POLICY_INITIAL_COUNT;
	    loop invariant done: \forall integer k; 0 <= k < i ==>
	      fits_initial(k);
	    loop assigns i;
	    loop variant POLICY_INITIAL_COUNT - i;
	*/
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		if (!initial_holds(i)) {
			return false;
		}
	}
	return true;
}

/* ---- all of it ---- */

enum refmon_error check_tables(void)
{
	if (!names_hold()) {
		return REFMON_E_NAMES;
	}
	if (!types_hold()) {
		return REFMON_E_TYPE;
	}
	if (!check_levels() || !check_cats()) {
		return REFMON_E_LEVEL;
	}
	mls_derive();
	if (!check_label_ranges() || !check_label_order() ||
	    !check_label_flows()) {
		return REFMON_E_LABEL;
	}
	if (!check_row_zero() || !check_rows() || !check_strict_bits() ||
	    !check_self() || !check_pairs()) {
		return REFMON_E_ROW;
	}
	if (!initials_hold()) {
		return REFMON_E_INITIAL;
	}
	/*@ assert pairs: \forall integer s; 0 <= s < pol_type_count ==>
	      pair_line_ok(s) && pair_row_ok(s); */
	return REFMON_OK;
}
