/* SPDX-License-Identifier: Apache-2.0 */
/* Shutdown and teardown. Teardown is a list of bounded steps; dom0's destroy
 * call repeats until the list is through, so the core is never held long. */
#include "lib/mem.h"
#include "vmm/copy.h"
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
	STAGE_TELL, /* dom0; no vCPU of it runs any more */
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
	if (d->is_dom0) {
		host_down(reason);
	}
	if (d->state != STATE_RUNNING) {
		return;
	}
	d->state = STATE_SHUTDOWN;
	d->shutdown_reason = reason;
	/* Before anyone hears of it: none of its vCPUs runs any more. */
	(void)sched_stop_domain(d);
	event_raise_virq(&domains[0], 0, VIRQ_DOM_EXC);
}

static void meta_release(mfn_t *mfn)
{
	frame_release(*mfn);
	*mfn = MFN_NONE;
}

static void rest_release(struct domain *d)
{
	u32 i;

	for (i = 0; i < d->vcpu_count; i++) {
		struct vcpu *v = &d->vcpus[i];

		area_release(&v->info); /* not pinned if it never moved */
		area_release(&v->time);
		area_release(&v->runstate);
		frame_release(v->hw.vmcb);
		memset(&v->hw, 0, sizeof(v->hw)); /* it never runs again */
	}
	for (i = 0; i < CASEMATE_MAX_GRANT_FRAMES; i++) {
		meta_release(&d->grant_frames[i]);
		meta_release(&d->active_frames[i]);
	}
	for (i = 0; i < CASEMATE_MAX_HANDLE_FRAMES; i++) {
		meta_release(&d->handle_frames[i]);
	}
	meta_release(&d->shared);
}

/* One step; true when the stage is finished. */
static bool step(struct domain *d)
{
	switch (d->stage) {
	case STAGE_TELL:
		event_raise_virq(&domains[0], 0, VIRQ_DOM_EXC);
		return true;
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
	d->state = STATE_DYING; /* the stage was 0 = TELL all its life */
	if (d->stage != STAGE_LINGER && sched_stop_domain(d) && step(d)) {
		d->stage += 1;
		d->progress = 0;
	}
	/* No restart once it lingers: its number may be another's by then. */
	if (d->stage != STAGE_LINGER) {
		return E_RESTART;
	}
	domain_reap();
	return 0;
}

void domain_reap(void)
{
	u32 i;

	for (i = 1; i < CASEMATE_MAX_DOMAINS; i++) {
		struct domain *d = &domains[i];

		if (d->state == STATE_DYING && d->stage == STAGE_LINGER &&
		    grant_live[d->id] == 0) {
			memset(d, 0, sizeof(*d));
			event_raise_virq(&domains[0], 0, VIRQ_DOM_EXC);
		}
	}
}
