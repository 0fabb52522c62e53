/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the image's bytes to the tables of state.h, one loader per section.
 * Values are judged later (check.c); here only padding and text are.
 *
 * WP-ALIAS: pol_image
 */
#include "refmon/parts.h"

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
	u32 cells = layout_line(pol_type_count);

	return is_zero(AT_RESERVED, AT_RESERVED + 4u) &&
	       is_zero(AT_INITIAL + 12u, AT_INITIAL + 16u) &&
	       is_zero(layout_self() + 2u * pol_type_count, layout_pair()) &&
	       is_zero(layout_pair() + 2u * cells, layout_rows()) &&
	       is_zero(layout_names() + pol_names_bytes, pol_image_bytes);
}

/* ---- the sections ---- */

/*@ requires fits: fits;
    assigns pol_type[..];
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
	    loop assigns t, pol_type[..];
	    loop variant pol_type_count - t;
	*/
	for (u32 t = 0; t < pol_type_count; t++) {
		u32 at = HEADER_BYTES + 8u * t;

		pol_type[t].flags = image_rd16(at);
		pol_type[t].name = image_rd16(at + 2u);
		if (image_rd32(at + 4u) != 0) {
			//@ assert witness: !type_reserved(t);
			return false;
		}
	}
	return true;
}

/*@ requires fits: fits;
    assigns pol_level[..];
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
	    loop assigns l, pol_level[..];
	    loop variant pol_level_count - l;
	*/
	for (u32 l = 0; l < pol_level_count; l++) {
		u32 at = start + 136u * l;

		pol_level[l].sens = image_rd32(at);
		pol_level[l].name = image_rd32(at + 4u);
		/*@ loop invariant range: 0 <= w <= POLICY_CAT_WORDS;
		    loop invariant loaded: \forall integer k; 0 <= k < w ==>
		      pol_level[l].cat[k] ==
		        le64(at_levels + 136 * l + 8 + 8 * k);
		    loop assigns w, pol_level[l].cat[..];
		    loop variant POLICY_CAT_WORDS - w;
		*/
		for (u32 w = 0; w < POLICY_CAT_WORDS; w++) {
			pol_level[l].cat[w] = image_rd64(at + 8u + 8u * w);
		}
		//@ assert now: level_loaded(l) && cats_loaded(l);
	}
}

/*@ requires fits: fits;
    assigns pol_label[..];
    ensures loaded: labels_loaded;
*/
static void load_labels(void)
{
	u32 start = HEADER_BYTES + 8u * pol_type_count + 136u * pol_level_count;

	/*@ loop invariant range: 0 <= l <= pol_label_count;
	    loop invariant loaded: \forall integer k; 0 <= k < l ==>
	      label_loaded(k);
	    loop assigns l, pol_label[..];
	    loop variant pol_label_count - l;
	*/
	for (u32 l = 0; l < pol_label_count; l++) {
		u32 at = start + 8u * l;

		pol_label[l].type = image_rd16(at);
		pol_label[l].low = image_rd16(at + 2u);
		pol_label[l].high = image_rd16(at + 4u);
		pol_label[l].name = image_rd16(at + 6u);
	}
}

/* Indices, two bytes each. */
/*@ requires room: start + 2 * count <= POLICY_IMAGE_MAX;
    requires to: \valid(to + (0 .. count - 1)) &&
      \separated(to + (0 .. count - 1), &pol_image[0 .. POLICY_IMAGE_MAX - 1]);
    assigns to[0 .. count - 1];
    ensures loaded: \forall integer k; 0 <= k < count ==>
      to[k] == le16(start + 2 * k);
*/
static void load_indices(u32 start, u32 count, u16 *to)
{
	/*@ loop invariant range: 0 <= i <= count;
	    loop invariant loaded: \forall integer k; 0 <= k < i ==>
	      to[k] == le16(start + 2 * k);
	    loop assigns i, to[0 .. count - 1];
	    loop variant count - i;
	*/
	for (u32 i = 0; i < count; i++) {
		to[i] = image_rd16(start + 2u * i);
	}
}

/* The strict masks follow the last row as if they were one more. */
/*@ requires fits: fits;
    assigns pol_rows[..];
    ensures loaded: rows_loaded;
*/
static void load_rows(void)
{
	u32 start = layout_rows();

	/*@ loop invariant range: 0 <= r <= pol_row_count + 1;
	    loop invariant loaded: \forall integer k; 0 <= k < r ==>
	      row_loaded(k);
	    loop assigns r, pol_rows[..];
	    loop variant pol_row_count + 1 - r;
	*/
	for (u32 r = 0; r <= pol_row_count; r++) {
		/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
		    loop invariant loaded: \forall integer k; 0 <= k < c ==>
		      pol_rows[r].av[k] == le32(at_rows + 64 * r + 4 * k);
		    loop assigns c, pol_rows[r];
		    loop variant POLICY_CLASSES - c;
		*/
		for (u32 c = 0; c < POLICY_CLASSES; c++) {
			pol_rows[r].av[c] =
				image_rd32(start + 64u * r + 4u * c);
		}
		//@ assert now: row_loaded(r);
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
	load_indices(layout_self(), pol_type_count, pol_self);
	load_indices(layout_pair(), layout_line(pol_type_count), pol_pair);
	load_rows();
	load_indices(AT_INITIAL, POLICY_INITIAL_COUNT, pol_initial);
	return load_names() ? REFMON_OK : REFMON_E_NAMES;
}
