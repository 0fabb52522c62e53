/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt descriptor table; every exception of the core is fatal, but
 * for guests' breakpoints that survive an exit. */
#include "hw/x86/x86.h"
#include "lib/print.h"

#define GATE_INTERRUPT 0x8eu
#define IST_NMI 1u
#define IST_FAULT 2u
#define IST_CHECK 3u

struct gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};

struct trap_frame {
	u64 vector;
	u64 error;
	u64 rip;
	u64 cs;
	u64 rflags;
	u64 rsp;
	u64 ss;
};

/* trap.S */
extern const u8 trap_exceptions[32][16];
void trap_timer(void);
void trap_kick(void);
void trap_uart(void);
void trap_stray(void);
void trap_ignore(void);
void trap_debug(void);
void __attribute__((noreturn)) trap_panic(const struct trap_frame *f);

static struct gate idt[256] __attribute__((aligned(16)));
static u32 stopping; /* one processor is writing its last line */

static void idt_set(u32 vector, u64 handler, u8 ist)
{
	struct gate *g = &idt[vector];

	g->offset_low = (u16)handler;
	g->selector = SEL_CODE;
	g->ist = ist;
	g->type = GATE_INTERRUPT;
	g->offset_middle = (u16)(handler >> 16);
	g->offset_high = (u32)(handler >> 32);
}

static void idt_build(void)
{
	u32 v;

	for (v = 0; v < 32u; v++) {
		idt_set(v, (u64)trap_exceptions[v], 0);
	}
	idt_set(1u, (u64)trap_debug, 0);
	idt[2].ist = IST_NMI;
	idt[8].ist = IST_FAULT;
	idt[18].ist = IST_CHECK;
	for (v = 32u; v < 48u; v++) {
		idt_set(v, (u64)trap_ignore, 0); /* masked PICs' spurious */
	}
	for (v = 48u; v < 256u; v++) {
		idt_set(v, (u64)trap_stray, 0);
	}
	idt_set(VECTOR_TIMER, (u64)trap_timer, 0);
	idt_set(VECTOR_KICK, (u64)trap_kick, 0);
	idt_set(VECTOR_UART, (u64)trap_uart, 0);
	idt_set(VECTOR_SPURIOUS, (u64)trap_ignore, 0);
}

void idt_load(void)
{
	struct table_pointer p = { sizeof(idt) - 1u, (u64)idt };

	if (idt[0].type == 0) {
		idt_build(); /* the boot processor, alone */
	}
	lidt(&p);
}

/* After a panic elsewhere an NMI says stop; the first panic's line counts. */
void hw_stop_others(void)
{
	if (__atomic_exchange_n(&stopping, 1u, __ATOMIC_ACQ_REL) == 0) {
		apic_send_nmi_others();
	}
}

void trap_panic(const struct trap_frame *f)
{
	if (f->vector == 2u &&
	    __atomic_load_n(&stopping, __ATOMIC_ACQUIRE) != 0) {
		hw_halt();
	}
	panic("exception %lu in the core: error %lx, rip %lx, cr2 %lx, rsp %lx",
	      f->vector, f->error, f->rip, read_cr2(), f->rsp);
}
