/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event channels: operations and delivery. Each operation: copy the arguments,
 * find the peer, ask the monitor, check, tell the caller the result, commit.
 * A commit cannot fail, so nothing is ever undone.
 */
#include "vmm/event.h"

#include "vmm/frame.h"
#include "vmm/hypercall.h"
#include "vmm/shared.h"

#include <xen/event_channel.h>

_Static_assert(NR_VIRQS == VIRQ_COUNT, "virq_port[] in struct vcpu");
_Static_assert(VIRQ_TIMER < VIRQ_LOCAL_COUNT && VIRQ_DEBUG < VIRQ_LOCAL_COUNT &&
		       VIRQ_CONSOLE >= VIRQ_LOCAL_COUNT,
	       "which VIRQs are per vCPU");

/* ---- delivery ------------------------------------------------------- */

static void vcpu_signal(struct vcpu *v, u32 port)
{
	if (shared_raise_upcall(v, port)) {
		vcpu_notify(v);
	}
}

static void wake_pollers(struct domain *d, u32 port)
{
	u32 i;

	for (i = 0; i < d->vcpu_count; i++) {
		struct vcpu *v = &d->vcpus[i];

		if (v->is_polling && v->poll_port == port) {
			vcpu_wake(v);
		}
	}
}

/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires port: is_port(port);
    requires inv: ports_ok;
    requires access: \exists integer s; is_domain(s) && may_send(s, d->id);
    assigns d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1];
*/
static void port_raise(struct domain *d, u32 port)
{
	struct vcpu *v = &d->vcpus[ports[d->id][port].vcpu];

	if (shared_test_and_set_pending(d, port)) {
		return;
	}
	if (!shared_is_masked(d, port)) {
		vcpu_signal(v, port);
	}
	wake_pollers(d, port);
}

static bool virq_is_global(u32 virq)
{
	return virq >= VIRQ_LOCAL_COUNT;
}

/* The port bound to a VIRQ; 0: none. Global ones are bound on vCPU 0, whichever
 * they are delivered to. */
static u32 *virq_port(struct domain *d, u32 vcpu, u32 virq)
{
	return &d->vcpus[virq_is_global(virq) ? 0 : vcpu].virq_port[virq];
}

void event_raise_virq(struct domain *d, u32 vcpu, u32 virq)
{
	u32 port = 0;

	if (virq < VIRQ_COUNT &&
	    (vcpu < d->vcpu_count || virq_is_global(virq))) {
		port = *virq_port(d, vcpu, virq);
	}
	if (port != 0) {
		port_raise(d, port);
	}
}

bool event_port_pending(struct domain *d, u32 port)
{
	return port < CASEMATE_MAX_PORTS && shared_is_pending(d, port);
}

/* ---- a domain's life ------------------------------------------------ */

/* A port that is about to be opened. */
static err_t port_new(struct domain *d, u32 *port)
{
	*port = port_find_free(d->id);
	if (*port == CASEMATE_MAX_PORTS) {
		return E_NOSPC;
	}
	shared_clear_pending(d, *port);
	return 0;
}

err_t event_offer(struct domain *d, domid_t remote, u32 *port)
{
	err_t err = port_new(d, port);

	if (err == 0) {
		port_open_unbound(d->id, *port, remote);
	}
	return err;
}

bool event_domain_teardown(struct domain *d, u64 *cursor, u32 budget)
{
	for (; budget > 0 && *cursor < CASEMATE_MAX_PORTS; budget--) {
		u32 port = (u32)*cursor;

		if (port_is_open(d->id, port)) {
			port_release(d->id, port, DOMID_NOBODY);
		}
		port_forget(d->id, port); /* what others hold open for it */
		*cursor += 1;
	}
	return *cursor >= CASEMATE_MAX_PORTS;
}

/* ---- operations ----------------------------------------------------- */

/* One call, its arguments copied in once. */
struct call {
	struct vcpu *v;
	struct domain *d; /* the caller */
	const struct hypercall_row *row;
	gva_t at;
	u32 bytes;
	union {
		struct evtchn_alloc_unbound alloc;
		struct evtchn_bind_interdomain bind;
		struct evtchn_bind_virq virq;
		struct evtchn_bind_ipi ipi;
		struct evtchn_bind_vcpu move;
		struct evtchn_status status;
		u32 port; /* close, send, unmask: nothing else */
	} a;
};
static const u8 op_words[] = { [EVTCHNOP_bind_interdomain] = 3,
			       [EVTCHNOP_bind_virq] = 3,
			       [EVTCHNOP_close] = 1,
			       [EVTCHNOP_send] = 1,
			       [EVTCHNOP_status] = 6,
			       [EVTCHNOP_alloc_unbound] = 2,
			       [EVTCHNOP_bind_ipi] = 2,
			       [EVTCHNOP_bind_vcpu] = 2,
			       [EVTCHNOP_unmask] = 1 };

