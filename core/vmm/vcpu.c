/* SPDX-License-Identifier: Apache-2.0 */
/* What happens at each exit, and what a vCPU takes along at each entry. */
#include "lib/print.h"
#include "vmm/cpu_model.h"
#include "vmm/hypercall.h"
#include "vmm/domain_end.h"
#include "vmm/sched.h"
#include "vmm/shared.h"

#include <xen/sched.h>

#define VECTOR_UD 6u
#define VECTOR_GP 13u
#define OPCODE_HLT 0xf4u
#define SLEEP_ENABLE 0x20u /* in the ACPI sleep control register */

/* The vector of an upcall that is due, or -1. */
static int upcall(struct vcpu *v)
{
	u8 vector = (u8)vcpu_domain(v)->callback_irq;

	return vector != 0 && shared_is_upcall_pending(v) ? vector : -1;
}

bool vcpu_has_work(struct vcpu *v)
{
	return upcall(v) >= 0 || vapic_pending(v) >= 0;
}

/* The local APIC first: its handler ends in an EOI, which is an exit, and the
 * upcall follows at the next entry. The upcall is a level: it is offered at
 * each entry until the guest has cleared its flag. */
void vcpu_prepare(struct vcpu *v)
{
	v->offer = vapic_offer(v);
	hw_vcpu_offer_irq(&v->hw, v->offer >= 0 ? v->offer : upcall(v));
}

/* The emulated instructions: false is #GP for the guest. On true the caller
 * moves the guest past the instruction. */

static bool exit_cpuid(struct regs *r, struct vcpu *v)
{
	u32 out[4];

	cpu_model_cpuid(v, (u32)r->rax, (u32)r->rcx, out);
	r->rax = out[0];
	r->rbx = out[1];
	r->rcx = out[2];
	r->rdx = out[3];
	return true;
}

static bool exit_rdmsr(struct regs *r, struct vcpu *v)
{
	u64 value;
	bool is_there = cpu_model_rdmsr(v, (u32)r->rcx, &value);

	if (is_there) {
		r->rax = (u32)value;
		r->rdx = value >> 32;
	}
	return is_there;
}

static bool exit_xsetbv(struct vcpu *v, u32 index, u64 value)
{
	if (index != 0 || !cpu_model_xcr0_is_valid(value)) {
		return false;
	}
	/* Reload with the new value: unload read the current one back. */
	hw_vcpu_unload(&v->hw);
	v->hw.xcr0 = value;
	hw_vcpu_load(&v->hw);
	return true;
}

/* I/O ports are an empty machine's, with two exceptions: the timer ports read
 * zero, so that Linux's calibration gives up at once instead of after seconds;
 * and the ACPI sleep register switches the guest off. */
static u32 port_read(u16 port)
{
	if ((port & ~3u) == 0x40 || port == CASEMATE_SLEEP_PORT) {
		return 0; /* 0x40..0x43: the PIT */
	}
	return port == 0x61 ? 0x20 : ~0u; /* its gate: output is up */
}

static bool exit_io(struct vcpu *v, const struct hw_exit *e)
{
	u64 mask = e->size == 4 ? ~0ull : (1ull << (8 * e->size)) - 1;
	u64 *rax = &v->hw.regs.rax;

	if (e->is_string) {
		return false;
	}
	if (e->is_in) {
		*rax = (*rax & ~mask) | (port_read(e->port) & mask);
	} else if (e->port == CASEMATE_SLEEP_PORT &&
		   (*rax & SLEEP_ENABLE) != 0) {
		domain_shutdown(vcpu_domain(v), SHUTDOWN_poweroff);
	}
	return true;
}

/* HLT with interrupts off never wakes: that vCPU is finished. When the last
 * one is, the guest has switched itself off. */
static void vcpu_finish(struct vcpu *v)
{
	struct domain *d = vcpu_domain(v);
	u32 i;

	vcpu_set_state(v, VCPU_DOWN);
	for (i = 0; i < d->vcpu_count; i++) {
		if (d->vcpus[i].run.state != VCPU_DOWN) {
			return;
		}
	}
	domain_shutdown(d, SHUTDOWN_poweroff);
}

static void exit_hlt(struct vcpu *v)
{
	if (!hw_vcpu_mode(&v->hw).is_irq_on) {
		vcpu_finish(v);
	} else if (!vcpu_has_work(v)) {
		vcpu_set_state(v, VCPU_BLOCKED);
	}
}

/* STI;HLT interrupted in between: some machines (QEMU) forget the interrupt
 * shadow at the next entry, and would take the interrupt before the HLT that
 * it is meant to end. So the HLT is carried out here. */
static void exit_irq(struct vcpu *v)
{
	struct hw_mode m = hw_vcpu_mode(&v->hw);
	u8 opcode = 0;

	if (m.in_shadow && m.cpl == 0 &&
	    copy_from_guest(v, &opcode, m.code_base + v->hw.regs.rip, 1) == 0 &&
	    opcode == OPCODE_HLT) {
		hw_vcpu_skip(&v->hw, 1);
		exit_hlt(v);
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
	u32 now = p2m_kind_at(vcpu_domain(v), e->gpa >> PAGE_SHIFT);

	/* Another processor changed the map meanwhile: just try again. */
	if ((e->fault & HW_FAULT_PRESENT) == 0 && now != P2M_NONE) {
		return;
	}
	crash(v, e);
}

static bool emulate(struct vcpu *v, const struct hw_exit *e)
{
	struct regs *r = &v->hw.regs;
	u64 value = (r->rdx << 32) | (u32)r->rax;

	switch (e->reason) {
	case CTL_EXIT_CPUID:
		return exit_cpuid(r, v);
	case CTL_EXIT_RDMSR:
		return exit_rdmsr(r, v);
	case CTL_EXIT_WRMSR:
		return cpu_model_wrmsr(v, (u32)r->rcx, value);
	case CTL_EXIT_XSETBV:
		return exit_xsetbv(v, (u32)r->rcx, value);
	case CTL_EXIT_IO:
		return exit_io(v, e);
	case CTL_EXIT_HLT:
		exit_hlt(v);
		return true;
	case CTL_EXIT_CACHE: /* guests have no device that bypasses caches */
		return true;
	default: /* TRIPLE, BROKEN */
		crash(v, e);
		return true;
	}
}

/* A few instructions: every exit pays for them. */
static void count(struct vcpu *v, const struct hw_exit *e)
{
	u32 ticks = ((u32)hw_tsc() - e->tsc) | 1u;

	v->exits[e->reason] += 1;
	v->latency[31 - __builtin_clz(ticks)] += 1;
}

void vcpu_exit(struct vcpu *v, const struct hw_exit *e)
{
	if (v->offer >= 0) {
		vapic_settle(v, (u8)v->offer, hw_vcpu_is_offer_taken(&v->hw));
	}
	switch (e->reason) {
	case CTL_EXIT_IRQ:
		exit_irq(v);
		break;
	case CTL_EXIT_HYPERCALL:
		dispatch_hypercall(v, e->length);
		break;
	case CTL_EXIT_FAULT:
		exit_fault(v, e);
		break;
	case CTL_EXIT_UNDEF:
		hw_vcpu_inject_fault(&v->hw, VECTOR_UD);
		break;
	default:
		if (emulate(v, e)) {
			hw_vcpu_skip(&v->hw, e->length);
		} else {
			hw_vcpu_inject_fault(&v->hw, VECTOR_GP);
		}
		break;
	}
	count(v, e);
}
