/* SPDX-License-Identifier: Apache-2.0 */
/* The main loop of every processor: pick a vCPU, run it, handle its exits. */
#include "vmm/vmm.h"

#include "lib/lock.h"
#include "vmm/hypercall.h"
#include "vmm/sched.h"
#include "vmm/time.h"

/* The big lock: every access to vmm state happens under it. It is dropped only
 * around guest mode and idle. */
static struct lock vmm_lock;

static void interrupts(void)
{
	u32 irqs = hw_irq_window();

	if ((irqs & HW_IRQ_TIMER) != 0) {
		time_fired();
	}
	if ((irqs & HW_IRQ_UART) != 0) {
		console_input();
	}
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

static void run(struct vcpu *v)
{
	struct hw_exit e;

	while (!sched_should_switch(v)) {
		time_run(v->run.since_ns + SCHED_SLICE_NS);
		vcpu_prepare(v);
		enter(v, &e);
		/* Paused or dying meanwhile: a dying one is not touched. */
		if (vcpu_domain(v)->state == STATE_RUNNING) {
			vcpu_exit(v, &e);
		}
		interrupts();
	}
	sched_put(v);
}

static void idle(void)
{
	lock_drop(&vmm_lock);
	hw_idle();
	lock_take(&vmm_lock);
}

void vmm_cpu_main(void)
{
	lock_take(&vmm_lock);
	for (;;) {
		struct vcpu *v;

		interrupts();
		time_run(TIME_NEVER);
		v = sched_pick(hw_cpu());
		if (v != NULL) {
			run(v);
		} else {
			idle();
		}
	}
}
