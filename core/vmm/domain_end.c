/* SPDX-License-Identifier: Apache-2.0 */
/* Shutdown and teardown. Teardown is a list of bounded steps; dom0's destroy
 * call repeats until the list is through, so the core is never held long. */
#include "lib/mem.h"
#include "vmm/copy.h"
#include "vmm/domain_make.h"
#include "vmm/domain_end.h"
#include "vmm/event.h"
#include "vmm/frame.h"
#include "vmm/grant.h"
#include "vmm/p2m.h"
#include "vmm/sched.h"

#include <xen/sched.h>

#define PORTS_A_STEP 64u
#define GRANTS_A_STEP 64u

enum stage {
	STAGE_EVENTS,
	STAGE_GRANTS,
	STAGE_LEAVES,
	STAGE_REST,
	STAGE_LINGER /* others still map its frames */
};

/* Without domain 0 nobody can manage the guests: the machine goes with it. */
static void __attribute__((noreturn)) host_down(u32 reason)
{
	static const char crash[] = "casemate: domain 0 crashed; rebooting\n";

	if (reason == SHUTDOWN_poweroff) {
		hw_poweroff();
	}
	if (reason != SHUTDOWN_reboot) {
		hw_uart_write(crash, sizeof(crash) - 1);
	}
	hw_reboot();
}

void domain_shutdown(struct domain *d, u32 reason)
{
	u32 i;

	if (d->is_dom0) {
		host_down(reason);
	}
	if (d->state != STATE_RUNNING) {
		return;
	}
	d->state = STATE_SHUTDOWN;
	d->shutdown_reason = reason;
	for (i = 0; i < d->vcpu_count; i++) {
		vcpu_notify(&d->vcpus[i]);
	}
	event_raise_virq(&domains[0], 0, VIRQ_DOM_EXC);
}

static void areas_release(struct domain *d)
{
	u32 i;

	for (i = 0; i < d->vcpu_count; i++) {
		struct vcpu *v = &d->vcpus[i];

		if (!v->is_info_moved) {
			v->info = AREA_NONE; /* in the shared_info frame */
		}
		area_release(&v->info);
		area_release(&v->time);
		area_release(&v->runstate);
	}
}

static void meta_release(mfn_t *mfn)
{
	frame_release(*mfn);
	*mfn = MFN_NONE;
}

static void rest_release(struct domain *d)
{
	u32 i;

	areas_release(d);
	for (i = 0; i < d->vcpu_count; i++) {
		meta_release(&d->vcpus[i].hw.vmcb);
		memset(&d->vcpus[i].hw, 0, sizeof(d->vcpus[i].hw));
		d->vcpus[i].hw.vmcb = MFN_NONE;
	}
	for (i = 0; i < CASEMATE_MAX_GRANT_FRAMES; i++) {
		meta_release(&d->grant_frames[i]);
	}
	meta_release(&d->shared);
}

/* The slot is free once nobody maps frames of it. */
static void linger(struct domain *d)
{
	if (grant_live_count(d) == 0) {
		memset(d, 0, sizeof(*d));
		event_raise_virq(&domains[0], 0, VIRQ_DOM_EXC);
	}
}

/* One step; true when the stage is finished. */
static bool step(struct domain *d)
{
	switch (d->stage) {
	case STAGE_EVENTS:
		return event_domain_teardown(d, &d->progress, PORTS_A_STEP);
	case STAGE_GRANTS:
		return grant_domain_teardown(d, &d->progress, GRANTS_A_STEP);
	case STAGE_LEAVES:
		return p2m_teardown(d);
	default: /* STAGE_REST */
		rest_release(d);
		return true;
	}
}

err_t domain_destroy(struct domain *d)
{
	if (d->state != STATE_DYING) {
		d->state = STATE_DYING;
		d->stage = STAGE_EVENTS;
		d->progress = 0;
		event_raise_virq(&domains[0], 0, VIRQ_DOM_EXC);
	}
	if (!sched_stop_domain(d)) {
		return E_RESTART;
	}
	if (d->stage == STAGE_LINGER) {
		linger(d);
		return 0;
	}
	if (step(d)) {
		d->stage += 1;
		d->progress = 0;
	}
	return E_RESTART;
}

void domain_reap(void)
{
	u32 i;

	for (i = 1; i < CASEMATE_MAX_DOMAINS; i++) {
		if (domains[i].state == STATE_DYING &&
		    domains[i].stage == STAGE_LINGER) {
			linger(&domains[i]);
		}
	}
}
