/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event channels after a change of policy. Who of the two ends bound it is not
 * kept: a channel stays if either could bind it now.
 *
 * WP-ALIAS: domains
 * WP-SEPARATE: all other globals
 */
#include "vmm/event.h"

/*@ // What was allowed still is.
    predicate still_allowed{L1,L2} = \forall integer e, q;
      is_domid(e) && is_port(q) && port_allowed{L1}(e, q) ==>
      port_allowed{L2}(e, q);
*/

/*@ requires ends: is_domain(d) && is_domid(peer);
    requires inv: policy_inv && domains_ok;
    assigns audit_sequence, audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures may: \result == 1 ==>
      may(d, peer, CLASS_event, PERM_event_bind) ||
      may(peer, d, CLASS_event, PERM_event_bind);
*/
static bool link_stays(u32 d, u32 peer)
{
	if (domains[peer].state == STATE_FREE) {
		return false; /* cannot be: its ports were closed */
	}
	//@ assert numbers: domains[d].id == d && domains[peer].id == peer;
	return mediate_quiet(&domains[peer], &domains[d], CLASS_event,
			     PERM_event_bind) ||
	       mediate_again(&domains[d], (domid_t)peer, domains[peer].label,
			     CLASS_event, PERM_event_bind);
}

/*@ requires d: is_domain(d);
    requires inv: policy_inv && domains_ok;
    assigns audit_sequence, audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures may: \result == 1 && pol_live == 1 ==> may_label(d,
      pol_initial[POLICY_INITIAL_CORE_STATE], CLASS_event,
      PERM_event_bind_virq);
*/
static bool virq_stays(u32 d)
{
	//@ assert number: domains[d].id == d;
	return mediate_again(&domains[d], AUDIT_OBJECT_CORE,
			     refmon_initial(POLICY_INITIAL_CORE_STATE),
			     CLASS_event, PERM_event_bind_virq);
}

/*@ requires port: is_domain(d) && is_port(port);
    requires inv: ports_ok && policy_inv && domains_ok;
    assigns audit_sequence, audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures stays: \result == 1 ==> port_allowed(d, port);
    ensures cut: \result == 0 ==> ports.of[d][port].state == PORT_BOUND ||
      ports.of[d][port].state == PORT_VIRQ;
*/
static bool port_stays(u32 d, u32 port)
{
	//@ assert port: port_ok(d, port);
	switch (ports.of[d][port].state) {
	case PORT_BOUND:
		return link_stays(d, ports.of[d][port].peer);
	case PORT_VIRQ:
		return ports.of[d][port].peer < VIRQ_LOCAL_COUNT ||
		       virq_stays(d);
	default:
		return true;
	}
}

/*@ requires port: is_domain(d) && 1 <= port < CASEMATE_MAX_PORTS;
    requires inv: ports_ok && policy_inv && domains_ok;
    assigns ports, audit_sequence, audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures inv: ports_ok;
    ensures policy: policy_inv;
    ensures domains: domains_ok;
    ensures now: port_allowed(d, port);
    ensures still: still_allowed{Pre,Post};
    ensures count: \result <= 1;
*/
static u32 port_judge(u32 d, u32 port)
{
	if (port_stays(d, port)) {
		return 0;
	}
	port_sever(d, port);
	return 1;
}

/*@ requires d: is_domain(d);
    requires inv: ports_ok && policy_inv && domains_ok;
    assigns ports, audit_sequence, audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures inv: ports_ok;
    ensures policy: policy_inv;
    ensures domains: domains_ok;
    ensures all: allowed_to(d, CASEMATE_MAX_PORTS);
    ensures still: still_allowed{Pre,Post};
    ensures count: \result < CASEMATE_MAX_PORTS;
*/
static u32 ports_judge(u32 d)
{
	u32 cut = 0;
	u32 port;

	//@ assert first: port_ok(d, 0);
	/*@ loop invariant range: 1 <= port <= CASEMATE_MAX_PORTS;
	    loop invariant inv: ports_ok;
	    loop invariant policy: policy_inv;
	    loop invariant domains: domains_ok;
	    loop invariant all: allowed_to(d, port);
	    loop invariant still: still_allowed{Pre,Here};
	    loop invariant count: cut < port;
	    loop assigns port, cut, ports, audit_sequence,
	      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
	    loop variant CASEMATE_MAX_PORTS - port;
	*/
	for (port = 1; port < CASEMATE_MAX_PORTS; port++) {
		cut += port_judge(d, port);
	}
	return cut;
}

u32 event_revoke(void)
{
	u32 cut = 0;
	u32 d;

	/*@ loop invariant range: 0 <= d <= CASEMATE_MAX_DOMAINS;
	    loop invariant inv: ports_ok;
	    loop invariant policy: policy_inv;
	    loop invariant domains: domains_ok;
	    loop invariant links: links_ok(d);
	    loop invariant count: cut <= d * CASEMATE_MAX_PORTS;
	    loop assigns d, cut, ports, audit_sequence,
	      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
	    loop variant CASEMATE_MAX_DOMAINS - d;
	*/
	for (d = 0; d < CASEMATE_MAX_DOMAINS; d++) {
		if (domains[d].state != STATE_FREE) {
			cut += ports_judge(d);
		}
	}
	return cut;
}
