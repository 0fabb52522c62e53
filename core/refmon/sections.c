/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the image's bytes to the tables of state.h, one loader per section.
 * Values are judged later (check.c); here only padding and text are.
 * WP-ALIAS: pol_type_count,pol_level_count,pol_label_count,pol_row_count
 * WP-ALIAS: pol_names_bytes,pol_type_flags,pol_type_name,pol_level_sens
 * WP-ALIAS: pol_level_name,pol_level_cat,pol_label_type,pol_label_low
 * WP-ALIAS: pol_label_high,pol_label_name,pol_self,pol_pair,pol_rows
 * WP-ALIAS: pol_strict,pol_initial,pol_names,pol_sens_count,pol_cat_count
 */
#include "refmon/layout.h"

/*@ requires buf: readable(image, bytes);
    requires range: from <= to <= bytes;
    assigns \nothing;
    ensures exact: \result == 1 <==> zero_bytes(image, from, to);
*/
static bool is_zero(const u8 *image, u32 bytes, u32 from, u32 to)
{
	(void)bytes;
	/*@ loop invariant range: from <= i <= to;
	    loop invariant zero: \forall integer k; from <= k < i ==>
	      image[k] == 0;
	    loop assigns i;
	    loop variant to - i;
	*/
	for (u32 i = from; i < to; i++) {
		if (image[i] != 0) {
			return false;
		}
	}
	return true;
}

/*@ requires fits: fits(image, bytes);
    assigns \nothing;
    ensures exact: \result == 1 <==> slack_ok(image, bytes);
*/
static bool slack_holds(const u8 *image, u32 bytes)
{
	u32 cells = layout_square(pol_type_count);

	return is_zero(image, bytes, AT_RESERVED, AT_RESERVED + 4u) &&
	       is_zero(image, bytes, AT_INITIAL + 12u, AT_INITIAL + 16u) &&
	       is_zero(image, bytes, layout_self() + 2u * pol_type_count,
		       layout_pair()) &&
	       is_zero(image, bytes, layout_pair() + 2u * cells,
		       layout_rows()) &&
	       is_zero(image, bytes, layout_names() + pol_names_bytes, bytes);
}

/* ---- the sections ---- */

/*@ requires fits: fits(image, bytes);
    assigns pol_type_flags[..],
      pol_type_name[..];
    ensures loaded: \result == 1 ==> types_loaded(image);
    ensures exact: \result == 1 <==> reserved_ok(image);
*/
static bool load_types(const u8 *image, u32 bytes)
{
	/*@ loop invariant range: 0 <= t <= pol_type_count;
	    loop invariant loaded: \forall integer k; 0 <= k < t ==>
	      type_loaded(image, k);
	    loop invariant reserved: \forall integer k; 0 <= k < t ==>
	      type_reserved(image, k);
	    loop assigns t, pol_type_flags[..],
	      pol_type_name[..];
	    loop variant pol_type_count - t;
	*/
	for (u32 t = 0; t < pol_type_count; t++) {
		u32 at = HEADER_BYTES + 8u * t;

		pol_type_flags[t] = le_rd16(image, bytes, at);
		pol_type_name[t] = le_rd16(image, bytes, at + 2u);
		if (le_rd32(image, bytes, at + 4u) != 0) {
			return false;
		}
	}
	return true;
}

/*@ requires fits: fits(image, bytes);
    requires range: l < pol_level_count;
    assigns pol_level_cat[l][0 .. POLICY_CAT_WORDS - 1];
    ensures loaded: cats_loaded(image, l);
*/
static void load_cats(const u8 *image, u32 bytes, u32 l)
{
	u32 at = HEADER_BYTES + 8u * pol_type_count + 136u * l + 8u;

	/*@ loop invariant range: 0 <= w <= POLICY_CAT_WORDS;
	    loop invariant loaded: \forall integer k; 0 <= k < w ==>
	      pol_level_cat[l][k] ==
	        le64(image, at_levels + 136 * l + 8 + 8 * k);
	    loop assigns w, pol_level_cat[l][0 .. POLICY_CAT_WORDS - 1];
	    loop variant POLICY_CAT_WORDS - w;
	*/
	for (u32 w = 0; w < POLICY_CAT_WORDS; w++) {
		pol_level_cat[l][w] = le_rd64(image, bytes, at + 8u * w);
	}
}

