/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about labels, for audit text and for whoever creates domains. Every
 * question has an answer, also before a policy is installed.
 * WP-ALIAS: pol_live,pol_type_count,pol_level_count,pol_label_count
 * WP-ALIAS: pol_row_count,pol_sens_count,pol_cat_count,pol_names_bytes
 * WP-ALIAS: pol_type,pol_level,pol_label,pol_self,pol_pair,pol_rows
 * WP-ALIAS: pol_initial,pol_names,pol_dom
 */
#include "refmon/parts.h"

u32 refmon_label_count(void)
{
	return pol_live != 0 ? pol_label_count : 0;
}

const char *refmon_label_name(u32 label)
{
	if (label >= refmon_label_count()) {
		return "";
	}
	//@ assert name: name_at(pol_label[label].name);
	return &pol_names[pol_label[label].name];
}

bool refmon_label_is_domain(u32 label)
{
	if (label >= refmon_label_count()) {
		return false;
	}
	//@ assert range: label_range(label);
	return bit32_test(pol_type[pol_label[label].type].flags, 1);
}

u32 refmon_label_type(u32 label)
{
	if (label >= refmon_label_count()) {
		return POLICY_MAX_TYPES;
	}
	//@ assert range: label_range(label);
	return pol_label[label].type;
}

bool refmon_label_same_level(u32 a, u32 b)
{
	if (a >= refmon_label_count() || b >= refmon_label_count()) {
		return false;
	}
	return pol_label[a].low == pol_label[b].low &&
	       pol_label[a].high == pol_label[b].high;
}

u32 refmon_initial(enum policy_initial which)
{
	if (pol_live == 0 || (u32)which >= POLICY_INITIAL_COUNT) {
		return POLICY_MAX_LABELS;
	}
	return pol_initial[which];
}
