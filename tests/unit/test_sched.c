/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs: equal shares over all processors, no sleeper that starves others,
 * nobody runs who must not, and a processor is kicked when there is work. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "fake_policy.h"
#include "vmm/domain_end.h"
#include "vmm/event_ports.h"
#include "vmm/sched.h"
#include "vmm/shared.h"
#include "vmm/time.h"
#include "vmm/vmm.h"

#include <xen/sched.h>

#include <cmocka.h>

#define MS 1000000ull
#define SECOND (1000 * MS)

static struct vcpu *on[CASEMATE_MAX_CPUS]; /* what each processor runs */

/* The scheduler keeps its floor and idle marks from test to test: let every
 * processor forget what it had. */
static int setup(void **state)
{
	u32 cpu;

	(void)state;
	fake_power_on();
	fake_policy_open();
	guest_timers_forget();
	memset(on, 0, sizeof(on));
	for (cpu = 0; cpu < CASEMATE_MAX_CPUS; cpu++) {
		assert_null(sched_pick(cpu)); /* and is idle */
	}
	(void)guest_building(0, LB_DOM0, 64);
	return 0;
}

static struct vcpu *runnable(domid_t id, u32 vcpus)
{
	struct domain *d = guest_make(id, LB_RED, vcpus, 32);
	u32 i;

	for (i = 0; i < vcpus; i++) {
		d->vcpus[i].run.state = VCPU_RUNNABLE;
		sched_start(&d->vcpus[i]);
	}
	return &d->vcpus[0];
}

/* One turn of a processor's main loop, as in vmm.c. */
static void turn(u32 cpu)
{
	fake_cpu = cpu;
	if (on[cpu] != NULL && guest_gives_way(on[cpu])) {
		sched_put(on[cpu]);
		on[cpu] = NULL;
	}
	time_run(TIME_NEVER);
	if (on[cpu] == NULL) {
		on[cpu] = sched_pick(cpu);
	}
}

static void simulate(u64 ns)
{
	u64 end = fake_now + ns;
	u32 cpu;

	for (; fake_now < end; fake_now += MS) {
		for (cpu = 0; cpu < fake_cpus; cpu++) {
			turn(cpu);
		}
	}
	for (cpu = 0; cpu < fake_cpus; cpu++) { /* settle the accounts */
		if (on[cpu] != NULL) {
			sched_put(on[cpu]);
			on[cpu] = NULL;
		}
	}
}

static void test_fair(void **state)
{
	static const u32 loads[][2] = {
		{ 1, 3 }, { 2, 5 }, { 4, 7 }, { 3, 16 }, { 16, 40 }
	};
	u32 i, n;

	for (i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		u32 count = loads[i][1];
		u64 share;

		(void)setup(state);
		fake_cpus = loads[i][0];
		for (n = 0; n < count; n++) {
			(void)runnable((domid_t)(1 + n), 1);
		}
		simulate(4 * SECOND);
		share = 4 * SECOND * fake_cpus / count;
		for (n = 0; n < count; n++) {
			u64 got = domains[1 + n]
					  .vcpus[0]
					  .run.spent_ns[VCPU_RUNNING];

			assert_in_range(got, share - 3 * SCHED_SLICE_NS,
					share + 3 * SCHED_SLICE_NS);
		}
	}
}

static void test_never_twice(void **state)
{
	struct vcpu *v = runnable(1, 1);
	u32 cpu, n = 0;

	(void)state;
	fake_cpus = 4;
	for (cpu = 0; cpu < 4; cpu++) {
		n += sched_pick(cpu) == v;
	}
	assert_int_equal(n, 1);
	sched_put(v);
	assert_int_equal(v->run.state, VCPU_RUNNABLE);
}

/* A vCPU that slept for an hour does not get the hour back. */
static void test_no_credit(void **state)
{
	struct vcpu *busy = runnable(1, 1), *sleeper = runnable(2, 1);
	u64 before;

	(void)state;
	fake_cpus = 1;
	sleeper->run.state = VCPU_BLOCKED;
	simulate(10 * SECOND);
	assert_true(busy->run.spent_ns[VCPU_RUNNING] >= 10 * SECOND - MS);
	before = busy->run.spent_ns[VCPU_RUNNING];
	vcpu_wake(sleeper);
	simulate(SECOND);
	assert_in_range(busy->run.spent_ns[VCPU_RUNNING] - before, 450 * MS,
			550 * MS);
	assert_in_range(sleeper->run.spent_ns[VCPU_RUNNING], 450 * MS,
			550 * MS);
}

