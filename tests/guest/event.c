/* SPDX-License-Identifier: Apache-2.0 */
/* A port sent to is pending, raises one upcall, and none while masked. */
#include "lib.h"

const char claim_name[] = "event";

static void check_send(u32 port)
{
	u32 before = upcalls[0];

	event_send(port);
	CHECK(is_pending(port));
	CHECK_IS(upcalls[0], before); /* interrupts are off */
	sti();
	CHECK(wait_for(&upcalls[0], before + 1, 1000 * MS));
	cli();
	event_send(port); /* still pending: no second upcall */
	sti();
	__asm__ volatile("nop; nop");
	cli();
	CHECK(upcalls[0] <= before + 2); /* see hlt.c */
	clear_pending(port);
	clear_selectors();
}

static void check_mask(u32 port)
{
	u32 before = upcalls[0];

	mask(port);
	sti();
	event_send(port);
	CHECK(is_pending(port));
	CHECK_IS(upcalls[0], before);
	event_unmask(port);
	CHECK(wait_for(&upcalls[0], before + 1, 1000 * MS));
	cli();
	clear_pending(port);
	clear_selectors();
}

static void check_status(u32 port)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port };
	struct evtchn_close c = { port };

	CHECK_IS(event_call(EVTCHNOP_status, &s), 0);
	CHECK_IS(s.status, EVTCHNSTAT_ipi);
	CHECK_IS(event_call(EVTCHNOP_close, &c), 0);
	CHECK_IS(event_call(EVTCHNOP_status, &s), 0);
	CHECK_IS(s.status, EVTCHNSTAT_closed);
	CHECK_IS(event_call(EVTCHNOP_close, &c), E_INVAL);
	CHECK_IS(event_call(EVTCHNOP_send, &c), E_INVAL);
}

static void check_limits(void)
{
	struct evtchn_bind_virq virq = { .virq = 24 };
	struct evtchn_bind_ipi ipi = { .vcpu = 1000 };
	struct evtchn_send send = { 4096 };
	u32 n = 0;

	CHECK_IS(event_call(EVTCHNOP_bind_virq, &virq), E_INVAL);
	virq.virq = VIRQ_DOM_EXC;
	CHECK_IS(event_call(EVTCHNOP_bind_virq, &virq), E_PERM);
	CHECK_IS(event_call(EVTCHNOP_bind_ipi, &ipi), E_NOENT);
	CHECK_IS(event_call(EVTCHNOP_send, &send), E_INVAL);
	ipi.vcpu = 0;
	while (event_call(EVTCHNOP_bind_ipi, &ipi) == 0) {
		n += 1;
		CHECK(n < 4096);
	}
	CHECK_IS(event_call(EVTCHNOP_bind_ipi, &ipi), -28);
	CHECK(n > 900);
}

void claim(void)
{
	u32 port = bind_ipi(0);

	check_send(port);
	check_mask(port);
	check_status(port);
	check_limits();
}
