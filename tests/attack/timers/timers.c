/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: no deadline, however far, near, past or wrapped, stops the clock or
 * the processor: the guest's own timers go on working, and polling on any port
 * comes back or is refused. */
#include "attack.h"

const char claim_name[] = "timers";

static u32 port;

static void check_works(void)
{
	u64 before;

	clear_pending(port);
	set_timer(time_ns() + 2 * MS);
	before = time_ns();
	while (!is_pending(port)) {
		CHECK(time_ns() < before + 5000 * MS);
		__asm__ volatile("pause");
	}
}

static void check_deadlines(void)
{
	u32 i, flags;

	for (i = 0; i < wild_count; i++) {
		for (flags = 0; flags < 3; flags++) {
			struct vcpu_set_singleshot_timer t = {
				.timeout_abs_ns = wild[i], .flags = flags
			};

			(void)vcpu_call(VCPUOP_set_singleshot_timer, 0, &t);
			t.timeout_abs_ns = time_ns() - wild[i];
			(void)vcpu_call(VCPUOP_set_singleshot_timer, 0, &t);
		}
		check_works();
	}
}

static void check_vcpus(void)
{
	struct vcpu_set_singleshot_timer t = { 0, 0 };
	struct vcpu_runstate_info run;
	u32 i;

	for (i = 1; i < wild_count; i++) {
		if ((u32)wild[i] >= CPUS) {
			CHECK_IS(vcpu_call(VCPUOP_set_singleshot_timer,
					   (u32)wild[i], &t),
				 E_NOENT);
			CHECK_IS(vcpu_call(VCPUOP_get_runstate_info,
					   (u32)wild[i], &run),
				 E_NOENT);
			CHECK_IS(vcpu_call(VCPUOP_is_up, (u32)wild[i], NULL),
				 E_NOENT);
		}
	}
	/* A number whose low half is good. */
	CHECK_IS(hypercall(__HYPERVISOR_vcpu_op, VCPUOP_is_up, 1ull << 32, 0, 0,
			   0),
		 E_NOENT);
}

static long poll(u64 which, u32 count, u64 timeout)
{
	evtchn_port_t ports = (evtchn_port_t)which;
	struct sched_poll p = { .nr_ports = count, .timeout = timeout };

	set_xen_guest_handle(p.ports, &ports);
	return sched_call(SCHEDOP_poll, &p);
}

static void check_polls(void)
{
	u32 i, j;

	for (i = 0; i < wild_count; i++) {
		long rc = poll(wild[i], 1, time_ns() + MS / 10);

		CHECK_IS(rc, (u32)wild[i] < 1024 ? 0 : E_INVAL);
		CHECK_IS(poll(wild[i], (u32)wild[i] | 2, time_ns()), E_INVAL);
		for (j = 1; j < 8; j++) { /* past, or so */
			CHECK_IS(poll(3, 1, j), 0);
		}
	}
	check_works();
}

/* Always due, again and again. */
static void check_flood(void)
{
	struct vcpu_set_singleshot_timer t = { 1, 0 };
	u32 i;

	for (i = 0; i < 20000; i++) {
		CHECK_IS(vcpu_call(VCPUOP_set_singleshot_timer, 0, &t), 0);
		clear_pending(port);
	}
	check_works();
}

void claim(void)
{
	start_check();
	open_if_told();
	port = bind_virq(VIRQ_TIMER, 0);
	mask(port);
	check_works();
	check_deadlines();
	check_vcpus();
	check_polls();
	check_flood();
	reach_check();
}
