/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt descriptor table; every exception of the core is fatal, but
 * for guests' breakpoints that survive an exit. */
#include "hw/x86/x86.h"
#include "lib/print.h"

#define GATE_INTERRUPT (0x8eull << 40)
#define GATE_IST(i) ((u64)(i) << 32)

struct trap_frame {
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

/* trap.S */
extern const u8 trap_exceptions[32][16];
extern const u8 trap_timer[], trap_kick[], trap_uart[];
extern const u8 trap_stray[], trap_debug[];
void __attribute__((noreturn)) trap_panic(const struct trap_frame *f);

static u64 idt[256][2] __attribute__((aligned(16)));
static u32 stopping; /* one processor is writing its last line */

static void idt_set(u32 vector, const u8 *handler)
{
	u64 to = (u64)handler;

	idt[vector][0] = (to & 0xffffu) | SEL_CODE << 16 | GATE_INTERRUPT |
			 (to >> 16 & 0xffffu) << 48;
	idt[vector][1] = to >> 32;
}

static void idt_build(void)
{
	u32 v;

	for (v = 0; v < 32u; v++) {
		idt_set(v, trap_exceptions[v]);
	}
	idt_set(1, trap_debug);
	idt[2][0] |= GATE_IST(1);  /* NMI */
	idt[8][0] |= GATE_IST(2);  /* double fault */
	idt[18][0] |= GATE_IST(3); /* machine check */
	for (v = 32u; v < 256u; v++) {
		idt_set(v, trap_stray);
	}
	idt_set(VECTOR_TIMER, trap_timer);
	idt_set(VECTOR_KICK, trap_kick);
	idt_set(VECTOR_UART, trap_uart);
}

void idt_load(void)
{
	struct table_pointer p = { sizeof(idt) - 1u, (u64)idt };

	if (idt[0][0] == 0) {
		idt_build(); /* the boot processor, alone */
	}
	__asm__ volatile("lidt %0" : : "m"(p) : "memory");
}

/* After a panic elsewhere an NMI says stop; the first panic's line counts. Only
 * to those that came up: what firmware left on the others is not ours. */
void hw_stop_others(void)
{
	bool is_first = !__atomic_exchange_n(&stopping, 1u, __ATOMIC_ACQ_REL);
	u32 i;

	for (i = 0; is_first && i < hw_cpu_count(); i++) {
		if (i != hw_cpu()) {
			apic_send(cpus[i].apic_id, ICR_NMI);
		}
	}
}

void trap_panic(const struct trap_frame *f)
{
	u64 cr2;

	if (f->vector == 2u && __atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) {
		hw_halt();
	}
	__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
	stack_struck = f->rsp;
	panic_is_defect(); /* even while starting up */
	panic("exception %lu in the core: error %lx, rip %lx, cr2 %lx, rsp %lx",
	      f->vector, f->error, f->rip, cr2, f->rsp);
}
