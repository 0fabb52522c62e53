/* SPDX-License-Identifier: Apache-2.0 */
/* Entry preparation and exit handling of a vCPU. */
#pragma once

#include "vmm/domain.h"

/* Before guest mode: inject what is due or ask to be told when it can be. */
void vcpu_prepare(struct vcpu *v);
void vcpu_exit(struct vcpu *v, const struct hw_exit *e);
/* Has it something to wake up for? */
bool vcpu_has_work(struct vcpu *v);
