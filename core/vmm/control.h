/* SPDX-License-Identifier: Apache-2.0 */
/* The control interface's one piece of boot state. */
#pragma once

#include "abi/policy_image.h"

/* Name and version of the installed policy, for CTL_INFO. */
void control_set_policy(const struct policy_header *h);
