/* SPDX-License-Identifier: Apache-2.0 */
/* The local APIC: timer, interrupts between processors, acknowledgement.
 * Used as the firmware left it: memory-mapped, or x2APIC registers. The legacy
 * PICs are masked, at their inputs and at LINT0. */
#include "hw/x86/x86.h"

#define PIC1_MASK 0x21u
#define PIC2_MASK 0xa1u
#define BASE_ENABLE (1ull << 11)
#define BASE_X2APIC (1ull << 10)
#define X2APIC_MSR 0x800u

#define REG_ID 0x20u
#define REG_TPR 0x80u
#define REG_EOI 0xb0u
#define REG_SPURIOUS 0xf0u
#define REG_ICR 0x300u
#define REG_ICR_HIGH 0x310u
#define REG_LVT_TIMER 0x320u
#define REG_LVT_LINT0 0x350u
#define REG_LVT_LINT1 0x360u
#define REG_LVT_ERROR 0x370u
#define REG_TIMER_INITIAL 0x380u
#define REG_TIMER_CURRENT 0x390u
#define REG_TIMER_DIVIDE 0x3e0u

#define LVT_MASKED (1u << 16)
#define LVT_NMI 0x400u
#define ICR_FIXED 0x4000u
#define ICR_BUSY 0x1000u
#define ICR_POLLS 100000u
#define DIVIDE_BY_1 0xbu

static bool is_x2apic;

static u32 apic_read(u32 reg)
{
	if (is_x2apic) {
		return (u32)rdmsr(X2APIC_MSR + (reg >> 4));
	}
	return *mmio(acpi.lapic + reg);
}

static void apic_write(u32 reg, u32 v)
{
	if (is_x2apic) {
		wrmsr(X2APIC_MSR + (reg >> 4), v);
	} else {
		*mmio(acpi.lapic + reg) = v;
	}
}

void apic_send(u32 to, u32 command)
{
	u32 i;

	if (is_x2apic) {
		wrmsr(X2APIC_MSR + (REG_ICR >> 4), (u64)to << 32 | command);
		return;
	}
	for (i = 0; i < ICR_POLLS && apic_read(REG_ICR) & ICR_BUSY; i++) {
	}
	apic_write(REG_ICR_HIGH, to << 24);
	apic_write(REG_ICR, command);
}

void apic_init(void)
{
	u64 base = rdmsr(MSR_APIC_BASE) | BASE_ENABLE;

	if (hw_cpu() == 0) { /* the boot processor decides for all */
		is_x2apic = (base & BASE_X2APIC) != 0;
		/* While LINT0 is still on: it takes back what is pending. */
		outb(PIC1_MASK, 0xff);
		outb(PIC2_MASK, 0xff);
	}
	wrmsr(MSR_APIC_BASE, base | (is_x2apic ? BASE_X2APIC : 0));
	apic_write(REG_SPURIOUS, 0x100u | VECTOR_SPURIOUS);
	apic_write(REG_TPR, 0);
	apic_write(REG_LVT_LINT0, LVT_MASKED);
	apic_write(REG_LVT_LINT1, LVT_NMI);
	apic_write(REG_LVT_ERROR, LVT_MASKED);
	apic_write(REG_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(REG_TIMER_INITIAL, 0);
	apic_write(REG_LVT_TIMER, VECTOR_TIMER); /* one-shot */
	cpus[hw_cpu()].apic_id = apic_read(REG_ID) >> (is_x2apic ? 0 : 24);
}

void apic_eoi(void)
{
	apic_write(REG_EOI, 0);
}

/* Without x2APIC there are 8 bits, and 255 would mean everybody. */
bool apic_reaches(u32 id)
{
	return is_x2apic || id < 255u;
}

void apic_timer_start(u32 ticks)
{
	apic_write(REG_TIMER_INITIAL, ticks);
}

u32 apic_timer_left(void)
{
	return apic_read(REG_TIMER_CURRENT);
}

void hw_kick(u32 cpu)
{
	apic_send(cpus[cpu].apic_id, ICR_FIXED | VECTOR_KICK);
}
