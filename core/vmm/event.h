/* SPDX-License-Identifier: Apache-2.0 */
/* Event channels, 2-level ABI (Xen's public/event_channel.h). */
#pragma once

#include "vmm/domain.h"
#include "vmm/event_ports.h"
#include "vmm/permit.h"

/*@ predicate ports_same{L1,L2} = \forall integer d, p;
      is_domid(d) && is_port(p) ==> port_same{L1,L2}(d, p);

    // Nobody but d has seen a change: a port of another domain has changed
    // only if it was offered or bound to d.
    predicate strangers_kept{L1,L2}(integer d) = \forall integer e, q;
      is_domid(e) && is_port(q) && e != d &&
      (\at(ports.of[e][q].peer, L1) != d ||
       (\at(ports.of[e][q].state, L1) != PORT_UNBOUND &&
        \at(ports.of[e][q].state, L1) != PORT_BOUND)) ==>
      port_same{L1,L2}(e, q);

    // Port p of d is closed, and nobody holds a port p open for d.
    predicate port_gone{L}(integer d, integer p) =
      ports.of[d][p].state <= PORT_RESERVED &&
      \forall integer e; is_domid(e) &&
        ports.of[e][p].state == PORT_UNBOUND ==> ports.of[e][p].peer != d;
    predicate ports_gone{L}(integer d, integer n) =
      \forall integer p; is_port(p) && p < n ==> port_gone(d, p);
*/
/* Builder: an unbound port of d for peer `remote`; used before d runs. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires building: d->state == STATE_BUILDING;
    requires access: d->id != acting && acting_may_label(d->label,
      CLASS_domain, PERM_domain_create);
    requires inv: ports_ok;
    requires port: \valid(port) && \separated(port,
      &domains[0 .. CASEMATE_MAX_DOMAINS - 1], &ports);
    assigns *port, ports.of[d->id][0 .. CASEMATE_MAX_PORTS - 1];
    ensures inv: ports_ok;
    ensures offered: \result == 0 ==> is_port(*port) &&
      ports.of[d->id][*port].state == PORT_UNBOUND &&
      ports.of[d->id][*port].peer == remote;
*/
err_t event_offer(struct domain *d, domid_t remote, u32 *port);
/* Close every port of a dying domain. The other ends of its channels, and the
 * ports that others hold open for it, become unbound for DOMID_NOBODY, so that
 * a later domain with the same id cannot take them up. Bounded: at most
 * `budget` ports a call from *cursor on; true when done. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires dying: d->state == STATE_DYING;
    requires inv: ports_ok;
    requires cursor: \valid(cursor) && cursor == &d->progress;
    requires before: ports_gone(d->id, *cursor);
    assigns *cursor, ports,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1];
    ensures inv: ports_ok;
    ensures bounded: *cursor <= \old(*cursor) + budget;
    ensures gone: ports_gone(d->id, *cursor);
    ensures all: \result == 1 ==> ports_gone(d->id, CASEMATE_MAX_PORTS);
*/
bool event_domain_teardown(struct domain *d, u64 *cursor, u32 budget);
/* Raise a virtual interrupt, if it is bound: per-vCPU ones (timer, debug) on
 * `vcpu`; global ones on the vCPU their port was moved to, whatever `vcpu`. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires inv: ports_ok && domains_ok && vcpus_ok;
    assigns d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].run,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].vruntime_ns,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].is_polling,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].poll_until_ns;
*/
void event_raise_virq(struct domain *d, u32 vcpu, u32 virq);
/* After a change of policy: cut the channels that it lets neither end open, and
 * the global VIRQs it does not give; how many (event_revoke.c). */
/*@ predicate link_ok{L}(integer d, integer p) =
      ports.of[d][p].state == PORT_BOUND ==>
        may(d, ports.of[d][p].peer, CLASS_event, PERM_event_bind) ||
        may(ports.of[d][p].peer, d, CLASS_event, PERM_event_bind);
    predicate virq_ok{L}(integer d, integer p) =
      ports.of[d][p].state == PORT_VIRQ &&
      ports.of[d][p].peer >= VIRQ_LOCAL_COUNT && pol_live == 1 ==>
        may_label(d, pol_initial[POLICY_INITIAL_CORE_STATE], CLASS_event,
          PERM_event_bind_virq);
    predicate port_allowed{L}(integer d, integer p) =
      link_ok(d, p) && virq_ok(d, p);
    predicate allowed_to{L}(integer d, integer n) =
      \forall integer p; 0 <= p < n ==> port_allowed(d, p);
    predicate links_ok{L}(integer n) =
      \forall integer d; 0 <= d < n && is_domain(d) ==>
        allowed_to(d, CASEMATE_MAX_PORTS);
*/
/*@ requires inv: ports_ok && policy_inv && domains_ok;
    assigns ports, audit_sequence, audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures inv: ports_ok;
    ensures links: links_ok(CASEMATE_MAX_DOMAINS);
*/
u32 event_revoke(void);
/* Whoever waits at a port that was cut looks up. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires inv: ports_ok && domains_ok && vcpus_ok;
    requires cut: is_port(port) && is_cut(d->id, port);
    assigns d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].run,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].vruntime_ns,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].is_polling,
      d->vcpus[0 .. CASEMATE_MAX_VCPUS - 1].poll_until_ns;
*/
void event_tell(struct domain *d, u32 port);
/* For SCHEDOP_poll; false for a port out of range. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    assigns \nothing;
    ensures range: port >= CASEMATE_MAX_PORTS ==> \result == 0;
*/
bool event_port_pending(struct domain *d, u32 port);
/* The operations, by row->subop; linear address of the arguments. */
/*@ // Who calls, and what holds between calls.
    predicate acts{L}(struct vcpu *v) = is_acting(v) && caller_ok(v) &&
      policy_inv && domains_ok && vcpus_ok && ports_ok;
    predicate event_row{L}(struct hypercall_row *row) = row_ok(row) &&
      row->cls == CLASS_event && \separated(row, &ports);
*/
/*@ requires caller: acts(v);
    requires row: event_row(row);
    assigns domains[0 .. CASEMATE_MAX_DOMAINS - 1], audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1], ports;
    ensures inv: ports_ok;
    ensures strangers: strangers_kept{Pre,Post}(\old(v->domid));
*/
OUTLINED err_t event_op(struct vcpu *v, const struct hypercall_row *row,
			gva_t arg);
