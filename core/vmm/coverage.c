/* SPDX-License-Identifier: Apache-2.0 */
/* The table of used permissions, by the types of subject and object. */
#include "vmm/coverage.h"

#include "lib/mem.h"
#include "refmon/refmon.h"

u32 *coverage_used;

/* The masks of a pair; of a type on itself they follow those on all others. */
static u32 *masks_of(u32 subject, u32 object, bool is_self)
{
	u32 s = refmon_label_type(subject);
	u32 o = is_self ? POLICY_MAX_TYPES : refmon_label_type(object);

	return &coverage_used[(s * (POLICY_MAX_TYPES + 1u) + o) *
			      POLICY_CLASSES];
}

void coverage_reset(void)
{
	if (coverage_used != NULL) {
		memset(coverage_used, 0, COVERAGE_BYTES);
	}
}

OUTLINED void coverage_mark(u32 subject, u32 object, bool is_self, u32 cls,
			    u32 perm)
{
	masks_of(subject, object, is_self)[cls] |= 1u << perm;
}

err_t coverage_get(struct ctl_coverage *c)
{
	bool is_self = c->object == CTL_COVERAGE_SELF;

	if (coverage_used == NULL) {
		return E_NOSYS;
	}
	if (c->subject >= refmon_label_count() ||
	    (!is_self && c->object >= refmon_label_count())) {
		return E_NOENT;
	}
	memcpy(c->used, masks_of(c->subject, c->object, is_self),
	       sizeof(c->used));
	return 0;
}
