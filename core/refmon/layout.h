/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the sections of an image are: it follows from the counts alone.
 * And the two loaders: header.c reads the header, sections.c fills the
 * tables of state.h. Contracts say which bytes each table entry came from.
 */
#pragma once

#include "refmon/refmon.h"
#include "refmon/image_spec.h"

#define HEADER_BYTES 360u
#define AT_RESERVED 84u
#define AT_INITIAL 88u
#define AT_CLASSES 104u

/*@ requires range: n <= POLICY_MAX_TYPES;
    assigns \nothing;
    ensures exact: \result == n * n;
    ensures range: \result <= 16384;
*/
u32 layout_square(u32 n);

/*@ requires range: s < n && n <= POLICY_MAX_TYPES;
    assigns \nothing;
    ensures exact: \result == s * n;
    ensures range: \result + n <= n * n && n * n <= 16384;
*/
u32 layout_line(u32 s, u32 n);

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
    ensures exact: \result == at_strict;
    ensures range: \result <= 97000;
*/
u32 layout_strict(void);

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

/* Copy the image in: all of it, or as much as the largest one has. */
/*@ requires buf: \valid_read(image + (0 .. bytes - 1));
    requires apart: \separated(image + (0 .. bytes - 1), &pol_image[..],
      &pol_image_bytes);
    assigns pol_image[..], pol_image_bytes;
    ensures size: pol_image_bytes == bytes;
    ensures same: \forall integer i;
      0 <= i < bytes && i < POLICY_IMAGE_MAX ==> pol_image[i] == image[i];
*/
void image_fetch(const u8 *image, u32 bytes);

/* Header and size: after this the sections are known to be there. */
/*@ assigns pol_type_count, pol_level_count, pol_label_count, pol_row_count,
      pol_sens_count, pol_cat_count, pol_names_bytes;
    ensures sound: \result == REFMON_OK ==> fits;
    ensures header: \result == REFMON_OK ==> header_ok;
*/
enum refmon_error header_load(void);

/* Fill every table. */
/*@ requires fits: fits;
    assigns pol_type_flags[..],
      pol_type_name[..],
      pol_level_sens[..],
      pol_level_name[..],
      pol_level_cat[..],
      pol_label_type[..],
      pol_label_low[..],
      pol_label_high[..],
      pol_label_name[..],
      pol_self[..],
      pol_pair[..],
      pol_rows[..],
      pol_strict[..],
      pol_initial[..],
      pol_names[..];
    ensures padding: \result == REFMON_OK ==> padding_ok;
    ensures loaded: \result == REFMON_OK ==> image_loaded;
*/
enum refmon_error sections_load(void);

/* Judge the fetched image and put it into force; or deny everything. */
/*@ assigns pol_live, POLICY_TABLES;
    ensures inv: policy_inv;
    ensures live: pol_live == 1 <==> \result == REFMON_OK;
    ensures tables: \result == REFMON_OK ==> tables_ok && flow_ok;
    ensures image: \result == REFMON_OK ==>
      header_ok && padding_ok && image_loaded;
*/
enum refmon_error image_install(void);
