/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event port tables of all domains: who is connected to whom. Numbers
 * only: no guest memory, no delivery. What the policy has to say is in the
 * contracts: callers have asked.
 *
 *            alloc_unbound / offer            bind_interdomain by `peer`
 *   FREE ----------------------> UNBOUND ----------------------> BOUND
 *    ^  ^                           ^                              |
 *    |  +--- own close -------------+------ the peer closes -------+
 *    +------ own close --------------------------------------------+
 */
#pragma once

#include "vmm/permit.h"

#define VIRQ_COUNT 24u
#define VIRQ_LOCAL_COUNT 2u /* timer and debug: one for each vCPU */

enum port_state {
	PORT_FREE = 0,
	PORT_RESERVED, /* port 0 */
	PORT_UNBOUND,  /* waits for domain `peer` to bind; DOMID_NOBODY: none */
	PORT_BOUND,    /* interdomain: peer, peer_port */
	PORT_VIRQ,
	PORT_IPI
};
struct port { /* 8 bytes; one table per domain */
	u8 state;
	u8 vcpu;  /* where its events are delivered */
	u16 peer; /* domid; for VIRQ the virq number */
	u32 peer_port;
};
/* Only event_ports.c writes it. */
extern struct port_tables {
	struct port of[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_PORTS];
} ports;

/*@ predicate is_port(integer p) = 0 <= p < CASEMATE_MAX_PORTS;

    // port q of e is bound to port p of d
    predicate ends_meet{L}(integer d, integer p, integer e, integer q) =
      is_domid(e) && is_port(q) && ports.of[e][q].state == PORT_BOUND &&
      ports.of[e][q].peer == d && ports.of[e][q].peer_port == p;

    predicate port_ok{L}(integer d, integer p) =
      ports.of[d][p].state <= PORT_IPI &&
      ports.of[d][p].vcpu < CASEMATE_MAX_VCPUS &&
      (ports.of[d][p].state == PORT_VIRQ ==>
        ports.of[d][p].peer < VIRQ_COUNT) &&
      (p == 0 ==> ports.of[d][p].state <= PORT_RESERVED) &&
      (ports.of[d][p].state == PORT_BOUND ==>
        ends_meet(d, p, ports.of[d][p].peer, ports.of[d][p].peer_port));

    // The invariant: bindings are symmetric.
    predicate ports_ok{L} = \forall integer d, p;
      is_domid(d) && is_port(p) ==> port_ok(d, p);

    // Whose ports may be opened: the caller's, or a domain's in the making.
    predicate may_open{L}(integer d) = d == acting ||
      (domains[d].state == STATE_BUILDING && acting_may_label(
        domains[d].label, CLASS_domain, PERM_domain_create));
    predicate may_offer{L}(integer d, integer peer) = may_open(d) &&
      (d == acting ==> acting_may(peer, CLASS_event, PERM_event_offer));
    predicate may_connect{L}(integer d, integer peer) = d == acting &&
      acting_may(peer, CLASS_event, PERM_event_bind);
    predicate may_virq{L}(integer d, integer virq) = d == acting &&
      (virq >= VIRQ_LOCAL_COUNT && pol_live == 1 ==> acting_may_label(
        pol_initial[POLICY_INITIAL_CORE_STATE], CLASS_event,
        PERM_event_bind_virq));
    predicate may_close{L}(integer d) =
      d == acting || domains[d].state == STATE_DYING;
    // Nobody is at its other end, and nobody may bind it.
    predicate is_cut{L}(integer d, integer p) =
      ports.of[d][p].state == PORT_UNBOUND && ports.of[d][p].peer == 0xffff;
    // Who makes an event at a port: its owner, the core, or who may send.
    predicate may_raise{L}(integer d, integer p) = d == acting ||
      ports.of[d][p].state == PORT_VIRQ || is_cut(d, p) ||
      acting_may(d, CLASS_event, PERM_event_send);

    predicate port_same{L1,L2}(integer d, integer p) =
      \at(ports.of[d][p].state, L1) == \at(ports.of[d][p].state, L2) &&
      \at(ports.of[d][p].vcpu, L1) == \at(ports.of[d][p].vcpu, L2) &&
      \at(ports.of[d][p].peer, L1) == \at(ports.of[d][p].peer, L2) &&
      \at(ports.of[d][p].peer_port, L1) == \at(ports.of[d][p].peer_port, L2);

    predicate only_changed{L1,L2}(integer d, integer p) =
      \forall integer e, q; is_domid(e) && is_port(q) &&
        (e != d || q != p) ==> port_same{L1,L2}(e, q);
*/

