/* SPDX-License-Identifier: Apache-2.0 */
/* Which permissions were used since the policy was loaded: only counted when
 * the core was started with the option `coverage`. Nothing depends on it. */
#pragma once

#include "abi/control.h"
#include "abi/policy_image.h"
#include "lib/types.h"

/* For each pair of types, and for each type on itself: a mask per class. */
#define COVERAGE_BYTES                                                         \
	(POLICY_MAX_TYPES * (POLICY_MAX_TYPES + 1u) * POLICY_CLASSES * 4u)

/* Zeroed memory of COVERAGE_BYTES, set before the first vCPU runs; NULL: nothing
 * is counted. */
extern u32 *coverage_used;

/* From now on for another policy. */
void coverage_reset(void);
/*@ assigns \nothing; // of what the monitor or the core decides by */
void coverage_mark(u32 subject, u32 object, bool is_self, u32 cls, u32 perm);
/* 0, -ENOSYS, -ENOENT */
err_t coverage_get(struct ctl_coverage *c);
