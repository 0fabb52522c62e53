/* SPDX-License-Identifier: Apache-2.0 */
/* The image's bytes as mathematics: where things are and what loading them
 * means. Logic only. */
#pragma once

#include "refmon/spec.h"

/* Little-endian fields. */
/*@ logic integer le16{L}(integer o) = pol_image[o] + 256 * pol_image[o + 1];
    logic integer le32{L}(integer o) =
      pol_image[o] + 256 * pol_image[o + 1] + 65536 * pol_image[o + 2] +
      16777216 * pol_image[o + 3];
    logic integer le64{L}(integer o) = le32(o) + 4294967296 * le32(o + 4);
*/

/* Where each section starts follows from the counts alone. */
/*@ logic integer pad8(integer x) = (x + 7) / 8 * 8;
    logic integer at_types{L} = 360;
    logic integer at_levels{L} = at_types + 8 * pol_type_count;
    logic integer at_labels{L} = at_levels + 136 * pol_level_count;
    logic integer at_self{L} = at_labels + 8 * pol_label_count;
    logic integer at_pair{L} = at_self + pad8(2 * pol_type_count);
    logic integer at_rows{L} =
      at_pair + pad8(2 * (pol_type_count * pol_type_count));
    // The strict masks are the row after the last.
    logic integer at_names{L} = at_rows + 64 * (pol_row_count + 1);
    logic integer at_end{L} = at_names + pad8(pol_names_bytes);

    predicate fits{L} =
      counts_ok && at_end == pol_image_bytes <= POLICY_IMAGE_MAX;
*/

/*@ predicate class_matches{L}(integer c) =
      le32(104 + 16 * c) == refmon_class_perms[c] &&
      le32(104 + 16 * c + 4) == refmon_class_reads[c] &&
      le32(104 + 16 * c + 8) == refmon_class_writes[c] &&
      le32(104 + 16 * c + 12) == refmon_class_self[c];

    predicate classes_match{L} =
      \forall integer c; 0 <= c < POLICY_CLASSES ==> class_matches(c);
*/

/*@ predicate header_ok{L} =
      le64(0) == POLICY_MAGIC && le32(8) == POLICY_FORMAT &&
      le32(12) == pol_image_bytes && classes_match;
*/

/*@ predicate type_loaded{L}(integer t) =
      pol_type[t].flags == le16(at_types + 8 * t) &&
      pol_type[t].name == le16(at_types + 8 * t + 2);
    predicate type_reserved{L}(integer t) =
      le32(at_types + 8 * t + 4) == 0;
*/
/*@ predicate cats_loaded{L}(integer l) =
      \forall integer w; 0 <= w < POLICY_CAT_WORDS ==>
        pol_level[l].cat[w] == le64(at_levels + 136 * l + 8 + 8 * w);
    predicate level_loaded{L}(integer l) =
      pol_level[l].sens == le32(at_levels + 136 * l) &&
      pol_level[l].name == le32(at_levels + 136 * l + 4);
*/
/*@ predicate label_loaded{L}(integer l) =
      pol_label[l].type == le16(at_labels + 8 * l) &&
      pol_label[l].low == le16(at_labels + 8 * l + 2) &&
      pol_label[l].high == le16(at_labels + 8 * l + 4) &&
      pol_label[l].name == le16(at_labels + 8 * l + 6);
*/
/*@ predicate row_loaded{L}(integer r) =
      \forall integer c; 0 <= c < POLICY_CLASSES ==>
        pol_rows[r].av[c] == le32(at_rows + 64 * r + 4 * c);
*/
/*@ predicate types_loaded{L} =
      \forall integer t; 0 <= t < pol_type_count ==> type_loaded(t);
    predicate levels_loaded{L} =
      \forall integer l; 0 <= l < pol_level_count ==> level_loaded(l);
    predicate cats_all_loaded{L} =
      \forall integer l; 0 <= l < pol_level_count ==> cats_loaded(l);
    predicate labels_loaded{L} =
      \forall integer l; 0 <= l < pol_label_count ==> label_loaded(l);
    predicate self_loaded{L} =
      \forall integer t; 0 <= t < pol_type_count ==>
        pol_self[t] == le16(at_self + 2 * t);
    predicate pairs_loaded{L} =
      \forall integer i; 0 <= i < pol_type_count * pol_type_count ==>
        pol_pair[i] == le16(at_pair + 2 * i);
    predicate rows_loaded{L} =
      \forall integer r; 0 <= r <= pol_row_count ==> row_loaded(r);
    predicate initial_loaded{L} =
      \forall integer i; 0 <= i < POLICY_INITIAL_COUNT ==>
        pol_initial[i] == le16(88 + 2 * i);
    predicate names_loaded{L} =
      \forall integer i; 0 <= i < pol_names_bytes ==>
        pol_names[i] == pol_image[at_names + i];

    predicate image_loaded{L} =
      types_loaded && levels_loaded &&
      cats_all_loaded && labels_loaded &&
      self_loaded && pairs_loaded && rows_loaded &&
      initial_loaded && names_loaded;

    predicate zero_bytes{L}(integer from, integer to) =
      \forall integer i; from <= i < to ==> pol_image[i] == 0;

    // No slack: every byte that says nothing is zero.
    predicate reserved_ok{L} =
      \forall integer t; 0 <= t < pol_type_count ==> type_reserved(t);

    predicate slack_ok{L} =
      zero_bytes(84, 88) && zero_bytes(100, 104) &&
      zero_bytes(at_self + 2 * pol_type_count, at_pair) &&
      zero_bytes(at_pair + 2 * (pol_type_count * pol_type_count),
                 at_rows) &&
      zero_bytes(at_names + pol_names_bytes, pol_image_bytes);

    predicate padding_ok{L} =
      reserved_ok && slack_ok;
*/
