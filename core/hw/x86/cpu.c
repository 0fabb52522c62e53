/* SPDX-License-Identifier: Apache-2.0 */
/* One processor's tables and control registers. Feature bits are set only
 * when CPUID has them: nothing here may ever fault to find out. */
#include "hw/x86/x86.h"
#include "lib/print.h"

#define PAT_DEFAULT 0x0007040600070406ull
#define CR0_WANTED 0x80010033ull /* PG WP NE ET MP PE */

struct cpu cpus[CASEMATE_MAX_CPUS];
struct cpu_stack cpu_stack_0 __attribute__((aligned(PAGE_SIZE)));

_Static_assert(__builtin_offsetof(struct cpu, index) == 0, "trap.S");
_Static_assert(__builtin_offsetof(struct cpu, pending) == 4, "trap.S");
_Static_assert(__builtin_offsetof(struct cpu_stack, guard_nmi) == 20480,
	       "boot.S");
_Static_assert(sizeof(struct tss) == 104, "AMD64 APM 2, 12.2.5");

static void cpu_tables(struct cpu *c)
{
	struct cpu_stack *s = c->stack;
	struct table_pointer p = { sizeof(c->gdt) - 1u, (u64)c->gdt };
	u64 tss = (u64)&c->tss;

	c->tss.rsp[0] = (u64)s->guard_nmi;
	c->tss.ist[0] = (u64)s->guard_fault;
	c->tss.ist[1] = (u64)s->guard_check;
	c->tss.ist[2] = (u64)(s + 1);
	c->tss.iomap = sizeof(c->tss);
	c->gdt[1] = 0x00af9b000000ffffull;
	c->gdt[2] = 0x00cf93000000ffffull;
	c->gdt[3] = (sizeof(c->tss) - 1u) | (tss & 0xffffffu) << 16 |
		    0x89ull << 40 | (tss >> 24 & 0xffu) << 56;
	c->gdt[4] = tss >> 32;
	lgdt(&p);
	ltr(SEL_TSS);
	idt_load();
	wrmsr(MSR_FS_BASE, 0);
	wrmsr(MSR_GS_BASE, (u64)c);
}

u64 cpu_stacks_bytes(void)
{
	return (acpi.cpu_count - 1u) * sizeof(struct cpu_stack);
}

void cpu_stacks_set(u64 address)
{
	u32 i;

	for (i = 1; i < acpi.cpu_count; i++) {
		cpus[i].stack = (struct cpu_stack *)address + (i - 1u);
	}
}

static u64 cpu_cr4(void)
{
	struct cpuid one = cpuid(1, 0);
	struct cpuid seven = { 0, 0, 0, 0 };
	u64 cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	if (cpuid(0, 0).eax >= 7u) {
		seven = cpuid(7, 0);
	}
	cr4 |= (one.edx & 1u << 7) != 0 ? CR4_MCE : 0;
	cr4 |= (one.ecx & 1u << 26) != 0 ? CR4_OSXSAVE : 0;
	cr4 |= (seven.ebx & 1u << 7) != 0 ? CR4_SMEP : 0;
	cr4 |= (seven.ebx & 1u << 20) != 0 ? CR4_SMAP : 0;
	cr4 |= (seven.ecx & 1u << 2) != 0 ? CR4_UMIP : 0;
	cr4 |= (seven.ecx & 1u << 3) != 0 ? CR4_PKE : 0;
	return cr4;
}

void cpu_init(u32 index)
{
	struct cpu *c = &cpus[index];

	c->index = index;
	if (index == 0) {
		c->stack = &cpu_stack_0;
	}
	cpu_tables(c);
	if ((cpuid(0x80000001u, 0).edx & 1u << 20) == 0) {
		panic("this processor has no NX");
	}
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	write_cr0(CR0_WANTED);
	write_cr4(cpu_cr4());
	if ((read_cr4() & CR4_OSXSAVE) != 0) {
		xsetbv0(hw_xcr0_supported());
	}
	wrmsr(MSR_PAT, PAT_DEFAULT);
}

/* Good enough for a stack canary, not for keys. */
u64 cpu_random(void)
{
	u64 v = rdtsc() * 0x9e3779b97f4a7c15ull;

	if ((cpuid(1, 0).ecx & 1u << 30) != 0) {
		v ^= rdrand();
	}
	return v;
}

u32 hw_cpu(void)
{
	return read_gs_u32(0);
}

void hw_pause(void)
{
	__builtin_ia32_pause();
}

u64 hw_tsc(void)
{
	return rdtsc();
}

void *hw_frame(mfn_t mfn)
{
	return (void *)(mfn << PAGE_SHIFT);
}
