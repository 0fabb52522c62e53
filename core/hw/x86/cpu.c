/* SPDX-License-Identifier: Apache-2.0 */
/* One processor's tables and control registers. Feature bits are set only
 * when CPUID has them: nothing here may ever fault to find out. */
#include "hw/x86/x86.h"
#include "lib/print.h"

#define PAT_DEFAULT 0x0007040600070406ull

/* The boot processor's. */
struct stack cpu_stacks_0[CPU_STACKS] __attribute__((aligned(PAGE_SIZE)));
struct cpu cpus[CASEMATE_MAX_CPUS] = { { .stacks = cpu_stacks_0 } };

_Static_assert(__builtin_offsetof(struct cpu, index) == 0, "trap.S");
_Static_assert(__builtin_offsetof(struct cpu, pending) == 4, "trap.S");
_Static_assert(sizeof(struct stack) == 5 * 4096, "boot.S");
_Static_assert(sizeof(struct tss) == 104, "AMD64 APM 2, 12.2.5");

void hw_cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]),
			   "=d"(out[3])
			 : "a"(leaf), "c"(subleaf));
}

bool cpu_has(u32 leaf, u32 reg, u32 bit)
{
	u32 r[4];

	hw_cpuid(leaf & 0x80000000u, 0, r);
	if (r[0] < leaf) {
		return false;
	}
	hw_cpuid(leaf, 0, r);
	return (r[reg] >> bit & 1u) != 0;
}

static void cpu_tables(struct cpu *c)
{
	struct table_pointer p = { sizeof(c->gdt) - 1u, (u64)c->gdt };
	u64 tss = (u64)&c->tss;
	u32 i;

	for (i = 1; i < CPU_STACKS; i++) {
		c->tss.ist[i - 1u] = (u64)(c->stacks + i + 1);
	}
	c->gdt[1] = 0x00af9b000000ffffull;
	c->gdt[2] = 0x00cf93000000ffffull;
	c->gdt[3] = (sizeof(c->tss) - 1u) | (tss & 0xffffffu) << 16 |
		    0x89ull << 40 | (tss >> 24 & 0xffu) << 56;
	c->gdt[4] = tss >> 32;
	__asm__ volatile("lgdt %0" : : "m"(p) : "memory");
	__asm__ volatile("ltr %w0" : : "r"(SEL_TSS) : "memory");
	idt_load();
	wrmsr(MSR_GS_BASE, (u64)c);
}

void cpu_init(u32 index)
{
	struct cpu *c = &cpus[index];
	u64 cr4 = CR4_ALWAYS;

	c->index = index;
	cpu_tables(c);
	if (!cpu_has(1, CPUID_ECX, 26)) {
		panic("this processor has no XSAVE");
	}
	cr4 |= cpu_has(7, CPUID_EBX, 7) ? CR4_SMEP : 0;
	cr4 |= cpu_has(7, CPUID_EBX, 20) ? CR4_SMAP : 0;
	cr4 |= cpu_has(7, CPUID_ECX, 2) ? CR4_UMIP : 0;
	cr4 |= cpu_has(7, CPUID_ECX, 3) ? CR4_PKE : 0;
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
	wrmsr(MSR_PAT, PAT_DEFAULT);
}

/* Good enough for a stack canary, not for keys. */
u64 cpu_random(void)
{
	u64 v = 0;

	if (cpu_has(1, CPUID_ECX, 30)) {
		__asm__ volatile("rdrand %0" : "=r"(v) : : "cc");
	}
	return v ^ hw_tsc() * 0x9e3779b97f4a7c15ull;
}

u32 hw_cpu(void)
{
	u32 index;

	__asm__ volatile("movl %%gs:0, %0" : "=r"(index));
	return index;
}

void hw_pause(void)
{
	__builtin_ia32_pause();
}

u64 hw_tsc(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

void *hw_frame(mfn_t mfn)
{
	return (void *)(mfn << PAGE_SHIFT);
}
