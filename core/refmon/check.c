/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the loaded policy well formed? Every function answers one question and
 * changes nothing; check_tables() asks them in the order of the tables.
 */
#include "refmon/parts.h"

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
    ensures exact: \result == 1 <==> names_ok;
*/
static bool names_hold(void)
{
	/*@ loop invariant range: 0 <= t <= pol_type_count;
	    loop invariant done: \forall integer k; 0 <= k < t ==>
	      name_at(pol_type[k].name);
	    loop assigns t;
	    loop variant pol_type_count - t;
	*/
	for (u32 t = 0; t < pol_type_count; t++) {
		if (!is_name(pol_type[t].name)) {
			return false;
		}
	}
	/*@ loop invariant range: 0 <= l <= pol_level_count;
	    loop invariant done: \forall integer k; 0 <= k < l ==>
	      name_at(pol_level[k].name);
	    loop assigns l;
	    loop variant pol_level_count - l;
	*/
	for (u32 l = 0; l < pol_level_count; l++) {
		if (!is_name(pol_level[l].name)) {
			return false;
		}
	}
	/*@ loop invariant range: 0 <= l <= pol_label_count;
	    loop invariant done: \forall integer k; 0 <= k < l ==>
	      name_at(pol_label[k].name);
	    loop assigns l;
	    loop variant pol_label_count - l;
	*/
	for (u32 l = 0; l < pol_label_count; l++) {
		if (!is_name(pol_label[l].name)) {
			return false;
		}
	}
	return pol_names[pol_names_bytes - 1u] == 0;
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
	if (pol_type[t].flags >
	    (POLICY_TYPE_TRUSTED | POLICY_TYPE_DOMAIN | POLICY_TYPE_OBJECT)) {
		return false;
	}
	if (t == 0) {
		return true;
	}
	//@ assert this: name_at(pol_type[t].name);
	//@ assert last: name_at(pol_type[t - 1].name);
	return name_is_before(pol_type[t - 1u].name, pol_type[t].name);
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

/* ---- levels ---- */

/*@ requires range: a < POLICY_MAX_LEVELS && b < POLICY_MAX_LEVELS;
    assigns \nothing;
    ensures exact: \result == 1 <==> cats_before(a, b);
*/
static bool cats_are_before(u32 a, u32 b)
{
	/*@ loop invariant range: 0 <= i <= POLICY_CAT_WORDS;
	    loop invariant same: \forall integer k; 0 <= k < i ==>
	      pol_level[a].cat[k] == pol_level[b].cat[k];
	    loop assigns i;
	    loop variant POLICY_CAT_WORDS - i;
	*/
	for (u32 i = 0; i < POLICY_CAT_WORDS; i++) {
		if (pol_level[a].cat[i] != pol_level[b].cat[i]) {
			return pol_level[a].cat[i] < pol_level[b].cat[i];
		}
	}
	return false;
}

/* Only compartments that exist. */
/*@ requires counts: counts_ok;
    requires range: l < pol_level_count;
    assigns \nothing;
    ensures exact: \result == 1 <==> cats_fit(l);
*/
static bool cats_hold(u32 l)
{
	/*@ loop invariant range: pol_cat_count <= c <= 64 * POLICY_CAT_WORDS;
	    loop invariant done: \forall integer k; pol_cat_count <= k < c ==>
	      !bit(pol_level[l].cat[k / 64], k % 64);
	    loop assigns c;
	    loop variant 64 * POLICY_CAT_WORDS - c;
	*/
	for (u32 c = pol_cat_count; c < 64u * POLICY_CAT_WORDS; c++) {
		if (bit64_test(pol_level[l].cat[c / 64u], c % 64u)) {
			return false;
		}
	}
	return true;
}

/*@ requires counts: counts_ok;
    requires range: l < pol_level_count;
    assigns \nothing;
    ensures exact: \result == 1 <==> level_ok(l);
*/
static bool level_holds(u32 l)
{
	if (pol_level[l].sens >= pol_sens_count || !cats_hold(l)) {
		return false;
	}
	if (l == 0 || pol_level[l - 1u].sens < pol_level[l].sens) {
		return true;
	}
	return pol_level[l - 1u].sens == pol_level[l].sens &&
	       cats_are_before(l - 1u, l);
}

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> levels_ok;
*/
static bool levels_hold(void)
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

/* ---- labels ---- */

/*@ requires counts: counts_ok;
    requires range: l < pol_label_count;
    assigns \nothing;
    ensures exact: \result == 1 <==> label_range(l);
*/
static bool label_range_holds(u32 l)
{
	return pol_label[l].type < pol_type_count &&
	       pol_label[l].low < pol_level_count &&
	       pol_label[l].high < pol_level_count;
}

/*@ requires range: a < POLICY_MAX_LABELS && b < POLICY_MAX_LABELS;
    assigns \nothing;
    ensures exact: \result == 1 <==> label_before(a, b);
*/
static bool label_is_before(u32 a, u32 b)
{
	if (pol_label[a].type != pol_label[b].type) {
		return pol_label[a].type < pol_label[b].type;
	}
	if (pol_label[a].low != pol_label[b].low) {
		return pol_label[a].low < pol_label[b].low;
	}
	return pol_label[a].high < pol_label[b].high;
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
	//@ assert row: dom_row_ok(pol_label[l].high);
	if (pol_dom[pol_label[l].high].over[pol_label[l].low] == 0) {
		return false;
	}
	return pol_label[l].low == pol_label[l].high ||
	       bit32_test(pol_type[pol_label[l].type].flags, 0);
}

/*@ requires counts: counts_ok;
    requires dom: dom_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==>
      label_ranges && labels_sorted && label_flows;
*/
static bool labels_hold(void)
{
	/*@ loop invariant range: 0 <= l <= pol_label_count;
	    loop invariant ranges: \forall integer k; 0 <= k < l ==>
	      label_range(k);
	    loop invariant sorted: \forall integer k; 1 <= k < l ==>
	      label_before(k - 1, k);
	    loop invariant flows: \forall integer k; 0 <= k < l ==>
	      label_flow(k);
	    loop assigns l;
	    loop variant pol_label_count - l;
	*/
	for (u32 l = 0; l < pol_label_count; l++) {
		if (!label_range_holds(l) || !label_flow_holds(l) ||
		    (l > 0 && !label_is_before(l - 1u, l))) {
			/*@ assert witness: !label_range(l) ||
			      !label_flow(l) ||
			      (1 <= l && !label_before(l - 1, l)); */
			return false;
		}
		//@ assert order: 1 <= l ==> label_before(l - 1, l);
	}
	return true;
}

/* ---- rows, and the indices into them ---- */

/*@ requires range: r <= POLICY_MAX_ROWS;
    assigns \nothing;
    ensures exact: \result == 1 <==> row_bits_ok(r);
*/
static bool row_bits_hold(u32 r)
{
	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant done: \forall integer k; 0 <= k < c ==>
	      subset32(pol_rows[r].av[k], refmon_class_perms[k]) &&
	      (r == 0 ==> pol_rows[r].av[k] == 0);
	    loop assigns c;
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		u32 av = pol_rows[r].av[c];

		if (!bits32_subset(av, refmon_class_perms[c]) ||
		    (r == 0 && av != 0)) {
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

/* Row 0 gives nothing, the one after the last is the strict masks. */
/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> rows_ok;
*/
static bool rows_hold(void)
{
	/*@ loop invariant range: 0 <= r <= pol_row_count + 1;
	    loop invariant done: \forall integer k; 0 <= k < r ==> row_ok(k);
	    loop assigns r;
	    loop variant pol_row_count + 1 - r;
	*/
	for (u32 r = 0; r <= pol_row_count; r++) {
		if (!row_bits_hold(r) ||
		    (r > 0 && r < pol_row_count && !row_is_before(r - 1u, r))) {
			//@ assert witness: !row_ok(r);
			return false;
		}
	}
	return true;
}

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> self_ok;
*/
static bool self_holds(void)
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
    assigns \nothing;
    ensures exact: \result == 1 <==> pairs_ok;
*/
static bool pairs_hold(void)
{
	u32 cells = layout_line(pol_type_count);

	/*@ loop invariant range: 0 <= i <= cells;
	    loop invariant done: \forall integer k; 0 <= k < i ==>
	      pair_plain(k);
	    loop assigns i;
	    loop variant cells - i;
	*/
	for (u32 i = 0; i < cells; i++) {
		if (pol_pair[i] >= pol_row_count ||
		    !row_is_plain(pol_pair[i])) {
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
	return bit32_test(pol_type[pol_label[l].type].flags,
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
	if (!levels_hold()) {
		return REFMON_E_LEVEL;
	}
	mls_derive();
	if (!labels_hold()) {
		return REFMON_E_LABEL;
	}
	if (!rows_hold() || !self_holds() || !pairs_hold()) {
		return REFMON_E_ROW;
	}
	/*@ assert pairs: \forall integer i;
	      0 <= i < pol_type_count * pol_type_count ==> pair_plain(i); */
	return initials_hold() ? REFMON_OK : REFMON_E_INITIAL;
}
