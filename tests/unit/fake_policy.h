/* SPDX-License-Identifier: Apache-2.0 */
/* Policies for the tests of the core, made with image_builder and installed in
 * the real monitor. Labels are those of image_sample(). */
#pragma once

#include "image_builder.h"

/* Every rule there can be; only the levels still refuse. */
void fake_policy_open(void);
/* No rule at all. */
void fake_policy_deny(void);
/* Open, but without the one permission. */
void fake_policy_without(u32 cls, u32 perm);