/* Nor does one that was just made, or was paused. */
static void test_newcomer(void **state)
{
	struct vcpu *busy = runnable(1, 1), *fresh;
	u64 before;

	(void)state;
	fake_cpus = 1;
	simulate(10 * SECOND);
	fresh = runnable(2, 1);
	before = busy->run.spent_ns[VCPU_RUNNING];
	simulate(SECOND);
	assert_in_range(busy->run.spent_ns[VCPU_RUNNING] - before, 450 * MS,
			550 * MS);
	domains[2].is_paused = true;
	before = fresh->run.spent_ns[VCPU_RUNNING];
	simulate(10 * SECOND);
	assert_int_equal(fresh->run.spent_ns[VCPU_RUNNING], before);
	domains[2].is_paused = false;
	sched_start(fresh);
	before = busy->run.spent_ns[VCPU_RUNNING];
	simulate(SECOND);
	assert_in_range(busy->run.spent_ns[VCPU_RUNNING] - before, 450 * MS,
			550 * MS);
}

static void test_slice(void **state)
{
	struct vcpu *v = runnable(1, 1);

	(void)state;
	assert_ptr_equal(sched_pick(0), v);
	assert_int_equal(v->run.state, VCPU_RUNNING);
	assert_int_equal(fake_of(&v->hw)->loads, 1);
	assert_false(guest_gives_way(v));
	fake_now += SCHED_SLICE_NS - 1;
	assert_false(guest_gives_way(v));
	fake_now += 1;
	assert_true(guest_gives_way(v));
	sched_put(v);
	assert_int_equal(v->run.spent_ns[VCPU_RUNNING], SCHED_SLICE_NS);
	assert_int_equal(fake_of(&v->hw)->loads, 0);
}

static u32 turns;

/* Guests that only burn time, a millisecond at a turn, and never exit but for
 * the machine's timer and to have the caches written back. */
static void burn(struct hw_vcpu *hw, struct hw_exit *out)
{
	if (turns == 60) {
		longjmp(fake_stop, 1);
	}
	assert_ptr_equal(hw, &domains[1 + turns / 10 % 2].vcpus[0].hw);
	turns += 1;
	fake_now += MS;
	*out = (struct hw_exit){ .reason = CTL_EXIT_CACHE };
	if (fake_now >= fake_timer[0]) {
		fake_timer[0] = TIME_NEVER;
		fake_irqs = HW_IRQ_TIMER;
		out->reason = CTL_EXIT_IRQ;
	}
}

/* The main loop itself: slices of ten milliseconds, in turn. */
static void test_main_loop(void **state)
{
	(void)state;
	(void)runnable(1, 1);
	(void)runnable(2, 1);
	turns = 0;
	fake_run = burn;
	if (setjmp(fake_stop) == 0) {
		vmm_cpu_main();
	}
	assert_int_equal(turns, 60);
	assert_int_equal(domains[1].vcpus[0].latency[0], 30);
}

static void test_must_not_run(void **state)
{
	struct vcpu *v = runnable(1, 1);
	static const u8 states[] = { STATE_BUILDING, STATE_SHUTDOWN,
				     STATE_DYING };
	u32 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		domains[1].state = states[i];
		assert_null(sched_pick(0));
	}
	domains[1].state = STATE_RUNNING;
	domains[1].is_paused = true;
	assert_null(sched_pick(0));
	domains[1].is_paused = false;
	assert_ptr_equal(sched_pick(0), v);
	domains[1].is_paused = true; /* while it runs: off at once */
	assert_true(guest_gives_way(v));
	domains[1].is_paused = false;
	vcpu_set_state(v, VCPU_BLOCKED);
	assert_true(guest_gives_way(v));
	sched_put(v);
	assert_int_equal(v->run.state, VCPU_BLOCKED);
	assert_null(sched_pick(0));
}

