/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Installing a policy: total over all byte strings. Until the last check has
 * passed the monitor denies everything; after a failure it still does.
 */
#include "refmon/check.h"
#include "refmon/flow.h"
#include "refmon/layout.h"

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
u16 pol_type_flags[POLICY_MAX_TYPES];
u16 pol_type_name[POLICY_MAX_TYPES];
u32 pol_level_sens[POLICY_MAX_LEVELS];
u32 pol_level_name[POLICY_MAX_LEVELS];
struct cat_set pol_level_cat[POLICY_MAX_LEVELS];
u16 pol_label_type[POLICY_MAX_LABELS];
u16 pol_label_low[POLICY_MAX_LABELS];
u16 pol_label_high[POLICY_MAX_LABELS];
u16 pol_label_name[POLICY_MAX_LABELS];
u16 pol_self[POLICY_MAX_TYPES];
struct pair_line pol_pair[POLICY_MAX_TYPES];
struct policy_row pol_rows[POLICY_MAX_ROWS];
u32 pol_strict[POLICY_CLASSES];
u16 pol_initial[POLICY_INITIAL_COUNT];
char pol_names[POLICY_MAX_NAMES];
struct dom_line pol_dom[POLICY_MAX_LEVELS];

/*@ assigns POLICY_TABLES;
    ensures sound: \result == REFMON_OK ==> policy_ok && tables_ok;
    ensures flow: \result == REFMON_OK ==> flow_ok;
    ensures image: \result == REFMON_OK ==>
      header_ok && padding_ok && image_loaded;
*/
static enum refmon_error load(void)
{
	enum refmon_error e = header_load();

	if (e != REFMON_OK) {
		return e;
	}
	e = sections_load();
	if (e != REFMON_OK) {
		return e;
	}
	e = check_tables();
	if (e != REFMON_OK) {
		return e;
	}
	return flow_holds() ? REFMON_OK : REFMON_E_FLOW;
}

enum refmon_error image_install(void)
{
	enum refmon_error e;

	pol_live = 0;
	e = load();
	if (e == REFMON_OK) {
		pol_live = 1;
	}
	return e;
}

const char *refmon_error_text(enum refmon_error e)
{
	switch (e) {
	case REFMON_OK:
		return "policy accepted";
	case REFMON_E_SHORT:
		return "policy image is cut short";
	case REFMON_E_MAGIC:
		return "not a policy image of this format";
	case REFMON_E_CLASSES:
		return "policy was compiled for another class table";
	case REFMON_E_COUNTS:
		return "policy header has a count out of range";
	case REFMON_E_SIZE:
		return "policy image has the wrong size";
	case REFMON_E_NAMES:
		return "policy has a malformed name";
	case REFMON_E_TYPE:
		return "policy has a bad type entry";
	case REFMON_E_LEVEL:
		return "policy has a bad level entry";
	case REFMON_E_LABEL:
		return "policy has a bad label entry";
	case REFMON_E_ROW:
		return "policy has a bad rule row";
	case REFMON_E_INITIAL:
		return "policy lacks a fitting initial label";
	case REFMON_E_PADDING:
		return "policy image has stray bytes in its padding";
	case REFMON_E_FLOW:
		return "policy would let information flow down";
	}
	return "unknown policy error";
}
