/* SPDX-License-Identifier: Apache-2.0 */
/* Time each vCPU spent running, runnable, blocked, offline (xen/vcpu.h). */
#pragma once

#include "vmm/domain.h"

#include <xen/xen.h>
#include <xen/vcpu.h>

void runstate_change(struct vcpu *v, u8 state); /* RUNSTATE_* */
void runstate_publish(struct vcpu *v);
