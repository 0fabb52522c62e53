/* SPDX-License-Identifier: Apache-2.0 */
/* Timers: none early, none late, none lost, in the order of their deadlines,
 * whatever processor their vCPU is on by then. And the clocks guests read. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "fake_policy.h"
#include "vmm/hypercall.h"
#include "vmm/sched.h"
#include "vmm/shared.h"
#include "vmm/time.h"
#include "vmm/vmm.h"

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/vcpu.h>

#include <cmocka.h>

#define MS 1000000ull
#define SECOND (1000 * MS)
#define GUESTS 8u
#define STEPS 4000u

static struct domain *d;
static struct vcpu *v;
static u32 port;

static u32 bind_timer(struct domain *who, u32 vcpu)
{
	struct evtchn_bind_virq op = { VIRQ_TIMER, vcpu, 0 };

	assert_int_equal(guest_op(who, 32, EVTCHNOP_bind_virq, &op, sizeof(op)),
			 0);
	return op.port;
}

static int setup(void **state)
{
	u32 cpu;

	(void)state;
	fake_power_on();
	fake_policy_open();
	guest_timers_forget();
	for (cpu = 0; cpu < CASEMATE_MAX_CPUS; cpu++) {
		(void)sched_pick(cpu);
	}
	(void)guest_building(0, LB_DOM0, 64);
	d = guest_make(1, LB_RED, 2, 32);
	v = &d->vcpus[0];
	port = bind_timer(d, 0);
	v->run.state = VCPU_BLOCKED;
	return 0;
}

static void set_timer(struct vcpu *whose, u64 deadline)
{
	whose->timer_ns = deadline;
	time_adopt_timer(whose);
}

static bool has_fired(void)
{
	bool is_pending = shared_is_pending(d, port);

	shared_clear_pending(d, port);
	return is_pending;
}

/* Let the machine's timer work: time goes on to the deadline, if there is
 * one, and the processor runs its main loop. */
static void wait(u32 cpu, u64 until)
{
	fake_cpu = cpu;
	while (fake_timer[cpu] <= until) {
		fake_now = fake_timer[cpu] > fake_now ? fake_timer[cpu]
						      : fake_now;
		fake_timer[cpu] = TIME_NEVER; /* one shot */
		time_run(TIME_NEVER);
	}
	fake_now = until;
}

static void test_one_shot(void **state)
{
	(void)state;
	set_timer(v, fake_now + 5 * MS);
	time_run(TIME_NEVER);
	assert_int_equal(fake_timer[0], fake_now + 5 * MS);
	fake_now += 5 * MS - 1;
	time_run(TIME_NEVER);
	assert_false(has_fired());
	fake_now += 1;
	time_run(TIME_NEVER);
	assert_true(has_fired());
	assert_int_equal(v->run.state, VCPU_RUNNABLE);
	assert_int_equal(v->timer_ns, TIME_NEVER);
	fake_now += SECOND;
	time_run(TIME_NEVER);
	assert_false(has_fired());		     /* once */
	assert_int_equal(fake_timer[0], TIME_NEVER); /* nothing ticks */
}

static void test_past(void **state)
{
	(void)state;
	set_timer(v, 1);
	time_run(TIME_NEVER);
	assert_true(has_fired());
	set_timer(v, fake_now);
	time_run(TIME_NEVER);
	assert_true(has_fired());
}

static void test_cancel_and_move(void **state)
{
	(void)state;
	set_timer(v, fake_now + 5 * MS);
	set_timer(v, TIME_NEVER);
	wait(0, fake_now + SECOND);
	time_run(TIME_NEVER);
	assert_false(has_fired());
	set_timer(v, fake_now + 5 * MS);
	time_run(TIME_NEVER);
	set_timer(v, fake_now + 9 * MS); /* later */
	wait(0, fake_now + 8 * MS);
	assert_false(has_fired());
	wait(0, fake_now + 2 * MS);
	assert_true(has_fired());
	set_timer(v, fake_now + 9 * MS);
	time_run(TIME_NEVER);
	set_timer(v, fake_now + 2 * MS); /* sooner */
	time_run(TIME_NEVER);
	wait(0, fake_now + 3 * MS);
	assert_true(has_fired());
}

static void test_limit(void **state)
{
	(void)state;
	set_timer(v, fake_now + 50 * MS);
	time_run(fake_now + 10 * MS); /* the slice is over first */
	assert_int_equal(fake_timer[0], fake_now + 10 * MS);
	time_run(TIME_NEVER);
	assert_int_equal(fake_timer[0], fake_now + 50 * MS);
	time_run(fake_now + 90 * MS);
	assert_int_equal(fake_timer[0], fake_now + 50 * MS);
}

/* The main loop, until there is nothing to do. */
static void until_idle(void)
{
	if (setjmp(fake_stop) == 0) {
		vmm_cpu_main();
	}
}

/* The machine may fire early (core/hw/x86/tsc.c: after a second at the most,
 * and its two clocks differ): what is left is programmed anew. */
