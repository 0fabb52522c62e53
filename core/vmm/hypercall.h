/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercall table: every number and sub-op the core answers, with what the
 * monitor is asked. An operation without a row is refused with -ENOSYS. */
#pragma once

#include "vmm/domain.h"

enum hypercall_object {
	OBJECT_SELF, /* the caller's own domain: checked by the dispatcher */
	OBJECT_PEER, /* a domain named in the arguments: checked by the handler
			once it has copied them in */
	OBJECT_CORE_PUB, /* initial objects: checked by the dispatcher */
	OBJECT_CORE_STATE,
	OBJECT_POLICY,
	OBJECT_AUDIT,
	OBJECT_CONSOLE,
	OBJECT_ANY /* unmapping, closing one's own: can never be denied */
};
struct hypercall_row {
	u16 number;
	u16 subop;
	u8 cls;
	u8 object; /* enum hypercall_object */
	u32 perms; /* mask: what its handler may ask; the dispatcher asks the
		     * lowest bit for all objects but PEER and ANY */
};

/* Handlers by family: sub-op in row, linear address of the arguments. */
err_t event_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg);
u32 grant_op_bytes(u32 subop); /* size of one entry of its array */
err_t grant_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg,
	       u32 count);
