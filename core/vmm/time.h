/* SPDX-License-Identifier: Apache-2.0 */
/* One-shot timers of vCPUs, the clocks guests read, and the time each vCPU
 * spent running, runnable, blocked, offline (xen/vcpu.h). */
#pragma once

#include "vmm/domain.h"

#include <xen/xen.h>
#include <xen/vcpu.h>

#define TIME_NEVER (~0ull)

void timers_init(void);
/* Arm (or with TIME_NEVER disarm) v's one-shot timer; VIRQ_TIMER when due. */
void time_set_timer(struct vcpu *v, u64 deadline_ns);
void time_set_poll(struct vcpu *v, u64 deadline_ns);
/* v runs on this processor, or got an earlier deadline: heed it there. */
void time_adopt_timer(struct vcpu *v);
/* The hardware timer of this processor went off, due or early: it is not
 * programmed any more. */
void time_fired(void);
/* Fire what is due on this processor, and program its hardware timer for the
 * rest, or for `limit_ns` if that is sooner. */
void time_run(u64 limit_ns);
/* Fill in a vcpu_time_info at its registered place, and the wall clock. */
void time_publish(struct vcpu *v);
void time_publish_wall(struct domain *d);
void runstate_change(struct vcpu *v, u8 state); /* RUNSTATE_* */
/* To the guest's registered area, if there is one. */
void runstate_publish(struct vcpu *v);
struct vcpu_runstate_info runstate_get(const struct vcpu *v);