static void test_fires_early(void **state)
{
	u64 deadline = fake_now + 5 * SECOND;
	u32 i;

	(void)state;
	set_timer(v, deadline);
	until_idle();
	for (i = 0; i < 4; i++) {
		assert_int_equal(fake_timer[0], deadline);
		fake_now += SECOND;
		fake_timer[0] = TIME_NEVER; /* it fired, and is off now */
		fake_irqs = HW_IRQ_TIMER;
		until_idle();
		assert_false(has_fired());
	}
	assert_int_equal(fake_timer[0], deadline);
	wait(0, deadline + MS);
	assert_true(has_fired());
}

/* Armed on one processor, run on another: the deadline moves along. */
static void test_migration(void **state)
{
	(void)state;
	set_timer(v, fake_now + 5 * MS);
	time_run(TIME_NEVER);
	v->run.state = VCPU_RUNNABLE;
	fake_cpu = 1;
	assert_ptr_equal(sched_pick(1), v);
	vcpu_set_state(v, VCPU_BLOCKED);
	sched_put(v);
	time_run(TIME_NEVER);
	assert_int_equal(fake_timer[1], fake_now + 5 * MS);
	wait(0, fake_now + 5 * MS); /* the old one finds nothing to do */
	assert_false(has_fired());
	fake_now -= 5 * MS;
	wait(1, fake_now + 6 * MS);
	assert_true(has_fired());
}

static void test_poll_timeout(void **state)
{
	(void)state;
	v->is_polling = true;
	v->poll_port = 9;
	v->poll_until_ns = fake_now + 4 * MS;
	set_timer(v, fake_now + 8 * MS);
	time_run(TIME_NEVER);
	assert_int_equal(fake_timer[0], fake_now + 4 * MS);
	wait(0, fake_now + 5 * MS);
	assert_int_equal(v->run.state, VCPU_RUNNABLE);
	assert_false(v->is_polling);
	assert_int_equal(v->poll_until_ns, TIME_NEVER);
	assert_false(has_fired()); /* the timer is another one */
	wait(0, fake_now + 5 * MS);
	assert_true(has_fired());
}

/* A domain that is over gets no more ticks. */
static void test_dead_domain(void **state)
{
	(void)state;
	set_timer(v, fake_now + MS);
	d->state = STATE_SHUTDOWN;
	fake_now += 2 * MS;
	time_run(TIME_NEVER);
	assert_false(has_fired());
	assert_int_equal(fake_timer[0], TIME_NEVER);
}

/* Paused: the tick waits for it. */
static void test_paused_domain(void **state)
{
	(void)state;
	d->is_paused = true;
	set_timer(v, fake_now + MS);
	fake_now += 2 * MS;
	time_run(TIME_NEVER);
	assert_null(sched_pick(0));
	d->is_paused = false;
	assert_ptr_equal(sched_pick(0), v);
	sched_put(v);
	assert_true(has_fired());
}

/* The hypercalls, on oneself only. */
static void test_hypercalls(void **state)
{
	struct vcpu_set_singleshot_timer t = { fake_now + 7 * MS, 0 };

	(void)state;
	memcpy(guest_at(d, GUEST_ARGS), &t, sizeof(t));
	assert_int_equal(
		guest_call(d, 24, VCPUOP_set_singleshot_timer, 0, GUEST_ARGS),
		0);
	assert_int_equal(v->timer_ns, t.timeout_abs_ns);
	assert_int_equal(
		guest_call(d, 24, VCPUOP_set_singleshot_timer, 1, GUEST_ARGS),
		E_INVAL);
	assert_int_equal(
		guest_call(d, 24, VCPUOP_set_singleshot_timer, 2, GUEST_ARGS),
		E_NOENT);
	assert_int_equal(guest_call(d, 24, VCPUOP_set_singleshot_timer, 0,
				    GUEST_NOWHERE),
			 E_FAULT);
	assert_int_equal(v->timer_ns, t.timeout_abs_ns);
	assert_int_equal(guest_call(d, 24, VCPUOP_stop_singleshot_timer, 1, 0),
			 E_INVAL);
	assert_int_equal(v->timer_ns, t.timeout_abs_ns);
	assert_int_equal(guest_call(d, 24, VCPUOP_stop_singleshot_timer, 0, 0),
			 0);
	assert_int_equal(v->timer_ns, TIME_NEVER);
}

/* ---- many timers, many processors, against a plain list --------------- */

static u64 want[GUESTS]; /* deadline of each, ~0 = none */
static u32 ports_of[GUESTS];

static struct vcpu *guest(u32 i)
{
	return &domains[10 + i].vcpus[0];
}

/* Every timer that is due has fired, no other. */
static void all_as_wanted(void)
{
	u32 i;

	for (i = 0; i < GUESTS; i++) {
		bool is_due = want[i] <= fake_now;

		assert_int_equal(
			shared_is_pending(&domains[10 + i], ports_of[i]),
			is_due);
		if (is_due) {
			shared_clear_pending(&domains[10 + i], ports_of[i]);
			guest(i)->run.state = VCPU_BLOCKED;
			want[i] = TIME_NEVER;
		}
	}
}

/* Time goes on to the next moment a processor's timer goes off, if that is
 * before the limit; all that go off then are served. */