/*@ requires fits: fits(image, bytes);
    assigns pol_level_sens[..],
      pol_level_name[..],
      pol_level_cat[..][..];
    ensures loaded: levels_loaded(image);
    ensures cats: cats_all_loaded(image);
*/
static void load_levels(const u8 *image, u32 bytes)
{
	u32 start = HEADER_BYTES + 8u * pol_type_count;

	/*@ loop invariant range: 0 <= l <= pol_level_count;
	    loop invariant loaded: \forall integer k; 0 <= k < l ==>
	      level_loaded(image, k);
	    loop invariant cats: \forall integer k; 0 <= k < l ==>
	      cats_loaded(image, k);
	    loop assigns l, pol_level_sens[..],
	      pol_level_name[..],
	      pol_level_cat[..][..];
	    loop variant pol_level_count - l;
	*/
	for (u32 l = 0; l < pol_level_count; l++) {
		u32 at = start + 136u * l;

		pol_level_sens[l] = le_rd32(image, bytes, at);
		pol_level_name[l] = le_rd32(image, bytes, at + 4u);
		load_cats(image, bytes, l);
	}
}

/*@ requires fits: fits(image, bytes);
    assigns pol_label_type[..],
      pol_label_low[..],
      pol_label_high[..],
      pol_label_name[..];
    ensures loaded: labels_loaded(image);
*/
static void load_labels(const u8 *image, u32 bytes)
{
	u32 start = HEADER_BYTES + 8u * pol_type_count +
		    136u * pol_level_count;

	/*@ loop invariant range: 0 <= l <= pol_label_count;
	    loop invariant loaded: \forall integer k; 0 <= k < l ==>
	      label_loaded(image, k);
	    loop assigns l, pol_label_type[..],
	      pol_label_low[..],
	      pol_label_high[..],
	      pol_label_name[..];
	    loop variant pol_label_count - l;
	*/
	for (u32 l = 0; l < pol_label_count; l++) {
		u32 at = start + 8u * l;

		pol_label_type[l] = le_rd16(image, bytes, at);
		pol_label_low[l] = le_rd16(image, bytes, at + 2u);
		pol_label_high[l] = le_rd16(image, bytes, at + 4u);
		pol_label_name[l] = le_rd16(image, bytes, at + 6u);
	}
}

/*@ requires fits: fits(image, bytes);
    assigns pol_self[..];
    ensures loaded: self_loaded(image);
*/
static void load_self(const u8 *image, u32 bytes)
{
	u32 start = layout_self();

	/*@ loop invariant range: 0 <= t <= pol_type_count;
	    loop invariant loaded: \forall integer k; 0 <= k < t ==>
	      pol_self[k] == le16(image, at_self + 2 * k);
	    loop assigns t, pol_self[..];
	    loop variant pol_type_count - t;
	*/
	for (u32 t = 0; t < pol_type_count; t++) {
		pol_self[t] = le_rd16(image, bytes, start + 2u * t);
	}
}

/*@ requires fits: fits(image, bytes);
    requires range: s < pol_type_count;
    assigns pol_pair[s][0 .. POLICY_MAX_TYPES - 1];
    ensures loaded: line_loaded(image, s);
*/
static void load_line(const u8 *image, u32 bytes, u32 s)
{
	u32 start = layout_pair() + 2u * layout_line(s, pol_type_count);

	/*@ loop invariant range: 0 <= o <= pol_type_count;
	    loop invariant loaded: \forall integer k; 0 <= k < o ==>
	      pol_pair[s][k] ==
	        le16(image, at_pair + 2 * (s * pol_type_count) + 2 * k);
	    loop assigns o, pol_pair[s][0 .. POLICY_MAX_TYPES - 1];
	    loop variant pol_type_count - o;
	*/
	for (u32 o = 0; o < pol_type_count; o++) {
		pol_pair[s][o] = le_rd16(image, bytes, start + 2u * o);
	}
}