static void test_wake_kicks_idle(void **state)
{
	struct vcpu *v = runnable(1, 1);

	(void)state;
	fake_cpus = 4;
	v->run.state = VCPU_BLOCKED;
	v->cpu = 2;
	memset(fake_kicks, 0, sizeof(fake_kicks));
	vcpu_wake(v);
	assert_int_equal(v->run.state, VCPU_RUNNABLE);
	assert_int_equal(fake_kicks[2], 1); /* where its caches are warm */
	assert_int_equal(fake_kicks[1], 0);
	vcpu_wake(v); /* awake already */
	assert_int_equal(fake_kicks[2], 1);
	v->run.state =
		VCPU_BLOCKED; /* cpu 2 was told once; cpu 1 is idle still */
	vcpu_wake(v);
	assert_int_equal(fake_kicks[1], 1);
}

/* All busy: whoever ran furthest ahead gives way. */
static void test_wake_preempts(void **state)
{
	struct vcpu *a = runnable(1, 1), *b = runnable(2, 1), *c;

	(void)state;
	fake_cpus = 2;
	a = sched_pick(0);
	b = sched_pick(1);
	c = runnable(3, 1);
	assert_false(guest_gives_way(a));
	c->run.state = VCPU_BLOCKED;
	fake_now += 5 * MS;
	b->vruntime_ns += 3 * MS;
	memset(fake_kicks, 0, sizeof(fake_kicks));
	vcpu_wake(c);
	assert_true(guest_gives_way(b));
	assert_false(guest_gives_way(a));
	assert_int_equal(fake_kicks[1], 1); /* we are processor 0 */
	assert_int_equal(fake_kicks[0], 0);
	sched_put(b);
	assert_ptr_equal(sched_pick(1), c);
	sched_put(a);
	sched_put(c);
}

static void test_notify(void **state)
{
	struct vcpu *v = runnable(1, 1);

	(void)state;
	(void)sched_pick(1); /* runs on 1, we are 0 */
	memset(fake_kicks, 0, sizeof(fake_kicks));
	vcpu_notify(v);
	assert_int_equal(fake_kicks[1], 1);
	fake_cpu = 1; /* on the same processor: it is not in guest mode */
	vcpu_notify(v);
	assert_int_equal(fake_kicks[1], 1);
	sched_put(v);
	vcpu_notify(v); /* runnable: it will see */
	assert_int_equal(v->run.state, VCPU_RUNNABLE);
	v->run.state = VCPU_DOWN;
	vcpu_notify(v);
	assert_int_equal(v->run.state, VCPU_DOWN);
}

static void test_yield(void **state)
{
	struct vcpu *a = runnable(1, 1), *b = runnable(2, 1);

	(void)state;
	fake_cpus = 1;
	assert_ptr_equal(sched_pick(0), a);
	sched_yield(a);
	assert_true(guest_gives_way(a));
	sched_put(a);
	assert_ptr_equal(sched_pick(0), b); /* not a again */
	sched_put(b);
}

/* Pause and wake-up cross: nothing runs, and nothing is forgotten. */
static void test_wake_while_paused(void **state)
{
	struct vcpu *v = runnable(1, 1);

	(void)state;
	v->run.state = VCPU_BLOCKED;
	domains[1].is_paused = true;
	fake_cpu = 1; /* not where it ran last */
	memset(fake_kicks, 0, sizeof(fake_kicks));
	vcpu_wake(v);
	assert_int_equal(fake_kicks[0] + fake_kicks[1], 0);
	assert_null(sched_pick(0));
	domains[1].is_paused = false;
	sched_start(v);
	assert_int_equal(fake_kicks[0] + fake_kicks[1], 1);
	assert_ptr_equal(sched_pick(0), v);
	sched_put(v);
}

