/* SPDX-License-Identifier: Apache-2.0 */
/* Event channels: every operation and refusal, then random sequences against
 * the table's invariant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_vmm.h"
#include "vmm/event.h"
#include "vmm/shared.h"

#include <xen/event_channel.h>
#include <xen/xen.h>

#define STEPS 100000u

static struct domain *dom0, *a, *b;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	dom0 = fake_domain(0, 0, 2, 0);
	a = fake_domain(1, 1, 2, 0);
	b = fake_domain(2, 2, 4, 0);
	ports_clear(dom0->id);
	ports_clear(a->id);
	ports_clear(b->id);
	return 0;
}

/* What the guest does to its shared_info. */
static void set_mask(struct domain *d, u32 port)
{
	struct shared_info *s = hw_frame(d->shared);

	s->evtchn_mask[port / 64] |= 1ull << (port % 64);
}

static err_t call(struct domain *d, u16 subop, void *op, u32 bytes)
{
	struct hypercall_row row = fake_row(CLASS_event, subop);
	err_t err;

	memcpy(fake_args, op, bytes);
	err = event_op(&d->vcpus[0], &row, FAKE_ARGS_VA);
	memcpy(op, fake_args, bytes);
	return err;
}

static err_t alloc(struct domain *d, domid_t remote, u32 *port)
{
	struct evtchn_alloc_unbound op = { DOMID_SELF, remote, 0 };
	err_t err = call(d, EVTCHNOP_alloc_unbound, &op, sizeof(op));

	*port = op.port;
	return err;
}

static err_t bind(struct domain *d, domid_t remote, u32 remote_port, u32 *port)
{
	struct evtchn_bind_interdomain op = { remote, remote_port, 0 };
	err_t err = call(d, EVTCHNOP_bind_interdomain, &op, sizeof(op));

	*port = op.local_port;
	return err;
}

static err_t bind_virq(struct domain *d, u32 virq, u32 vcpu, u32 *port)
{
	struct evtchn_bind_virq op = { virq, vcpu, 0 };
	err_t err = call(d, EVTCHNOP_bind_virq, &op, sizeof(op));

	*port = op.port;
	return err;
}

static err_t bind_ipi(struct domain *d, u32 vcpu, u32 *port)
{
	struct evtchn_bind_ipi op = { vcpu, 0 };
	err_t err = call(d, EVTCHNOP_bind_ipi, &op, sizeof(op));

	*port = op.port;
	return err;
}

static err_t bind_vcpu(struct domain *d, u32 port, u32 vcpu)
{
	struct evtchn_bind_vcpu op = { port, vcpu };

	return call(d, EVTCHNOP_bind_vcpu, &op, sizeof(op));
}

static err_t port_call(struct domain *d, u16 subop, u32 port)
{
	return call(d, subop, &port, sizeof(port));
}

static struct evtchn_status status(struct domain *d, domid_t dom, u32 port,
				   err_t *err)
{
	struct evtchn_status op;

	memset(&op, 0, sizeof(op));
	op.dom = dom;
	op.port = port;
	*err = call(d, EVTCHNOP_status, &op, sizeof(op));
	return op;
}

/* a offers, b binds; returns both ends. */
static void connect(u32 *pa, u32 *pb)
{
	assert_int_equal(alloc(a, 2, pa), 0);
	assert_int_equal(bind(b, 1, *pa, pb), 0);
}

static struct vcpu_info *info(struct domain *d, u32 vcpu)
{
	return (struct vcpu_info *)(void *)((u8 *)hw_frame(d->shared) +
					    64 * vcpu);
}

static void clear_upcall(struct domain *d, u32 vcpu)
{
	info(d, vcpu)->evtchn_upcall_pending = 0;
	info(d, vcpu)->evtchn_pending_sel = 0;
}

/* ---- the invariant --------------------------------------------------- */

