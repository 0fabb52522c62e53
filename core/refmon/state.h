/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The installed policy as plain tables, and the class table. Written during
 * refmon_install() only: pol_image by fetch.c, the counts by header.c, the
 * tables by sections.c, pol_dom by mls.c, pol_live by image.c; everyone else
 * reads. Nothing here is meaningful while pol_live is 0.
 */
#pragma once

#include "abi/policy_image.h"
#include "lib/types.h"

/* The class table as masks, one word per class: which permissions exist and
 * which way information flows when they are used. From classes.def. */
extern const u32 refmon_class_perms[POLICY_CLASSES];  /* all that exist */
extern const u32 refmon_class_reads[POLICY_CLASSES];  /* object -> subject */
extern const u32 refmon_class_writes[POLICY_CLASSES]; /* subject -> object */
extern const u32 refmon_class_self[POLICY_CLASSES];   /* self plane only */

/* The image under examination: copied once, so that what is checked is what
 * is used. */
extern u8 pol_image[POLICY_IMAGE_MAX];
extern u32 pol_image_bytes; /* as given, also if that is more than fits */

extern u32 pol_live; /* 1 only between a successful install and the next */

extern u32 pol_type_count;
extern u32 pol_level_count;
extern u32 pol_label_count;
extern u32 pol_row_count;
extern u32 pol_sens_count;
extern u32 pol_cat_count;
extern u32 pol_names_bytes;

extern struct policy_type pol_type[POLICY_MAX_TYPES];
extern struct policy_level pol_level[POLICY_MAX_LEVELS];
extern struct policy_label pol_label[POLICY_MAX_LABELS];

/* Row indices. Subject s on object o: pol_pair[s * pol_type_count + o]. */
extern u16 pol_self[POLICY_MAX_TYPES];
extern u16 pol_pair[POLICY_MAX_TYPES * POLICY_MAX_TYPES];

/* After the last row stands one more, which no index reaches: the permissions
 * that also need equal levels (strict). */
extern struct policy_row pol_rows[POLICY_MAX_ROWS + 1u];
extern u16 pol_initial[POLICY_INITIAL_COUNT];
extern char pol_names[POLICY_MAX_NAMES];

/* pol_dom[a].over[b]: level a dominates level b. Derived, never read from an
 * image. */
struct dom_line {
	u8 over[POLICY_MAX_LEVELS];
};
extern struct dom_line pol_dom[POLICY_MAX_LEVELS];

/* ACSL ranges, which the formatter does not know. */
/* clang-format off */
/* Every table a load writes. */
#define POLICY_TABLES                                                          \
	pol_type_count, pol_level_count, pol_label_count, pol_row_count,       \
		pol_sens_count, pol_cat_count, pol_names_bytes, pol_type[..],  \
		pol_level[..], pol_label[..], pol_self[..], pol_pair[..],      \
		pol_rows[..], pol_initial[..], pol_names[..], pol_dom[..]
/* clang-format on */
