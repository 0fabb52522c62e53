/* SPDX-License-Identifier: Apache-2.0 */
/* The other end: grants two pages, takes events, answers them. */
#include "bench.h"

const char claim_name[] = "peer";

static volatile struct control *control = (void *)spare[1];

static void offer(u32 domid)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF,
					   .remote_dom = (u16)domid };

	CHECK_IS(event_call(EVTCHNOP_alloc_unbound, &op), 0);
	control->port = op.port;
}

/* Selector first: what arrives in between is seen once more, never lost. */
static void take(u32 port)
{
	clear_selectors();
	clear_pending(port);
}

static void spin(u32 port)
{
	while (control->command == COMMAND_SPIN) {
		if (is_pending(port)) {
			__atomic_store_n(&info[0]->evtchn_upcall_pending, 0,
					 __ATOMIC_SEQ_CST);
			take(port);
			control->cleared += 1;
		}
		(void)sched_call(SCHEDOP_yield, NULL);
	}
}

static void answer(u32 port)
{
	struct evtchn_send op = { port };

	while (control->command == COMMAND_ANSWER) {
		while (!is_pending(port)) {
			halt();
		}
		take(port);
		(void)event_call(EVTCHNOP_send, &op);
	}
}

void claim(void)
{
	u32 domid = (u32)option("peer", 0), command;

	CHECK(domid != 0);
	grants_init();
	offer(domid);
	grant_page(REF_CONTROL, domid, spare[1]);
	grant_page(REF_DATA, domid, spare[2]);
	say("READY peer %u", own_domid());
	control->is_ready = 1;
	do {
		command = control->command;
		control->seen = command;
		if (command == COMMAND_SPIN) {
			spin(control->port);
		} else if (command == COMMAND_ANSWER) {
			answer(control->port);
		} else {
			(void)sched_call(SCHEDOP_yield, NULL);
		}
	} while (command != COMMAND_STOP);
}
