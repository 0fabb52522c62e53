/* SPDX-License-Identifier: Apache-2.0 */
/* From VMMCALL to a handler, through the table and the monitor. */
#pragma once

#include "vmm/hypercall.h"

void dispatch_init(void);
/* length: of the instruction, to step over when the call is finished. */
void dispatch_hypercall(struct vcpu *v, u32 length);
