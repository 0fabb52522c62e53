/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The installed policy as plain tables. Written during refmon_install()
 * only: pol_image by fetch.c, the counts by header.c, the tables by
 * sections.c, pol_dom by mls.c, pol_live by image.c; everyone else reads.
 * Nothing here is meaningful while pol_live is 0.
 */
#pragma once

#include "abi/policy_image.h"
#include "lib/types.h"

/* Lines of the two-dimensional tables. */
struct cat_set {
	u64 word[POLICY_CAT_WORDS];
};
struct pair_line {
	u16 row[POLICY_MAX_TYPES];
};
struct dom_line {
	u8 over[POLICY_MAX_LEVELS];
};

/* The image under examination: copied once, so that what is checked is what
 * is used. */
#define POLICY_IMAGE_MAX 119464u
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

extern u16 pol_type_flags[POLICY_MAX_TYPES];
extern u16 pol_type_name[POLICY_MAX_TYPES];

extern u32 pol_level_sens[POLICY_MAX_LEVELS];
extern u32 pol_level_name[POLICY_MAX_LEVELS];
extern struct cat_set pol_level_cat[POLICY_MAX_LEVELS];

extern u16 pol_label_type[POLICY_MAX_LABELS];
extern u16 pol_label_low[POLICY_MAX_LABELS];
extern u16 pol_label_high[POLICY_MAX_LABELS];
extern u16 pol_label_name[POLICY_MAX_LABELS];

extern u16 pol_self[POLICY_MAX_TYPES];
extern struct pair_line pol_pair[POLICY_MAX_TYPES];
extern struct policy_row pol_rows[POLICY_MAX_ROWS];
extern u32 pol_strict[POLICY_CLASSES];
extern u16 pol_initial[POLICY_INITIAL_COUNT];
extern char pol_names[POLICY_MAX_NAMES];

/* pol_dom[a].over[b]: level a dominates level b. Derived, never read from an
 * image. */
extern struct dom_line pol_dom[POLICY_MAX_LEVELS];

/* ACSL ranges, which the formatter does not know. */
/* clang-format off */
/* Every table a load writes. */
#define POLICY_TABLES                                                          \
	pol_type_count, pol_level_count, pol_label_count, pol_row_count,       \
		pol_sens_count, pol_cat_count, pol_names_bytes,                \
		pol_type_flags[..], pol_type_name[..], pol_level_sens[..],     \
		pol_level_name[..], pol_label_type[..], pol_label_low[..],     \
		pol_label_high[..], pol_label_name[..], pol_self[..],          \
		pol_strict[..], pol_initial[..], pol_names[..],                \
		pol_level_cat[..], pol_pair[..], pol_rows[..], pol_dom[..]
/* clang-format on */