static void check_bound(u32 d, u32 p)
{
	const struct port *x = &ports.of[d][p];
	const struct port *y = &ports.of[x->peer][x->peer_port];

	assert_true(x->peer < CASEMATE_MAX_DOMAINS);
	assert_true(x->peer_port < CASEMATE_MAX_PORTS);
	assert_int_equal(y->state, PORT_BOUND);
	assert_int_equal(y->peer, d);
	assert_int_equal(y->peer_port, p);
}

static void check_virq(u32 d, u32 p)
{
	u32 virq = ports.of[d][p].peer;
	u32 vcpu = virq <= VIRQ_DEBUG ? ports.of[d][p].vcpu : 0;

	assert_int_equal(domains[d].vcpus[vcpu].virq_port[virq], p);
}

static void check_port(u32 d, u32 p)
{
	assert_true(ports.of[d][p].vcpu < domains[d].vcpu_count);
	switch (ports.of[d][p].state) {
	case PORT_RESERVED:
		assert_int_equal(p, 0);
		break;
	case PORT_BOUND:
		check_bound(d, p);
		break;
	case PORT_VIRQ:
		check_virq(d, p);
		break;
	default:
		assert_true(ports.of[d][p].state <= PORT_IPI);
	}
}

static void check_all(u32 limit)
{
	u32 d, p, i;

	for (d = 0; d < 3; d++) {
		for (p = 0; p < limit; p++) {
			check_port(d, p);
		}
		for (i = 0; i < domains[d].vcpu_count * 24; i++) {
			u32 port = domains[d].vcpus[i / 24].virq_port[i % 24];

			assert_true(port == 0 ||
				    (ports.of[d][port].state == PORT_VIRQ &&
				     ports.of[d][port].peer == i % 24));
		}
	}
}

/* ---- single operations ----------------------------------------------- */

static void test_alloc(void **state)
{
	u32 port;

	(void)state;
	assert_int_equal(alloc(a, 2, &port), 0);
	assert_int_equal(port, 1);
	assert_int_equal(ports.of[1][1].state, PORT_UNBOUND);
	assert_int_equal(ports.of[1][1].peer, 2);
	assert_int_equal(fake_last_perm, PERM_event_offer);
	assert_int_equal(alloc(a, DOMID_SELF, &port), 0);
	assert_int_equal(ports.of[1][2].peer, 1);
	assert_int_equal(alloc(a, 77, &port), E_SRCH);
	assert_int_equal(alloc(a, 0xffff, &port), E_SRCH);
	domains[2].state = STATE_DYING;
	assert_int_equal(alloc(a, 2, &port), E_SRCH);
	check_all(CASEMATE_MAX_PORTS);
}

static void test_alloc_for_other(void **state)
{
	struct evtchn_alloc_unbound op = { 2, 1, 0 };

	(void)state;
	assert_int_equal(call(a, EVTCHNOP_alloc_unbound, &op, sizeof(op)),
			 E_PERM);
	op.dom = 1;
	assert_int_equal(call(a, EVTCHNOP_alloc_unbound, &op, sizeof(op)), 0);
}

static void test_alloc_denied(void **state)
{
	u32 port;

	(void)state;
	fake_allow[1][2][CLASS_event] = ~(1u << PERM_event_offer);
	assert_int_equal(alloc(a, 2, &port), E_PERM);
	assert_int_equal(fake_denials, 1);
	assert_int_equal(ports.of[1][1].state, PORT_FREE);
}

static void test_alloc_all(void **state)
{
	u32 port, i;

	(void)state;
	for (i = 1; i < CASEMATE_MAX_PORTS; i++) {
		assert_int_equal(alloc(a, 2, &port), 0);
		assert_int_equal(port, i);
	}
	assert_int_equal(alloc(a, 2, &port), E_NOSPC);
	assert_int_equal(bind_virq(a, VIRQ_TIMER, 0, &port), E_NOSPC);
	assert_int_equal(bind_ipi(a, 0, &port), E_NOSPC);
	assert_int_equal(event_offer(a, 0, &port), E_NOSPC);
	assert_int_equal(alloc(b, 1, &port), 0);
	assert_int_equal(bind(a, 2, port, &i), E_NOSPC);
	assert_int_equal(ports.of[2][port].state, PORT_UNBOUND);
	assert_int_equal(port_call(a, EVTCHNOP_close, 500), 0);
	assert_int_equal(alloc(a, 2, &port), 0);
	assert_int_equal(port, 500);
}

