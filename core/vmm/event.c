/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event channels: operations and delivery. Each operation: copy the arguments,
 * find the peer, ask the monitor, check, tell the caller the result, commit.
 * A commit cannot fail, so nothing is ever undone.
 *
 * WP-ALIAS: domains
 * WP-SEPARATE: all other globals
 */
#include "vmm/event.h"

#include "vmm/copy.h"
#include "vmm/shared.h"

#include <xen/event_channel.h>

_Static_assert(NR_VIRQS == VIRQ_COUNT, "virq_port[] in struct vcpu");
_Static_assert(VIRQ_TIMER < VIRQ_LOCAL_COUNT && VIRQ_DEBUG < VIRQ_LOCAL_COUNT &&
		       VIRQ_CONSOLE >= VIRQ_LOCAL_COUNT,
	       "which VIRQs are per vCPU");

/* ---- delivery ------------------------------------------------------- */

/*@ requires v: \valid(v) && is_port(port);
    requires access: may_raise(v->domid, port);
    assigns v->run, v->vruntime_ns, v->is_polling, v->poll_until_ns;
*/
static void vcpu_signal(struct vcpu *v, u32 port)
{
	if (shared_raise_upcall(v, port)) {
		vcpu_notify(v);
	}
}

/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires inv: domains_ok;
    assigns d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].run,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].vruntime_ns,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].is_polling,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].poll_until_ns;
*/
static void wake_pollers(struct domain *d, u32 port)
{
	u32 i;

	/*@ loop invariant range: 0 <= i <= d->vcpu_count;
	    loop assigns i,
	      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].run,
	      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].vruntime_ns,
	      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].is_polling,
	      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].poll_until_ns;
	    loop variant d->vcpu_count - i;
	*/
	for (i = 0; i < d->vcpu_count; i++) {
		struct vcpu *v = &d->vcpus[i];

		if (v->is_polling && v->poll_port == port) {
			vcpu_wake(v);
		}
	}
}

/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires port: is_port(port);
    requires inv: ports_ok && domains_ok && vcpus_ok;
    requires access: may_raise(d->id, port);
    assigns d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].run,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].vruntime_ns,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].is_polling,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].poll_until_ns;
*/
static void port_raise(struct domain *d, u32 port)
{
	struct vcpu *v = &d->vcpus[ports.of[d->id][port].vcpu];

	//@ assert port: port_ok(d->id, port);
	if (shared_test_and_set_pending(d, port)) {
		return;
	}
	if (!shared_is_masked(d, port)) {
		vcpu_signal(v, port);
	}
	wake_pollers(d, port);
}

void event_tell(struct domain *d, u32 port)
{
	port_raise(d, port);
}

/* The port bound to a VIRQ; 0: none. Global ones are bound on vCPU 0, whichever
 * they are delivered to. */
/*@ requires d: \valid(d) && virq < VIRQ_COUNT;
    requires vcpu: virq < VIRQ_LOCAL_COUNT ==> vcpu < CASEMATE_MAX_VCPUS;
    assigns \result \from d, vcpu, virq;
    ensures slot: \result == (virq >= VIRQ_LOCAL_COUNT
      ? &d->vcpus[0].virq_port[virq] : &d->vcpus[vcpu].virq_port[virq]);
*/
static u32 *virq_port(struct domain *d, u32 vcpu, u32 virq)
{
	return &d->vcpus[virq < VIRQ_LOCAL_COUNT ? vcpu : 0].virq_port[virq];
}

/* The port may have been cut since (event_revoke.c), and be another's. */
/*@ requires d: \valid(d) && is_domain(d->id) && virq < VIRQ_COUNT;
    requires vcpu: virq < VIRQ_LOCAL_COUNT ==> vcpu < CASEMATE_MAX_VCPUS;
    assigns \nothing;
    ensures none: \result == 0 ||
      (is_port(\result) && ports.of[d->id][\result].state == PORT_VIRQ);
*/
static u32 virq_bound(struct domain *d, u32 vcpu, u32 virq)
{
	u32 port = *virq_port(d, vcpu, virq);

	return port < CASEMATE_MAX_PORTS &&
			       ports.of[d->id][port].state == PORT_VIRQ &&
			       ports.of[d->id][port].peer == virq
		       ? port
		       : 0;
}

