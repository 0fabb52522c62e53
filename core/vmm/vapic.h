/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's local APIC, x2APIC mode only (Intel SDM volume 3, 11.12). It
 * carries processor start-up and the few interrupts Linux sends to itself;
 * events and timers do not pass through it. */
#pragma once

#include "vmm/domain.h"

#define VAPIC_MSR_FIRST 0x800u
#define VAPIC_MSR_LAST 0x83fu

void vapic_reset(struct vcpu *v);
/* false: no such register, or a reserved value: the guest gets #GP. */
bool vapic_read(struct vcpu *v, u32 msr, u64 *value);
bool vapic_write(struct vcpu *v, u32 msr, u64 value);
/* Highest deliverable vector, or -1. */
int vapic_pending(const struct vcpu *v);
/* A vector goes on offer to the guest: it leaves IRR, so that the same vector
 * raised meanwhile is another interrupt. Taken: into ISR; not: back to IRR. */
void vapic_offer(struct vcpu *v, u8 vector);
void vapic_settle(struct vcpu *v, u8 vector, bool is_taken);