static void test_bind(void **state)
{
	u32 pa, pb;

	(void)state;
	connect(&pa, &pb);
	assert_int_equal(fake_last_perm, PERM_event_bind);
	check_all(CASEMATE_MAX_PORTS);
	/* The binder gets one event for what it may have missed. */
	assert_true(shared_is_pending(b, pb));
	assert_int_equal(fake_notified[2][0], 1);
	assert_false(shared_is_pending(a, pa));
	/* Taken: nobody else, nor the same one again. */
	assert_int_equal(bind(b, 1, pa, &pb), E_INVAL);
}

static void test_bind_refused(void **state)
{
	u32 pa, pb;

	(void)state;
	assert_int_equal(alloc(a, 2, &pa), 0);
	assert_int_equal(bind(dom0, 1, pa, &pb), E_INVAL); /* not for dom0 */
	assert_int_equal(bind(b, 1, pa + 1, &pb), E_INVAL);
	assert_int_equal(bind(b, 1, 0, &pb), E_INVAL);
	assert_int_equal(bind(b, 1, CASEMATE_MAX_PORTS, &pb), E_INVAL);
	assert_int_equal(bind(b, 1, ~0u, &pb), E_INVAL);
	assert_int_equal(bind(b, 50, pa, &pb), E_SRCH);
	fake_allow[2][1][CLASS_event] = 0;
	assert_int_equal(bind(b, 1, pa, &pb), E_PERM);
	assert_int_equal(bind(b, 1, 99, &pb), E_PERM); /* asked first */
	assert_int_equal(fake_denials, 2);
	assert_int_equal(ports.of[1][pa].state, PORT_UNBOUND);
}

static void test_bind_self(void **state)
{
	u32 p, q;

	(void)state;
	assert_int_equal(alloc(a, DOMID_SELF, &p), 0);
	assert_int_equal(bind(a, DOMID_SELF, p, &q), 0);
	assert_int_not_equal(p, q);
	check_all(CASEMATE_MAX_PORTS);
	assert_int_equal(port_call(a, EVTCHNOP_send, q), 0);
	assert_true(shared_is_pending(a, p));
	assert_int_equal(port_call(a, EVTCHNOP_close, p), 0);
	check_all(CASEMATE_MAX_PORTS);
	assert_int_equal(port_call(a, EVTCHNOP_close, q), 0);
	assert_int_equal(ports.of[1][q].state, PORT_FREE);
}

static void test_virq(void **state)
{
	u32 port, port2;

	(void)state;
	assert_int_equal(bind_virq(a, VIRQ_TIMER, 1, &port), 0);
	assert_int_equal(ports.of[1][port].vcpu, 1);
	assert_int_equal(bind_virq(a, VIRQ_TIMER, 1, &port2), E_EXIST);
	assert_int_equal(bind_virq(a, VIRQ_TIMER, 0, &port2), 0);
	assert_int_equal(bind_virq(a, VIRQ_DEBUG, 2, &port2), E_NOENT);
	assert_int_equal(bind_virq(a, 24, 0, &port2), E_INVAL);
	assert_int_equal(bind_virq(a, ~0u, 0, &port2), E_INVAL);
	assert_int_equal(bind_virq(a, VIRQ_DOM_EXC, 0, &port2), E_PERM);
	assert_int_equal(bind_virq(dom0, VIRQ_DOM_EXC, 1, &port2), E_INVAL);
	event_raise_virq(a, 1, VIRQ_TIMER);
	assert_true(shared_is_pending(a, port));
	assert_int_equal(fake_notified[1][1], 1);
	assert_int_equal(fake_notified[1][0], 0);
	event_raise_virq(a, 0, VIRQ_DEBUG); /* unbound: nothing */
	event_raise_virq(a, 9, VIRQ_TIMER);
	event_raise_virq(a, 0, 24);
	assert_int_equal(port_call(a, EVTCHNOP_send, port), E_INVAL);
	check_all(CASEMATE_MAX_PORTS);
}

