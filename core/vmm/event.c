/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event channels: operations and delivery. Each operation: copy the arguments,
 * find the peer, ask the monitor, check, tell the caller the result, commit.
 * A commit cannot fail, so nothing is ever undone.
 */
#include "vmm/event.h"

#include <xen/event_channel.h>
#include <xen/xen.h>

#include "refmon/refmon.h"
#include "vmm/copy.h"
#include "vmm/frame.h"
#include "vmm/hypercall.h"
#include "vmm/shared.h"

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

		if (v->is_polling &&
		    (v->poll_port == port || v->poll_port == ~0u)) {
			vcpu_wake(v);
		}
	}
}

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

/* The domain's own port of this number, and those that others hold open for
 * it. */
static void teardown_step(u32 d, u32 port)
{
	if (port_is_open(d, port)) {
		port_release(d, port, DOMID_NOBODY);
	}
	port_forget(d, port);
}

bool event_domain_teardown(struct domain *d, u64 *cursor, u32 budget)
{
	while (budget > 0 && *cursor < CASEMATE_MAX_PORTS) {
		teardown_step(d->id, (u32)*cursor);
		*cursor += 1;
		budget -= 1;
	}
	return *cursor >= CASEMATE_MAX_PORTS;
}

/* ---- operations ----------------------------------------------------- */

/* A domain that can still be talked to. A dying one cannot: its ports are
 * being closed, and its number will be someone else's. */
static struct domain *peer_find(struct vcpu *v, domid_t id)
{
	struct domain *peer = domain_find(id, vcpu_domain(v));

	return peer != NULL && peer->state != STATE_DYING ? peer : NULL;
}

/* Tell the caller the number of the port it is about to get. */
static err_t tell_port(struct vcpu *v, gva_t arg, const void *op, u32 bytes,
		       u32 port)
{
	return port == CASEMATE_MAX_PORTS ? E_NOSPC
					  : copy_to_guest(v, arg, op, bytes);
}

static err_t op_alloc_unbound(struct vcpu *v, const struct hypercall_row *row,
			      gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct evtchn_alloc_unbound op;
	struct domain *peer;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	err = mediate_own(v, row, op.dom);
	if (err != 0) {
		return err;
	}
	peer = peer_find(v, op.remote_dom);
	if (peer == NULL) {
		return E_SRCH;
	}
	err = mediate(v, row, peer, PERM_event_offer);
	if (err != 0) {
		return err;
	}
	op.port = port_find_free(d->id);
	err = tell_port(v, arg, &op, sizeof(op), op.port);
	if (err != 0) {
		return err;
	}
	port_open_unbound(d->id, op.port, peer->id);
	shared_clear_pending(d, op.port);
	return 0;
}

static err_t op_bind_interdomain(struct vcpu *v,
				 const struct hypercall_row *row, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct evtchn_bind_interdomain op;
	struct domain *peer;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	peer = peer_find(v, op.remote_dom);
	if (peer == NULL) {
		return E_SRCH;
	}
	err = mediate(v, row, peer, PERM_event_bind);
	if (err != 0) {
		return err;
	}
	if (!port_is_offered(peer->id, op.remote_port, d->id)) {
		return E_INVAL;
	}
	op.local_port = port_find_free(d->id);
	err = tell_port(v, arg, &op, sizeof(op), op.local_port);
	if (err != 0) {
		return err;
	}
	port_connect(d->id, op.local_port, peer->id, op.remote_port);
	shared_clear_pending(d, op.local_port);
	/* What the peer sent before anyone listened is not lost. */
	port_raise(d, op.local_port);
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
static err_t op_bind_virq(struct vcpu *v, const struct hypercall_row *row,
			  gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct evtchn_bind_virq op;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err == 0) {
		err = virq_check(d, op.virq, op.vcpu);
	}
	if (err == 0 && virq_is_global(op.virq)) {
		err = mediate_core(v, row, POLICY_INITIAL_CORE_STATE,
				   PERM_event_bind_virq);
	}
	if (err != 0) {
		return err;
	}
	op.port = port_find_free(d->id);
	err = tell_port(v, arg, &op, sizeof(op), op.port);
	if (err != 0) {
		return err;
	}
	port_open_virq(d->id, op.port, op.virq, op.vcpu);
	d->vcpus[op.vcpu].virq_port[op.virq] = op.port;
	shared_clear_pending(d, op.port);
	return 0;
}

static err_t op_bind_ipi(struct vcpu *v, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct evtchn_bind_ipi op;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	if (op.vcpu >= d->vcpu_count) {
		return E_NOENT;
	}
	op.port = port_find_free(d->id);
	err = tell_port(v, arg, &op, sizeof(op), op.port);
	if (err != 0) {
		return err;
	}
	port_open_ipi(d->id, op.port, op.vcpu);
	shared_clear_pending(d, op.port);
	return 0;
}

/* The vCPU that receives a VIRQ may have moved; the one that holds the
 * binding is vCPU 0 for global ones. */
static void virq_forget(struct domain *d, u32 port)
{
	u32 virq = ports[d->id][port].peer;
	u32 vcpu = virq_is_global(virq) ? 0 : ports[d->id][port].vcpu;

	d->vcpus[vcpu].virq_port[virq] = 0;
}

