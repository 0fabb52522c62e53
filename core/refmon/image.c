/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Installing a policy: total over all byte strings. Until the last check has
 * passed the monitor denies everything; after a failure it still does.
 * WP-ALIAS: error_texts
 */
#include "refmon/parts.h"

u8 pol_image[POLICY_IMAGE_MAX];
u32 pol_image_bytes;
u32 pol_live;
u32 pol_type_count;
u32 pol_level_count;
u32 pol_label_count;
u32 pol_row_count;
u32 pol_sens_count;
u32 pol_cat_count;
u32 pol_names_bytes;
struct policy_type pol_type[POLICY_MAX_TYPES];
struct policy_level pol_level[POLICY_MAX_LEVELS];
struct policy_label pol_label[POLICY_MAX_LABELS];
u16 pol_self[POLICY_MAX_TYPES];
u16 pol_pair[POLICY_MAX_TYPES * POLICY_MAX_TYPES];
struct policy_row pol_rows[POLICY_MAX_ROWS + 1u];
u16 pol_initial[POLICY_INITIAL_COUNT];
char pol_names[POLICY_MAX_NAMES];
struct dom_line pol_dom[POLICY_MAX_LEVELS];

enum refmon_error image_install(void)
{
	enum refmon_error e;

	pol_live = 0;
	e = header_load();
	if (e == REFMON_OK) {
		e = sections_load();
	}
	if (e == REFMON_OK) {
		e = check_tables();
	}
	if (e == REFMON_OK && !flow_holds()) {
		e = REFMON_E_FLOW;
	}
	pol_live = e == REFMON_OK ? 1 : 0;
	return e;
}

static const char *const error_texts[] = {
	[REFMON_OK] = "policy accepted",
	[REFMON_E_SHORT] = "policy image is cut short",
	[REFMON_E_MAGIC] = "not a policy image of this format",
	[REFMON_E_CLASSES] = "policy was compiled for another class table",
	[REFMON_E_COUNTS] = "policy header has a count out of range",
	[REFMON_E_SIZE] = "policy image has the wrong size",
	[REFMON_E_NAMES] = "policy has a malformed name",
	[REFMON_E_TYPE] = "policy has a bad type entry",
	[REFMON_E_LEVEL] = "policy has a bad level entry",
	[REFMON_E_LABEL] = "policy has a bad label entry",
	[REFMON_E_ROW] = "policy has a bad rule row",
	[REFMON_E_INITIAL] = "policy lacks a fitting initial label",
	[REFMON_E_PADDING] = "policy image has stray bytes in its padding",
	[REFMON_E_FLOW] = "policy would let information flow down",
};

const char *refmon_error_text(enum refmon_error e)
{
	return (u32)e <= REFMON_E_FLOW ? error_texts[e]
				       : "unknown policy error";
}
