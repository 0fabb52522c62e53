/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercall families handled outside event.c and grant.c. Each takes the row
 * (with the sub-op) and the guest's argument registers. */
#pragma once

#include "vmm/hypercall.h"

/* XENMEM sub-op bits of the first argument; the bits above hold the extent
 * to go on from (xen/memory.h, as Xen does it). */
#define MEMORY_OP_SHIFT 6u
#define MEMORY_OP_MASK 63u

err_t version_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg);
err_t memory_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg);
err_t vcpu_op(struct vcpu *v, const struct hypercall_row *row, u64 id,
	      gva_t arg);
err_t sched_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg);
err_t hvm_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg);
err_t console_op(struct vcpu *v, const struct hypercall_row *row, u64 count,
		 gva_t arg);
err_t domctl_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg);
err_t control_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg);
/* Characters arrived on the serial line. */
void console_input(void);
