/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of hw/x86 share: per-processor data, one-instruction
 * wrappers, and the start-up calls that core/boot makes.
 */
#pragma once

#include "abi/limits.h"
#include "hw/hw.h"
#include "lib/types.h"

/* ---- selectors, vectors, registers ------------------------------------ */

#define SEL_CODE 0x08u
#define SEL_TSS 0x18u

#define VECTOR_TIMER 0x40u
#define VECTOR_KICK 0x41u
#define VECTOR_UART 0x42u
#define VECTOR_SPURIOUS 0xffu

#define MSR_APIC_BASE 0x1bu
#define MSR_PAT 0x277u
#define MSR_EFER 0xc0000080u
#define MSR_GS_BASE 0xc0000101u

/* PAE (5), MCE (6), OSFXSR (9), OSXMMEXCPT (10), OSXSAVE (18). */
#define CR4_ALWAYS 0x40660ull
#define CR4_UMIP (1ull << 11)
#define CR4_OSXSAVE (1ull << 18)
#define CR4_SMEP (1ull << 20)
#define CR4_SMAP (1ull << 21)
#define CR4_PKE (1ull << 22)

/* ---- one processor ---------------------------------------------------- */

struct tss { /* but for the IST zero: the core never leaves ring 0 */
	u8 below[36];
	u64 ist[7];
	u8 above[12];
} __attribute__((packed));

/* A guard page below; boot.S knows the size. */
struct stack {
	u8 guard[PAGE_SIZE];
	u8 body[4 * PAGE_SIZE];
};
/* One for all, and three of the IST: NMI, double fault, machine check. */
#define CPU_STACKS 4u

/* GS base points here on every processor. trap.S knows the first two. */
struct cpu {
	u32 index;
	u32 pending; /* HW_IRQ_* taken and not yet fetched */
	u32 apic_id;
	struct stack *stacks;
	u64 gdt[5];
	struct tss tss;
} __attribute__((aligned(64)));
extern struct cpu cpus[CASEMATE_MAX_CPUS];

/* ---- facts about the machine ------------------------------------------ */

struct acpi_facts {
	u64 lapic;
	u64 ioapic;
	u32 cpu_count;
	u32 cpu_ids[CASEMATE_MAX_CPUS];
	u16 pm_timer; /* ports; 0 = absent */
	u16 pm1a_control;
};
extern struct acpi_facts acpi;

#define CPUID_EBX 1u
#define CPUID_ECX 2u
#define CPUID_EDX 3u
bool cpu_has(u32 leaf, u32 reg, u32 bit); /* false if there is no such leaf */

/* ---- start-up, in the order of the calls ------------------------------ */

u64 cpu_random(void);
void uart_init(void);
/* Descriptor tables, GS base, control registers of this processor. */
void cpu_init(u32 index);
/* Panics when a needed table is missing. Temporary page tables only. */
void acpi_init(const u8 rsdp[36]);
/* Room for page tables and the other processors' stacks; below 4 GiB. So many
 * ranges to be mapped end at `top`. */
u64 mmu_pool_bytes(u32 ranges, u64 top);
/* Build and load the final page tables. */
void mmu_init(const struct boot_info *boot, u64 pool, u64 pool_bytes);
void apic_init(void); /* every processor */
void time_init(void); /* TSC, local timer and CMOS clock; needs apic_init */
void ioapic_init(void);
void uart_interrupt_on(void);
void smp_start_all(u64 trampoline);
void smp_release(void); /* let the others enter vmm_cpu_main() */

/* ---- between the files ------------------------------------------------ */

#define ICR_NMI 0x4400u
#define ICR_INIT 0x4500u
#define ICR_STARTUP 0x4600u
void apic_send(u32 to, u32 command);
bool apic_reaches(u32 apic_id); /* can such a processor be addressed? */
void apic_eoi(void);
void apic_timer_start(u32 ticks); /* 0 = off */
u32 apic_timer_left(void);
void idt_load(void);
void time_delay_us(u32 us);
extern u64 mmu_root[512];
extern u64 stack_struck; /* RSP of the exception that is fatal, or 0 */

/* ---- one-instruction wrappers ----------------------------------------- */

static inline u8 inb(u16 port)
{
	u8 v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u32 inl(u16 port)
{
	u32 v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outb(u16 port, u8 v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static inline void wrmsr(u32 msr, u64 v)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32))
			 : "memory");
}

/* Start of a table register's operand: limit, base. */
struct table_pointer {
	u16 limit;
	u64 base;
} __attribute__((packed));

static inline volatile u32 *mmio(u64 address)
{
	return (volatile u32 *)address;
}
