/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface to the machine. Everything outside core/hw sees only this, but
 * for start-up, which also sees hw/x86/x86.h.
 *
 * The core runs identity-mapped in 64-bit mode with host interrupts off,
 * except inside hw_vcpu_run(), hw_irq_window() and hw_idle(). Interrupt
 * handlers do nothing but acknowledge and set a per-processor pending bit.
 */
#pragma once

#include "abi/control.h"
#include "lib/types.h"

/* ---- boot ---------------------------------------------------------- */

#define BOOT_MAX_RANGES 128u
enum boot_range_type {
	BOOT_RAM = 1,	   /* usable and unclaimed (E820 type 1) */
	BOOT_RESERVED = 2, /* firmware, ACPI, NVS, holes: never touched */
	BOOT_CORE = 3,	   /* core image, page tables, stacks, frame table */
	BOOT_MODULE = 4	   /* a boot module; becomes RAM after dom0 is built */
};
struct boot_range { /* page aligned, sorted, non-overlapping */
	u64 start;
	u64 end;
	u32 type;
};
struct boot_module { /* bytes == 0: absent */
	u64 start;
	u64 bytes;
};
struct boot_info {
	u32 range_count;
	struct boot_range ranges[BOOT_MAX_RANGES];
	struct boot_module dom0_kernel;
	struct boot_module dom0_initrd;
	struct boot_module policy;
	u8 rsdp[36];		 /* root pointer of ACPI, zero if none */
	char cmdline[1024];	 /* the core's */
	char dom0_cmdline[1024]; /* dom0's */
	u64 dom0_bytes;		 /* dom0_mem=, for [16 MiB, 16 MiB + bytes) */
	u32 dom0_vcpus;		 /* dom0_vcpus= */
};

/* ---- memory -------------------------------------------------------- */

/* The core's own view of a machine frame (supervisor, writable, no-execute).
 * Valid for every frame of RAM; never of device memory. */
void *hw_frame(mfn_t mfn);
void hw_frame_zero(mfn_t mfn);

/* ---- processors ---------------------------------------------------- */

u32 hw_cpu(void);	/* this processor, 0 .. hw_cpu_count() - 1 */
u32 hw_cpu_count(void); /* processors that came up */
void hw_kick(u32 cpu);	/* make it leave guest mode or hw_idle() soon */

#define HW_IRQ_TIMER 1u
#define HW_IRQ_UART 4u
/* Let pending interrupts in, then return and clear this processor's bits. */
u32 hw_irq_window(void);
/* Wait for an interrupt (returns at once if a bit is already pending: no lost
 * wake-up). Bits stay set for hw_irq_window(). Called without any lock. */
void hw_idle(void);
void hw_pause(void); /* spin-wait hint */

void __attribute__((noreturn)) hw_halt(void); /* this processor, for ever */
void hw_stop_others(void); /* before a panic: none runs a guest any more */
/* Return addresses on this processor's stack from `frame` up, or from where it
 * was struck by an exception; at most `max`. How many. */
u32 hw_stack_calls(const void *frame, u64 *out, u32 max);
u32 hw_text_sum(void); /* tells one build of the core from another */
void __attribute__((noreturn)) hw_poweroff(void);
void __attribute__((noreturn)) hw_reboot(void);

/* ---- time ---------------------------------------------------------- */

u64 hw_tsc(void);
u64 hw_time_ns(void); /* monotonic, equal on all processors, 0 at boot */
/* pvclock scaling, the same clock as hw_time_ns(); a negative shift goes right:
 * ns = (((tsc - tsc_base) << shift) * mul) >> 32. */
struct hw_clock {
	u64 tsc_base;
	u32 mul;
	signed char shift;
	bool is_stable;	  /* invariant TSC, or synchronised under an emulator */
	u64 boot_seconds; /* CMOS clock at boot, Unix time; 0 if not set */
};
const struct hw_clock *hw_clock(void);
void hw_timer_set(u64 deadline_ns); /* this processor; ~0 = off */

/* ---- console ------------------------------------------------------- */

void hw_uart_write(const char *s, u32 n);
int hw_uart_read(void); /* next received byte or -1 */

/* ---- virtual processors (SVM) -------------------------------------- */

/* General registers of a guest. rax and rip are copied out of the machine part
 * and back around hw_vcpu_run(); rsp and rflags stay there. Assembly relies on
 * this order. */
