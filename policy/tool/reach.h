/* SPDX-License-Identifier: Apache-2.0 */
/* Where information may get, in any number of steps, by what the monitor
 * permits: for policies of which there may be no source. */
#pragma once

#include "lang/image.h"

struct reach {
	u32 n;
	u64 to[POLICY_MAX_LABELS][LABEL_WORDS];
};

/* The image of the view is the one installed. Zeroed before. */
void reach_build(const struct image_view *v, struct reach *out);

static inline bool reach_has(const struct reach *r, u32 from, u32 to)
{
	return r->to[from][to / 64] >> (to % 64) & 1;
}

/* Does level a dominate level b? */
bool reach_dominates(const struct policy_level *a,
		     const struct policy_level *b);

/* May information at `from` be at `to` although high(to) does not dominate
 * low(from)? */
bool reach_is_down(const struct image_view *v, const struct reach *r, u32 from,
		   u32 to);
