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
#define SEL_DATA 0x10u
#define SEL_TSS 0x18u

#define VECTOR_TIMER 0x40u
#define VECTOR_KICK 0x41u
#define VECTOR_UART 0x42u
#define VECTOR_SPURIOUS 0xffu

#define MSR_APIC_BASE 0x1bu
#define MSR_PAT 0x277u
#define MSR_EFER 0xc0000080u
#define MSR_FS_BASE 0xc0000100u
#define MSR_GS_BASE 0xc0000101u

#define EFER_NXE (1ull << 11)
#define CR0_WP (1ull << 16)
#define CR4_PAE (1ull << 5)
#define CR4_MCE (1ull << 6)
#define CR4_OSFXSR (1ull << 9)
#define CR4_OSXMMEXCPT (1ull << 10)
#define CR4_UMIP (1ull << 11)
#define CR4_OSXSAVE (1ull << 18)
#define CR4_SMEP (1ull << 20)
#define CR4_SMAP (1ull << 21)
#define CR4_PKE (1ull << 22)

/* ---- one processor ---------------------------------------------------- */

struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 iomap;
} __attribute__((packed));

/* GS base points here on every processor. trap.S knows the first two. */
struct cpu {
	u32 index;
	u32 pending; /* HW_IRQ_* taken and not yet fetched */
	u32 apic_id;
	u32 is_up; /* written once by its owner, read by the boot processor */
	struct cpu_stack *stack;
	u64 gdt[5];
	struct tss tss;
} __attribute__((aligned(64)));
extern struct cpu cpus[CASEMATE_MAX_CPUS];

/* A guard page below each stack; boot.S knows the offset of the main one. */
struct cpu_stack {
	u8 guard_main[PAGE_SIZE];
	u8 main[4 * PAGE_SIZE];
	u8 guard_nmi[PAGE_SIZE];
	u8 nmi[PAGE_SIZE];
	u8 guard_fault[PAGE_SIZE];
	u8 fault[PAGE_SIZE];
	u8 guard_check[PAGE_SIZE];
	u8 check[PAGE_SIZE];
};
extern struct cpu_stack cpu_stack_0; /* the boot processor's */

/* ---- facts from the ACPI tables --------------------------------------- */

struct acpi_facts {
	u64 lapic;
	u64 ioapic;
	u32 ioapic_gsi; /* first interrupt of that IO-APIC */
	u32 uart_gsi;
	u32 cpu_count;
	u32 cpu_ids[CASEMATE_MAX_CPUS];
	u32 cpus_ignored;
	u16 pm_timer; /* ports; 0 = absent */
	u16 pm1a_control;
	u16 reset_port;
	u8 reset_value;
	u8 century; /* CMOS index, 0 = absent */
};
extern struct acpi_facts acpi;

/* ---- start-up, in the order of the calls ------------------------------ */

u64 cpu_random(void);
void uart_init(void);
/* Descriptor tables, GS base, control registers of this processor. */
void cpu_init(u32 index);
/* Panics when a needed table is missing. Temporary page tables only. */
void acpi_init(u64 rsdp);
/* Room for the other processors' stacks; acpi_init() has counted them. */
u64 cpu_stacks_bytes(void);
void cpu_stacks_set(u64 address);
u64 mmu_pool_bytes(const struct boot_info *boot);
/* Build and load the final tables; the pool lies below 4 GiB. */
void mmu_init(const struct boot_info *boot, u64 pool, u64 pool_bytes);
void pic_disable(void);
void apic_init(void); /* every processor */
void time_init(void); /* TSC, local timer and CMOS clock; needs apic_init */
void ioapic_init(void);
void uart_interrupt_on(void);
void smp_start_all(u64 trampoline);
void smp_release(void); /* let the others enter vmm_cpu_main() */

/* ---- between the files ------------------------------------------------ */

void idt_load(void);
void apic_eoi(void);
u32 apic_id(void);
bool apic_reaches(u32 apic_id); /* can such a processor be addressed? */
void apic_send_init(u32 apic_id);
void apic_send_startup(u32 apic_id, u8 page);
void apic_send_nmi_others(void);
void apic_timer_start(u32 ticks); /* 0 = off */
u32 apic_timer_left(void);
void time_delay_us(u32 us);
void hw_stop_others(void); /* before a panic line */
extern u64 mmu_root[512];

/* ---- one-instruction wrappers ----------------------------------------- */

static inline u8 inb(u16 port)
{
	u8 v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u16 inw(u16 port)
{
	u16 v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
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

static inline void outw(u16 port, u16 v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline void outl(u16 port, u32 v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline u64 rdmsr(u32 msr)
{
	u32 low;
	u32 high;

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

static inline u64 rdtsc(void)
{
	u32 low;
	u32 high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

/* 0 when the generator had nothing. Only where CPUID has RDRAND. */
static inline u64 rdrand(void)
{
	u64 v;

	__asm__ volatile("rdrand %0" : "=r"(v) : : "cc");
	return v;
}

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline u64 read_cr0(void)
{
	u64 v;

	__asm__ volatile("mov %%cr0, %0" : "=r"(v));
	return v;
}

static inline void write_cr0(u64 v)
{
	__asm__ volatile("mov %0, %%cr0" : : "r"(v) : "memory");
}

static inline u64 read_cr2(void)
{
	u64 v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

static inline u64 read_cr3(void)
{
	u64 v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v));
	return v;
}

static inline void write_cr3(u64 v)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(v) : "memory");
}

static inline u64 read_cr4(void)
{
	u64 v;

	__asm__ volatile("mov %%cr4, %0" : "=r"(v));
	return v;
}

static inline void write_cr4(u64 v)
{
	__asm__ volatile("mov %0, %%cr4" : : "r"(v) : "memory");
}

static inline void xsetbv0(u64 v)
{
	__asm__ volatile("xsetbv"
			 :
			 : "c"(0), "a"((u32)v), "d"((u32)(v >> 32))
			 : "memory");
}

/* Start of a table register's operand: limit, base. */
struct table_pointer {
	u16 limit;
	u64 base;
} __attribute__((packed));

static inline void lidt(const struct table_pointer *p)
{
	__asm__ volatile("lidt %0" : : "m"(*p) : "memory");
}

static inline void lgdt(const struct table_pointer *p)
{
	__asm__ volatile("lgdt %0" : : "m"(*p) : "memory");
}

static inline void ltr(u16 selector)
{
	__asm__ volatile("ltr %0" : : "r"(selector) : "memory");
}

static inline u32 read_gs_u32(u64 offset)
{
	u32 v;

	__asm__ volatile("movl %%gs:(%1), %0" : "=r"(v) : "r"(offset));
	return v;
}

static inline void copy_words(void *to, const void *from, u64 words)
{
	__asm__ volatile("rep movsq"
			 : "+D"(to), "+S"(from), "+c"(words)
			 :
			 : "memory");
}

static inline void zero_words(void *to, u64 words)
{
	__asm__ volatile("rep stosq"
			 : "+D"(to), "+c"(words)
			 : "a"(0ull)
			 : "memory");
}

static inline u32 mmio_read(u64 address)
{
	return *(volatile const u32 *)address;
}

static inline void mmio_write(u64 address, u32 v)
{
	*(volatile u32 *)address = v;
}
