/* SPDX-License-Identifier: Apache-2.0 */
/* Section offsets of a policy image, from the counts in state.h. */
#include "refmon/parts.h"

#include "lib/checked.h"

_Static_assert(HEADER_BYTES == sizeof(struct policy_header), "header size");
_Static_assert(HEADER_BYTES + 8u * POLICY_MAX_TYPES +
			       sizeof(struct policy_level) * POLICY_MAX_LEVELS +
			       sizeof(struct policy_label) * POLICY_MAX_LABELS +
			       2u * POLICY_MAX_TYPES +
			       2u * POLICY_MAX_TYPES * POLICY_MAX_TYPES +
			       sizeof(struct policy_row) * POLICY_MAX_ROWS +
			       4u * POLICY_CLASSES + POLICY_MAX_NAMES ==
		       POLICY_IMAGE_MAX,
	       "the largest image");

u32 layout_line(u32 s)
{
	return s * pol_type_count;
}

u32 layout_self(void)
{
	return HEADER_BYTES + 8u * pol_type_count + 136u * pol_level_count +
	       8u * pol_label_count;
}

u32 layout_pair(void)
{
	return layout_self() + round_up8(2u * pol_type_count);
}

u32 layout_rows(void)
{
	return layout_pair() + round_up8(2u * layout_line(pol_type_count));
}

u32 layout_names(void)
{
	return layout_rows() + 64u * (pol_row_count + 1u);
}

u32 layout_end(void)
{
	return layout_names() + round_up8(pol_names_bytes);
}

bool layout_is_text(u8 c)
{
	return c == 0 || (c >= 32 && c <= 126);
}