static void until_next_interrupt(u64 limit)
{
	u32 cpu;

	for (cpu = 0; cpu < fake_cpus; cpu++) {
		limit = fake_timer[cpu] < limit ? fake_timer[cpu] : limit;
	}
	fake_now = limit > fake_now ? limit : fake_now;
	for (cpu = 0; cpu < fake_cpus; cpu++) {
		if (fake_timer[cpu] <= fake_now) {
			fake_cpu = cpu;
			fake_timer[cpu] = TIME_NEVER;
			time_run(TIME_NEVER);
		}
	}
}

/* A guest runs for a moment on some processor, and sets its timer there. */
static void run_some(u32 i)
{
	struct vcpu *g = guest(i);
	u32 cpu = (u32)rand() % fake_cpus;

	fake_cpu = cpu;
	g->run.state = VCPU_RUNNABLE;
	assert_ptr_equal(sched_pick(cpu), g);
	if (rand() % 2 == 0) {
		want[i] = rand() % 8 == 0
				  ? TIME_NEVER
				  : fake_now + 1 + (u64)(rand() % 20) * MS;
		set_timer(g, want[i]);
	}
	vcpu_set_state(g, VCPU_BLOCKED);
	sched_put(g);
	time_run(TIME_NEVER);
}

static void test_random(void **state)
{
	u32 i, n, fired = 0;

	(void)state;
	srand(3);
	fake_cpus = 4;
	for (i = 0; i < GUESTS; i++) {
		(void)guest_make((domid_t)(10 + i), LB_RED, 1, 32);
		ports_of[i] = bind_timer(&domains[10 + i], 0);
		guest(i)->run.state = VCPU_BLOCKED;
		want[i] = TIME_NEVER;
	}
	for (n = 0; n < STEPS; n++) {
		run_some((u32)rand() % GUESTS);
		until_next_interrupt(fake_now + (u64)(rand() % 6) * MS + 1);
		for (i = 0; i < GUESTS; i++) {
			fired += want[i] <= fake_now;
		}
		all_as_wanted();
	}
	assert_true(fired > STEPS / 10);
}

/* ---- clocks ------------------------------------------------------------ */

static void test_clock_pages(void **state)
{
	const struct shared_info *s = (void *)fake_memory(d->shared);
	const struct vcpu_time_info *t = &s->vcpu_info[1].time;

	(void)state;
	assert_int_equal(t->version, 2); /* even: not being written */
	assert_int_equal(t->tsc_timestamp, 5);
	assert_int_equal(t->system_time, 0);
	assert_int_equal(t->tsc_to_system_mul, 0x80000000u);
	assert_int_equal(t->tsc_shift, 1);
	assert_int_equal(t->flags, 1); /* XEN_PVCLOCK_TSC_STABLE_BIT */
	assert_int_equal(s->wc_version, 2);
	assert_int_equal(s->wc_sec, 1234567890u);
	fake_clock.is_stable = false;
	time_publish(&d->vcpus[1]);
	assert_int_equal(t->flags, 0);
}

/* The second place for the clock may straddle two pages. */
static void test_registered_clock(void **state)
{
	struct vcpu_register_time_memory_area a;
	struct vcpu_time_info t;
	u64 at = 0x18ff0;

	(void)state;
	memset(&a, 0, sizeof(a));
	a.addr.p = at;
	memcpy(guest_at(d, GUEST_ARGS), &a, sizeof(a));
	assert_int_equal(guest_call(d, 24,
				    VCPUOP_register_vcpu_time_memory_area, 0,
				    GUEST_ARGS),
			 0);
	memcpy(&t, guest_at(d, at), 16);
	memcpy((u8 *)&t + 16, guest_at(d, at + 16), sizeof(t) - 16);
	assert_int_equal(t.version, 2);
	assert_int_equal(t.tsc_to_system_mul, 0x80000000u);
	assert_int_equal(t.flags, 1);
	a.addr.p = GUEST_NOWHERE;
	memcpy(guest_at(d, GUEST_ARGS), &a, sizeof(a));
	assert_int_equal(guest_call(d, 24,
				    VCPUOP_register_vcpu_time_memory_area, 0,
				    GUEST_ARGS),
			 E_FAULT);
	assert_int_equal(fake_frame(p2m_get(d, 0x18).mfn)->refs, 1);
	assert_int_equal(fake_frame(p2m_get(d, 0x19).mfn)->refs, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one_shot, setup),
		cmocka_unit_test_setup(test_past, setup),
		cmocka_unit_test_setup(test_cancel_and_move, setup),
		cmocka_unit_test_setup(test_limit, setup),
		cmocka_unit_test_setup(test_fires_early, setup),
		cmocka_unit_test_setup(test_migration, setup),
		cmocka_unit_test_setup(test_poll_timeout, setup),
		cmocka_unit_test_setup(test_dead_domain, setup),
		cmocka_unit_test_setup(test_paused_domain, setup),
		cmocka_unit_test_setup(test_hypercalls, setup),
		cmocka_unit_test_setup(test_random, setup),
		cmocka_unit_test_setup(test_clock_pages, setup),
		cmocka_unit_test_setup(test_registered_clock, setup),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