void event_raise_virq(struct domain *d, u32 vcpu, u32 virq)
{
	u32 port = 0;

	if (virq < VIRQ_COUNT &&
	    (vcpu < d->vcpu_count || virq >= VIRQ_LOCAL_COUNT)) {
		port = virq_bound(d, vcpu, virq);
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

/* A port that is about to be opened; CASEMATE_MAX_PORTS: none is left. */
/*@ requires d: \valid(d) && is_domain(d->id);
    requires inv: ports_ok;
    requires access: may_open(d->id);
    assigns \nothing;
    ensures range: 1 <= \result <= CASEMATE_MAX_PORTS;
    ensures free: \result < CASEMATE_MAX_PORTS ==>
      ports.of[d->id][\result].state == PORT_FREE;
*/
static u32 port_new(struct domain *d)
{
	u32 port = port_find_free(d->id);

	if (port < CASEMATE_MAX_PORTS) {
		shared_clear_pending(d, port);
	}
	return port;
}

err_t event_offer(struct domain *d, domid_t remote, u32 *port)
{
	u32 p = port_new(d);

	if (p == CASEMATE_MAX_PORTS) {
		return E_NOSPC;
	}
	port_open_unbound(d->id, p, remote);
	*port = p;
	return 0;
}

/* The peer's end, if there is one, waits for `heir`. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires port: 1 <= port < CASEMATE_MAX_PORTS;
    requires inv: ports_ok;
    requires access: may_close(d->id);
    assigns ports,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1];
    ensures inv: ports_ok;
    ensures closed: ports.of[d->id][port].state == PORT_FREE;
    ensures two: \forall integer e, q; is_domid(e) && is_port(q) &&
      (e != d->id || q != port) &&
      (\old(ports.of[d->id][port].state) != PORT_BOUND ||
        e != \old(ports.of[d->id][port].peer) ||
        q != \old(ports.of[d->id][port].peer_port)) ==>
      port_same{Pre,Post}(e, q);
    ensures left: \old(ports.of[d->id][port].state) == PORT_BOUND &&
      (\old(ports.of[d->id][port].peer) != d->id ||
       \old(ports.of[d->id][port].peer_port) != port) ==>
      ports.of[\old(ports.of[d->id][port].peer)]
              [\old(ports.of[d->id][port].peer_port)].state == PORT_UNBOUND &&
      ports.of[\old(ports.of[d->id][port].peer)]
              [\old(ports.of[d->id][port].peer_port)].peer == heir;
*/
static void port_close(struct domain *d, u32 port, u16 heir)
{
	//@ assert port: port_ok(d->id, port);
	if (ports.of[d->id][port].state == PORT_VIRQ) {
		*virq_port(d, ports.of[d->id][port].vcpu,
			   ports.of[d->id][port].peer) = 0;
	}
	port_release(d->id, port, heir);
}

bool event_domain_teardown(struct domain *d, u64 *cursor, u32 budget)
{
	u64 port = *cursor;

	/*@ loop invariant inv: ports_ok;
	    loop invariant gone: ports_gone(d->id, port);
	    loop invariant budget: port + budget ==
	      \at(*cursor, Pre) + \at(budget, Pre);
	    loop invariant end: budget <= \at(budget, Pre);
	    loop assigns budget, port, ports,
	      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1];
	    loop variant budget;
	*/
	for (; budget > 0 && port < CASEMATE_MAX_PORTS; budget--) {
		if (port_is_open(d->id, (u32)port)) {
			port_close(d, (u32)port, DOMID_NOBODY);
		}
		//@ assert before: ports_gone(d->id, port);
		//@ assert closed: ports.of[d->id][port].state <= PORT_RESERVED;
		/* what others hold open for it */
		port_forget(d->id, (u32)port);
		//@ assert still: ports_gone(d->id, port);
		//@ assert this: port_gone(d->id, port);
		port += 1;
	}
	*cursor = port;
	return port >= CASEMATE_MAX_PORTS;
}

/* ---- operations ----------------------------------------------------- */

/* Arguments are 32-bit words: how many each operation takes. */
static const u8 op_words[] = { [EVTCHNOP_bind_interdomain] = 2,
			       [EVTCHNOP_bind_virq] = 2,
			       [EVTCHNOP_close] = 1,
			       [EVTCHNOP_send] = 1,
			       [EVTCHNOP_status] = 2,
			       [EVTCHNOP_alloc_unbound] = 1,
			       [EVTCHNOP_bind_ipi] = 1,
			       [EVTCHNOP_bind_vcpu] = 2,
			       [EVTCHNOP_unmask] = 1 };
#define WORD 4u
#define WORD_AT(op, field, n)                                                  \
	_Static_assert(offsetof(struct evtchn_##op, field) == (n)*WORD, "ABI")
WORD_AT(alloc_unbound, port, 1);
WORD_AT(bind_interdomain, remote_port, 1);
WORD_AT(bind_interdomain, local_port, 2);
WORD_AT(bind_virq, vcpu, 1);
WORD_AT(bind_virq, port, 2);
WORD_AT(bind_ipi, port, 1);
WORD_AT(bind_vcpu, vcpu, 1);
WORD_AT(status, port, 1);
WORD_AT(status, status, 2);
WORD_AT(status, vcpu, 3);
WORD_AT(status, u.virq, 4);
WORD_AT(status, u.interdomain.port, 5);
_Static_assert(offsetof(struct evtchn_alloc_unbound, remote_dom) == 2, "ABI");

/* A domain that can still be talked to. A dying one cannot: its ports are
 * being closed, and its number will be someone else's. */
/*@ requires caller: acts(v);
    assigns \result \from v->domid, id, &domains[0],
      domains[0 .. CASEMATE_MAX_DOMAINS - 1].state;
    ensures peer: \result == \null || (is_domain(\result->id) &&
      \result == &domains[\result->id] && \result->state != STATE_DYING);
    ensures named: \result != \null && id != 0x7ff0 ==> \result->id == id;
*/
static struct domain *peer_find(const struct vcpu *v, domid_t id)
{
	struct domain *peer = domain_find(id, vcpu_domain(v));

	return peer != NULL && peer->state != STATE_DYING ? peer : NULL;
}

/* The caller is told the number of the port that it is about to get. */
/*@ requires caller: acts(v);
    requires port: \valid(port) && \separated(port, &domains[v->domid],
      &ports);
    assigns *port;
    ensures free: \result == 0 ==> 1 <= *port < CASEMATE_MAX_PORTS &&
      ports.of[v->domid][*port].state == PORT_FREE;
*/
static err_t port_tell(struct vcpu *v, gva_t at, u32 *port)
{
	*port = port_new(vcpu_domain(v));
	return *port == CASEMATE_MAX_PORTS
		       ? E_NOSPC
		       : copy_words_to_guest(v, at, port, 1);
}

/*@ requires caller: acts(v);
    requires row: event_row(row);
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1],
      ports.of[v->domid][0 .. CASEMATE_MAX_PORTS - 1];
    ensures inv: ports_ok;
    ensures refused: \result != 0 ==> ports_same{Pre,Post};
    ensures may: \result == 0 && (domid_t)(word >> 16) != 0x7ff0 ==>
      acting_may((domid_t)(word >> 16), CLASS_event, PERM_event_offer);
*/
static OUTLINED err_t op_alloc_unbound(struct vcpu *v,
				       const struct hypercall_row *row,
				       u32 word, gva_t out)
{
	err_t err = mediate_own(v, row, (domid_t)word);
	const struct domain *peer = peer_find(v, (domid_t)(word >> 16));
	u32 port = 0;

	if (err == 0 && peer == NULL) {
		err = E_SRCH;
	}
	if (err == 0) {
		err = mediate(v, row, peer, PERM_event_offer);
	}
	if (err == 0) {
		err = port_tell(v, out, &port);
	}
	if (err == 0) {
		port_open_unbound(v->domid, port, peer->id);
	}
	return err;
}

/*@ requires caller: acts(v);
    requires row: event_row(row);
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1], ports,
      domains[v->domid].vcpus[0 .. CASEMATE_MAX_VCPUS - 1].run,
      domains[v->domid].vcpus[0 .. CASEMATE_MAX_VCPUS - 1].vruntime_ns,
      domains[v->domid].vcpus[0 .. CASEMATE_MAX_VCPUS - 1].is_polling,
      domains[v->domid].vcpus[0 .. CASEMATE_MAX_VCPUS - 1].poll_until_ns;
    ensures inv: ports_ok;
    ensures refused: \result != 0 ==> ports_same{Pre,Post};
    ensures may: \result == 0 && id != 0x7ff0 ==>
      acting_may(id, CLASS_event, PERM_event_bind);
    ensures bound: \result == 0 && id != 0x7ff0 ==>
      ports.of[id][remote].state == PORT_BOUND &&
      ports.of[id][remote].peer == v->domid;
    ensures strangers: strangers_kept{Pre,Post}(v->domid);
*/
static OUTLINED err_t op_bind_interdomain(struct vcpu *v,
					  const struct hypercall_row *row,
					  domid_t id, u32 remote, gva_t out)
{
	const struct domain *peer = peer_find(v, id);
	err_t err = peer == NULL ? E_SRCH
				 : mediate(v, row, peer, PERM_event_bind);
	u32 port = 0;

	if (err == 0 && !port_is_offered(peer->id, remote, v->domid)) {
		err = E_INVAL;
	}
	if (err == 0) {
		err = port_tell(v, out, &port);
	}
	if (err == 0) {
		port_connect(v->domid, port, peer->id, remote);
		/* What the peer sent before anyone listened is not lost. */
		port_raise(vcpu_domain(v), port);
	}
	return err;
}

/*@ requires caller: acts(v);
    requires row: event_row(row);
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1],
      ports.of[v->domid][0 .. CASEMATE_MAX_PORTS - 1],
      domains[v->domid].vcpus[0 .. CASEMATE_MAX_VCPUS - 1];
    ensures inv: ports_ok;
    ensures refused: \result != 0 ==> ports_same{Pre,Post};
*/
static OUTLINED err_t op_bind_virq(struct vcpu *v,
				   const struct hypercall_row *row, u32 virq,
				   u32 vcpu, gva_t out)
{
	struct domain *d = vcpu_domain(v);
	u32 port = 0;
	err_t err;

	if (virq >= VIRQ_COUNT || (virq >= VIRQ_LOCAL_COUNT && vcpu != 0)) {
		return E_INVAL;
	}
	if (vcpu >= d->vcpu_count) {
		return E_NOENT;
	}
	err = virq_bound(d, vcpu, virq) != 0 ? E_EXIST : 0;
	/* Global ones tell about the whole machine: asked for once more. */
	if (err == 0 && virq >= VIRQ_LOCAL_COUNT) {
		err = mediate_core(v, row, POLICY_INITIAL_CORE_STATE,
				   PERM_event_bind_virq);
	}
	if (err == 0) {
		err = port_tell(v, out, &port);
	}
	if (err == 0) {
		port_open_virq(v->domid, port, virq, vcpu);
		*virq_port(d, vcpu, virq) = port;
	}
	return err;
}

/*@ requires caller: acts(v);
    assigns ports.of[v->domid][0 .. CASEMATE_MAX_PORTS - 1];
    ensures inv: ports_ok;
    ensures refused: \result != 0 ==> ports_same{Pre,Post};
*/
static err_t op_bind_ipi(struct vcpu *v, u32 vcpu, gva_t out)
{
	u32 port = 0;
	err_t err = vcpu < vcpu_domain(v)->vcpu_count ? port_tell(v, out, &port)
						      : E_NOENT;

	if (err == 0) {
		port_open_ipi(v->domid, port, vcpu);
	}
	return err;
}

/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires inv: ports_ok;
    requires access: d->id == acting;
    assigns ports,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1];
    ensures inv: ports_ok;
    ensures refused: \result != 0 ==> ports_same{Pre,Post};
    ensures closed: \result == 0 ==> ports.of[d->id][port].state == PORT_FREE;
    ensures open: \result == 0 <==> 1 <= port < CASEMATE_MAX_PORTS &&
      \old(ports.of[d->id][port].state) > PORT_RESERVED;
    ensures strangers: strangers_kept{Pre,Post}(d->id);
*/
static err_t op_close(struct domain *d, u32 port)
{
	if (!port_is_open(d->id, port)) {
		return E_INVAL;
	}
	port_close(d, port, d->id);
	shared_clear_pending(d, port);
	return 0;
}

/*@ requires caller: acts(v);
    requires row: event_row(row);
    requires bound: is_port(port) &&
      ports.of[v->domid][port].state == PORT_BOUND;
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1],
      domains[ports.of[v->domid][port].peer]
        .vcpus[0 .. CASEMATE_MAX_VCPUS - 1].run,
      domains[ports.of[v->domid][port].peer]
        .vcpus[0 .. CASEMATE_MAX_VCPUS - 1].vruntime_ns,
      domains[ports.of[v->domid][port].peer]
        .vcpus[0 .. CASEMATE_MAX_VCPUS - 1].is_polling,
      domains[ports.of[v->domid][port].peer]
        .vcpus[0 .. CASEMATE_MAX_VCPUS - 1].poll_until_ns;
    ensures may: \result == 0 ==> acting_may(ports.of[v->domid][port].peer,
      CLASS_event, PERM_event_send);
*/
static err_t send_to_peer(struct vcpu *v, const struct hypercall_row *row,
			  u32 port)
{
	struct domain *peer = &domains[ports.of[v->domid][port].peer];
	err_t err;

	//@ assert bound: port_ok(v->domid, port);
	if (peer->state == STATE_FREE) {
		return E_INVAL; /* cannot be: its ports were closed */
	}
	err = mediate(v, row, peer, PERM_event_send);
	if (err == 0) {
		port_raise(peer, ports.of[v->domid][port].peer_port);
	}
	return err;
}

/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires port: is_port(port) && d->id == acting;
    requires inv: ports_ok && domains_ok && vcpus_ok;
    assigns domains[d->id];
    ensures done: \result == 0;
*/
static err_t op_send_ipi(struct domain *d, u32 port)
{
	port_raise(d, port);
	return 0;
}

/*@ requires caller: acts(v);
    requires row: event_row(row);
    assigns domains[0 .. CASEMATE_MAX_DOMAINS - 1], audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures may: \result == 0 &&
      \old(ports.of[v->domid][port].state) == PORT_BOUND ==> acting_may(
        \old(ports.of[v->domid][port].peer), CLASS_event, PERM_event_send);
*/
static err_t op_send(struct vcpu *v, const struct hypercall_row *row, u32 port)
{
	if (port >= CASEMATE_MAX_PORTS) {
		return E_INVAL;
	}
	switch (ports.of[v->domid][port].state) {
	case PORT_BOUND:
		return send_to_peer(v, row, port);
	case PORT_IPI:
		return op_send_ipi(vcpu_domain(v), port);
	case PORT_UNBOUND: /* nobody listens: not an error */
		return 0;
	default:
		return E_INVAL;
	}
}

/*@ requires caller: acts(v);
    requires row: event_row(row);
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures may: \result == 0 && id != v->domid && id != 0x7ff0 ==>
      acting_may(id, CLASS_event, PERM_event_status);
*/
static OUTLINED err_t op_status(struct vcpu *v, const struct hypercall_row *row,
				domid_t id, u32 port, gva_t out)
{
	static const u8 state[] = { /* by enum port_state */
				    EVTCHNSTAT_closed,	EVTCHNSTAT_closed,
				    EVTCHNSTAT_unbound, EVTCHNSTAT_interdomain,
				    EVTCHNSTAT_virq,	EVTCHNSTAT_ipi
	};
	const struct domain *peer = domain_find(id, vcpu_domain(v));
	err_t err = peer == NULL ? E_SRCH : 0;
	u32 w[4];

	/*@ assert peer: peer == \null ||
	      (is_domain(peer->id) && peer == &domains[peer->id]); */
	if (err == 0 && peer->id != v->domid) {
		err = mediate(v, row, peer, PERM_event_status);
	}
	if (err == 0 && port >= CASEMATE_MAX_PORTS) {
		err = E_INVAL;
	}
	if (err != 0) {
		return err;
	}
	//@ assert port: port_ok(peer->id, port);
	w[0] = state[ports.of[peer->id][port].state];
	w[1] = ports.of[peer->id][port].vcpu;
	w[2] = ports.of[peer->id][port].peer; /* or the VIRQ: the same place */
	w[3] = ports.of[peer->id][port].peer_port; /* 0 if not bound */
	return copy_words_to_guest(v, out, w, 4);
}

/* Can the port be delivered to another vCPU than the one it was made for? */
/*@ requires port: is_domid(d) && is_port(port);
    assigns \nothing;
    ensures virq: \result == 1 && ports.of[d][port].state == PORT_VIRQ ==>
      ports.of[d][port].peer >= VIRQ_LOCAL_COUNT;
    ensures open: \result == 1 ==> ports.of[d][port].state > PORT_RESERVED;
*/
static bool port_is_movable(u32 d, u32 port)
{
	const u8 state = ports.of[d][port].state;

	return state == PORT_UNBOUND || state == PORT_BOUND ||
	       (state == PORT_VIRQ &&
		ports.of[d][port].peer >= VIRQ_LOCAL_COUNT);
}

/*@ requires d: \valid_read(d) && is_domain(d->id) && d == &domains[d->id];
    requires inv: ports_ok && domains_ok;
    requires access: d->id == acting;
    assigns ports.of[d->id][0 .. CASEMATE_MAX_PORTS - 1].vcpu;
    ensures inv: ports_ok;
    ensures moved: \result == 0 ==> ports.of[d->id][port].vcpu == vcpu;
    ensures refused: \result != 0 ==> ports_same{Pre,Post};
*/
static err_t op_bind_vcpu(const struct domain *d, u32 port, u32 vcpu)
{
	if (vcpu >= d->vcpu_count) {
		return E_NOENT;
	}
	if (port >= CASEMATE_MAX_PORTS || !port_is_movable(d->id, port)) {
		return E_INVAL;
	}
	port_move(d->id, port, vcpu);
	return 0;
}

/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires inv: ports_ok && domains_ok && vcpus_ok;
    requires access: d->id == acting;
    assigns d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].run,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].vruntime_ns,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].is_polling,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].poll_until_ns;
