/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's hardware breakpoints fire in the guest, once each, across exits
 * and other guests; the core, which never has any, is not disturbed. QEMU 7.2
 * does not arm what VMRUN loads; Bochs 2.7 does, but loses DR6 when #DB is
 * intercepted, so that is not looked at. #AC, which the core intercepts as it does
 * #DB, reaches the guest, too. */
#include "../../guest/lib.h"

const char claim_name[] = "breakpoint";

#define DR7_WRITE_0 0x000d0402ull /* DR0: four bytes, writes */
#define AM (1ull << 18)

static void arm(volatile u32 *word, u64 dr7)
{
	__asm__ volatile("mov %0, %%dr0" ::"r"(word));
	__asm__ volatile("mov %0, %%dr6" ::"r"(0xffff0ff0ull));
	__asm__ volatile("mov %0, %%dr7" ::"r"(dr7));
}

static u32 try_store(volatile u32 *word)
{
	TRY("movl $1, %[w]; nop; nop",
	    : [ip] "+m"(resume_ip), [w] "=m"(*word)
	    :
	    : "r11", "memory");
	return fault_vector;
}

static void rest(void)
{
	evtchn_port_t port = bind_ipi(0);
	struct sched_poll p = { .nr_ports = 1, .timeout = time_ns() + MS };

	set_xen_guest_handle(p.ports, &port);
	CHECK_IS(sched_call(SCHEDOP_poll, &p), 0);
}

static void check_breakpoint(void)
{
	volatile u32 *word = (volatile u32 *)spare[1];
	u64 dr0, dr7;

	arm(word, DR7_WRITE_0);
	CHECK_IS(try_store(word + 1), NO_FAULT);
	CHECK_IS(try_store(word), 1);
	rest(); /* others ran, and the core */
	__asm__ volatile("mov %%dr0, %0" : "=r"(dr0));
	__asm__ volatile("mov %%dr7, %0" : "=r"(dr7));
	CHECK_IS(dr0, word);
	CHECK_IS(dr7, DR7_WRITE_0);
	CHECK_IS(try_store(word), 1);
	arm(word, 0x400);
	CHECK_IS(try_store(word), NO_FAULT);
}

static void user_crooked(void)
{
	__asm__ volatile("pushf; orq $0x40000, (%%rsp); popf;"
			 "movl 1(%%rsp), %%eax; hlt" ::
				 : "rax");
}

void claim(void)
{
	u64 cr0;

	check_breakpoint();
	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %0, %%cr0" ::"r"(cr0 | AM));
	CHECK_IS(try_user(user_crooked), 17);
}
