/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercall table: every number and sub-op the core answers, with what the
 * monitor is asked. An operation without a row is refused with -ENOSYS. */
#pragma once

#include "vmm/copy.h"
#include "vmm/permit.h"

#include <xen/xen.h>

#define HYPERCALL_SUBOPS 32u /* of each call, at most */

/* Copy in arguments that must name the caller's own domain, at `id`. */
static inline err_t take_own(struct vcpu *v, const struct hypercall_row *row,
			     gva_t arg, void *copy, u32 bytes, domid_t *id)
{
	err_t err = copy_from_guest(v, copy, arg, bytes);

	return err != 0 ? err : mediate_own(v, row, *id);
}

/* XENMEM sub-op bits of the first argument; the bits above hold the extent
 * to go on from (xen/memory.h, as Xen does it). */
#define MEMORY_OP_SHIFT 6u
#define MEMORY_OP_MASK 63u

/* From VMMCALL to a handler, through the table and the monitor. `length` is of
 * the instruction, to step over when the call is finished. */
void dispatch_hypercall(struct vcpu *v, u32 length);

/* Handlers by family: sub-op in row, linear address of the arguments. */
/* An array: its address and count are taken from the registers. */
OUTLINED err_t grant_op(struct vcpu *v, const struct hypercall_row *row);
OUTLINED err_t version_op(struct vcpu *v, const struct hypercall_row *row,
			  gva_t arg);
OUTLINED err_t memory_op(struct vcpu *v, const struct hypercall_row *row,
			 gva_t arg);
OUTLINED err_t vcpu_op(struct vcpu *caller, const struct hypercall_row *row,
		       u64 id, gva_t arg);
OUTLINED err_t sched_op(struct vcpu *v, const struct hypercall_row *row,
			gva_t arg);
OUTLINED err_t hvm_op(struct vcpu *v, const struct hypercall_row *row,
		      gva_t arg);
OUTLINED err_t console_op(struct vcpu *v, const struct hypercall_row *row,
			  u64 count, gva_t arg);
OUTLINED err_t domctl_op(struct vcpu *v, const struct hypercall_row *row,
			 gva_t arg);
/* The first domain with id >= `from`, or NULL. */
struct domain *info_next(u32 from);
/* What dom0's tools may know of a domain (info.c). */
/*@ requires d: \valid_read(d) && is_domain(d->id) && d == &domains[d->id];
    requires access: someone_may(d->id, CLASS_domain, PERM_domain_getinfo);
    assigns \nothing;
*/
struct ctl_getinfo info_of(const struct domain *d);
/* The same of its counters. */
/*@ requires d: \valid_read(d) && is_domain(d->id) && d == &domains[d->id];
    requires access: someone_may(d->id, CLASS_domain, PERM_domain_getinfo);
    assigns \nothing;
*/
struct ctl_stats stats_of(const struct domain *d);
