/* SPDX-License-Identifier: Apache-2.0 */
/* Secondary processors start by INIT and SIPI, have their own identity, and
 * get events and interrupts, awake or halted. */
#include "lib.h"

const char claim_name[] = "smp";

static volatile u32 seen[CPUS];
static volatile u32 ready;

void ap_main(u32 index)
{
	u32 r[4];

	(void)index;
	load_tables();
	cpuid(0x40000004u, 0, r);
	CHECK_IS(r[1], cpu_id());
	seen[cpu_id()] += 1;
	(void)__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		halt();
	}
}

static void check_event(u32 cpu)
{
	u32 port = bind_ipi(cpu);
	u32 i;

	for (i = 0; i < 20; i++) {
		u32 before = upcalls[cpu];

		info[cpu]->evtchn_pending_sel = 0;
		event_send(port);
		CHECK(wait_for(&upcalls[cpu], before + 1, 2000 * MS));
		clear_pending(port);
	}
}

static void check_ipi(u32 cpu)
{
	u32 i;

	for (i = 0; i < 20; i++) {
		u32 before = ipis[cpu];

		CHECK_IS(try_wrmsr(0x830, ((u64)(2 * cpu) << 32) | IPI_VECTOR),
			 NO_FAULT);
		CHECK(wait_for(&ipis[cpu], before + 1, 2000 * MS));
	}
}

void claim(void)
{
	u32 count = 0, cpu;

	while (count + 1 < CPUS &&
	       vcpu_call(VCPUOP_is_up, count + 1, NULL) >= 0) {
		count += 1;
	}
	if (count == 0) {
		fail("give it vcpus = 2 or more");
	}
	CHECK_IS(vcpu_call(VCPUOP_is_up, 1, NULL), 0);
	start_aps(count);
	CHECK(wait_for(&ready, count, 2000 * MS));
	for (cpu = 1; cpu <= count; cpu++) {
		CHECK_IS(seen[cpu], 1);
		CHECK_IS(vcpu_call(VCPUOP_is_up, cpu, NULL), 1);
		check_event(cpu);
		check_ipi(cpu);
	}
	say("%u processors", count + 1);
}