static err_t answer(const struct call *c)
{
	return copy_to_guest(c->v, c->at, &c->a, c->bytes);
}

/* A domain that can still be talked to. A dying one cannot: its ports are
 * being closed, and its number will be someone else's. */
static struct domain *peer_find(const struct call *c, domid_t id)
{
	struct domain *peer = domain_find(id, c->d);

	return peer != NULL && peer->state != STATE_DYING ? peer : NULL;
}

/* The caller is told the number of the port that it is about to get; `port` is
 * in its arguments. */
static err_t port_tell(struct call *c, u32 *port)
{
	err_t err = port_new(c->d, port);

	return err != 0 ? err : answer(c);
}

static err_t op_alloc_unbound(struct call *c)
{
	const struct domain *peer = peer_find(c, c->a.alloc.remote_dom);
	err_t err = mediate_own(c->v, c->row, c->a.alloc.dom);

	if (err == 0 && peer == NULL) {
		err = E_SRCH;
	}
	if (err == 0) {
		err = mediate(c->v, c->row, peer, PERM_event_offer);
	}
	if (err == 0) {
		err = port_tell(c, &c->a.alloc.port);
	}
	if (err == 0) {
		/*@ assert access: may(c->d->id, peer->id, CLASS_event,
		      PERM_event_offer); */
		port_open_unbound(c->d->id, c->a.alloc.port, peer->id);
	}
	return err;
}

static err_t op_bind_interdomain(struct call *c)
{
	const struct domain *peer = peer_find(c, c->a.bind.remote_dom);
	u32 remote = c->a.bind.remote_port;
	err_t err = peer == NULL ? E_SRCH
				 : mediate(c->v, c->row, peer, PERM_event_bind);

	if (err == 0 && !port_is_offered(peer->id, remote, c->d->id)) {
		err = E_INVAL;
	}
	if (err == 0) {
		err = port_tell(c, &c->a.bind.local_port);
	}
	if (err == 0) {
		/*@ assert access: may(c->d->id, peer->id, CLASS_event,
		      PERM_event_bind); */
		port_connect(c->d->id, c->a.bind.local_port, peer->id, remote);
		/* What the peer sent before anyone listened is not lost. */
		port_raise(c->d, c->a.bind.local_port);
	}
	return err;
}

static err_t op_bind_virq(struct call *c)
{
	u32 virq = c->a.virq.virq;
	u32 vcpu = c->a.virq.vcpu;
	err_t err;

	if (virq >= VIRQ_COUNT || (virq_is_global(virq) && vcpu != 0)) {
		return E_INVAL;
	}
	if (vcpu >= c->d->vcpu_count) {
		return E_NOENT;
	}
	err = *virq_port(c->d, vcpu, virq) != 0 ? E_EXIST : 0;
	/* Global ones tell about the whole machine: asked for once more. */
	if (err == 0 && virq_is_global(virq)) {
		err = mediate_core(c->v, c->row, POLICY_INITIAL_CORE_STATE,
				   PERM_event_bind_virq);
	}
	if (err == 0) {
		err = port_tell(c, &c->a.virq.port);
	}
	if (err == 0) {
		port_open_virq(c->d->id, c->a.virq.port, virq, vcpu);
		*virq_port(c->d, vcpu, virq) = c->a.virq.port;
	}
	return err;
}

static err_t op_bind_ipi(struct call *c)
{
	err_t err = c->a.ipi.vcpu < c->d->vcpu_count
			    ? port_tell(c, &c->a.ipi.port)
			    : E_NOENT;

	if (err == 0) {
		port_open_ipi(c->d->id, c->a.ipi.port, c->a.ipi.vcpu);
	}
	return err;
}