static void test_virq_global(void **state)
{
	u32 port;

	(void)state;
	assert_int_equal(bind_virq(dom0, VIRQ_CONSOLE, 0, &port), 0);
	assert_int_equal(bind_vcpu(dom0, port, 1), 0);
	event_raise_virq(dom0, 7, VIRQ_CONSOLE);
	assert_int_equal(fake_notified[0][1], 1);
	assert_int_equal(port_call(dom0, EVTCHNOP_close, port), 0);
	assert_int_equal(dom0->vcpus[0].virq_port[VIRQ_CONSOLE], 0);
	assert_int_equal(bind_virq(dom0, VIRQ_CONSOLE, 0, &port), 0);
	check_all(CASEMATE_MAX_PORTS);
}

static void test_ipi(void **state)
{
	u32 port;

	(void)state;
	assert_int_equal(bind_ipi(b, 3, &port), 0);
	assert_int_equal(port_call(b, EVTCHNOP_send, port), 0);
	assert_int_equal(fake_notified[2][3], 1);
	assert_int_equal(bind_ipi(b, 4, &port), E_NOENT);
	assert_int_equal(bind_vcpu(b, 1, 0), E_INVAL);
}

static void test_send(void **state)
{
	u32 pa, pb;

	(void)state;
	connect(&pa, &pb);
	assert_int_equal(port_call(b, EVTCHNOP_send, pb), 0);
	assert_int_equal(fake_last_perm, PERM_event_send);
	assert_true(shared_is_pending(a, pa));
	assert_int_equal(fake_notified[1][0], 1);
	/* Pending already: no second signal. */
	assert_int_equal(port_call(b, EVTCHNOP_send, pb), 0);
	assert_int_equal(fake_notified[1][0], 1);
	fake_allow[2][1][CLASS_event] = ~(1u << PERM_event_send);
	shared_clear_pending(a, pa);
	assert_int_equal(port_call(b, EVTCHNOP_send, pb), E_PERM);
	assert_false(shared_is_pending(a, pa));
	assert_int_equal(port_call(b, EVTCHNOP_send, 0), E_INVAL);
	assert_int_equal(port_call(b, EVTCHNOP_send, 900), E_INVAL);
	assert_int_equal(port_call(b, EVTCHNOP_send, 4096), E_INVAL);
}

static void test_send_unbound(void **state)
{
	u32 port, asked;

	(void)state;
	assert_int_equal(alloc(a, 2, &port), 0);
	asked = fake_asked;
	assert_int_equal(port_call(a, EVTCHNOP_send, port), 0);
	assert_int_equal(fake_asked, asked);
}

static void test_masked(void **state)
{
	u32 pa, pb;

	(void)state;
	connect(&pa, &pb);
	set_mask(a, pa);
	assert_int_equal(port_call(b, EVTCHNOP_send, pb), 0);
	assert_true(shared_is_pending(a, pa));
	assert_int_equal(fake_notified[1][0], 0);
	assert_int_equal(port_call(a, EVTCHNOP_unmask, pa), 0);
	assert_int_equal(fake_notified[1][0], 1);
	assert_true(shared_is_upcall_pending(&a->vcpus[0]));
	assert_int_equal(port_call(a, EVTCHNOP_unmask, pa), 0);
	assert_int_equal(fake_notified[1][0], 1);
	assert_int_equal(port_call(a, EVTCHNOP_unmask, 1024), E_INVAL);
	assert_int_equal(port_call(a, EVTCHNOP_unmask, 5), 0);
}

