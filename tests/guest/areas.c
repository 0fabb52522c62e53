/* SPDX-License-Identifier: Apache-2.0 */
/* vcpu_info, time and runstate areas move where the guest wants them. */
#include "lib.h"

const char claim_name[] = "areas";

static void check_info(u32 port)
{
	struct vcpu_register_vcpu_info op = { .mfn = gfn_of(spare[0]),
					      .offset = PAGE - 32 };
	u32 before = upcalls[0];

	CHECK_IS(vcpu_call(VCPUOP_register_vcpu_info, 0, &op), E_INVAL);
	op.mfn = 0xd0000;
	op.offset = 128;
	CHECK_IS(vcpu_call(VCPUOP_register_vcpu_info, 0, &op), E_INVAL);
	op.mfn = gfn_of(spare[0]);
	CHECK_IS(vcpu_call(VCPUOP_register_vcpu_info, 99, &op), E_NOENT);
	CHECK_IS(vcpu_call(VCPUOP_register_vcpu_info, 0, &op), 0);
	info[0] = (void *)(spare[0] + 128);
	CHECK_IS(vcpu_call(VCPUOP_register_vcpu_info, 0, &op), E_INVAL);
	CHECK(info[0]->time.tsc_to_system_mul != 0);
	sti(); /* everything is pending once, so that nothing is lost */
	CHECK(wait_for(&upcalls[0], before + 1, 1000 * MS));
	cli();
	before = upcalls[0];
	clear_selectors();
	event_send(port);
	CHECK_IS(info[0]->evtchn_upcall_pending, 1);
	sti();
	CHECK(wait_for(&upcalls[0], before + 1, 1000 * MS));
	cli();
	clear_pending(port);
	clear_selectors();
}

static void check_runstate(void)
{
	volatile struct vcpu_runstate_info *r =
		(void *)(spare[2] - 20); /* over two pages */
	struct vcpu_register_runstate_memory_area op = {
		.addr.p = (u64)(spare[2] - 20)
	};
	struct vcpu_runstate_info now;
	u64 running;

	CHECK_IS(vcpu_call(VCPUOP_register_runstate_memory_area, 0, &op), 0);
	CHECK_IS(r->state, RUNSTATE_running);
	CHECK(r->state_entry_time != 0);
	CHECK_IS(vcpu_call(VCPUOP_get_runstate_info, 0, &now), 0);
	CHECK_IS(now.state, RUNSTATE_running);
	running = r->time[RUNSTATE_blocked];
	set_timer(time_ns() + 20 * MS);
	halt();
	(void)sched_call(SCHEDOP_yield, NULL);
	CHECK(r->time[RUNSTATE_blocked] >= running + 5 * MS);
	CHECK_IS(r->state, RUNSTATE_running);
}

static void check_time(void)
{
	volatile struct vcpu_time_info *t = (void *)spare[5];
	struct vcpu_register_time_memory_area op = { .addr.p = (u64)spare[5] };

	CHECK_IS(vcpu_call(VCPUOP_register_vcpu_time_memory_area, 0, &op), 0);
	CHECK_IS(t->tsc_to_system_mul, info[0]->time.tsc_to_system_mul);
	CHECK_IS(t->version & 1, 0);
}

void claim(void)
{
	u32 port = bind_ipi(0);

	bind_virq(VIRQ_TIMER, 0);
	check_info(port);
	check_runstate();
	check_time();
}