*/
static err_t op_unmask(struct domain *d, u32 port)
{
	if (port >= CASEMATE_MAX_PORTS) {
		return E_INVAL;
	}
	if (shared_test_and_clear_mask(d, port) && shared_is_pending(d, port)) {
		vcpu_signal(&d->vcpus[ports.of[d->id][port].vcpu], port);
	}
	return 0;
}

err_t event_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	u32 words = row->subop < sizeof(op_words) ? op_words[row->subop] : 0;
	u32 w[2] = { 0, 0 };

	if (words != 0 && copy_words_from_guest(v, w, arg, words) != 0) {
		return E_FAULT;
	}
	switch (row->subop) {
	case EVTCHNOP_alloc_unbound:
		return op_alloc_unbound(v, row, w[0], arg + WORD);
	case EVTCHNOP_bind_interdomain:
		return op_bind_interdomain(v, row, (domid_t)w[0], w[1],
					   arg + 2 * WORD);
	case EVTCHNOP_bind_virq:
		return op_bind_virq(v, row, w[0], w[1], arg + 2 * WORD);
	case EVTCHNOP_bind_ipi:
		return op_bind_ipi(v, w[0], arg + WORD);
	case EVTCHNOP_status:
		return op_status(v, row, (domid_t)w[0], w[1], arg + 2 * WORD);
	case EVTCHNOP_close:
		return op_close(d, w[0]);
	case EVTCHNOP_send:
		return op_send(v, row, w[0]);
	case EVTCHNOP_bind_vcpu:
		return op_bind_vcpu(d, w[0], w[1]);
	case EVTCHNOP_unmask:
		return op_unmask(d, w[0]);
	default:
		return E_NOSYS;
	}
}
