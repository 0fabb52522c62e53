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

/* Intercepts by the manual's bits. INTR, NMI, SMI, INIT. */
#define INTERCEPT1_EVENTS 0x0000000fu
/* RDPMC (15), CPUID (18), RSM (19), INVD (22), HLT (24), INVLPGA (26). */
#define INTERCEPT1_INSTRUCTIONS 0x054c8000u
/* I/O (27), MSRs (28), task switch (29), FERR (30), shutdown (31). */
#define INTERCEPT1_REST 0xf8000000u
/* VMRUN (0), VMMCALL, VMLOAD, VMSAVE, STGI, CLGI, SKINIT (6). */
#define INTERCEPT2_SVM 0x0000007fu
/* ICEBP (8), WBINVD, MONITOR, MWAIT, armed MWAIT, XSETBV, RDPRU (14). */
#define INTERCEPT2_REST 0x00007f00u

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

#define EFER_LMA (1ull << 10)
#define EFER_SVME (1ull << 12)

/* svm_entry.S: load guest registers, VMRUN, store them again. vmcb and host
 * are physical addresses; host holds this processor's VMSAVE state. */
void svm_enter(void *regs, u64 vmcb, u64 host);
