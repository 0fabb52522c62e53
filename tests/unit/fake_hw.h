/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine made of host memory, behind core/hw/hw.h: frames, a clock that
 * stands still, processors that are only numbers, vCPUs whose registers are
 * fields. Everything above it in a test is the real core.
 */
#pragma once

#include <setjmp.h>

#include "hw/hw.h"
#include "vmm/domain.h"
#include "vmm/frame.h"

#ifndef FAKE_RAM
#define FAKE_RAM 8192u /* frames of the machine */
#endif
#define FAKE_FIRST 16u	  /* below it, nothing is ever free */
#define FAKE_GARBAGE 0xa5 /* what memory holds at power-on */
#define FAKE_UART 8192u

struct fake_paging {
	u64 cr3;
	bool is_paged, is_long, is_64bit;
	u64 code_base;
	u32 cpl;
};
struct fake_vcpu { /* what the machine knows of a vCPU */
	struct fake_paging paging;
	u64 efer, pat;
	bool osxsave, irq_enabled, in_shadow;
	int offered; /* interrupt vector, -1 = none */
	bool is_taken;
	int fault; /* last fault vector, -1 = none */
	int sipi;  /* vector of the last reset, -1 = none */
	u32 entry, start_info, resets, skips, skipped_bytes, loads;
};

extern u64 fake_now, fake_tsc;
extern u32 fake_cpu, fake_cpus;
extern u32 fake_kicks[CASEMATE_MAX_CPUS];
extern u64 fake_timer[CASEMATE_MAX_CPUS]; /* deadline, ~0 = off */
extern char fake_uart[FAKE_UART];
extern u32 fake_uart_used;
extern const char *fake_uart_in;
extern u32 fake_cpuid_value; /* of every register of every leaf */
extern u64 fake_xcr0;
extern struct hw_clock fake_clock;
/* hw_halt, hw_poweroff, hw_reboot, hw_idle jump here, with these values. */
extern jmp_buf fake_stop;
enum {
	FAKE_RUNS = 0,
	FAKE_HALTED,
	FAKE_OFF,
	FAKE_REBOOTED,
	FAKE_IDLE
};
extern u32 fake_irqs; /* what hw_irq_window() lets in */
/* What a guest does until its exit: hw_vcpu_run(). */
extern void (*fake_run)(struct hw_vcpu *v, struct hw_exit *out);

/* Power on: memory is garbage, every frame from FAKE_FIRST on is free, there
 * are no domains. */
void fake_power_on(void);
struct fake_vcpu *fake_of(const struct hw_vcpu *v);
struct frame *fake_frame(mfn_t mfn);
u8 *fake_memory(mfn_t mfn);
