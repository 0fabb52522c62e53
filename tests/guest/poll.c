/* SPDX-License-Identifier: Apache-2.0 */
/* SCHEDOP_poll and SCHEDOP_block return when there is something, or when the
 * time is over, and not without. */
#include "lib.h"

const char claim_name[] = "poll";

static long poll(u32 port, u64 timeout)
{
	struct sched_poll op = { .nr_ports = 1, .timeout = timeout };

	set_xen_guest_handle(op.ports, &port);
	return sched_call(SCHEDOP_poll, &op);
}

static void check_poll(u32 timer, u32 ipi)
{
	u64 start = time_ns();

	mask(timer);
	mask(ipi);
	event_send(ipi);
	CHECK_IS(poll(ipi, 0), 0); /* pending: at once, though masked */
	clear_pending(ipi);
	start = time_ns();
	CHECK_IS(poll(ipi, start + 20 * MS), 0);
	CHECK(time_ns() >= start + 20 * MS);
	start = time_ns();
	set_timer(start + 20 * MS);
	CHECK_IS(poll(timer, start + 4000 * MS), 0); /* masked, wakes */
	CHECK(time_ns() >= start + 20 * MS);
	CHECK(time_ns() < start + 3000 * MS);
	CHECK(is_pending(timer));
	clear_pending(timer);
	CHECK_IS(poll(ipi, 1), 0); /* a time in the past */
	CHECK_IS(poll(5000, 1), E_INVAL);
}

static void check_block(u32 timer)
{
	u64 start = time_ns();

	info[0]->evtchn_upcall_pending = 0;
	clear_selectors();
	event_unmask(timer);
	set_timer(start + 20 * MS);
	CHECK_IS(sched_call(SCHEDOP_block, NULL), 0);
	CHECK(time_ns() >= start + 20 * MS);
	CHECK(is_pending(timer));
	CHECK_IS(sched_call(SCHEDOP_block, NULL), 0); /* pending: at once */
	CHECK_IS(sched_call(SCHEDOP_yield, NULL), 0);
}

void claim(void)
{
	u32 timer = bind_virq(VIRQ_TIMER, 0);
	u32 ipi = bind_ipi(0);

	check_poll(timer, ipi);
	check_block(timer);
}
