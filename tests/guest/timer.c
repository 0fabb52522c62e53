/* SPDX-License-Identifier: Apache-2.0 */
/* The clock never goes back; a one-shot timer fires once, never early. */
#include "lib.h"

const char claim_name[] = "timer";

static void check_clock(void)
{
	u64 last = time_ns();
	u32 i;

	CHECK(info[0]->time.tsc_to_system_mul != 0);
	for (i = 0; i < 200000; i++) {
		u64 now = time_ns();

		if (now < last) {
			fail("clock went back from %l to %l", last, now);
		}
		last = now;
	}
	CHECK(shared->wc_sec > 1600000000u || shared->wc_sec_hi != 0);
}

static void check_shot(u32 port, u64 ahead)
{
	u64 start = time_ns();
	u32 before = upcalls[0];

	set_timer(start + ahead);
	while (upcalls[0] == before) {
		halt();
		CHECK(time_ns() < start + ahead + 5000 * MS);
	}
	CHECK(is_pending(port));
	CHECK(time_ns() >= start + ahead);
	clear_pending(port);
	clear_selectors();
}

static void check_stop(u32 port)
{
	u64 end = time_ns() + 30 * MS;

	set_timer(time_ns() + 10 * MS);
	CHECK_IS(vcpu_call(VCPUOP_stop_singleshot_timer, 0, NULL), 0);
	while (time_ns() < end) {
		CHECK(!is_pending(port));
	}
	CHECK_IS(vcpu_call(VCPUOP_stop_periodic_timer, 0, NULL), 0);
}

void claim(void)
{
	struct vcpu_set_singleshot_timer t = { .timeout_abs_ns = 1 };
	u32 port = bind_virq(VIRQ_TIMER, 0);
	u32 i;

	check_clock();
	for (i = 0; i < 20; i++) {
		check_shot(port, (i + 1) * MS);
	}
	check_shot(port, 0); /* in the past: at once */
	check_stop(port);
	CHECK_IS(vcpu_call(VCPUOP_set_singleshot_timer, 99, &t), E_NOENT);
}
