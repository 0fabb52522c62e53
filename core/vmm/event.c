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
	if (!shared_test_and_set_selector(v, port) &&
	    !shared_test_and_set_upcall(v)) {
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

void event_raise_virq(struct domain *d, u32 vcpu, u32 virq)
{
	u32 owner = virq_is_global(virq) ? 0 : vcpu;
	u32 port;

	if (virq >= VIRQ_COUNT || owner >= d->vcpu_count) {
		return;
	}
	port = d->vcpus[owner].virq_port[virq];
	if (port != 0) {
		port_raise(d, port);
	}
}

bool event_port_pending(struct domain *d, u32 port)
{
	return port < CASEMATE_MAX_PORTS && shared_is_pending(d, port);
}

/* ---- a domain's life ------------------------------------------------ */

void event_domain_init(struct domain *d)
{
	u32 i;

	ports_clear(d->id);
	for (i = 0; i < CASEMATE_MAX_VCPUS * VIRQ_COUNT; i++) {
		d->vcpus[i / VIRQ_COUNT].virq_port[i % VIRQ_COUNT] = 0;
	}
}

err_t event_offer(struct domain *d, domid_t remote, u32 *port)
{
	u32 fresh = port_find_free(d->id);

	if (fresh == CASEMATE_MAX_PORTS) {
		return E_NOSPC;
	}
	port_open_unbound(d->id, fresh, remote);
	shared_clear_pending(d, fresh);
	*port = fresh;
	return 0;
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

/* One call. Its arguments, copied in once, are words:
 *   alloc_unbound      domain | remote domain << 16, (out) port
 *   bind_interdomain   remote domain, remote port, (out) port
 *   bind_virq          VIRQ, vCPU, (out) port
 *   bind_ipi           vCPU, (out) port
 *   status             domain, port, (out) status, (out) vCPU, (out) two more
 *   bind_vcpu          port, vCPU
 *   close, send, unmask  port
 */
struct call {
	struct vcpu *v;
	const struct hypercall_row *row;
	gva_t arg;
	u32 bytes;
	u32 word[6];
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
_Static_assert(sizeof(struct evtchn_status) == 24 &&
		       offsetof(struct evtchn_status, u) == 16 &&
		       offsetof(struct evtchn_alloc_unbound, remote_dom) == 2 &&
		       offsetof(struct evtchn_bind_interdomain, local_port) ==
			       8,
	       "layout of arguments");

static err_t answer(const struct call *c)
{
	return copy_to_guest(c->v, c->arg, c->word, c->bytes);
}

/* A domain that can still be talked to. A dying one cannot: its ports are
 * being closed, and its number will be someone else's. */
static struct domain *peer_find(const struct call *c, u32 id)
{
	struct domain *peer = domain_find((domid_t)id, vcpu_domain(c->v));

	return peer != NULL && peer->state != STATE_DYING ? peer : NULL;
}

/* The caller is told the number of the port that it is about to get. */
static err_t port_new(struct call *c, u32 word, u32 *port)
{
	*port = port_find_free(c->v->domid);
	c->word[word] = *port;
	return *port == CASEMATE_MAX_PORTS ? E_NOSPC : answer(c);
}

static err_t op_alloc_unbound(struct call *c)
{
	struct domain *d = vcpu_domain(c->v);
	struct domain *peer = peer_find(c, c->word[0] >> 16);
	u32 port;
	err_t err = mediate_own(c->v, c->row, (domid_t)c->word[0]);

	if (err == 0) {
		err = peer == NULL
			      ? E_SRCH
			      : mediate(c->v, c->row, peer, PERM_event_offer);
	}
	if (err == 0) {
		err = port_new(c, 1, &port);
	}
	if (err != 0) {
		return err;
	}
	port_open_unbound(d->id, port, peer->id);
	shared_clear_pending(d, port);
	return 0;
}

static err_t op_bind_interdomain(struct call *c)
{
	struct domain *d = vcpu_domain(c->v);
	struct domain *peer = peer_find(c, c->word[0]);
	u32 remote = c->word[1];
	u32 port;
	err_t err;

	if (peer == NULL) {
		return E_SRCH;
	}
	err = mediate(c->v, c->row, peer, PERM_event_bind);
	if (err == 0 && !port_is_offered(peer->id, remote, d->id)) {
		err = E_INVAL;
	}
	if (err == 0) {
		err = port_new(c, 2, &port);
	}
	if (err != 0) {
		return err;
	}
	port_connect(d->id, port, peer->id, remote);
	shared_clear_pending(d, port);
	/* What the peer sent before anyone listened is not lost. */
	port_raise(d, port);
	return 0;
}

/* May d bind this VIRQ for this vCPU? */
static err_t virq_check(const struct domain *d, u32 virq, u32 vcpu)
{
	if (virq >= VIRQ_COUNT || (virq_is_global(virq) && vcpu != 0)) {
		return E_INVAL;
	}
	if (vcpu >= d->vcpu_count) {
		return E_NOENT;
	}
	return d->vcpus[vcpu].virq_port[virq] != 0 ? E_EXIST : 0;
}

/* Global ones tell about the whole machine: asked for once more. */
static err_t op_bind_virq(struct call *c)
{
	struct domain *d = vcpu_domain(c->v);
	u32 virq = c->word[0];
	u32 vcpu = c->word[1];
	u32 port;
	err_t err = virq_check(d, virq, vcpu);

	if (err == 0 && virq_is_global(virq)) {
		err = mediate_core(c->v, c->row, POLICY_INITIAL_CORE_STATE,
				   PERM_event_bind_virq);
	}
	if (err == 0) {
		err = port_new(c, 2, &port);
	}
	if (err != 0) {
		return err;
	}
	port_open_virq(d->id, port, virq, vcpu);
	d->vcpus[vcpu].virq_port[virq] = port;
	shared_clear_pending(d, port);
	return 0;
}

static err_t op_bind_ipi(struct call *c)
{
	struct domain *d = vcpu_domain(c->v);
	u32 vcpu = c->word[0];
	u32 port;
	err_t err = vcpu < d->vcpu_count ? port_new(c, 1, &port) : E_NOENT;

	if (err == 0) {
		port_open_ipi(d->id, port, vcpu);
		shared_clear_pending(d, port);
	}
	return err;
}

/* The vCPU that receives a VIRQ may have moved; the one that holds the
 * binding is vCPU 0 for global ones. */
static void virq_forget(struct domain *d, u32 port)
{
	u32 virq = ports[d->id][port].peer;
	u32 vcpu = virq_is_global(virq) ? 0 : ports[d->id][port].vcpu;

	d->vcpus[vcpu].virq_port[virq] = 0;
}

static err_t op_close(struct domain *d, u32 port)
{
	if (!port_is_open(d->id, port)) {
		return E_INVAL;
	}
	if (ports[d->id][port].state == PORT_VIRQ) {
		virq_forget(d, port);
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

static err_t op_send(const struct call *c, u32 port)
{
	const struct port *p = &ports[c->v->domid][port];

	switch (p->state) {
	case PORT_BOUND:
		return send_to_peer(c, p);
	case PORT_IPI:
		port_raise(vcpu_domain(c->v), port);
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
	struct domain *d = vcpu_domain(c->v);
	struct domain *peer = domain_find((domid_t)c->word[0], d);
	const struct port *p;
	err_t err = peer == NULL ? E_SRCH : 0;

	if (err == 0 && peer != d) {
		err = mediate(c->v, c->row, peer, PERM_event_status);
	}
	if (err == 0 && c->word[1] >= CASEMATE_MAX_PORTS) {
		err = E_INVAL;
	}
	if (err != 0) {
		return err;
	}
	p = &ports[peer->id][c->word[1]];
	c->word[2] = state[p->state];
	c->word[3] = p->vcpu;
	c->word[4] = p->peer; /* or the VIRQ */
	c->word[5] = p->state == PORT_BOUND ? p->peer_port : 0;
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
	if (!port_is_open(d->id, port) ||
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

static bool is_on_port(u32 subop)
{
	return subop == EVTCHNOP_close || subop == EVTCHNOP_send ||
	       subop == EVTCHNOP_bind_vcpu || subop == EVTCHNOP_unmask;
}

err_t event_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct call c = { v, row, arg, 0, { 0 } };
	struct domain *d = vcpu_domain(v);

	if (row->subop >= sizeof(op_words)) {
		return E_NOSYS;
	}
	c.bytes = op_words[row->subop] * sizeof(c.word[0]);
	if (copy_from_guest(v, c.word, arg, c.bytes) != 0) {
		return E_FAULT;
	}
	if (is_on_port(row->subop) && c.word[0] >= CASEMATE_MAX_PORTS) {
		return E_INVAL;
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
		return op_close(d, c.word[0]);
	case EVTCHNOP_send:
		return op_send(&c, c.word[0]);
	case EVTCHNOP_bind_vcpu:
		return op_bind_vcpu(d, c.word[0], c.word[1]);
	case EVTCHNOP_unmask:
		return op_unmask(d, c.word[0]);
	default:
		return E_NOSYS;
	}
}
