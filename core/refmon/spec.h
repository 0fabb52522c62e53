/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The specification of the reference monitor: what the words of its
 * contracts mean. Logic only; no C is declared here. Read "the decision"
 * first, then "the installed policy".
 */
#pragma once

#include "lib/bits.h"
#include "refmon/state.h"

/* ---- levels ---- */
/*@ predicate lvl_dom{L}(integer a, integer b) =
      pol_level[a].sens >= pol_level[b].sens &&
      \forall integer i; 0 <= i < POLICY_CAT_WORDS ==>
        subset64(pol_level[b].cat[i], pol_level[a].cat[i]);

    predicate lvl_eq{L}(integer a, integer b) =
      pol_level[a].sens == pol_level[b].sens &&
      \forall integer i; 0 <= i < POLICY_CAT_WORDS ==>
        pol_level[a].cat[i] == pol_level[b].cat[i];

    predicate dom_row_ok{L}(integer a) =
      \forall integer b; 0 <= b < pol_level_count ==>
        (pol_dom[a].over[b] != 0 <==> lvl_dom(a, b));

    predicate dom_ok{L} =
      \forall integer a; 0 <= a < pol_level_count ==> dom_row_ok(a);
*/

/* ---- ranges: every index of the tables stays inside its table ---- */
/*@ predicate counts_ok{L} =
      1 <= pol_type_count <= POLICY_MAX_TYPES &&
      1 <= pol_level_count <= POLICY_MAX_LEVELS &&
      1 <= pol_label_count <= POLICY_MAX_LABELS &&
      1 <= pol_row_count <= POLICY_MAX_ROWS &&
      1 <= pol_sens_count <= POLICY_MAX_SENS &&
      pol_cat_count <= 64 * POLICY_CAT_WORDS &&
      1 <= pol_names_bytes <= POLICY_MAX_NAMES;

    predicate label_range{L}(integer l) =
      pol_label[l].type < pol_type_count &&
      pol_label[l].low < pol_level_count &&
      pol_label[l].high < pol_level_count;

    predicate is_trusted{L}(integer t) = bit(pol_type[t].flags, 0);

    predicate label_flow{L}(integer l) =
      lvl_dom(pol_label[l].high, pol_label[l].low) &&
      (is_trusted(pol_label[l].type) ||
       pol_label[l].low == pol_label[l].high);

    predicate label_ranges{L} =
      \forall integer l; 0 <= l < pol_label_count ==> label_range(l);

    predicate label_flows{L} =
      \forall integer l; 0 <= l < pol_label_count ==> label_flow(l);

    predicate self_ok{L} =
      \forall integer t; 0 <= t < pol_type_count ==>
        pol_self[t] < pol_row_count;

    predicate pair_ok{L} =
      \forall integer i; 0 <= i < pol_type_count * pol_type_count ==>
        pol_pair[i] < pol_row_count;

    predicate initial_ok{L} =
      \forall integer i; 0 <= i < POLICY_INITIAL_COUNT ==>
        pol_initial[i] < pol_label_count;
*/

/* ---- names ---- */
/*@ predicate name_at{L}(integer n) =
      0 <= n < pol_names_bytes && (n == 0 || pol_names[n - 1] == 0);

    predicate type_names{L} =
      \forall integer t; 0 <= t < pol_type_count ==>
        name_at(pol_type[t].name);

    predicate label_names{L} =
      \forall integer l; 0 <= l < pol_label_count ==>
        name_at(pol_label[l].name);
*/

/* ---- the installed policy ---- */
/*@ predicate policy_ok{L} =
      counts_ok && dom_ok && label_ranges && label_flows && self_ok &&
      pair_ok && initial_ok && label_names &&
      pol_names[pol_names_bytes - 1] == 0;

    // What holds between calls: nothing is installed, or all of it is good.
    predicate policy_inv{L} =
      (pol_live == 0 || pol_live == 1) && (pol_live == 1 ==> policy_ok);
*/

