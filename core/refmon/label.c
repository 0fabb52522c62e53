/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about labels, for audit text and for whoever creates domains. Every
 * question has an answer, also before a policy is installed.
 * WP-ALIAS: pol_live,pol_type_count,pol_level_count,pol_label_count
 * WP-ALIAS: pol_row_count,pol_sens_count,pol_cat_count,pol_names_bytes
 * WP-ALIAS: pol_type_flags,pol_level_sens,pol_level_cat,pol_label_type
 * WP-ALIAS: pol_label_low,pol_label_high,pol_label_name,pol_self,pol_pair
 * WP-ALIAS: pol_initial,pol_names,pol_dom
 */
#include "refmon/refmon.h"
#include "lib/bits.h"
#include "refmon/state.h"

u32 refmon_label_count(void)
{
	return pol_live != 0 ? pol_label_count : 0;
}

const char *refmon_label_name(u32 label)
{
	if (label >= refmon_label_count()) {
		return "";
	}
	//@ assert name: name_at(pol_label_name[label]);
	return &pol_names[pol_label_name[label]];
}

bool refmon_label_is_domain(u32 label)
{
	if (label >= refmon_label_count()) {
		return false;
	}
	//@ assert range: label_range(label);
	return bit32_test(pol_type_flags[pol_label_type[label]], 1);
}

bool refmon_label_same_level(u32 a, u32 b)
{
	if (a >= refmon_label_count() || b >= refmon_label_count()) {
		return false;
	}
	return pol_label_low[a] == pol_label_low[b] &&
	       pol_label_high[a] == pol_label_high[b];
}

u32 refmon_initial(enum policy_initial which)
{
	if (pol_live == 0 || (u32)which >= POLICY_INITIAL_COUNT) {
		return POLICY_MAX_LABELS;
	}
	return pol_initial[which];
}
