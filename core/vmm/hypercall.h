/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercall table: every number and sub-op the core answers, with what the
 * monitor is asked. An operation without a row is refused with -ENOSYS. */
#pragma once

#include "vmm/copy.h"
#include "vmm/permit.h"

#include <xen/xen.h>

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

/* Handlers by family: sub-op in row, linear address of the arguments. */
OUTLINED err_t event_op(struct vcpu *v, const struct hypercall_row *row,
			gva_t arg);
/* One operation at `arg`; grant_unmap_finish() ends what it unmaps. */
err_t grant_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg);
u32 grant_op_bytes(u32 subop); /* of one entry of its array; 0: no array */
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
/* Characters arrived on the serial line. */
void console_input(void);
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
