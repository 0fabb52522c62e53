/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs next: fair by processor time used, over all processors. */
#pragma once

#include "vmm/domain.h"

#define SCHED_SLICE_NS 10000000ull

/* Runnable -> running here; NULL: nobody, and this processor counts as idle
 * until it asks again. */
struct vcpu *sched_pick(u32 cpu);
void sched_put(struct vcpu *v); /* off the processor: runnable or as it is */
/* Must the vCPU running here give way now, before its slice is over? */
bool sched_is_over(const struct vcpu *v);
/* No vCPU of d but the calling one is in guest mode when this returns; true
 * when their processors have put them all away. For pause, shutdown and
 * teardown. */
bool sched_stop_domain(struct domain *d);
/* A vCPU that may have become one to run: its domain or its state changed. */
void sched_start(struct vcpu *v);
/* v lets the one furthest behind go first. */
void sched_yield(struct vcpu *v);
/* Every change of v->run.state, with the accounts of the one that ends. */
void vcpu_set_state(struct vcpu *v, enum vcpu_state state);

/* ---- entry and exit (vcpu.c) ---------------------------------------- */

/* Before guest mode: offer the interrupt that is due. */
void vcpu_prepare(struct vcpu *v);
void vcpu_exit(struct vcpu *v, const struct hw_exit *e);
/* Has it something to wake up for? */
bool vcpu_has_work(struct vcpu *v);