static void test_poll(void **state)
{
	u32 pa, pb;

	(void)state;
	connect(&pa, &pb);
	set_mask(a, pa);
	a->vcpus[1].is_polling = true;
	a->vcpus[1].poll_port = pa;
	assert_int_equal(port_call(b, EVTCHNOP_send, pb), 0);
	assert_int_equal(fake_woken[1][1], 1);
	assert_int_equal(fake_woken[1][0], 0);
	assert_true(event_port_pending(a, pa));
	assert_false(event_port_pending(a, 4096));
	shared_clear_pending(a, pa);
	a->vcpus[1].poll_port = pa + 1;
	assert_int_equal(port_call(b, EVTCHNOP_send, pb), 0);
	assert_int_equal(fake_woken[1][1], 1);
}

static void test_bind_vcpu(void **state)
{
	u32 pa, pb;

	(void)state;
	connect(&pa, &pb);
	assert_int_equal(bind_vcpu(a, pa, 1), 0);
	assert_int_equal(port_call(b, EVTCHNOP_send, pb), 0);
	assert_int_equal(fake_notified[1][1], 1);
	assert_int_equal(bind_vcpu(a, pa, 2), E_NOENT);
	assert_int_equal(bind_vcpu(a, 0, 1), E_INVAL);
	assert_int_equal(bind_vcpu(a, 800, 1), E_INVAL);
	assert_int_equal(bind_vcpu(a, 1024, 1), E_INVAL);
	assert_int_equal(bind_virq(a, VIRQ_TIMER, 0, &pa), 0);
	assert_int_equal(bind_vcpu(a, pa, 1), E_INVAL);
}

static void test_close(void **state)
{
	u32 pa, pb, again;

	(void)state;
	connect(&pa, &pb);
	fake_allow[2][1][CLASS_event] = 0; /* closing is never denied */
	assert_int_equal(port_call(b, EVTCHNOP_close, pb), 0);
	assert_int_equal(ports.of[2][pb].state, PORT_FREE);
	assert_int_equal(ports.of[1][pa].state, PORT_UNBOUND);
	assert_int_equal(ports.of[1][pa].peer, 2);
	assert_false(shared_is_pending(b, pb));
	assert_int_equal(port_call(b, EVTCHNOP_close, pb), E_INVAL);
	assert_int_equal(port_call(b, EVTCHNOP_close, 0), E_INVAL);
	assert_int_equal(port_call(b, EVTCHNOP_close, 1024), E_INVAL);
	fake_allow[2][1][CLASS_event] = ~0u;
	assert_int_equal(bind(b, 1, pa, &again), 0);
	check_all(CASEMATE_MAX_PORTS);
}

static void test_stale_pending(void **state)
{
	u32 port;

	(void)state;
	shared_test_and_set_pending(a, 1);
	assert_int_equal(alloc(a, 2, &port), 0);
	assert_int_equal(port, 1);
	assert_false(shared_is_pending(a, 1));
}

static void test_status(void **state)
{
	struct evtchn_status s;
	u32 pa, pb, p;
	err_t err;

	(void)state;
	connect(&pa, &pb);
	s = status(a, DOMID_SELF, pa, &err);
	assert_int_equal(err, 0);
	assert_int_equal(s.status, EVTCHNSTAT_interdomain);
	assert_int_equal(s.u.interdomain.dom, 2);
	assert_int_equal(s.u.interdomain.port, pb);
	assert_int_equal(alloc(a, 0, &p), 0);
	s = status(a, 1, p, &err);
	assert_int_equal(s.status, EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, 0);
	assert_int_equal(bind_virq(a, VIRQ_DEBUG, 1, &p), 0);
	s = status(a, DOMID_SELF, p, &err);
	assert_int_equal(s.status, EVTCHNSTAT_virq);
	assert_int_equal(s.u.virq, VIRQ_DEBUG);
	assert_int_equal(s.vcpu, 1);
	assert_int_equal(bind_ipi(a, 0, &p), 0);
	s = status(a, DOMID_SELF, p, &err);
	assert_int_equal(s.status, EVTCHNSTAT_ipi);
	s = status(a, DOMID_SELF, 0, &err);
	assert_int_equal(s.status, EVTCHNSTAT_closed);
}

