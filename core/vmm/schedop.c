/* SPDX-License-Identifier: Apache-2.0 */
/* sched_op (xen/sched.h). */
#include "vmm/domain_end.h"
#include "vmm/event.h"
#include "vmm/hypercall.h"
#include "vmm/sched.h"
#include "vmm/time.h"

#include <xen/sched.h>

/* Wait until the port is pending, masked or not, or the time is over. One
 * port is what guests use (spin locks); more are refused. */
static err_t poll(struct vcpu *v, gva_t arg)
{
	struct sched_poll p;
	evtchn_port_t port;

	if (copy_from_guest(v, &p, arg, sizeof(p)) != 0) {
		return E_FAULT;
	}
	if (p.nr_ports != 1) {
		return E_INVAL;
	}
	if (copy_from_guest(v, &port, (gva_t)p.ports.p, sizeof(port)) != 0) {
		return E_FAULT;
	}
	if (port >= CASEMATE_MAX_PORTS) {
		return E_INVAL;
	}
	if (event_port_pending(vcpu_domain(v), port) || vcpu_has_work(v)) {
		return 0;
	}
	v->poll_port = port;
	v->is_polling = true;
	v->poll_until_ns = p.timeout == 0 ? TIME_NEVER : p.timeout;
	time_adopt_timer(v);
	vcpu_set_state(v, VCPU_BLOCKED);
	return 0;
}

static err_t shut_down(struct vcpu *v, gva_t arg)
{
	struct sched_shutdown s;

	if (copy_from_guest(v, &s, arg, sizeof(s)) != 0) {
		return E_FAULT;
	}
	if (s.reason > SHUTDOWN_MAX) {
		return E_INVAL;
	}
	domain_shutdown(vcpu_domain(v), s.reason);
	return 0;
}

err_t sched_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	switch (row->subop) {
	case SCHEDOP_yield:
		sched_yield(v);
		return 0;
	case SCHEDOP_block: /* the upcall mask counts as cleared, as in HLT */
		if (!vcpu_has_work(v)) {
			vcpu_set_state(v, VCPU_BLOCKED);
		}
		return 0;
	case SCHEDOP_poll:
		return poll(v, arg);
	case SCHEDOP_shutdown:
		return shut_down(v, arg);
	default:
		return E_NOSYS;
	}
}