/* ---- the decision, as mathematics ---- */
/*@ logic integer row_of{L}(integer s, integer o, integer self) =
      self != 0 ? pol_self[pol_label[s].type]
                : pol_pair[pol_label[s].type * pol_type_count +
                           pol_label[o].type];

    predicate query_ok{L}(integer s, integer o, integer self, integer c,
                          integer p) =
      pol_live == 1 && 0 <= s < pol_label_count && 0 <= o < pol_label_count &&
      (self != 0 ==> s == o) && 0 <= c < POLICY_CLASSES &&
      0 <= p < POLICY_PERMS && bit(refmon_class_perms[c], p);

    predicate rule_allows{L}(integer r, integer self, integer c, integer p) =
      bit(pol_rows[r].av[c], p) &&
      (self != 0 || !bit(refmon_class_self[c], p));

    predicate may_read{L}(integer s, integer o) =
      lvl_dom(pol_label[s].high, pol_label[o].low);

    predicate may_write{L}(integer s, integer o) =
      lvl_dom(pol_label[o].high, pol_label[s].low);

    predicate read_down{L}(integer s, integer o, integer c, integer p) =
      bit(refmon_class_reads[c], p) ==> may_read(s, o);

    predicate write_up{L}(integer s, integer o, integer c, integer p) =
      bit(refmon_class_writes[c], p) ==> may_write(s, o);

    predicate strict_ok{L}(integer s, integer o, integer c, integer p) =
      bit(pol_rows[pol_row_count].av[c], p) ==>
        pol_label[s].low == pol_label[o].low;

    predicate te_allows{L}(integer s, integer o, integer self, integer c,
                           integer p) =
      rule_allows(row_of(s, o, self), self, c, p);

    // THE specification: what refmon_decide() permits, and nothing else.
    predicate permitted{L}(integer s, integer o, integer self, integer c,
                           integer p) =
      query_ok(s, o, self, c, p) && te_allows(s, o, self, c, p) &&
      read_down(s, o, c, p) && write_up(s, o, c, p) && strict_ok(s, o, c, p);
*/

/* ==== what a well-formed policy is, table by table ==== */

/* ---- names: the pool ends with a NUL, an offset starts a string ---- */
/*@ predicate level_names{L} =
      \forall integer l; 0 <= l < pol_level_count ==>
        name_at(pol_level[l].name);

    predicate names_ok{L} =
      pol_names[pol_names_bytes - 1] == 0 && type_names && level_names &&
      label_names;

    predicate name_same{L}(integer x, integer y, integer i) =
      pol_names[x + i] == pol_names[y + i] && pol_names[x + i] != 0;

    predicate name_differs{L}(integer x, integer y, integer k) =
      0 <= k && x + k < pol_names_bytes && y + k < pol_names_bytes &&
      pol_names[x + k] < pol_names[y + k] &&
      \forall integer i; 0 <= i < k ==> name_same(x, y, i);

    predicate name_before{L}(integer x, integer y) =
      \exists integer k; name_differs(x, y, k);
*/
/* ---- types: known flags, sorted by name ---- */
/*@ predicate type_ok{L}(integer t) =
      pol_type[t].flags < 8 &&
      (t == 0 || name_before(pol_type[t - 1].name, pol_type[t].name));

    predicate types_ok{L} =
      \forall integer t; 0 <= t < pol_type_count ==> type_ok(t);
*/
/* ---- levels: within the universe, sorted ---- */
/*@ predicate cats_before{L}(integer a, integer b) =
      \exists integer k; 0 <= k < POLICY_CAT_WORDS &&
        pol_level[a].cat[k] < pol_level[b].cat[k] &&
        \forall integer i; 0 <= i < k ==>
          pol_level[a].cat[i] == pol_level[b].cat[i];

    predicate level_before{L}(integer a, integer b) =
      pol_level[a].sens < pol_level[b].sens ||
      (pol_level[a].sens == pol_level[b].sens && cats_before(a, b));

    predicate cats_fit{L}(integer l) =
      \forall integer c; pol_cat_count <= c < 64 * POLICY_CAT_WORDS ==>
        !bit(pol_level[l].cat[c / 64], c % 64);

    predicate level_ok{L}(integer l) =
      pol_level[l].sens < pol_sens_count && cats_fit(l) &&
      (l == 0 || level_before(l - 1, l));

    predicate levels_ok{L} =
      \forall integer l; 0 <= l < pol_level_count ==> level_ok(l);
*/
/* ---- labels: sorted; ranges and flow: above ---- */
/*@ predicate label_before{L}(integer a, integer b) =
      pol_label[a].type < pol_label[b].type ||
      (pol_label[a].type == pol_label[b].type &&
       (pol_label[a].low < pol_label[b].low ||
        (pol_label[a].low == pol_label[b].low &&
         pol_label[a].high < pol_label[b].high)));

    predicate labels_sorted{L} =
      \forall integer l; 1 <= l < pol_label_count ==> label_before(l - 1, l);
*/
/* ---- rows: row 0 empty, only known permissions, sorted; the last one, the
 * strict masks, only has known permissions ---- */
