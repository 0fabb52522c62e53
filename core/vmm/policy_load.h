/* SPDX-License-Identifier: Apache-2.0 */
/* The policy in force: the first one at start-up, another one later. */
#pragma once

#include "abi/control.h"
#include "abi/policy_image.h"
#include "measure/lms.h"
#include "vmm/domain.h"

/* The keys that must have signed every policy; none: any first policy is
 * taken, and no other. Before policy_start(). */
struct policy_keys {
	u32 count;
	u8 key[CASEMATE_POLICY_KEYS][LMS_KEY_BYTES];
};
/* Install a boot module; "" or why it is refused. */
const char *policy_start(const struct policy_keys *given, const u8 *module,
			 u32 bytes);
/* Of the policy in force. */
const struct policy_header *policy_in_force(void);
/* CTL_POLICY_LOAD (abi/control.h): takes it a piece at a time, -E_RESTART in
 * between; examines it; and in one piece installs it, names the labels of all
 * domains in it, and undoes what it forbids. -EBUSY: the other caller that
 * loads began later; -EFAULT. */
err_t policy_load(struct vcpu *v, struct ctl_policy *c);
