/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual machine control block: AMD64 Architecture Programmer's Manual
 * volume 2, appendix B. Field names follow the manual. */
#pragma once

#include "lib/types.h"

struct vmcb_segment {
	u16 selector;
	u16 attributes;
	u32 limit;
	u64 base;
};

struct vmcb {
	u16 cr_read, cr_write, dr_read, dr_write;
	u32 exceptions;
	u32 intercept1, intercept2;
	u8 reserved1[0x40 - 0x14];
	u64 iopm_base, msrpm_base, tsc_offset;
	u32 asid;
	u8 tlb_control, reserved2[3];
	u64 vintr;
	u64 int_state;
	u64 exit_code, exit_info1, exit_info2, exit_int_info;
	u64 np_enable;
	u64 reserved3[2];
	u64 event_inj;
	u64 n_cr3;
	u64 lbr;
	u32 clean, reserved4;
	u64 next_rip;
	u8 reserved5[0x400 - 0xd0];

	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved6[0x4cb - 0x4a0];
	u8 cpl;
	u32 reserved7;
	u64 efer;
	u8 reserved8[0x548 - 0x4d8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u8 reserved9[0x5d8 - 0x580];
	u64 rsp;
	u8 reserved10[0x5f8 - 0x5e0];
	u64 rax, star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip, cr2;
	u8 reserved11[0x668 - 0x648];
	u64 g_pat;
	u8 reserved12[0x1000 - 0x670];
};
_Static_assert(__builtin_offsetof(struct vmcb, vintr) == 0x60, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, event_inj) == 0xa8, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, next_rip) == 0xc8, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, tr) == 0x490, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, efer) == 0x4d0, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, rip) == 0x578, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, rax) == 0x5f8, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, g_pat) == 0x668, "vmcb");
_Static_assert(sizeof(struct vmcb) == 4096, "vmcb");

#define INTERCEPT1_INTR (1u << 0)
#define INTERCEPT1_NMI (1u << 1)
#define INTERCEPT1_SMI (1u << 2)
#define INTERCEPT1_INIT (1u << 3)
#define INTERCEPT1_RDPMC (1u << 15)
#define INTERCEPT1_CPUID (1u << 18)
#define INTERCEPT1_RSM (1u << 19)
#define INTERCEPT1_INVD (1u << 22)
#define INTERCEPT1_HLT (1u << 24)
#define INTERCEPT1_INVLPGA (1u << 26)
#define INTERCEPT1_IOIO (1u << 27)
#define INTERCEPT1_MSR (1u << 28)
#define INTERCEPT1_TASK (1u << 29)
#define INTERCEPT1_FERR (1u << 30)
#define INTERCEPT1_SHUTDOWN (1u << 31)
#define INTERCEPT2_VMRUN (1u << 0)
#define INTERCEPT2_VMMCALL (1u << 1)
#define INTERCEPT2_VMLOAD (1u << 2)
#define INTERCEPT2_VMSAVE (1u << 3)
#define INTERCEPT2_STGI (1u << 4)
#define INTERCEPT2_CLGI (1u << 5)
#define INTERCEPT2_SKINIT (1u << 6)
#define INTERCEPT2_ICEBP (1u << 8)
#define INTERCEPT2_WBINVD (1u << 9)
#define INTERCEPT2_MONITOR (1u << 10)
#define INTERCEPT2_MWAIT (1u << 11)
#define INTERCEPT2_MWAIT_ARMED (1u << 12)
#define INTERCEPT2_XSETBV (1u << 13)
#define INTERCEPT2_RDPRU (1u << 14)

#define VINTR_V_IRQ (1ull << 8)
#define VINTR_PRIO_MAX (15ull << 16)
#define VINTR_IGN_TPR (1ull << 20)
#define VINTR_MASKING (1ull << 24)
#define VINTR_VECTOR_SHIFT 32
#define VINTR_VECTOR (0xffull << VINTR_VECTOR_SHIFT)

#define EVENT_VALID (1ull << 31)
#define EVENT_ERROR (1ull << 11)
#define EVENT_TYPE_SHIFT 8
#define EVENT_TYPE_EXCEPTION 3u
#define EVENT_TYPE_SOFT 4u

#define EFER_SCE 1ull
#define EFER_LME (1ull << 8)
#define EFER_LMA (1ull << 10)
#define EFER_NXE (1ull << 11)
#define EFER_SVME (1ull << 12)

/* svm_entry.S: load guest registers, VMRUN, store them again. vmcb and host
 * are physical addresses; host holds this processor's VMSAVE state. */
void svm_enter(void *regs, u64 vmcb, u64 host);

/* One instruction each. */
static inline void vmsave(u64 area)
{
	__asm__ volatile("vmsave %0" : : "a"(area) : "memory");
}

static inline void xsetbv(u64 value)
{
	__asm__ volatile("xsetbv"
			 :
			 : "c"(0), "a"((u32)value), "d"((u32)(value >> 32)));
}

static inline u64 xgetbv(void)
{
	u32 low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return ((u64)high << 32) | low;
}

static inline void xsave(u8 *area, u64 mask)
{
	__asm__ volatile("xsave64 (%0)"
			 :
			 : "r"(area), "a"((u32)mask), "d"((u32)(mask >> 32))
			 : "memory");
}

static inline void xrstor(const u8 *area, u64 mask)
{
	__asm__ volatile("xrstor64 (%0)"
			 :
			 : "r"(area), "a"((u32)mask), "d"((u32)(mask >> 32))
			 : "memory");
}

/* Protection keys: 0 = everything allowed. */
static inline void wrpkru(u32 value)
{
	__asm__ volatile("wrpkru" : : "a"(value), "c"(0), "d"(0));
}

/* Whatever the last x87 instruction's addresses were, they are ours now:
 * AMD processors do not restore those fields unless an exception is pending. */
static inline void x87_forget(const u32 *zero)
{
	__asm__ volatile("fnclex; emms; fildl %0" : : "m"(*zero));
}

static inline void write_dr7(u64 value)
{
	__asm__ volatile("mov %0, %%db7" : : "r"(value));
}

static inline void fxsave(u8 *area)
{
	__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static inline void fxrstor(const u8 *area)
{
	__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

static inline void read_dr(u64 dr[4])
{
	__asm__ volatile("mov %%db0, %0" : "=r"(dr[0]));
	__asm__ volatile("mov %%db1, %0" : "=r"(dr[1]));
	__asm__ volatile("mov %%db2, %0" : "=r"(dr[2]));
	__asm__ volatile("mov %%db3, %0" : "=r"(dr[3]));
}

static inline void write_dr(const u64 dr[4])
{
	__asm__ volatile("mov %0, %%db0" : : "r"(dr[0]));
	__asm__ volatile("mov %0, %%db1" : : "r"(dr[1]));
	__asm__ volatile("mov %0, %%db2" : : "r"(dr[2]));
	__asm__ volatile("mov %0, %%db3" : : "r"(dr[3]));
}
