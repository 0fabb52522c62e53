/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: however fast four vCPUs make exits, events, timers or exceptions, the
 * others get their turn, and the guest can be destroyed in the middle of it. */
#include "attack.h"

const char claim_name[] = "rage";

static volatile u32 started, go;

static void exits(u32 cpu)
{
	u32 r[4];
	u64 value;

	for (;;) {
		switch (cpu) {
		case 0:
			cpuid(0, 0, r);
			break;
		case 1:
			(void)hypercall(~0ull, 0, 0, 0, 0, 0);
			break;
		case 2:
			(void)in(0x80, 1);
			break;
		default:
			(void)try_rdmsr(0x1b, &value);
			break;
		}
	}
}

/* IPIs to all, events to all, timers that are always due, dom0's console. */
static void events(u32 cpu)
{
	u32 port = bind_ipi((cpu + 1) % CPUS);
	struct vcpu_set_singleshot_timer t = { 0, 0 };
	struct evtchn_send send = { 2 }; /* the console's */
	u64 number = 2;

	(void)hvm_get(HVM_PARAM_CONSOLE_EVTCHN, &number);
	send.port = (u32)number;
	sti();
	for (;;) {
		__asm__ volatile("wrmsr" ::"c"(0x830), "a"(0x80040), "d"(0));
		if (cpu == 0) {
			(void)event_call(EVTCHNOP_send, &send);
		}
		event_send(port);
		clear_pending(port);
		info[cpu]->evtchn_pending_sel = 0;
		(void)vcpu_call(VCPUOP_set_singleshot_timer, cpu, &t);
	}
}

/* Handlers that return to what raised the exception. */
__asm__(".text\n"
	"return_stub:\tiretq\n"
	"error_stub:\taddq $8, %rsp\n\tiretq\n");
extern const u8 return_stub[], error_stub[];

static struct {
	u16 low, selector, flags, middle;
	u32 high, reserved;
} gates[256] __attribute__((aligned(16)));

static void load_gates(void)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) r = { sizeof(gates) - 1, (u64)gates };
	u32 i;

	/* What the others are sent would end in these gates, again and again. */
	memset(shared->evtchn_mask, 0xff, sizeof(shared->evtchn_mask));
	for (i = 0; i < COUNT(gates); i++) {
		u64 stub = (u64)(i == 14 ? error_stub : return_stub);

		gates[i].low = (u16)stub;
		gates[i].selector = 0x08;
		gates[i].flags = 0x8e00;
		gates[i].middle = (u16)(stub >> 16);
	}
	__asm__ volatile("lidt %0" ::"m"(r));
}

/* #UD, #DB after each instruction and #PF, for ever; and a processor that
 * takes no interrupt. */
static void faults(u32 cpu)
{
	load_gates();
	switch (cpu) {
	case 0:
		__asm__ volatile("ud2");
		break;
	case 1:
		__asm__ volatile("pushf; orq $0x100, (%rsp); popf");
		for (;;) {
		}
	case 2:
		__asm__ volatile("movq (%0), %%rax" ::"r"(1ull << 40) : "rax");
		break;
	default:
		for (;;) {
			open_if_told();
			cli();
		}
	}
}

/* Long operations without end. */
static void memory(u32 cpu)
{
	u64 first = HOLE + 1024 * cpu, i;

	for (;;) {
		for (i = 0; i < 512; i++) {
			(void)populate(first + i);
		}
		for (i = 0; i < 512; i++) {
			(void)give_up(first + i);
		}
		(void)sched_call(SCHEDOP_yield, NULL);
	}
}

static void rage(u32 cpu)
{
	if (is_variant("exits")) {
		exits(cpu);
	} else if (is_variant("events")) {
		events(cpu);
	} else if (is_variant("faults")) {
		faults(cpu);
	} else {
		memory(cpu);
	}
}

void ap_main(u32 index)
{
	(void)index;
	load_tables();
	open_if_told();
	(void)__atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
	while (go == 0) {
		__asm__ volatile("pause");
	}
	rage(cpu_id());
}

void claim(void)
{
	start_check();
	open_if_told();
	start_aps(CPUS - 1);
	CHECK(wait_for(&started, CPUS - 1, 5000 * MS));
	announce("never");
	go = 1;
	rage(0);
}
