/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the image's bytes to the tables of state.h, one loader per section.
 * Values are judged later (check.c); here only padding and text are.
 */
#include "refmon/layout.h"

/*@ requires range: from <= to <= POLICY_IMAGE_MAX;
    assigns \nothing;
    ensures exact: \result == 1 <==> zero_bytes(from, to);
*/
static bool is_zero(u32 from, u32 to)
{
	/*@ loop invariant range: from <= i <= to;
	    loop invariant zero: \forall integer k; from <= k < i ==>
	      pol_image[k] == 0;
	    loop assigns i;
	    loop variant to - i;
	*/
	for (u32 i = from; i < to; i++) {
		if (pol_image[i] != 0) {
			return false;
		}
	}
	return true;
}

/*@ requires fits: fits;
    assigns \nothing;
    ensures exact: \result == 1 <==> slack_ok;
*/
static bool slack_holds(void)
{
	u32 cells = layout_square(pol_type_count);

	return is_zero(AT_RESERVED, AT_RESERVED + 4u) &&
	       is_zero(AT_INITIAL + 12u, AT_INITIAL + 16u) &&
	       is_zero(layout_self() + 2u * pol_type_count, layout_pair()) &&
	       is_zero(layout_pair() + 2u * cells, layout_rows()) &&
	       is_zero(layout_names() + pol_names_bytes, pol_image_bytes);
}

/* ---- the sections ---- */

/*@ requires fits: fits;
    assigns pol_type_flags[..],
      pol_type_name[..];
    ensures loaded: \result == 1 ==> types_loaded;
    ensures exact: \result == 1 <==> reserved_ok;
*/
static bool load_types(void)
{
	/*@ loop invariant range: 0 <= t <= pol_type_count;
	    loop invariant loaded: \forall integer k; 0 <= k < t ==>
	      type_loaded(k);
	    loop invariant reserved: \forall integer k; 0 <= k < t ==>
	      type_reserved(k);
	    loop assigns t, pol_type_flags[..],
	      pol_type_name[..];
	    loop variant pol_type_count - t;
	*/
	for (u32 t = 0; t < pol_type_count; t++) {
		u32 at = HEADER_BYTES + 8u * t;

		pol_type_flags[t] = image_rd16(at);
		pol_type_name[t] = image_rd16(at + 2u);
		if (image_rd32(at + 4u) != 0) {
			//@ assert witness: !type_reserved(t);
			return false;
		}
	}
	return true;
}

/*@ requires fits: fits;
    requires range: l < pol_level_count;
    assigns pol_level_cat[l];
    ensures loaded: cats_loaded(l);
*/
static void load_cats(u32 l)
{
	u32 at = HEADER_BYTES + 8u * pol_type_count + 136u * l + 8u;

	/*@ loop invariant range: 0 <= w <= POLICY_CAT_WORDS;
	    loop invariant loaded: \forall integer k; 0 <= k < w ==>
	      pol_level_cat[l].word[k] ==
	        le64(at_levels + 136 * l + 8 + 8 * k);
	    loop assigns w, pol_level_cat[l];
	    loop variant POLICY_CAT_WORDS - w;
	*/
	for (u32 w = 0; w < POLICY_CAT_WORDS; w++) {
		pol_level_cat[l].word[w] = image_rd64(at + 8u * w);
	}
}

/*@ requires fits: fits;
    assigns pol_level_sens[..],
      pol_level_name[..],
      pol_level_cat[..];
    ensures loaded: levels_loaded;
    ensures cats: cats_all_loaded;
*/
static void load_levels(void)
{
	u32 start = HEADER_BYTES + 8u * pol_type_count;

	/*@ loop invariant range: 0 <= l <= pol_level_count;
	    loop invariant loaded: \forall integer k; 0 <= k < l ==>
	      level_loaded(k);
	    loop invariant cats: \forall integer k; 0 <= k < l ==>
	      cats_loaded(k);
	    loop assigns l, pol_level_sens[..],
	      pol_level_name[..],
	      pol_level_cat[..];
	    loop variant pol_level_count - l;
	*/
	for (u32 l = 0; l < pol_level_count; l++) {
		u32 at = start + 136u * l;

		pol_level_sens[l] = image_rd32(at);
		pol_level_name[l] = image_rd32(at + 4u);
		load_cats(l);
		//@ assert now: level_loaded(l);
	}
}

/*@ requires fits: fits;
    assigns pol_label_type[..],
      pol_label_low[..],
      pol_label_high[..],
      pol_label_name[..];
    ensures loaded: labels_loaded;
*/
static void load_labels(void)
{
	u32 start = HEADER_BYTES + 8u * pol_type_count + 136u * pol_level_count;

	/*@ loop invariant range: 0 <= l <= pol_label_count;
	    loop invariant loaded: \forall integer k; 0 <= k < l ==>
	      label_loaded(k);
	    loop assigns l, pol_label_type[..],
	      pol_label_low[..],
	      pol_label_high[..],
	      pol_label_name[..];
	    loop variant pol_label_count - l;
	*/
	for (u32 l = 0; l < pol_label_count; l++) {
		u32 at = start + 8u * l;

		pol_label_type[l] = image_rd16(at);
		pol_label_low[l] = image_rd16(at + 2u);
		pol_label_high[l] = image_rd16(at + 4u);
		pol_label_name[l] = image_rd16(at + 6u);
	}
}

