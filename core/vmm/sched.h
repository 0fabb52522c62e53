/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs next: fair by processor time used, over all processors. */
#pragma once

#include "vmm/domain.h"

#define SCHED_SLICE_NS 10000000ull

struct vcpu *sched_pick(u32 cpu); /* runnable -> running here, or NULL */
void sched_put(struct vcpu *v);	  /* off the processor: runnable or as it is */
/* Should the vCPU running here give way now? */
bool sched_should_switch(const struct vcpu *v);
void sched_idle(u32 cpu, bool is_idle);
/* No vCPU of d but the calling one is in guest mode when this returns; true
 * when their processors have put them all away. For pause and teardown. */
bool sched_stop_domain(struct domain *d);
/* A runnable vCPU that was not schedulable until now. */
void sched_start(struct vcpu *v);
/* v lets the one furthest behind go first. */
void sched_yield(struct vcpu *v);