static void test_status_other(void **state)
{
	err_t err;

	(void)state;
	status(a, 2, 1, &err);
	assert_int_equal(err, 0);
	assert_int_equal(fake_last_perm, PERM_event_status);
	fake_allow[1][2][CLASS_event] = 0;
	status(a, 2, 9999, &err);
	assert_int_equal(err, E_PERM);
	status(a, 60, 1, &err);
	assert_int_equal(err, E_SRCH);
	status(a, DOMID_SELF, 1024, &err);
	assert_int_equal(err, E_INVAL);
}

static void test_unknown(void **state)
{
	u32 i, x = 1;

	(void)state;
	assert_int_equal(port_call(a, EVTCHNOP_bind_pirq, x), E_NOSYS);
	for (i = EVTCHNOP_reset; i < 200; i++) {
		assert_int_equal(port_call(a, (u16)i, x), E_NOSYS);
	}
}

static void test_bad_pointers(void **state)
{
	static const gva_t bad[] = { 0, 0xffff, FAKE_ARGS_VA + FAKE_ARGS_BYTES,
				     ~0ull, ~0ull - 3 };
	u16 op;
	u32 i;

	(void)state;
	for (op = 0; op < 10; op++) {
		struct hypercall_row row = fake_row(CLASS_event, op);

		for (i = 0; i < 5 && op != EVTCHNOP_bind_pirq; i++) {
			assert_int_equal(event_op(&a->vcpus[0], &row, bad[i]),
					 E_FAULT);
		}
	}
	check_all(CASEMATE_MAX_PORTS);
}

static void test_copy_out_fails(void **state)
{
	u32 pa, p;
	err_t err;

	(void)state;
	assert_int_equal(alloc(a, 2, &pa), 0);
	fake_copy_out_fails = true;
	assert_int_equal(alloc(b, 1, &p), E_FAULT);
	assert_int_equal(bind(b, 1, pa, &p), E_FAULT);
	assert_int_equal(bind_virq(b, VIRQ_TIMER, 0, &p), E_FAULT);
	assert_int_equal(bind_ipi(b, 0, &p), E_FAULT);
	status(b, DOMID_SELF, 1, &err);
	assert_int_equal(err, E_FAULT);
	assert_int_equal(ports.of[2][1].state, PORT_FREE);
	assert_int_equal(ports.of[1][pa].state, PORT_UNBOUND);
	assert_int_equal(b->vcpus[0].virq_port[VIRQ_TIMER], 0);
	assert_int_equal(fake_notified[2][0], 0);
}

static void test_no_shared_info(void **state)
{
	u32 pa, pb;

	(void)state;
	a->shared = MFN_NONE;
	a->vcpus[0].info.mfn = MFN_NONE;
	connect(&pa, &pb);
	assert_int_equal(port_call(b, EVTCHNOP_send, pb), 0);
	assert_false(event_port_pending(a, pa));
	assert_false(shared_is_upcall_pending(&a->vcpus[0]));
	assert_int_equal(port_call(a, EVTCHNOP_unmask, pa), 0);
	assert_int_equal(fake_notified[1][0], 0);
}

static void test_upcall_once(void **state)
{
	u32 p, q;

	(void)state;
	assert_int_equal(bind_ipi(a, 0, &p), 0);
	assert_int_equal(bind_ipi(a, 0, &q), 0);
	assert_int_equal(port_call(a, EVTCHNOP_send, p), 0);
	assert_int_equal(port_call(a, EVTCHNOP_send, q), 0);
	assert_int_equal(fake_notified[1][0], 1); /* one upcall for both */
	clear_upcall(a, 0);
	shared_clear_pending(a, q);
	assert_int_equal(port_call(a, EVTCHNOP_send, q), 0);
	assert_int_equal(fake_notified[1][0], 2);
	assert_int_equal(info(a, 0)->evtchn_pending_sel, 1);
}