/* Neither free nor reserved. */
/*@ requires is_domid(d);
    requires inv: ports_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==>
      1 <= port < CASEMATE_MAX_PORTS && ports.of[d][port].state > PORT_RESERVED;
*/
bool port_is_open(u32 d, u32 port);

/* The lowest free port, or CASEMATE_MAX_PORTS. */
/*@ requires is_domid(d);
    assigns \nothing;
    ensures range: 1 <= \result <= CASEMATE_MAX_PORTS;
    ensures free: \result < CASEMATE_MAX_PORTS ==>
      ports.of[d][\result].state == PORT_FREE;
    ensures none: \forall integer p; 1 <= p < \result ==>
      ports.of[d][p].state != PORT_FREE;
*/
u32 port_find_free(u32 d);

/* Does `peer` hold `peer_port` open for d? */
/*@ requires is_domid(peer);
    assigns \nothing;
    ensures exact: \result == 1 <==> is_port(peer_port) &&
      ports.of[peer][peer_port].state == PORT_UNBOUND &&
      ports.of[peer][peer_port].peer == d;
*/
bool port_is_offered(u32 peer, u32 peer_port, u32 d);

/*@ requires is_domid(d);
    assigns ports.of[d][0 .. CASEMATE_MAX_PORTS - 1];
    ensures clear: \forall integer p; 1 <= p < CASEMATE_MAX_PORTS ==>
      ports.of[d][p].state == PORT_FREE;
    ensures each: \forall integer p; is_port(p) ==> port_ok(d, p);
    ensures zero: ports.of[d][0].state == PORT_RESERVED;
*/
void ports_clear(u32 d);

/*@ requires is_domid(d) && 1 <= port < CASEMATE_MAX_PORTS;
    requires inv: ports_ok;
    requires free: ports.of[d][port].state == PORT_FREE;
    requires access: may_offer(d, peer);
    assigns ports.of[d][port];
    ensures inv: ports_ok;
    ensures open: ports.of[d][port].state == PORT_UNBOUND &&
      ports.of[d][port].peer == peer;
*/
void port_open_unbound(u32 d, u32 port, u16 peer);

/*@ requires is_domid(d) && 1 <= port < CASEMATE_MAX_PORTS;
    requires virq < VIRQ_COUNT && vcpu < CASEMATE_MAX_VCPUS;
    requires inv: ports_ok;
    requires free: ports.of[d][port].state == PORT_FREE;
    requires access: may_virq(d, virq);
    assigns ports.of[d][port];
    ensures inv: ports_ok;
    ensures open: ports.of[d][port].state == PORT_VIRQ &&
      ports.of[d][port].peer == virq && ports.of[d][port].vcpu == vcpu;
*/
void port_open_virq(u32 d, u32 port, u32 virq, u32 vcpu);

/*@ requires is_domid(d) && 1 <= port < CASEMATE_MAX_PORTS;
    requires vcpu < CASEMATE_MAX_VCPUS;
    requires inv: ports_ok;
    requires free: ports.of[d][port].state == PORT_FREE;
    requires access: may_open(d);
    assigns ports.of[d][port];
    ensures inv: ports_ok;
    ensures open: ports.of[d][port].state == PORT_IPI &&
      ports.of[d][port].vcpu == vcpu;
*/
void port_open_ipi(u32 d, u32 port, u32 vcpu);