/*@ requires fits: fits(image, bytes);
    assigns pol_pair[..][..];
    ensures loaded: pairs_loaded(image);
*/
static void load_pairs(const u8 *image, u32 bytes)
{
	/*@ loop invariant range: 0 <= s <= pol_type_count;
	    loop invariant loaded: \forall integer k; 0 <= k < s ==>
	      line_loaded(image, k);
	    loop assigns s, pol_pair[..][..];
	    loop variant pol_type_count - s;
	*/
	for (u32 s = 0; s < pol_type_count; s++) {
		load_line(image, bytes, s);
	}
}

/*@ requires fits: fits(image, bytes);
    requires range: r < pol_row_count;
    assigns pol_rows[r][0 .. POLICY_CLASSES - 1];
    ensures loaded: row_loaded(image, r);
*/
static void load_row(const u8 *image, u32 bytes, u32 r)
{
	u32 start = layout_rows() + 64u * r;

	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant loaded: \forall integer k; 0 <= k < c ==>
	      pol_rows[r][k] == le32(image, at_rows + 64 * r + 4 * k);
	    loop assigns c, pol_rows[r][0 .. POLICY_CLASSES - 1];
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		pol_rows[r][c] = le_rd32(image, bytes, start + 4u * c);
	}
}

/*@ requires fits: fits(image, bytes);
    assigns pol_rows[..][..];
    ensures loaded: rows_loaded(image);
*/
static void load_rows(const u8 *image, u32 bytes)
{
	/*@ loop invariant range: 0 <= r <= pol_row_count;
	    loop invariant loaded: \forall integer k; 0 <= k < r ==>
	      row_loaded(image, k);
	    loop assigns r, pol_rows[..][..];
	    loop variant pol_row_count - r;
	*/
	for (u32 r = 0; r < pol_row_count; r++) {
		load_row(image, bytes, r);
	}
}

/*@ requires fits: fits(image, bytes);
    assigns pol_strict[..];
    ensures loaded: strict_loaded(image);
*/
static void load_strict(const u8 *image, u32 bytes)
{
	u32 start = layout_strict();

	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant loaded: \forall integer k; 0 <= k < c ==>
	      pol_strict[k] == le32(image, at_strict + 4 * k);
	    loop assigns c, pol_strict[..];
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		pol_strict[c] = le_rd32(image, bytes, start + 4u * c);
	}
}

/*@ requires buf: readable(image, bytes) && bytes >= 360;
    assigns pol_initial[..];
    ensures loaded: initial_loaded(image);
*/
static void load_initial(const u8 *image, u32 bytes)
{
	/*@ loop invariant range: 0 <= i <= POLICY_INITIAL_COUNT;
	    loop invariant loaded: \forall integer k; 0 <= k < i ==>
	      pol_initial[k] == le16(image, 88 + 2 * k);
	    loop assigns i, pol_initial[..];
	    loop variant POLICY_INITIAL_COUNT - i;
	*/
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		pol_initial[i] = le_rd16(image, bytes, AT_INITIAL + 2u * i);
	}
}

/*@ requires fits: fits(image, bytes);
    assigns pol_names[..];
    ensures loaded: \result == 1 ==> names_loaded(image);
*/
static bool load_names(const u8 *image, u32 bytes)
{
	u32 start = layout_names();

	(void)bytes;
	/*@ loop invariant range: 0 <= i <= pol_names_bytes;
	    loop invariant loaded: \forall integer k; 0 <= k < i ==>
	      pol_names[k] == image[at_names + k];
	    loop assigns i, pol_names[..];
	    loop variant pol_names_bytes - i;
	*/
	for (u32 i = 0; i < pol_names_bytes; i++) {
		u8 c = image[start + i];

		if (!layout_is_text(c)) {
			return false;
		}
		pol_names[i] = (char)c;
	}
	return true;
}

enum refmon_error sections_load(const u8 *image, u32 bytes)
{
	if (!slack_holds(image, bytes) || !load_types(image, bytes)) {
		return REFMON_E_PADDING;
	}
	load_levels(image, bytes);
	load_labels(image, bytes);
	load_self(image, bytes);
	load_pairs(image, bytes);
	load_rows(image, bytes);
	load_strict(image, bytes);
	load_initial(image, bytes);
	return load_names(image, bytes) ? REFMON_OK : REFMON_E_NAMES;
}