static void test_teardown(void **state)
{
	u64 cursor = 0;
	u32 pa, pb, open, calls = 0;

	(void)state;
	connect(&pa, &pb);
	assert_int_equal(alloc(dom0, 1, &open), 0);
	assert_int_equal(bind_virq(a, VIRQ_TIMER, 0, &open), 0);
	a->state = STATE_DYING;
	while (!event_domain_teardown(a, &cursor, 100)) {
		calls += 1;
		assert_true(calls < 20);
	}
	assert_int_equal(calls, 10);
	assert_int_equal(ports.of[2][pb].state, PORT_UNBOUND);
	assert_int_equal(ports.of[2][pb].peer, DOMID_NOBODY);
	assert_int_equal(ports.of[0][1].peer, DOMID_NOBODY);
	/* A new domain with the number gets none of it. */
	a = fake_domain(1, 1, 2, 0);
	ports_clear(a->id);
	assert_int_equal(bind(a, 2, pb, &pa), E_INVAL);
	assert_int_equal(bind(a, 0, 1, &pa), E_INVAL);
	assert_int_equal(port_call(b, EVTCHNOP_send, pb), 0);
	assert_int_equal(port_call(b, EVTCHNOP_close, pb), 0);
	check_all(CASEMATE_MAX_PORTS);
}

static void test_offer(void **state)
{
	u32 port, pb;

	(void)state;
	assert_int_equal(event_offer(a, 0, &port), 0);
	assert_int_equal(ports.of[1][port].state, PORT_UNBOUND);
	assert_int_equal(fake_asked, 0);
	assert_int_equal(bind(dom0, 1, port, &pb), 0);
	check_all(CASEMATE_MAX_PORTS);
}

/* ---- random sequences ------------------------------------------------ */

static u64 seed;

static u32 rnd(u32 n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(seed >> 33) % n;
}

static void random_reborn(domid_t id)
{
	u64 cursor = 0;
	u32 vcpus = domains[id].vcpu_count;

	domains[id].state = STATE_DYING;
	while (!event_domain_teardown(&domains[id], &cursor, 1 + rnd(512))) {
	}
	frame_release(domains[id].shared);
	fake_domain(id, id, vcpus, 0);
	ports_clear(id);
}

static void random_step(void)
{
	struct domain *d = &domains[rnd(3)];
	u32 port = rnd(20), out = 0;
	domid_t other = (domid_t)rnd(4);
	err_t err;

	fake_copy_out_fails = rnd(16) == 0;
	switch (rnd(12)) {
	case 0:
	case 1:
		(void)alloc(d, other, &out);
		break;
	case 2:
	case 3:
	case 4:
		(void)bind(d, other, port, &out);
		break;
	case 5:
		(void)bind_virq(d, rnd(25), rnd(5), &out);
		break;
	case 6:
		(void)bind_ipi(d, rnd(5), &out);
		break;
	case 7:
	case 8:
		(void)port_call(d, EVTCHNOP_close, port);
		break;
	case 9:
		(void)port_call(d, EVTCHNOP_send, port);
		break;
	case 10:
		(void)bind_vcpu(d, port, rnd(5));
		break;
	default:
		(void)status(d, other, port, &err);
		(void)port_call(d, EVTCHNOP_unmask, port);
		event_raise_virq(d, rnd(4), rnd(24));
	}
	fake_copy_out_fails = false;
	if (rnd(500) == 0) {
		random_reborn((domid_t)rnd(3));
	}
}

/* ---- another policy ---------------------------------------------------- */

static void forbid_bind(u32 s, u32 o)
{
	fake_allow[s][o][CLASS_event] &= ~(1u << PERM_event_bind);
}

static void test_revoke_nothing(void **state)
{
	u32 pa, pb;

	(void)state;
	connect(&pa, &pb);
	forbid_bind(1, 2); /* the other way is enough */
	assert_int_equal(event_revoke(), 0);
	assert_int_equal(fake_revocations, 0);
	check_bound(a->id, pa);
	forbid_bind(2, 1);
	fake_allow[1][2][CLASS_event] |= 1u << PERM_event_bind;
	assert_int_equal(event_revoke(), 0);
	check_bound(b->id, pb);
}

