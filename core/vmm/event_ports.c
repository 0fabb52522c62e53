/* SPDX-License-Identifier: Apache-2.0 */
/* The event port tables. Nothing else writes them; every function keeps
 * bindings symmetric. */
#include "vmm/event_ports.h"

#define NOBODY 0xffffu

_Static_assert(sizeof(struct port) == 8, "port table size");

struct port_tables ports;

bool port_is_open(u32 d, u32 port)
{
	return port < CASEMATE_MAX_PORTS &&
	       ports.of[d][port].state > PORT_RESERVED;
}

u32 port_find_free(u32 d)
{
	u32 port = 1;

	/*@ loop invariant range: 1 <= port <= CASEMATE_MAX_PORTS;
	    loop invariant none: \forall integer p; 1 <= p < port ==>
	      ports.of[d][p].state != PORT_FREE;
	    loop assigns port;
	    loop variant CASEMATE_MAX_PORTS - port;
	*/
	while (port < CASEMATE_MAX_PORTS &&
	       ports.of[d][port].state != PORT_FREE) {
		port += 1;
	}
	return port;
}

bool port_is_offered(u32 peer, u32 peer_port, u32 d)
{
	return peer_port < CASEMATE_MAX_PORTS &&
	       ports.of[peer][peer_port].state == PORT_UNBOUND &&
	       ports.of[peer][peer_port].peer == d;
}

/*@ requires is_domid(d) && is_port(port);
    assigns ports.of[d][port];
    ensures set: ports.of[d][port].state == state &&
      ports.of[d][port].vcpu == 0 && ports.of[d][port].peer == peer &&
      ports.of[d][port].peer_port == peer_port;
*/
static void port_set(u32 d, u32 port, u8 state, u16 peer, u32 peer_port)
{
	ports.of[d][port].state = state;
	ports.of[d][port].vcpu = 0;
	ports.of[d][port].peer = peer;
	ports.of[d][port].peer_port = peer_port;
}

void ports_clear(u32 d)
{
	u32 port;

	/*@ loop invariant range: 0 <= port <= CASEMATE_MAX_PORTS;
	    loop invariant done: \forall integer p; 0 <= p < port ==>
	      ports.of[d][p].state == PORT_FREE && ports.of[d][p].vcpu == 0;
	    loop assigns port, ports.of[d][0 .. CASEMATE_MAX_PORTS - 1];
	    loop variant CASEMATE_MAX_PORTS - port;
	*/
	for (port = 0; port < CASEMATE_MAX_PORTS; port++) {
		port_set(d, port, PORT_FREE, 0, 0);
	}
	ports.of[d][0].state = PORT_RESERVED;
}

void port_open_unbound(u32 d, u32 port, u16 peer)
{
	port_set(d, port, PORT_UNBOUND, peer, 0);
}

void port_open_virq(u32 d, u32 port, u32 virq, u32 vcpu)
{
	port_set(d, port, PORT_VIRQ, (u16)virq, 0);
	ports.of[d][port].vcpu = (u8)vcpu;
}

void port_open_ipi(u32 d, u32 port, u32 vcpu)
{
	port_set(d, port, PORT_IPI, 0, 0);
	ports.of[d][port].vcpu = (u8)vcpu;
}

void port_connect(u32 d, u32 port, u32 peer, u32 peer_port)
{
	ports.of[peer][peer_port].state = PORT_BOUND;
	ports.of[peer][peer_port].peer_port = port;
	port_set(d, port, PORT_BOUND, (u16)peer, peer_port);
}

void port_release(u32 d, u32 port, u16 heir)
{
	u32 peer = ports.of[d][port].peer;
	u32 peer_port = ports.of[d][port].peer_port;

	//@ assert here: port_ok(d, port);
	if (ports.of[d][port].state == PORT_BOUND) {
		//@ assert there: port_ok(peer, peer_port);
		ports.of[peer][peer_port].state = PORT_UNBOUND;
		ports.of[peer][peer_port].peer = heir;
		ports.of[peer][peer_port].peer_port = 0;
	}
	port_set(d, port, PORT_FREE, 0, 0);
}

void port_sever(u32 d, u32 port)
{
	u32 peer = ports.of[d][port].peer;
	u32 peer_port = ports.of[d][port].peer_port;

	//@ assert here: port_ok(d, port);
	if (ports.of[d][port].state == PORT_BOUND) {
		//@ assert there: port_ok(peer, peer_port);
		port_set(peer, peer_port, PORT_UNBOUND, NOBODY, 0);
	}
	port_set(d, port, PORT_UNBOUND, NOBODY, 0);
}

void port_move(u32 d, u32 port, u32 vcpu)
{
	ports.of[d][port].vcpu = (u8)vcpu;
}

void port_forget(u32 d, u32 port)
{
	u32 e;

	/*@ loop invariant range: 0 <= e <= CASEMATE_MAX_DOMAINS;
	    loop invariant inv: ports_ok;
	    loop invariant none: \forall integer f; 0 <= f < e &&
	      ports.of[f][port].state == PORT_UNBOUND ==>
	      ports.of[f][port].peer != d;
	    loop invariant own: \forall integer f, q; is_domid(f) && is_port(q)
	      ==> ports.of[f][q].state == \at(ports.of[f][q].state, Pre);
	    loop invariant others: \forall integer f, q; is_domid(f) &&
	      is_port(q) && q != port ==> port_same{Pre,Here}(f, q);
	    loop assigns e, ports;
	    loop variant CASEMATE_MAX_DOMAINS - e;
	*/
	for (e = 0; e < CASEMATE_MAX_DOMAINS; e++) {
		if (port_is_offered(e, port, d)) {
			ports.of[e][port].peer = NOBODY;
		}
	}
}
