/* SPDX-License-Identifier: Apache-2.0 */
/* The main loop of every processor: pick a vCPU, run it, handle its exits. */
#include "vmm/vmm.h"

#include "lib/lock.h"
#include "vmm/event.h"
#include "vmm/sched.h"
#include "vmm/time.h"

/* The big lock: every access to vmm state happens under it. It is dropped only
 * around guest mode and idle. */
static struct lock vmm_lock;

/* True when the timer went off. */
static bool interrupts(void)
{
	u32 irqs = hw_irq_window();

	if ((irqs & HW_IRQ_UART) != 0) {
		event_raise_virq(&domains[0], 0, VIRQ_CONSOLE);
	}
	return (irqs & HW_IRQ_TIMER) != 0;
}

/* Guest mode, once. The flag tells whoever waits for us to be out of it. */
static void enter(struct vcpu *v, struct hw_exit *e)
{
	bool flush = v->flush;

	v->flush = false;
	__atomic_store_n(&v->in_guest, true, __ATOMIC_RELEASE);
	lock_drop(&vmm_lock);
	hw_vcpu_run(&v->hw, flush, e);
	__atomic_store_n(&v->in_guest, false, __ATOMIC_RELEASE);
	lock_take(&vmm_lock);
}

#define TURNS 64u

static void run(struct vcpu *v)
{
	u64 limit = v->run.since_ns + SCHED_SLICE_NS;
	bool is_time = false; /* to look at the clock: a timer went off */
	u32 turn = 0;
	struct hw_exit e;

	while (!sched_is_over(v) && !(is_time && hw_time_ns() >= limit)) {
		if (is_time || time_is_stale(limit)) {
			time_run(limit);
			/* It may have woken one that goes first. */
			if (sched_is_over(v)) {
				break;
			}
		}
		vcpu_prepare(v);
		enter(v, &e);
		/* Paused or dying meanwhile: a dying one is not touched. */
		if (vcpu_domain(v)->state == STATE_RUNNING) {
			vcpu_exit(v, &e);
		}
		/* One that comes meanwhile ends the next run at once; but on
		 * Bochs 2.7 not while the guest has its own switched off, so
		 * now and then they are let in whatever ended the run. */
		turn += 1;
		is_time = (e.reason == CTL_EXIT_IRQ || turn % TURNS == 0) &&
			  interrupts();
	}
	sched_put(v);
}

void vmm_cpu_main(void)
{
	lock_take(&vmm_lock);
	for (;;) {
		struct vcpu *v;

		(void)interrupts();
		time_run(TIME_NEVER);
		v = sched_pick(hw_cpu());
		if (v != NULL) {
			run(v);
		} else {
			lock_drop(&vmm_lock);
			hw_idle();
			lock_take(&vmm_lock);
		}
	}
}
