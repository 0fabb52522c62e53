/* SPDX-License-Identifier: Apache-2.0 */
/* The control interface of dom0's tools (abi/control.h). */
#pragma once

#include "vmm/hypercall.h"

struct control_call {
	struct vcpu *v;
	const struct hypercall_row *row;
	union {
		u32 domid; /* first in all that name a domain */
		struct ctl_info info;
		struct ctl_create create;
		struct ctl_populate populate;
		struct ctl_load load;
		struct ctl_start start;
		struct ctl_domain domain;
		struct ctl_getinfo getinfo;
		struct ctl_label label;
		struct ctl_audit audit;
		struct ctl_stats stats;
		struct ctl_policy policy;
		struct ctl_coverage coverage;
	} arg; /* copied in; copied back where abi/control.h says so */
};
extern const u16 control_bytes[CTL_COVERAGE + 1]; /* by sub-op */
err_t control_op(struct control_call *c);
