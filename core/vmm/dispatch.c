/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercall dispatch: find the row, ask the monitor where the object is known
 * from the row alone, call the family's handler. */
#include "vmm/hypercall.h"

#include "vmm/control.h"
#include "vmm/event.h"

#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

/* From xen/domctl.h, which is for tools only. */
#define XEN_DOMCTL_getdomaininfo 5

#define P1(c, p) (1u << PERM_##c##_##p)
#define P2(c, p, e, q) (P1(c, p) | P1(e, q))
#define P3(c, p, e, q, f, r) (P1(c, p) | P1(e, q) | P1(f, r))
#define ROW(call, op, c, perms, object)                                        \
	[__HYPERVISOR_##call][op] = {                                          \
		__HYPERVISOR_##call,  op,   CLASS_##c, OBJECT_##object,        \
		__builtin_ctz(perms), perms                                    \
	},

#define CALLS 56u

/* No operation: all zero. */
static const struct hypercall_row table[CALLS][HYPERCALL_SUBOPS] = {
#include "vmm/hypercalls.def"
};

static const struct hypercall_row *row_find(u64 number, u64 subop)
{
	const struct hypercall_row *row;

	if (number >= CALLS || subop >= HYPERCALL_SUBOPS) {
		return NULL;
	}
	row = &table[number][subop];
	return row->perms != 0 ? row : NULL;
}

/* Which number names the operation: for most calls the first argument. */
static err_t subop_of(struct vcpu *v, u64 *subop)
{
	const struct regs *r = &v->hw.regs;
	u32 command = 0;
	err_t err = 0;

	*subop = r->rdi;
	if (r->rax == __HYPERVISOR_memory_op) {
		*subop &= MEMORY_OP_MASK; /* the rest is where to go on */
	} else if (r->rax == __HYPERVISOR_domctl) {
		err = copy_from_guest(v, &command, r->rdi, sizeof(command));
		*subop = command;
	}
	return err;
}

static err_t ask(struct vcpu *v, const struct hypercall_row *row)
{
	if (row->object == OBJECT_PEER || row->object == OBJECT_ANY) {
		return 0;
	}
	return row->object == OBJECT_SELF
		       ? mediate(v, row, vcpu_domain(v), row->perm)
		       : mediate_core(v, row, row->object, row->perm);
}

/* Copied back at once, and again with the answer: who cannot take an answer
 * gets nothing done, unless its own tables change between the two. */
static OUTLINED err_t handle_control(struct vcpu *v,
				     const struct hypercall_row *row)
{
	struct control_call c = { .v = v, .row = row };
	u32 bytes = control_bytes[row->subop];
	gva_t arg = v->hw.regs.rsi;
	err_t err;

	if (copy_from_guest(v, &c.arg, arg, bytes) != 0 ||
	    copy_to_guest(v, arg, &c.arg, bytes) != 0) {
		return E_FAULT;
	}
	err = control_op(&c);
	if (err != 0 && err != E_RESTART && err != E_NOMEM && err != E_EXIST) {
		return err;
	}
	return copy_to_guest(v, arg, &c.arg, bytes) != 0 ? E_FAULT : err;
}

static err_t handle(struct vcpu *v, const struct hypercall_row *row)
{
	const struct regs *r = &v->hw.regs;

	switch (row->number) {
	case __HYPERVISOR_xen_version:
		return version_op(v, row, r->rsi);
	case __HYPERVISOR_memory_op:
		return memory_op(v, row, r->rsi);
	case __HYPERVISOR_vcpu_op:
		return vcpu_op(v, row, r->rsi, r->rdx);
	case __HYPERVISOR_sched_op:
		return sched_op(v, row, r->rsi);
	case __HYPERVISOR_event_channel_op:
		return event_op(v, row, r->rsi);
	case __HYPERVISOR_grant_table_op:
		return grant_op(v, row);
	case __HYPERVISOR_hvm_op:
		return hvm_op(v, row, r->rsi);
	case __HYPERVISOR_console_io:
		return console_op(v, row, r->rsi, r->rdx);
	case __HYPERVISOR_domctl:
		return domctl_op(v, row, r->rdi);
	case __HYPERVISOR_arch_7:
		return handle_control(v, row);
	default:
		return E_NOSYS;
	}
}

static err_t dispatch(struct vcpu *v)
{
	const struct hypercall_row *row;
	u64 subop = 0;
	err_t err = subop_of(v, &subop);

	if (err != 0) {
		return err;
	}
	row = row_find(v->hw.regs.rax, subop);
	if (row == NULL) {
		return E_NOSYS;
	}
	err = ask(v, row);
	return err != 0 ? err : handle(v, row);
}

void dispatch_hypercall(struct vcpu *v, u32 length)
{
	err_t err;

	if (!hw_vcpu_is_64bit(&v->hw)) {
		hw_vcpu_inject_fault(&v->hw, 6);
		return;
	}
	err = dispatch(v);
	if (err == E_RESTART) {
		return; /* at the same instruction, after interrupts */
	}
	vcpu_domain(v)->hypercalls += 1;
	v->hw.regs.rax = (u64)(long)err;
	hw_vcpu_skip(&v->hw, length);
}