static void test_revoke(void **state)
{
	u32 pa, pb, other, p;

	(void)state;
	connect(&pa, &pb);
	assert_int_equal(alloc(a, 2, &p), 0); /* an offer is nothing yet */
	assert_int_equal(alloc(dom0, 1, &other), 0);
	assert_int_equal(bind(a, 0, other, &p), 0);
	forbid_bind(1, 2);
	forbid_bind(2, 1);
	assert_int_equal(event_revoke(), 1);
	assert_int_equal(fake_revocations, 1);
	assert_int_equal(ports.of[a->id][pa].state, PORT_UNBOUND);
	assert_int_equal(ports.of[a->id][pa].peer, DOMID_NOBODY);
	assert_int_equal(ports.of[b->id][pb].state, PORT_UNBOUND);
	assert_int_equal(ports.of[b->id][pb].peer, DOMID_NOBODY);
	check_bound(a->id, p);
	check_all(CASEMATE_MAX_PORTS);
	/* Who waits at an end is woken, once it is told. */
	memset(fake_notified, 0, sizeof(fake_notified));
	shared_clear_pending(a, pa);
	clear_upcall(a, 0);
	event_tell(a, pa);
	assert_int_equal(fake_notified[a->id][0], 1);
	/* The ends live on, and reach nobody. */
	memset(fake_notified, 0, sizeof(fake_notified));
	assert_int_equal(port_call(a, EVTCHNOP_send, pa), 0);
	assert_int_equal(fake_notified[b->id][0], 0);
	assert_int_equal(port_call(a, EVTCHNOP_close, pa), 0);
	assert_int_equal(port_call(b, EVTCHNOP_close, pb), 0);
	check_all(CASEMATE_MAX_PORTS);
}

static void test_revoke_virq(void **state)
{
	u32 local, global;

	(void)state;
	assert_int_equal(bind_virq(dom0, VIRQ_TIMER, 0, &local), 0);
	assert_int_equal(bind_virq(dom0, VIRQ_DOM_EXC, 0, &global), 0);
	assert_int_equal(event_revoke(), 0);
	fake_core_allow[0] = 0;
	assert_int_equal(event_revoke(), 1);
	assert_int_equal(ports.of[0][local].state, PORT_VIRQ);
	assert_int_equal(ports.of[0][global].state, PORT_UNBOUND);
	memset(fake_notified, 0, sizeof(fake_notified));
	event_raise_virq(dom0, 0, VIRQ_DOM_EXC);
	assert_int_equal(fake_notified[0][0], 0);
	/* It can be bound anew once that is permitted again. */
	assert_int_equal(bind_virq(dom0, VIRQ_DOM_EXC, 0, &global), 0);
	check_all(CASEMATE_MAX_PORTS);
}

static void test_random(void **state)
{
	const char *text = getenv("CASEMATE_SEED");
	u32 i;

	(void)state;
	seed = text != NULL ? strtoull(text, NULL, 0) : 1;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (i = 0; i < STEPS; i++) {
		random_step();
		check_all(i % 256 == 0 ? CASEMATE_MAX_PORTS : 32);
		if (i % 4096 == 0) {
			fake_allow[rnd(3)][rnd(3)][CLASS_event] ^= 1u
								   << rnd(12);
		}
	}
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_alloc),		T(test_alloc_for_other),
		T(test_alloc_denied),	T(test_alloc_all),
		T(test_bind),		T(test_bind_refused),
		T(test_bind_self),	T(test_virq),
		T(test_virq_global),	T(test_ipi),
		T(test_send),		T(test_send_unbound),
		T(test_masked),		T(test_poll),
		T(test_bind_vcpu),	T(test_close),
		T(test_stale_pending),	T(test_status),
		T(test_status_other),	T(test_unknown),
		T(test_bad_pointers),	T(test_copy_out_fails),
		T(test_no_shared_info), T(test_upcall_once),
		T(test_teardown),	T(test_offer),
		T(test_revoke_nothing), T(test_revoke),
		T(test_revoke_virq),	T(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