/*@ requires fits: fits;
    assigns pol_self[..];
    ensures loaded: self_loaded;
*/
static void load_self(void)
{
	u32 start = layout_self();

	/*@ loop invariant range: 0 <= t <= pol_type_count;
	    loop invariant loaded: \forall integer k; 0 <= k < t ==>
	      pol_self[k] == le16(at_self + 2 * k);
	    loop assigns t, pol_self[..];
	    loop variant pol_type_count - t;
	*/
	for (u32 t = 0; t < pol_type_count; t++) {
		pol_self[t] = image_rd16(start + 2u * t);
	}
}

/*@ requires fits: fits;
    requires range: s < pol_type_count;
    assigns pol_pair[s];
    ensures loaded: line_loaded(s);
*/
static void load_line(u32 s)
{
	u32 skip = layout_line(s, pol_type_count);
	u32 start = layout_pair() + 2u * skip;

	/*@ loop invariant range: 0 <= o <= pol_type_count;
	    loop invariant loaded: \forall integer k; 0 <= k < o ==>
	      pol_pair[s].row[k] == le16(line_at(s) + 2 * k);
	    loop assigns o, pol_pair[s];
	    loop variant pol_type_count - o;
	*/
	for (u32 o = 0; o < pol_type_count; o++) {
		pol_pair[s].row[o] = image_rd16(start + 2u * o);
	}
}

/*@ requires fits: fits;
    assigns pol_pair[..];
    ensures loaded: pairs_loaded;
*/
static void load_pairs(void)
{
	/*@ loop invariant range: 0 <= s <= pol_type_count;
	    loop invariant loaded: \forall integer k; 0 <= k < s ==>
	      line_loaded(k);
	    loop assigns s, pol_pair[..];
	    loop variant pol_type_count - s;
	*/
	for (u32 s = 0; s < pol_type_count; s++) {
		load_line(s);
	}
}

/*@ requires fits: fits;
    requires range: r < pol_row_count;
    assigns pol_rows[r];
    ensures loaded: row_loaded(r);
*/
static void load_row(u32 r)
{
	u32 start = layout_rows() + 64u * r;

	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant loaded: \forall integer k; 0 <= k < c ==>
	      pol_rows[r].av[k] == le32(at_rows + 64 * r + 4 * k);
	    loop assigns c, pol_rows[r];
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		pol_rows[r].av[c] = image_rd32(start + 4u * c);
	}
}

/*@ requires fits: fits;
    assigns pol_rows[..];
    ensures loaded: rows_loaded;
*/
static void load_rows(void)
{
	/*@ loop invariant range: 0 <= r <= pol_row_count;
	    loop invariant loaded: \forall integer k; 0 <= k < r ==>
	      row_loaded(k);
	    loop assigns r, pol_rows[..];
	    loop variant pol_row_count - r;
	*/
	for (u32 r = 0; r < pol_row_count; r++) {
		load_row(r);
	}
}

/*@ requires fits: fits;
    assigns pol_strict[..];
    ensures loaded: strict_loaded;
*/
static void load_strict(void)
{
	u32 start = layout_strict();

	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant loaded: \forall integer k; 0 <= k < c ==>
	      pol_strict[k] == le32(at_strict + 4 * k);
	    loop assigns c, pol_strict[..];
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		pol_strict[c] = image_rd32(start + 4u * c);
	}
}

/*@ assigns pol_initial[..];
    ensures loaded: initial_loaded;
*/
static void load_initial(void)
{
	/*@ loop invariant range: 0 <= i <= POLICY_INITIAL_COUNT;
	    loop invariant loaded: \forall integer k; 0 <= k < i ==>
	      pol_initial[k] == le16(88 + 2 * k);
	    loop assigns i, pol_initial[..];
	    loop variant POLICY_INITIAL_COUNT - i;
	*/
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		pol_initial[i] = image_rd16(AT_INITIAL + 2u * i);
	}
}

/*@ requires fits: fits;
    assigns pol_names[..];
    ensures loaded: \result == 1 ==> names_loaded;
*/
static bool load_names(void)
{
	u32 start = layout_names();

	/*@ loop invariant range: 0 <= i <= pol_names_bytes;
	    loop invariant loaded: \forall integer k; 0 <= k < i ==>
	      pol_names[k] == pol_image[at_names + k];
	    loop assigns i, pol_names[..];
	    loop variant pol_names_bytes - i;
	*/
	for (u32 i = 0; i < pol_names_bytes; i++) {
		u8 c = pol_image[start + i];

		if (!layout_is_text(c)) {
			return false;
		}
		pol_names[i] = (char)c;
	}
	return true;
}

enum refmon_error sections_load(void)
{
	if (!slack_holds() || !load_types()) {
		return REFMON_E_PADDING;
	}
	load_levels();
	load_labels();
	load_self();
	load_pairs();
	load_rows();
	load_strict();
	load_initial();
	return load_names() ? REFMON_OK : REFMON_E_NAMES;
}
