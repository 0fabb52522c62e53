/* SPDX-License-Identifier: Apache-2.0 */
/* The processor a guest sees: CPUID leaves, model-specific registers, and its
 * local APIC. */
#pragma once

#include "vmm/domain.h"

#define MSR_HYPERCALL_PAGE 0x40000000u /* and CPUID says so */

void cpu_model_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 out[4]);
/* false: #GP for the guest. */
bool cpu_model_rdmsr(struct vcpu *v, u32 msr, u64 *value);
bool cpu_model_wrmsr(struct vcpu *v, u32 msr, u64 value);
bool cpu_model_xcr0_is_valid(u64 xcr0);

/* ---- local APIC (vapic.c) -------------------------------------------- */

/* x2APIC mode only (Intel SDM volume 3, 11.12). It carries processor start-up
 * and the few interrupts Linux sends to itself; events and timers do not pass
 * through it. */

#define VAPIC_MSR_FIRST 0x800u
#define VAPIC_MSR_LAST 0x83fu

/* The local APIC of a vCPU as CPUID, the ACPI tables and IPIs name it. */
static inline u32 vapic_id(const struct vcpu *v)
{
	return v->id * 2u;
}

void vapic_reset(struct vcpu *v);
/* false: no such register, or a reserved value: the guest gets #GP. */
bool vapic_read(struct vcpu *v, u32 msr, u64 *value);
bool vapic_write(struct vcpu *v, u32 msr, u64 value);
/* Highest deliverable vector, or -1. */
int vapic_pending(const struct vcpu *v);
/* The pending vector, if any, goes on offer to the guest: it leaves IRR, so
 * that the same vector raised meanwhile is another interrupt. Taken: into ISR;
 * not: back to IRR. */
int vapic_offer(struct vcpu *v);
void vapic_settle(struct vcpu *v, u8 vector, bool is_taken);
