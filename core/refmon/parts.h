/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the monitor's files are to each other. Installing: fetch.c copies the
 * image and image.c drives the rest: header.c and sections.c fill the tables of
 * state.h from it, at layout.c's offsets; check.c judges them and has mls.c
 * work out dominance; flow.c checks the theorem. Deciding: decide.c. Facts
 * about labels: label.c. The class table as masks: classes.c.
 */
#pragma once

#include "refmon/refmon.h"
#include "refmon/image_spec.h"

/* ---- the image: where its sections are follows from the counts alone ---- */

#define HEADER_BYTES 360u
#define AT_RESERVED 84u
#define AT_INITIAL 88u
#define AT_CLASSES 104u

/* Where in pol_pair subject s's line starts; of the last plus one, its end. */
/*@ requires counts: counts_ok;
    requires range: s <= pol_type_count;
    assigns \nothing;
    ensures exact: \result == s * pol_type_count;
    ensures room: s < pol_type_count ==>
      \result + pol_type_count <= pol_type_count * pol_type_count;
    ensures range: \result <= 16384;
*/
u32 layout_line(u32 s);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == at_self;
    ensures range: \result <= 30000;
*/
u32 layout_self(void);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == at_pair;
    ensures range: \result <= 31000;
*/
u32 layout_pair(void);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == at_rows;
    ensures range: \result <= 64000;
*/
u32 layout_rows(void);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == at_names;
    ensures range: \result <= 98000;
*/
u32 layout_names(void);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == at_end;
*/
u32 layout_end(void);

/* Text for people, but on consoles: printable, or NUL. */
/*@ assigns \nothing;
    ensures exact: \result == 1 <==> c == 0 || 32 <= c <= 126;
*/
bool layout_is_text(u8 c);

/* Fields of the image: never overlaid with a structure, always bytewise. The
 * compiler makes one load of each; the provers understand multiplication. */
/*@ requires room: at + 2 <= POLICY_IMAGE_MAX;
    assigns \nothing;
    ensures exact: \result == le16(at);
*/
u16 image_rd16(u32 at);

/*@ requires room: at + 4 <= POLICY_IMAGE_MAX;
    assigns \nothing;
    ensures exact: \result == le32(at);
*/
u32 image_rd32(u32 at);

/*@ requires room: at + 8 <= POLICY_IMAGE_MAX;
    assigns \nothing;
    ensures exact: \result == le64(at);
*/
u64 image_rd64(u32 at);

/* Header and size: after this the sections are known to be there. */
/*@ assigns pol_type_count, pol_level_count, pol_label_count, pol_row_count,
      pol_sens_count, pol_cat_count, pol_names_bytes;
    ensures sound: \result == REFMON_OK ==> fits;
    ensures header: \result == REFMON_OK ==> header_ok;
*/
enum refmon_error header_load(void);

/* Fill every table. */
/*@ requires fits: fits;
    assigns pol_type[..],
      pol_level[..],
      pol_label[..],
      pol_self[..],
      pol_pair[..],
      pol_rows[..],
      pol_initial[..],
      pol_names[..];
    ensures padding: \result == REFMON_OK ==> padding_ok;
    ensures loaded: \result == REFMON_OK ==> image_loaded;
*/
enum refmon_error sections_load(void);

/* ---- the tables ---- */

/* Does level a dominate level b? From sensitivities and compartments. */
/*@ requires range: a < POLICY_MAX_LEVELS && b < POLICY_MAX_LEVELS;
    assigns \nothing;
    ensures exact: \result == 1 <==> lvl_dom(a, b);
*/
bool mls_dominates(u32 a, u32 b);

/* Fill pol_dom. */
/*@ requires range: pol_level_count <= POLICY_MAX_LEVELS;
    assigns pol_dom[..];
    ensures exact: dom_ok;
*/
void mls_derive(void);

/* Check everything, derive dominance on the way. */
/*@ requires counts: counts_ok;
    assigns pol_dom[..];
    ensures exact: \result == REFMON_OK <==> tables_ok;
    ensures ready: \result == REFMON_OK ==> policy_ok;
*/
enum refmon_error check_tables(void);

/* Rule row AND level masks, all 32 permissions of a class at once. */
/*@ requires ok: policy_ok;
    requires range: s < pol_label_count && o < pol_label_count &&
      cls < POLICY_CLASSES;
    assigns \nothing;
    ensures exact: \forall integer p; 0 <= p < 32 ==>
      (bit(\result, p) <==>
       te_allows(s, o, is_self, cls, p) && read_down(s, o, cls, p) &&
       write_up(s, o, cls, p) && strict_ok(s, o, cls, p));
*/
u32 decide_allowed(u32 s, u32 o, bool is_self, u32 cls);

/* For every ordered pair of labels, class and allowed permission: does what
 * flows X -> Y find high(Y) over low(X)? Dominance is computed again from
 * the levels, so a wrong pol_dom does not vouch for what it permits. */
/*@ requires ok: policy_ok;
    assigns \nothing;
    ensures exact: \result == 1;
    ensures theorem: flow_ok;
*/
bool flow_holds(void);

/* Judge the fetched image and put it into force; or deny everything. */
/*@ assigns pol_live, POLICY_TABLES;
    ensures inv: policy_inv;
    ensures live: pol_live == 1 <==> \result == REFMON_OK;
    ensures tables: \result == REFMON_OK ==> tables_ok && flow_ok;
    ensures image: \result == REFMON_OK ==>
      header_ok && padding_ok && image_loaded;
*/
enum refmon_error image_install(void);