/*@ predicate row_bits_ok{L}(integer r) =
      \forall integer c; 0 <= c < POLICY_CLASSES ==>
        subset32(pol_rows[r].av[c], refmon_class_perms[c]) &&
        (r == 0 ==> pol_rows[r].av[c] == 0);

    predicate row_before{L}(integer a, integer b) =
      \exists integer k; 0 <= k < POLICY_CLASSES &&
        pol_rows[a].av[k] < pol_rows[b].av[k] &&
        \forall integer i; 0 <= i < k ==>
          pol_rows[a].av[i] == pol_rows[b].av[i];

    predicate row_ok{L}(integer r) =
      row_bits_ok(r) &&
      (0 < r < pol_row_count ==> row_before(r - 1, r));

    predicate rows_ok{L} =
      \forall integer r; 0 <= r <= pol_row_count ==> row_ok(r);

    // Between two instances the self plane's permissions do not exist.
    predicate no_self_bits{L}(integer r, integer c) =
      \forall integer p; 0 <= p < 32 ==>
        !(bit(pol_rows[r].av[c], p) && bit(refmon_class_self[c], p));

    predicate row_plain{L}(integer r) =
      \forall integer c; 0 <= c < POLICY_CLASSES ==> no_self_bits(r, c);

    predicate pair_plain{L}(integer i) =
      pol_pair[i] < pol_row_count && row_plain(pol_pair[i]);

    predicate pairs_ok{L} =
      \forall integer i; 0 <= i < pol_type_count * pol_type_count ==>
        pair_plain(i);
*/
/* ---- initial labels: there, and fit for what they label ---- */
/*@ predicate fits_initial{L}(integer i) =
      pol_initial[i] < pol_label_count &&
      (i == POLICY_INITIAL_DOM0
         ? bit(pol_type[pol_label[pol_initial[i]].type].flags, 1)
         : bit(pol_type[pol_label[pol_initial[i]].type].flags, 2));

    predicate initials_ok{L} =
      \forall integer i; 0 <= i < POLICY_INITIAL_COUNT ==> fits_initial(i);
*/
/*@ predicate tables_ok{L} =
      names_ok && types_ok && levels_ok && label_ranges && labels_sorted &&
      label_flows && rows_ok && self_ok && pairs_ok && initials_ok;
*/

/* ==== the flow theorem, as checked at load ==== */

/*@ predicate flow_class_ok{L}(integer s, integer o, integer c) =
      \forall integer p; 0 <= p < 32 ==>
        te_allows(s, o, 0, c, p) && read_down(s, o, c, p) &&
        write_up(s, o, c, p) && strict_ok(s, o, c, p) ==>
        (bit(refmon_class_reads[c], p) ==> may_read(s, o)) &&
        (bit(refmon_class_writes[c], p) ==> may_write(s, o));

    predicate flow_pair_ok{L}(integer s, integer o) =
      \forall integer c; 0 <= c < POLICY_CLASSES ==> flow_class_ok(s, o, c);

    predicate flow_label_ok{L}(integer s) =
      \forall integer o; 0 <= o < pol_label_count ==> flow_pair_ok(s, o);

    predicate flow_ok{L} =
      \forall integer s; 0 <= s < pol_label_count ==> flow_label_ok(s);
*/
