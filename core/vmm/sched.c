/* SPDX-License-Identifier: Apache-2.0 */
/* A fair scheduler. Each vCPU has a clock of processor time used; the one
 * furthest behind runs next, for at most a slice. A vCPU that slept does not
 * save up credit: waking moves its clock near the slowest runnable one. */
#include "vmm/sched.h"

#include "vmm/p2m.h"
#include "vmm/time.h"

#define WAKE_CREDIT_NS 2000000ull
#define PREEMPT_NS 1000000ull

static struct vcpu *running[CASEMATE_MAX_CPUS];
static bool is_idle_cpu[CASEMATE_MAX_CPUS];
static bool wants_switch[CASEMATE_MAX_CPUS];
static u64 floor_ns; /* clocks of runnable vCPUs are not below this */

static bool is_schedulable(const struct domain *d)
{
	return d->state == STATE_RUNNING && !d->is_paused;
}

static struct vcpu *slowest_runnable(void)
{
	struct vcpu *best = NULL;
	u32 i, j;

	for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
		struct domain *d = &domains[i];

		for (j = 0; is_schedulable(d) && j < d->vcpu_count; j++) {
			struct vcpu *v = &d->vcpus[j];

			if (v->state == VCPU_RUNNABLE &&
			    (best == NULL ||
			     v->vruntime_ns < best->vruntime_ns)) {
				best = v;
			}
		}
	}
	return best;
}

struct vcpu *sched_pick(u32 cpu)
{
	struct vcpu *v = slowest_runnable();

	wants_switch[cpu] = false;
	if (v == NULL) {
		return NULL;
	}
	if (v->vruntime_ns > floor_ns) {
		floor_ns = v->vruntime_ns;
	}
	v->cpu = cpu;
	v->run_since_ns = hw_time_ns();
	v->state = VCPU_RUNNING;
	running[cpu] = v;
	time_adopt_timer(v);
	runstate_change(v, RUNSTATE_running);
	hw_vcpu_load(&v->hw);
	return v;
}

void sched_put(struct vcpu *v)
{
	u64 used = hw_time_ns() - v->run_since_ns;

	hw_vcpu_unload(&v->hw);
	v->cpu_ns += used;
	v->vruntime_ns += used;
	running[v->cpu] = NULL;
	if (v->state == VCPU_RUNNING) {
		v->state = VCPU_RUNNABLE;
	}
	runstate_change(v, v->state == VCPU_RUNNABLE  ? RUNSTATE_runnable
			   : v->state == VCPU_BLOCKED ? RUNSTATE_blocked
						      : RUNSTATE_offline);
}

static u64 clock_of(const struct vcpu *v)
{
	return v->vruntime_ns + (hw_time_ns() - v->run_since_ns);
}

bool sched_should_switch(const struct vcpu *v)
{
	if (v->state != VCPU_RUNNING || !is_schedulable(vcpu_domain(v))) {
		return true;
	}
	return wants_switch[v->cpu] ||
	       hw_time_ns() - v->run_since_ns >= SCHED_SLICE_NS;
}

void sched_idle(u32 cpu, bool is_idle)
{
	is_idle_cpu[cpu] = is_idle;
}

static bool use_idle(u32 cpu)
{
	bool is_idle = is_idle_cpu[cpu];

	is_idle_cpu[cpu] = false;
	if (is_idle) {
		hw_kick(cpu);
	}
	return is_idle;
}

/* Find an idle processor for v, best the one it knows, or make the busiest
 * one give way. */
static void place(struct vcpu *v)
{
	bool is_placed = use_idle(v->cpu);
	u32 cpu, worst = 0;
	u64 worst_ns = 0;

	for (cpu = 0; cpu < hw_cpu_count() && !is_placed; cpu++) {
		is_placed = use_idle(cpu);
		if (running[cpu] != NULL && clock_of(running[cpu]) > worst_ns) {
			worst = cpu;
			worst_ns = clock_of(running[cpu]);
		}
	}
	if (!is_placed && worst_ns > v->vruntime_ns + PREEMPT_NS) {
		wants_switch[worst] = true;
		if (worst != hw_cpu()) {
			hw_kick(worst);
		}
	}
}

void vcpu_wake(struct vcpu *v)
{
	if (v->state != VCPU_BLOCKED) {
		return;
	}
	v->is_polling = false;
	v->poll_until_ns = TIME_NEVER;
	v->state = VCPU_RUNNABLE;
	if (v->vruntime_ns + WAKE_CREDIT_NS < floor_ns) {
		v->vruntime_ns = floor_ns - WAKE_CREDIT_NS;
	}
	runstate_change(v, RUNSTATE_runnable);
	if (is_schedulable(vcpu_domain(v))) {
		place(v);
	}
}

void vcpu_block(struct vcpu *v)
{
	v->state = VCPU_BLOCKED;
}

/* Make a vCPU that became schedulable again (unpause, SIPI) known. */
void sched_start(struct vcpu *v)
{
	if (v->state == VCPU_RUNNABLE) {
		if (v->vruntime_ns < floor_ns) {
			v->vruntime_ns = floor_ns;
		}
		place(v);
	}
}

void vcpu_notify(struct vcpu *v)
{
	if (v->state == VCPU_BLOCKED) {
		vcpu_wake(v);
	} else if (v->state == VCPU_RUNNING && v->cpu != hw_cpu()) {
		hw_kick(v->cpu);
	}
}

static void vcpu_wait_out(struct vcpu *v)
{
	if (__atomic_load_n(&v->in_guest, __ATOMIC_ACQUIRE)) {
		hw_kick(v->cpu);
		while (__atomic_load_n(&v->in_guest, __ATOMIC_ACQUIRE)) {
			hw_pause();
		}
	}
}

bool sched_stop_domain(struct domain *d)
{
	bool is_off = true;
	u32 i;

	for (i = 0; i < d->vcpu_count; i++) {
		vcpu_wait_out(&d->vcpus[i]);
		is_off = is_off && d->vcpus[i].state != VCPU_RUNNING;
	}
	return is_off;
}

/* v is out of guest mode now, and flushes before it gets back in: whoever
 * runs it checks `flush` under the lock we hold. */
void p2m_flush_vcpu(struct vcpu *v)
{
	v->flush = true;
	vcpu_wait_out(v);
}

void sched_yield(struct vcpu *v)
{
	const struct vcpu *other = slowest_runnable();

	if (other != NULL && v->vruntime_ns <= other->vruntime_ns) {
		v->vruntime_ns = other->vruntime_ns + 1;
	}
	wants_switch[v->cpu] = true;
}
