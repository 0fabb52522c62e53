/* SPDX-License-Identifier: Apache-2.0 */
/* Timers: each processor keeps the earliest deadline among the vCPUs that ran
 * on it last, so nothing ticks while nobody waits. */
#include "vmm/time.h"

#include "lib/checked.h"
#include "vmm/copy.h"
#include "vmm/event.h"

/* 0 at first: long due, so that the first time_run() finds out. */
static u64 deadline[CASEMATE_MAX_CPUS];
static u64 programmed[CASEMATE_MAX_CPUS];

static u64 earliest(const struct vcpu *v)
{
	return min64(v->timer_ns, v->poll_until_ns);
}

void time_adopt_timer(struct vcpu *v)
{
	deadline[v->cpu] = min64(deadline[v->cpu], earliest(v));
}

static void fire(struct vcpu *v, u64 now)
{
	if (v->timer_ns <= now) {
		v->timer_ns = TIME_NEVER;
		event_raise_virq(vcpu_domain(v), v->id, VIRQ_TIMER);
	}
	if (v->poll_until_ns <= now) {
		v->poll_until_ns = TIME_NEVER;
		vcpu_wake(v);
	}
}

/* Fire every due timer of vCPUs at home here; the rest give the deadline. */
static void scan(u32 cpu, u64 now)
{
	u64 next = TIME_NEVER;
	u32 i, j;

	for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
		struct domain *d = &domains[i];

		for (j = 0; d->state == STATE_RUNNING && j < d->vcpu_count;
		     j++) {
			struct vcpu *v = &d->vcpus[j];

			if (v->cpu == cpu) {
				fire(v, now);
				next = min64(next, earliest(v));
			}
		}
	}
	deadline[cpu] = next;
}

bool time_is_stale(u64 limit_ns)
{
	u32 cpu = hw_cpu();

	return programmed[cpu] != min64(deadline[cpu], limit_ns);
}

void time_run(u64 limit_ns)
{
	u32 cpu = hw_cpu();
	u64 now = hw_time_ns();

	if (deadline[cpu] <= now) {
		scan(cpu, now);
	}
	/* Also when it stays the same: the timer may have fired early. */
	programmed[cpu] = min64(deadline[cpu], limit_ns);
	hw_timer_set(programmed[cpu]);
}

/* The scale never changes, so one write at registration is enough. */
void time_publish(struct vcpu *v)
{
	const struct hw_clock *c = hw_clock();
	struct vcpu_time_info t = { 0 };

	t.version = 2;
	t.tsc_timestamp = c->tsc_base;
	t.tsc_to_system_mul = c->mul;
	t.tsc_shift = c->shift;
	t.flags = c->is_stable ? XEN_PVCLOCK_TSC_STABLE_BIT : 0;
	area_write(&v->info, 32, &t, sizeof(t));
	area_write(&v->time, 0, &t, sizeof(t));
}

void time_publish_wall(struct domain *d)
{
	struct shared_info *s = hw_frame(d->shared);

	s->wc_version = 2;
	s->wc_sec = (u32)hw_clock()->boot_seconds;
}