struct regs {
	u64 rax, rbx, rcx, rdx, rsi, rdi, rbp, unused;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rip;
};

#define HW_XSAVE_BYTES 1024u
struct hw_vcpu {
	struct regs regs;
	u8 xsave[HW_XSAVE_BYTES] __attribute__((aligned(64)));
	u64 dr[4];
	u64 xcr0;
	mfn_t vmcb;	/* control block frame */
	mfn_t npt_root; /* nested page table root */
	u32 last_cpu;	/* whose translation caches may know it */
};

struct hw_exit {
	u32 reason; /* CTL_EXIT_*; rip is at the instruction, if it is one */
	u32 length; /* of the instruction, for those that have one */
	u32 tsc;    /* when: the low half of hw_tsc() */
	u64 gpa;    /* FAULT: address; BROKEN: raw exit code */
	u32 fault;  /* FAULT: error code bits; see HW_FAULT_* */
	u16 port;   /* IO */
	u8 size;    /* IO: 1, 2, 4 */
	bool is_in;
	bool is_string;
};
#define HW_FAULT_PRESENT 1u

/* Turn SVM on; panics if this processor cannot run guests. */
void hw_vm_cpu_init(void);
/* Of zeroed memory. */
void hw_vcpu_init(struct hw_vcpu *v, mfn_t vmcb, mfn_t npt_root);
/* PVH entry: 32-bit protected mode, paging off, EBX = start_info. */
void hw_vcpu_reset_pvh(struct hw_vcpu *v, u32 entry, u32 start_info);
/* After SIPI: real mode at vector << 12. */
void hw_vcpu_reset_sipi(struct hw_vcpu *v, u8 vector);
/* Extended state (x87, SSE, AVX, XCR0, debug registers) onto this processor,
 * and back: around a run of hw_vcpu_run() calls for one vCPU. */
void hw_vcpu_load(struct hw_vcpu *v);
void hw_vcpu_unload(struct hw_vcpu *v);
void hw_vcpu_run(struct hw_vcpu *v, bool flush, struct hw_exit *out);
void hw_vcpu_skip(struct hw_vcpu *v, u32 length); /* past the instruction */

/* Offer an external interrupt: the guest takes it as soon as it can, without
 * an exit. -1 withdraws. After a run, was the offer taken? */
void hw_vcpu_offer_irq(struct hw_vcpu *v, int vector);
bool hw_vcpu_is_offer_taken(const struct hw_vcpu *v);
/* An exception; with the error code 0, if #GP or #AC. */
void hw_vcpu_inject_fault(struct hw_vcpu *v, u8 vector);

struct hw_mode { /* how the guest runs now */
	bool is_paged;
	bool is_irq_on; /* IF alone */
	bool in_shadow; /* after STI, MOV SS */
	u32 cpl;
	u64 code_base;
};
struct hw_mode hw_vcpu_mode(const struct hw_vcpu *v);
/* Long mode, and the code segment is a 64-bit one. */
bool hw_vcpu_is_64bit(const struct hw_vcpu *v);
/* cr3 of 4-level paging; all ones in other modes, which are not walked. */
u64 hw_vcpu_cr3_long(const struct hw_vcpu *v);
u64 hw_vcpu_efer(const struct hw_vcpu *v); /* as the guest sees it */
void hw_vcpu_set_efer(struct hw_vcpu *v, u64 efer);
u64 hw_vcpu_pat(const struct hw_vcpu *v);
void hw_vcpu_set_pat(struct hw_vcpu *v, u64 pat);
bool hw_vcpu_osxsave(const struct hw_vcpu *v);
void hw_cpuid(u32 leaf, u32 subleaf, u32 out[4]);
u64 hw_xcr0_supported(void);

/* ---- nested page tables -------------------------------------------- */
/* Entry format only; the walk is core/vmm/p2m.c. A table has 512 entries. */
#define HW_NPT_WRITE 1u
#define HW_NPT_EXEC 2u
#define HW_NPT_TAG_SHIFT 4u /* 3 bits of software tag in `flags` */
u64 hw_npt_leaf(mfn_t mfn, u32 flags);
u64 hw_npt_table(mfn_t mfn);
bool hw_npt_present(u64 entry);
mfn_t hw_npt_mfn(u64 entry);
u32 hw_npt_flags(u64 entry); /* HW_NPT_* and the tag */
u64 hw_npt_read(mfn_t table, u32 index);
void hw_npt_write(mfn_t table, u32 index, u64 entry);