/* Take up an offer. */
/*@ requires is_domid(d) && 1 <= port < CASEMATE_MAX_PORTS;
    requires is_domid(peer) && is_port(peer_port);
    requires inv: ports_ok;
    requires free: ports.of[d][port].state == PORT_FREE;
    requires offered: ports.of[peer][peer_port].state == PORT_UNBOUND &&
      ports.of[peer][peer_port].peer == d;
    requires access: may_connect(d, peer);
    assigns ports.of[d][port], ports.of[peer][peer_port];
    ensures inv: ports_ok;
    ensures bound: ports.of[d][port].state == PORT_BOUND &&
      ports.of[d][port].peer == peer &&
      ports.of[d][port].peer_port == peer_port;
*/
void port_connect(u32 d, u32 port, u32 peer, u32 peer_port);

/* Free a port; its peer's end, if it has one, waits for `heir` from then on. */
/*@ requires is_domid(d) && 1 <= port < CASEMATE_MAX_PORTS;
    requires inv: ports_ok;
    requires access: may_close(d);
    assigns ports;
    ensures inv: ports_ok;
    ensures closed: ports.of[d][port].state == PORT_FREE;
    ensures alone: \old(ports.of[d][port].state) != PORT_BOUND ==>
      only_changed{Pre,Post}(d, port);
    ensures two: \forall integer e, q; is_domid(e) && is_port(q) &&
      (e != d || q != port) && (\old(ports.of[d][port].state) != PORT_BOUND ||
        e != \old(ports.of[d][port].peer) ||
        q != \old(ports.of[d][port].peer_port)) ==> port_same{Pre,Post}(e, q);
    ensures left: \old(ports.of[d][port].state) == PORT_BOUND &&
      (\old(ports.of[d][port].peer) != d ||
       \old(ports.of[d][port].peer_port) != port) ==>
      ports.of[\old(ports.of[d][port].peer)]
           [\old(ports.of[d][port].peer_port)].state == PORT_UNBOUND &&
      ports.of[\old(ports.of[d][port].peer)]
           [\old(ports.of[d][port].peer_port)].peer == heir;
*/
void port_release(u32 d, u32 port, u16 heir);

/* Cut it: neither end reaches anyone, and both stay open for nobody. */
/*@ requires is_domid(d) && 1 <= port < CASEMATE_MAX_PORTS;
    requires inv: ports_ok;
    requires state: ports.of[d][port].state == PORT_BOUND ||
      ports.of[d][port].state == PORT_VIRQ;
    assigns ports;
    ensures inv: ports_ok;
    ensures cut: ports.of[d][port].state == PORT_UNBOUND &&
      ports.of[d][port].peer == 0xffff;
    ensures there: \old(ports.of[d][port].state) == PORT_BOUND ==>
      ports.of[\old(ports.of[d][port].peer)]
              [\old(ports.of[d][port].peer_port)].state == PORT_UNBOUND;
    ensures others: \forall integer e, q; is_domid(e) && is_port(q) &&
      (e != d || q != port) && (\old(ports.of[d][port].state) != PORT_BOUND ||
        e != \old(ports.of[d][port].peer) ||
        q != \old(ports.of[d][port].peer_port)) ==> port_same{Pre,Post}(e, q);
*/
void port_sever(u32 d, u32 port);

/* Deliver to another vCPU. */
/*@ requires is_domid(d) && is_port(port) && vcpu < CASEMATE_MAX_VCPUS;
    requires inv: ports_ok;
    requires access: may_open(d);
    assigns ports.of[d][port].vcpu;
    ensures inv: ports_ok;
    ensures moved: ports.of[d][port].vcpu == vcpu;
*/
void port_move(u32 d, u32 port, u32 vcpu);

/* Ports with this number that others hold open for d wait for nobody. */
/*@ requires is_domid(d) && is_port(port);
    requires inv: ports_ok;
    requires access: domains[d].state == STATE_DYING;
    assigns ports;
    ensures inv: ports_ok;
    ensures none: \forall integer e; is_domid(e) &&
      ports.of[e][port].state == PORT_UNBOUND ==> ports.of[e][port].peer != d;
    ensures own: \forall integer e, q; is_domid(e) && is_port(q) ==>
      ports.of[e][q].state == \old(ports.of[e][q].state);
    ensures others: \forall integer e, q; is_domid(e) && is_port(q) &&
      q != port ==> port_same{Pre,Post}(e, q);
*/
void port_forget(u32 d, u32 port);
