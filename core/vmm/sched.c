/* SPDX-License-Identifier: Apache-2.0 */
/* A fair scheduler. Each vCPU has a clock of processor time used; the one
 * furthest behind runs next, for at most a slice. A vCPU that slept does not
 * save up credit: waking moves its clock near the slowest runnable one. */
#include "vmm/sched.h"

#include "vmm/copy.h"
#include "vmm/p2m.h"
#include "vmm/time.h"

_Static_assert(VCPU_RUNNING == RUNSTATE_running &&
		       VCPU_RUNNABLE == RUNSTATE_runnable &&
		       VCPU_BLOCKED == RUNSTATE_blocked &&
		       VCPU_DOWN == RUNSTATE_offline &&
		       sizeof(domains[0].vcpus[0].run) ==
			       sizeof(struct vcpu_runstate_info),
	       "a vCPU's state as the guest sees it");

#define WAKE_CREDIT_NS 2000000ull
#define PREEMPT_NS 1000000ull

static struct vcpu *running[CASEMATE_MAX_CPUS];
static bool is_idle_cpu[CASEMATE_MAX_CPUS];
static bool wants_switch[CASEMATE_MAX_CPUS];
static u64 floor_ns; /* clocks of runnable vCPUs are not below this */

void vcpu_set_state(struct vcpu *v, enum vcpu_state state)
{
	u64 now = hw_time_ns();
	u64 spent = now - v->run.since_ns;

	if (v->run.state == VCPU_RUNNING) {
		v->vruntime_ns += spent;
	}
	v->run.spent_ns[v->run.state] += spent;
	v->run.since_ns = now;
	v->run.state = state;
	area_write(&v->runstate, 0, &v->run, sizeof(v->run));
}

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

			if (v->run.state == VCPU_RUNNABLE &&
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
	is_idle_cpu[cpu] = v == NULL;
	if (v == NULL) {
		return NULL;
	}
	if (v->vruntime_ns > floor_ns) {
		floor_ns = v->vruntime_ns;
	}
	v->cpu = cpu;
	running[cpu] = v;
	time_adopt_timer(v);
	vcpu_set_state(v, VCPU_RUNNING);
	hw_vcpu_load(&v->hw);
	return v;
}

void sched_put(struct vcpu *v)
{
	hw_vcpu_unload(&v->hw);
	running[v->cpu] = NULL;
	if (v->run.state == VCPU_RUNNING) {
		vcpu_set_state(v, VCPU_RUNNABLE);
	}
}

/* Of one on a processor. */
static u64 clock_of(const struct vcpu *v)
{
	return v->vruntime_ns + (hw_time_ns() - v->run.since_ns);
}

bool sched_is_over(const struct vcpu *v)
{
	return v->run.state != VCPU_RUNNING ||
	       !is_schedulable(vcpu_domain(v)) || wants_switch[v->cpu];
}

/* A processor gets out of idle to run something; this one is about to ask
 * for it anyway. */
static void kick(u32 cpu)
{
	if (cpu != hw_cpu()) {
		hw_kick(cpu);
	}
}

static bool use_idle(u32 cpu)
{
	bool is_idle = is_idle_cpu[cpu];

	if (is_idle) {
		is_idle_cpu[cpu] = false;
		kick(cpu);
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
		kick(worst);
	}
}

void sched_start(struct vcpu *v)
{
	if (v->run.state == VCPU_RUNNABLE && is_schedulable(vcpu_domain(v))) {
		if (v->vruntime_ns + WAKE_CREDIT_NS < floor_ns) {
			v->vruntime_ns = floor_ns - WAKE_CREDIT_NS;
		}
		place(v);
	}
}

void vcpu_wake(struct vcpu *v)
{
	if (v->run.state == VCPU_BLOCKED) {
		v->is_polling = false;
		v->poll_until_ns = TIME_NEVER;
		vcpu_set_state(v, VCPU_RUNNABLE);
		sched_start(v);
	}
}

void vcpu_notify(struct vcpu *v)
{
	vcpu_wake(v);
	if (v->run.state == VCPU_RUNNING) {
		kick(v->cpu);
	}
}

/* v is out of guest mode now, and flushes before it gets back in: whoever
 * runs it checks `flush` under the lock we hold. */
void p2m_flush_vcpu(struct vcpu *v)
{
	v->flush = true;
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

	p2m_flush(d);
	for (i = 0; i < d->vcpu_count; i++) {
		is_off = is_off && d->vcpus[i].run.state != VCPU_RUNNING;
	}
	return is_off;
}

void sched_yield(struct vcpu *v)
{
	const struct vcpu *other = slowest_runnable();

	if (other != NULL && v->vruntime_ns <= other->vruntime_ns) {
		v->vruntime_ns = other->vruntime_ns + 1;
	}
	wants_switch[v->cpu] = true;
}
