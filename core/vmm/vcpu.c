/* SPDX-License-Identifier: Apache-2.0 */
/* What happens at each exit, and what a vCPU takes along at each entry. */
#include "vmm/vcpu.h"

#include "lib/print.h"
#include "vmm/copy.h"
#include "vmm/cpu_model.h"
#include "vmm/domain_end.h"
#include "vmm/dispatch.h"
#include "vmm/p2m.h"
#include "vmm/port_io.h"
#include "vmm/shared.h"
#include "vmm/vapic.h"

#include <xen/xen.h>
#include <xen/sched.h>

#define VECTOR_UD 6u
#define VECTOR_GP 13u
#define OPCODE_HLT 0xf4u

static bool has_upcall(struct vcpu *v)
{
	return vcpu_domain(v)->callback_vector != 0 &&
	       shared_is_upcall_pending(v);
}

bool vcpu_has_work(struct vcpu *v)
{
	return has_upcall(v) || vapic_pending(v) >= 0;
}

/* The local APIC first: its handler ends in an EOI, which is an exit, and the
 * upcall follows at the next entry. The upcall is a level: it is offered at
 * each entry until the guest has cleared its flag. */
void vcpu_prepare(struct vcpu *v)
{
	v->offer = vapic_pending(v);
	if (v->offer >= 0) {
		vapic_offer(v, (u8)v->offer);
	}
	if (v->offer < 0 && has_upcall(v)) {
		hw_vcpu_offer_irq(&v->hw, vcpu_domain(v)->callback_vector);
	} else {
		hw_vcpu_offer_irq(&v->hw, v->offer);
	}
}

static void account_offer(struct vcpu *v)
{
	if (v->offer >= 0) {
		vapic_settle(v, (u8)v->offer, hw_vcpu_is_offer_taken(&v->hw));
	}
	v->offer = -1;
}

static void general_protection(struct vcpu *v)
{
	hw_vcpu_inject_fault(&v->hw, VECTOR_GP, true, 0);
}

static void exit_cpuid(struct vcpu *v, u32 length)
{
	u32 out[4];

	cpu_model_cpuid(v, (u32)v->hw.regs.rax, (u32)v->hw.regs.rcx, out);
	v->hw.regs.rax = out[0];
	v->hw.regs.rbx = out[1];
	v->hw.regs.rcx = out[2];
	v->hw.regs.rdx = out[3];
	hw_vcpu_skip(&v->hw, length);
}

static void exit_rdmsr(struct vcpu *v, u32 length)
{
	u64 value;

	if (!cpu_model_rdmsr(v, (u32)v->hw.regs.rcx, &value)) {
		general_protection(v);
		return;
	}
	v->hw.regs.rax = (u32)value;
	v->hw.regs.rdx = value >> 32;
	hw_vcpu_skip(&v->hw, length);
}

static void exit_wrmsr(struct vcpu *v, u32 length)
{
	u64 value = (v->hw.regs.rdx << 32) | (u32)v->hw.regs.rax;

	if (!cpu_model_wrmsr(v, (u32)v->hw.regs.rcx, value)) {
		general_protection(v);
		return;
	}
	hw_vcpu_skip(&v->hw, length);
}

static void exit_xsetbv(struct vcpu *v, u32 length)
{
	u64 value = (v->hw.regs.rdx << 32) | (u32)v->hw.regs.rax;

	if ((u32)v->hw.regs.rcx != 0 || !cpu_model_xcr0_is_valid(value)) {
		general_protection(v);
		return;
	}
	/* Reload with the new value: unload read the current one back. */
	hw_vcpu_unload(&v->hw);
	v->hw.xcr0 = value;
	hw_vcpu_load(&v->hw);
	hw_vcpu_skip(&v->hw, length);
}

/* HLT with interrupts off never wakes: that vCPU is finished. When the last
 * one is, the guest has switched itself off. */
static void vcpu_finish(struct vcpu *v)
{
	struct domain *d = vcpu_domain(v);
	u32 i;

	v->state = VCPU_DOWN;
	for (i = 0; i < d->vcpu_count; i++) {
		if (d->vcpus[i].state != VCPU_DOWN) {
			return;
		}
	}
	domain_shutdown(d, SHUTDOWN_poweroff);
}