static err_t op_close(struct domain *d, u32 port)
{
	const struct port *p = &ports[d->id][port];

	if (!port_is_open(d->id, port)) {
		return E_INVAL;
	}
	if (p->state == PORT_VIRQ) {
		*virq_port(d, p->vcpu, p->peer) = 0;
	}
	port_release(d->id, port, d->id);
	shared_clear_pending(d, port);
	return 0;
}

static err_t send_to_peer(const struct call *c, const struct port *p)
{
	struct domain *peer = &domains[p->peer];
	err_t err = mediate(c->v, c->row, peer, PERM_event_send);

	if (err == 0) {
		port_raise(peer, p->peer_port);
	}
	return err;
}

static err_t op_send(const struct call *c)
{
	const struct port *p = &ports[c->d->id][c->a.port];

	switch (p->state) {
	case PORT_BOUND:
		return send_to_peer(c, p);
	case PORT_IPI:
		port_raise(c->d, c->a.port);
		return 0;
	case PORT_UNBOUND: /* nobody listens: not an error */
		return 0;
	default:
		return E_INVAL;
	}
}

static err_t op_status(struct call *c)
{
	static const u8 state[] = { /* by enum port_state */
				    EVTCHNSTAT_closed,	EVTCHNSTAT_closed,
				    EVTCHNSTAT_unbound, EVTCHNSTAT_interdomain,
				    EVTCHNSTAT_virq,	EVTCHNSTAT_ipi
	};
	struct domain *peer = domain_find(c->a.status.dom, c->d);
	const struct port *p;
	err_t err = peer == NULL ? E_SRCH : 0;

	if (err == 0 && peer != c->d) {
		err = mediate(c->v, c->row, peer, PERM_event_status);
	}
	if (err == 0 && c->a.status.port >= CASEMATE_MAX_PORTS) {
		err = E_INVAL;
	}
	if (err != 0) {
		return err;
	}
	p = &ports[peer->id][c->a.status.port];
	c->a.status.status = state[p->state];
	c->a.status.vcpu = p->vcpu;
	c->a.status.u.virq = p->peer; /* or the domain: the same place */
	c->a.status.u.interdomain.port = p->peer_port; /* 0 if not bound */
	return answer(c);
}

/* Can the port be delivered to another vCPU than the one it was made for? */
static bool port_is_movable(const struct port *p)
{
	return p->state == PORT_UNBOUND || p->state == PORT_BOUND ||
	       (p->state == PORT_VIRQ && virq_is_global(p->peer));
}

static err_t op_bind_vcpu(const struct domain *d, u32 port, u32 vcpu)
{
	if (vcpu >= d->vcpu_count) {
		return E_NOENT;
	}
	if (port >= CASEMATE_MAX_PORTS ||
	    !port_is_movable(&ports[d->id][port])) {
		return E_INVAL;
	}
	port_move(d->id, port, vcpu);
	return 0;
}

static err_t op_unmask(struct domain *d, u32 port)
{
	if (shared_test_and_clear_mask(d, port) && shared_is_pending(d, port)) {
		vcpu_signal(&d->vcpus[ports[d->id][port].vcpu], port);
	}
	return 0;
}

err_t event_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct call c = { v, vcpu_domain(v), row, arg, 0, { { 0 } } };

	if (row->subop >= sizeof(op_words)) {
		return E_NOSYS;
	}
	c.bytes = op_words[row->subop] * sizeof(c.a.port);
	if (copy_from_guest(v, &c.a, arg, c.bytes) != 0) {
		return E_FAULT;
	}
	if (c.bytes == sizeof(c.a.port) && c.a.port >= CASEMATE_MAX_PORTS) {
		return E_INVAL; /* close, send, unmask */
	}
	switch (row->subop) {
	case EVTCHNOP_alloc_unbound:
		return op_alloc_unbound(&c);
	case EVTCHNOP_bind_interdomain:
		return op_bind_interdomain(&c);
	case EVTCHNOP_bind_virq:
		return op_bind_virq(&c);
	case EVTCHNOP_bind_ipi:
		return op_bind_ipi(&c);
	case EVTCHNOP_status:
		return op_status(&c);
	case EVTCHNOP_close:
		return op_close(c.d, c.a.port);
	case EVTCHNOP_send:
		return op_send(&c);
	case EVTCHNOP_bind_vcpu:
		return op_bind_vcpu(c.d, c.a.move.port, c.a.move.vcpu);
	case EVTCHNOP_unmask:
		return op_unmask(c.d, c.a.port);
	default:
		return E_NOSYS;
	}
}