static err_t op_close(struct vcpu *v, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct evtchn_close op;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	if (!port_is_open(d->id, op.port)) {
		return E_INVAL;
	}
	if (ports[d->id][op.port].state == PORT_VIRQ) {
		virq_forget(d, op.port);
	}
	port_release(d->id, op.port, d->id);
	shared_clear_pending(d, op.port);
	return 0;
}

static err_t send_to_peer(struct vcpu *v, const struct hypercall_row *row,
			  u32 port)
{
	struct domain *peer = &domains[ports[v->domid][port].peer];
	err_t err = mediate(v, row, peer, PERM_event_send);

	if (err == 0) {
		port_raise(peer, ports[v->domid][port].peer_port);
	}
	return err;
}

static err_t op_send(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct evtchn_send op;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	if (op.port >= CASEMATE_MAX_PORTS) {
		return E_INVAL;
	}
	switch (ports[v->domid][op.port].state) {
	case PORT_BOUND:
		return send_to_peer(v, row, op.port);
	case PORT_IPI:
		port_raise(vcpu_domain(v), op.port);
		return 0;
	case PORT_UNBOUND: /* nobody listens: not an error */
		return 0;
	default:
		return E_INVAL;
	}
}

/* struct evtchn_status without its union: word[0] holds a domain, a VIRQ or
 * nothing, word[1] the peer's port. */
struct status_op {
	domid_t dom;
	u16 pad;
	u32 port;
	u32 status;
	u32 vcpu;
	u32 word[2];
};
_Static_assert(sizeof(struct status_op) == sizeof(struct evtchn_status) &&
		       offsetof(struct evtchn_status, u) == 16 &&
		       offsetof(struct evtchn_status, u.interdomain.port) == 20,
	       "evtchn_status layout");

static void status_fill(struct status_op *op, const struct port *p)
{
	op->status = EVTCHNSTAT_closed;
	op->vcpu = p->vcpu;
	op->word[0] = p->peer;
	op->word[1] = 0;
	switch (p->state) {
	case PORT_UNBOUND:
		op->status = EVTCHNSTAT_unbound;
		break;
	case PORT_BOUND:
		op->status = EVTCHNSTAT_interdomain;
		op->word[1] = p->peer_port;
		break;
	case PORT_VIRQ:
		op->status = EVTCHNSTAT_virq;
		break;
	case PORT_IPI:
		op->status = EVTCHNSTAT_ipi;
		break;
	default:
		break;
	}
}

static err_t op_status(struct vcpu *v, const struct hypercall_row *row,
		       gva_t arg)
{
	struct domain *peer;
	struct status_op op;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	peer = domain_find(op.dom, vcpu_domain(v));
	if (peer == NULL) {
		return E_SRCH;
	}
	if (peer != vcpu_domain(v)) {
		err = mediate(v, row, peer, PERM_event_status);
	}
	if (err != 0) {
		return err;
	}
	if (op.port >= CASEMATE_MAX_PORTS) {
		return E_INVAL;
	}
	status_fill(&op, &ports[peer->id][op.port]);
	return copy_to_guest(v, arg, &op, sizeof(op));
}

/* Can the port be delivered to another vCPU than the one it was made for? */
static bool port_is_movable(const struct port *p)
{
	return p->state == PORT_UNBOUND || p->state == PORT_BOUND ||
	       (p->state == PORT_VIRQ && virq_is_global(p->peer));
}

static err_t op_bind_vcpu(struct vcpu *v, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct evtchn_bind_vcpu op;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	if (op.vcpu >= d->vcpu_count) {
		return E_NOENT;
	}
	if (!port_is_open(d->id, op.port) ||
	    !port_is_movable(&ports[d->id][op.port])) {
		return E_INVAL;
	}
	port_move(d->id, op.port, op.vcpu);
	return 0;
}

static err_t op_unmask(struct vcpu *v, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct evtchn_unmask op;
	err_t err = copy_from_guest(v, &op, arg, sizeof(op));

	if (err != 0) {
		return err;
	}
	if (op.port >= CASEMATE_MAX_PORTS) {
		return E_INVAL;
	}
	if (shared_test_and_clear_mask(d, op.port) &&
	    shared_is_pending(d, op.port)) {
		vcpu_signal(&d->vcpus[ports[d->id][op.port].vcpu], op.port);
	}
	return 0;
}

err_t event_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	switch (row->subop) {
	case EVTCHNOP_alloc_unbound:
		return op_alloc_unbound(v, row, arg);
	case EVTCHNOP_bind_interdomain:
		return op_bind_interdomain(v, row, arg);
	case EVTCHNOP_bind_virq:
		return op_bind_virq(v, row, arg);
	case EVTCHNOP_bind_ipi:
		return op_bind_ipi(v, arg);
	case EVTCHNOP_close:
		return op_close(v, arg);
	case EVTCHNOP_send:
		return op_send(v, row, arg);
	case EVTCHNOP_status:
		return op_status(v, row, arg);
	case EVTCHNOP_bind_vcpu:
		return op_bind_vcpu(v, arg);
	case EVTCHNOP_unmask:
		return op_unmask(v, arg);
	default:
		return E_NOSYS;
	}
}