static void test_runstate(void **state)
{
	struct vcpu *v = runnable(1, 1);
	u64 start;

	(void)state;
	(void)sched_pick(0);
	start = v->run.spent_ns[0];
	fake_now += 3 * MS;
	sched_put(v); /* running -> runnable */
	fake_now += 5 * MS;
	(void)sched_pick(0);
	fake_now += 7 * MS;
	vcpu_set_state(v, VCPU_BLOCKED);
	sched_put(v);
	fake_now += 11 * MS;
	vcpu_wake(v);
	assert_int_equal(v->run.spent_ns[0] - start, 10 * MS);
	assert_int_equal(v->run.spent_ns[1], 5 * MS);
	assert_int_equal(v->run.spent_ns[2], 11 * MS);
}

/* Idle processors serve what wakes on them themselves: nobody is kicked. */
static void test_wake_here(void **state)
{
	struct vcpu *v = runnable(1, 1);

	(void)state;
	v->run.state = VCPU_BLOCKED;
	assert_null(sched_pick(0));
	memset(fake_kicks, 0, sizeof(fake_kicks));
	vcpu_wake(v); /* as from time_run() after hw_idle() */
	assert_int_equal(fake_kicks[0] + fake_kicks[1], 0);
	assert_ptr_equal(sched_pick(0), v);
	sched_put(v);
}

#define END_PORT 5u
static void listen_for_end(void)
{
	port_open_virq(0, END_PORT, VIRQ_DOM_EXC, 0);
	domains[0].vcpus[0].virq_port[VIRQ_DOM_EXC] = END_PORT;
}

/* dom0 hears of a shutdown when no vCPU is in guest mode any more. */
static void test_shutdown_running(void **state)
{
	struct vcpu *v = runnable(1, 2);

	(void)state;
	listen_for_end();
	assert_ptr_equal(sched_pick(0), v);
	assert_ptr_equal(sched_pick(1), v + 1);
	v[1].in_guest = true;
	memset(fake_kicks, 0, sizeof(fake_kicks));
	domain_shutdown(&domains[1], SHUTDOWN_poweroff);
	assert_int_equal(domains[1].state, STATE_SHUTDOWN);
	assert_false(v[1].in_guest);
	assert_int_equal(fake_kicks[0], 0);
	assert_int_equal(fake_kicks[1], 1);
	assert_true(shared_is_pending(&domains[0], END_PORT));
	assert_true(guest_gives_way(v) && guest_gives_way(v + 1));
	sched_put(v);
	sched_put(v + 1);
}

/* The end of a domain waits for whoever still runs it, and so does the word
 * of it. */
static void test_destroy_running(void **state)
{
	struct vcpu *v = runnable(1, 1);

	(void)state;
	listen_for_end();
	(void)sched_pick(1);
	v->in_guest = false; /* at the lock, on its way out */
	assert_int_equal(domain_destroy(&domains[1]), E_RESTART);
	assert_false(shared_is_pending(&domains[0], END_PORT));
	assert_int_equal(domains[1].state, STATE_DYING);
	assert_true(domains[1].npt_root != MFN_NONE);
	assert_true(guest_gives_way(v));
	sched_put(v);
	assert_int_equal(domain_destroy(&domains[1]), E_RESTART);
	assert_true(shared_is_pending(&domains[0], END_PORT));
	while (domain_destroy(&domains[1]) == E_RESTART) {
	}
	assert_int_equal(domains[1].state, STATE_FREE);
	assert_null(sched_pick(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_fair, setup),
		cmocka_unit_test_setup(test_never_twice, setup),
		cmocka_unit_test_setup(test_no_credit, setup),
		cmocka_unit_test_setup(test_newcomer, setup),
		cmocka_unit_test_setup(test_slice, setup),
		cmocka_unit_test_setup(test_main_loop, setup),
		cmocka_unit_test_setup(test_must_not_run, setup),
		cmocka_unit_test_setup(test_wake_kicks_idle, setup),
		cmocka_unit_test_setup(test_wake_preempts, setup),
		cmocka_unit_test_setup(test_notify, setup),
		cmocka_unit_test_setup(test_yield, setup),
		cmocka_unit_test_setup(test_wake_while_paused, setup),
		cmocka_unit_test_setup(test_runstate, setup),
		cmocka_unit_test_setup(test_wake_here, setup),
		cmocka_unit_test_setup(test_shutdown_running, setup),
		cmocka_unit_test_setup(test_destroy_running, setup),
	};

	return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