static void exit_hlt(struct vcpu *v, u32 length)
{
	hw_vcpu_skip(&v->hw, length);
	if (!hw_vcpu_irq_enabled(&v->hw)) {
		vcpu_finish(v);
	} else if (!vcpu_has_work(v)) {
		vcpu_block(v);
	}
}

static void exit_io(struct vcpu *v, const struct hw_exit *e)
{
	u64 mask = e->size == 4 ? 0xffffffffull : (1ull << (8 * e->size)) - 1;
	u64 *rax = &v->hw.regs.rax;

	if (e->is_string) {
		general_protection(v);
		return;
	}
	hw_vcpu_skip(&v->hw, e->length);
	if (!e->is_in) {
		port_write(v, e->port, (u32)(*rax & mask));
	} else if (e->size == 4) {
		*rax = port_read(e->port);
	} else {
		*rax = (*rax & ~mask) | (port_read(e->port) & mask);
	}
}

/* STI;HLT interrupted in between: some machines (QEMU) forget the interrupt
 * shadow at the next entry, and would take the interrupt before the HLT that
 * it is meant to end. So the HLT is carried out here. */
static void exit_irq(struct vcpu *v)
{
	struct hw_paging p;
	u8 opcode = 0;

	if (!hw_vcpu_in_shadow(&v->hw)) {
		return;
	}
	p = hw_vcpu_paging(&v->hw);
	if (p.cpl == 0 &&
	    copy_from_guest(v, &opcode, p.code_base + v->hw.regs.rip, 1) == 0 &&
	    opcode == OPCODE_HLT) {
		exit_hlt(v, 1);
	}
}

/* The guest did what no processor could go on from. For domain 0 this is the
 * end of the machine: with a line that says where. */
static void crash(struct vcpu *v, const struct hw_exit *e)
{
	if (vcpu_domain(v)->is_dom0) {
		panic("domain 0 stopped: exit %u, address or code %lx, "
		      "fault %x, rip %lx",
		      e->reason, e->gpa, e->fault, v->hw.regs.rip);
	}
	domain_shutdown(vcpu_domain(v), SHUTDOWN_crash);
}

/* A guest's address that nothing backs. Real machines read all ones there and
 * drop writes; emulating that would take an instruction decoder, so the guest
 * is stopped instead. */
static void exit_fault(struct vcpu *v, const struct hw_exit *e)
{
	struct p2m_entry now = p2m_get(vcpu_domain(v), e->gpa >> PAGE_SHIFT);

	/* Another processor changed the map meanwhile: just try again. */
	if ((e->fault & HW_FAULT_PRESENT) == 0 && now.kind != P2M_NONE) {
		return;
	}
	crash(v, e);
}

void vcpu_exit(struct vcpu *v, const struct hw_exit *e)
{
	account_offer(v);
	switch (e->reason) {
	case HW_EXIT_IRQ:
		exit_irq(v);
		break;
	case HW_EXIT_HYPERCALL:
		dispatch_hypercall(v, e->length);
		break;
	case HW_EXIT_CPUID:
		exit_cpuid(v, e->length);
		break;
	case HW_EXIT_HLT:
		exit_hlt(v, e->length);
		break;
	case HW_EXIT_IO:
		exit_io(v, e);
		break;
	case HW_EXIT_RDMSR:
		exit_rdmsr(v, e->length);
		break;
	case HW_EXIT_WRMSR:
		exit_wrmsr(v, e->length);
		break;
	case HW_EXIT_XSETBV:
		exit_xsetbv(v, e->length);
		break;
	case HW_EXIT_CACHE: /* guests have no device that bypasses caches */
		hw_vcpu_skip(&v->hw, e->length);
		break;
	case HW_EXIT_FAULT:
		exit_fault(v, e);
		break;
	case HW_EXIT_UNDEF:
		hw_vcpu_inject_fault(&v->hw, VECTOR_UD, false, 0);
		break;
	default: /* TRIPLE, BROKEN */
		crash(v, e);
		break;
	}
}
