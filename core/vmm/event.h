/* SPDX-License-Identifier: Apache-2.0 */
/* Event channels, 2-level ABI (Xen's public/event_channel.h). */
#pragma once

#include "vmm/domain.h"
#include "vmm/event_ports.h"

void event_domain_init(struct domain *d);
/* Builder: an unbound port of d for peer `remote`; used before d runs. */
err_t event_offer(struct domain *d, domid_t remote, u32 *port);
/* Close every port of a dying domain. The other ends of its channels, and the
 * ports that others hold open for it, become unbound for DOMID_NOBODY, so that
 * a later domain with the same id cannot take them up. Bounded: at most
 * `budget` ports a call from *cursor on; true when done. */
bool event_domain_teardown(struct domain *d, u64 *cursor, u32 budget);
/* Raise a virtual interrupt: per-vCPU ones (timer, debug) on `vcpu`, global
 * ones on whichever vCPU bound it. Nothing happens where it is not bound. */
void event_raise_virq(struct domain *d, u32 vcpu, u32 virq);
/* For SCHEDOP_poll; false for a port out of range. */
bool event_port_pending(struct domain *d, u32 port);
