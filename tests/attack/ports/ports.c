/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: no port number, vCPU, VIRQ or domain number leads the event channel
 * operations out of the caller's 1,023 ports; ports run out and all come back;
 * nobody else's port can be bound, looked at or reached. */
#include "attack.h"

const char claim_name[] = "ports";

#define PORTS 1024u

static u32 status_of(u32 domid, u32 port, long *rc)
{
	struct evtchn_status s = { .dom = (u16)domid, .port = port };

	*rc = event_call(EVTCHNOP_status, &s);
	return s.status;
}

static u32 open_count(void)
{
	u32 port, n = 0;
	long rc;

	for (port = 1; port < PORTS; port++) {
		n += status_of(DOMID_SELF, port, &rc) != EVTCHNSTAT_closed;
		CHECK_IS(rc, 0);
	}
	return n;
}

static long close_port(u32 port)
{
	struct evtchn_close op = { port };

	return event_call(EVTCHNOP_close, &op);
}

static void check_wild_ports(void)
{
	u32 i, op;

	for (op = 0; op < 16; op++) {
		for (i = 0; i < wild_count; i++) {
			u32 words[6] = { (u32)wild[i], (u32)wild[i], 0 };

			if (wild[i] < 5) {
				continue; /* the core's own, and free ones */
			}
			(void)event_call(op, words);
			words[0] = DOMID_SELF;
			words[1] = (u32)wild[i];
			(void)event_call(op, words);
		}
	}
	for (i = 0; i < wild_count; i++) {
		struct evtchn_send send = { (u32)wild[i] };

		if (send.port >= PORTS) {
			CHECK_IS(event_call(EVTCHNOP_send, &send), E_INVAL);
			CHECK_IS(event_call(EVTCHNOP_unmask, &send), E_INVAL);
			CHECK_IS(close_port((u32)wild[i]), E_INVAL);
		}
	}
}

static void check_vcpus(void)
{
	u32 port = bind_ipi(0), i;

	for (i = 1; i < wild_count; i++) {
		struct evtchn_bind_ipi ipi = { .vcpu = (u32)wild[i] };
		struct evtchn_bind_virq virq = { .virq = 0,
						 .vcpu = (u32)wild[i] };
		struct evtchn_bind_vcpu move = { port, (u32)wild[i] };

		if ((u32)wild[i] == 0) {
			continue;
		}
		CHECK_IS(event_call(EVTCHNOP_bind_ipi, &ipi), E_NOENT);
		CHECK_IS(event_call(EVTCHNOP_bind_virq, &virq), E_NOENT);
		CHECK(event_call(EVTCHNOP_bind_vcpu, &move) < 0);
	}
	CHECK_IS(close_port(port), 0);
	CHECK_IS(close_port(port), E_INVAL); /* twice */
}

static void check_virqs(void)
{
	u32 virq;

	for (virq = 0; virq < 100; virq++) {
		struct evtchn_bind_virq op = { .virq = virq, .vcpu = 0 };
		long rc = event_call(EVTCHNOP_bind_virq, &op);

		if (rc == 0) {
			/* VIRQ_TIMER and VIRQ_DEBUG: its own clock. */
			CHECK(virq == VIRQ_TIMER || virq == VIRQ_DEBUG);
			CHECK_IS(event_call(EVTCHNOP_bind_virq, &op), E_EXIST);
			CHECK_IS(close_port(op.port), 0);
		}
	}
}

static void check_others(void)
{
	u32 domid, port, before = open_count();
	long rc;

	for (domid = 0; domid < 0x10000; domid += domid < 128 ? 1 : 97) {
		if (domid == own_domid() || domid == DOMID_SELF) {
			continue;
		}
		for (port = 0; port < 6; port++) {
			struct evtchn_bind_interdomain bind = {
				.remote_dom = (u16)domid, .remote_port = port
			};

			CHECK(event_call(EVTCHNOP_bind_interdomain, &bind) < 0);
			(void)status_of(domid, port, &rc);
			CHECK(rc < 0 || domid == 0); /* a rule for dom0 */
		}
	}
	CHECK_IS(open_count(), before);
}

/* All of them, to oneself and to dom0, again and again. */
static void check_exhaustion(void)
{
	static u32 got[PORTS];
	u32 before = open_count(), round, n, i;

	for (round = 0; round < 6; round++) {
		for (n = 0;; n++) {
			struct evtchn_alloc_unbound op = {
				.dom = DOMID_SELF,
				.remote_dom = (round & 1) ? 0 : DOMID_SELF
			};
			long rc = event_call(EVTCHNOP_alloc_unbound, &op);

			if (rc != 0) {
				CHECK_IS(rc, -28); /* ENOSPC */
				break;
			}
			CHECK(op.port > 0 && op.port < PORTS);
			got[n] = op.port;
		}
		CHECK_IS(n, PORTS - 1 - before);
		for (i = 0; i < n; i++) {
			CHECK_IS(close_port(got[(round & 2) ? n - 1 - i : i]),
				 0);
		}
		CHECK_IS(open_count(), before);
	}
}

/* Both ends one's own: connected, closed from either side, connected again. */
static void check_loop(void)
{
	u32 before = open_count(), i;

	for (i = 0; i < 3000; i++) {
		struct evtchn_alloc_unbound a = { .dom = DOMID_SELF,
						  .remote_dom = DOMID_SELF };
		struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };
		struct evtchn_send send;

		CHECK_IS(event_call(EVTCHNOP_alloc_unbound, &a), 0);
		b.remote_port = a.port;
		CHECK_IS(event_call(EVTCHNOP_bind_interdomain, &b), 0);
		CHECK(event_call(EVTCHNOP_bind_interdomain, &b) < 0);
		b.remote_port = b.local_port;
		CHECK(event_call(EVTCHNOP_bind_interdomain, &b) < 0);
		send.port = b.local_port;
		CHECK_IS(event_call(EVTCHNOP_send, &send), 0);
		CHECK(is_pending(a.port));
		clear_pending(a.port);
		clear_pending(b.local_port);
		CHECK_IS(close_port((i & 1) ? a.port : b.local_port), 0);
		send.port = (i & 1) ? a.port : b.local_port;
		CHECK_IS(event_call(EVTCHNOP_send, &send), E_INVAL);
		CHECK_IS(close_port((i & 1) ? b.local_port : a.port), 0);
	}
	CHECK_IS(open_count(), before);
}

static long bind_ipi_quietly(void)
{
	struct evtchn_bind_ipi op = { .vcpu = 0 };

	return event_call(EVTCHNOP_bind_ipi, &op);
}

void claim(void)
{
	start_check();
	check_wild_ports();
	check_vcpus();
	check_virqs();
	check_others();
	check_exhaustion();
	check_loop();
	reach_check();
	/* And to the end with every port open, for who has to close them. */
	while (bind_ipi_quietly() == 0) {
	}
}
