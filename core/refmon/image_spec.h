/* SPDX-License-Identifier: Apache-2.0 */
/* The image's bytes as mathematics: where things are and what loading them
 * means. Logic only. */
#pragma once

#include "lib/le.h"
#include "refmon/spec.h"

/* Where each section starts follows from the counts alone. */
/*@ logic integer pad8(integer x) = (x + 7) / 8 * 8;
    logic integer at_types{L} = 360;
    logic integer at_levels{L} = at_types + 8 * pol_type_count;
    logic integer at_labels{L} = at_levels + 136 * pol_level_count;
    logic integer at_self{L} = at_labels + 8 * pol_label_count;
    logic integer at_pair{L} = at_self + pad8(2 * pol_type_count);
    logic integer at_rows{L} =
      at_pair + pad8(2 * (pol_type_count * pol_type_count));
    logic integer at_strict{L} = at_rows + 64 * pol_row_count;
    logic integer at_names{L} = at_strict + 64;
    logic integer at_end{L} = at_names + pad8(pol_names_bytes);

    predicate readable{L}(u8 *image, integer bytes) =
      \valid_read(image + (0 .. bytes - 1));
    predicate fits{L}(u8 *image, integer bytes) =
      counts_ok && readable(image, bytes) && at_end == bytes;
*/

/*@ predicate class_matches{L}(u8 *image, integer c) =
      le32(image, 104 + 16 * c) == refmon_class_perms[c] &&
      le32(image, 104 + 16 * c + 4) == refmon_class_reads[c] &&
      le32(image, 104 + 16 * c + 8) == refmon_class_writes[c] &&
      le32(image, 104 + 16 * c + 12) == refmon_class_self[c];

    predicate classes_match{L}(u8 *image) =
      \forall integer c; 0 <= c < POLICY_CLASSES ==> class_matches(image, c);
*/

/*@ predicate header_ok{L}(u8 *image, integer bytes) =
      le64(image, 0) == POLICY_MAGIC && le32(image, 8) == POLICY_FORMAT &&
      le32(image, 12) == bytes && classes_match(image);
*/

/*@ predicate type_loaded{L}(u8 *image, integer t) =
      pol_type_flags[t] == le16(image, at_types + 8 * t) &&
      pol_type_name[t] == le16(image, at_types + 8 * t + 2);
    predicate type_reserved{L}(u8 *image, integer t) =
      le32(image, at_types + 8 * t + 4) == 0;
*/
/*@ predicate cats_loaded{L}(u8 *image, integer l) =
      \forall integer w; 0 <= w < POLICY_CAT_WORDS ==>
        pol_level_cat[l][w] == le64(image, at_levels + 136 * l + 8 + 8 * w);
    predicate level_loaded{L}(u8 *image, integer l) =
      pol_level_sens[l] == le32(image, at_levels + 136 * l) &&
      pol_level_name[l] == le32(image, at_levels + 136 * l + 4);
*/
/*@ predicate label_loaded{L}(u8 *image, integer l) =
      pol_label_type[l] == le16(image, at_labels + 8 * l) &&
      pol_label_low[l] == le16(image, at_labels + 8 * l + 2) &&
      pol_label_high[l] == le16(image, at_labels + 8 * l + 4) &&
      pol_label_name[l] == le16(image, at_labels + 8 * l + 6);
*/
/*@ predicate line_loaded{L}(u8 *image, integer s) =
      \forall integer o; 0 <= o < pol_type_count ==>
        pol_pair[s][o] ==
          le16(image, at_pair + 2 * (s * pol_type_count) + 2 * o);
*/
/*@ predicate row_loaded{L}(u8 *image, integer r) =
      \forall integer c; 0 <= c < POLICY_CLASSES ==>
        pol_rows[r][c] == le32(image, at_rows + 64 * r + 4 * c);
*/
/*@ predicate types_loaded{L}(u8 *image) =
      \forall integer t; 0 <= t < pol_type_count ==> type_loaded(image, t);
    predicate levels_loaded{L}(u8 *image) =
      \forall integer l; 0 <= l < pol_level_count ==> level_loaded(image, l);
    predicate cats_all_loaded{L}(u8 *image) =
      \forall integer l; 0 <= l < pol_level_count ==> cats_loaded(image, l);
    predicate labels_loaded{L}(u8 *image) =
      \forall integer l; 0 <= l < pol_label_count ==> label_loaded(image, l);
    predicate self_loaded{L}(u8 *image) =
      \forall integer t; 0 <= t < pol_type_count ==>
        pol_self[t] == le16(image, at_self + 2 * t);
    predicate pairs_loaded{L}(u8 *image) =
      \forall integer s; 0 <= s < pol_type_count ==> line_loaded(image, s);
    predicate rows_loaded{L}(u8 *image) =
      \forall integer r; 0 <= r < pol_row_count ==> row_loaded(image, r);
    predicate strict_loaded{L}(u8 *image) =
      \forall integer c; 0 <= c < POLICY_CLASSES ==>
        pol_strict[c] == le32(image, at_strict + 4 * c);
    predicate initial_loaded{L}(u8 *image) =
      \forall integer i; 0 <= i < POLICY_INITIAL_COUNT ==>
        pol_initial[i] == le16(image, 88 + 2 * i);
    predicate names_loaded{L}(u8 *image) =
      \forall integer i; 0 <= i < pol_names_bytes ==>
        pol_names[i] == image[at_names + i];

    predicate image_loaded{L}(u8 *image) =
      types_loaded(image) && levels_loaded(image) &&
      cats_all_loaded(image) && labels_loaded(image) &&
      self_loaded(image) && pairs_loaded(image) && rows_loaded(image) &&
      strict_loaded(image) && initial_loaded(image) && names_loaded(image);

    predicate zero_bytes{L}(u8 *image, integer from, integer to) =
      \forall integer i; from <= i < to ==> image[i] == 0;

    // No slack: every byte that says nothing is zero.
    predicate reserved_ok{L}(u8 *image) =
      \forall integer t; 0 <= t < pol_type_count ==> type_reserved(image, t);

    predicate slack_ok{L}(u8 *image, integer bytes) =
      zero_bytes(image, 84, 88) && zero_bytes(image, 100, 104) &&
      zero_bytes(image, at_self + 2 * pol_type_count, at_pair) &&
      zero_bytes(image, at_pair + 2 * (pol_type_count * pol_type_count),
                 at_rows) &&
      zero_bytes(image, at_names + pol_names_bytes, bytes);

    predicate padding_ok{L}(u8 *image, integer bytes) =
      reserved_ok(image) && slack_ok(image, bytes);
*/
