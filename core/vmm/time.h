/* SPDX-License-Identifier: Apache-2.0 */
/* One-shot timers of vCPUs and the clocks guests read (xen/vcpu.h). */
#pragma once

#include "vmm/domain.h"

#include <xen/xen.h>
#include <xen/vcpu.h>

#define TIME_NEVER (~0ull)

/* v runs on this processor, or got another deadline (VIRQ_TIMER is raised at
 * v->timer_ns, a poll ends at v->poll_until_ns): heed it there. */
void time_adopt_timer(struct vcpu *v);
/* Fire what is due on this processor, and program its hardware timer for the
 * rest, or for `limit_ns` if that is sooner. To be called after that timer went
 * off, due or early: it is not programmed any more. */
void time_run(u64 limit_ns);
/* Is the hardware timer of this processor set for another time than that? If
 * not, nothing is due before it goes off. */
bool time_is_stale(u64 limit_ns);
/* Fill in a vcpu_time_info at its registered place, and the wall clock. */
void time_publish(struct vcpu *v);
void time_publish_wall(struct domain *d);
