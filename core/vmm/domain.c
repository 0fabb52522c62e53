/* SPDX-License-Identifier: Apache-2.0 */
/* The domain table: making an empty domain and starting it. */
#include "lib/mem.h"
#include "vmm/cpu_model.h"
#include "vmm/domain_make.h"
#include "vmm/event.h"
#include "vmm/frame.h"
#include "vmm/grant.h"
#include "vmm/p2m.h"
#include "vmm/sched.h"
#include "vmm/time.h"

/* Tables and the like, on top of one leaf table for each 2 MiB of memory:
 * room for a sparse map, and a bound on what a guest can make the core spend. */
#define META_BASE 256u
#define META_PER_FRAMES 256u

struct domain domains[CASEMATE_MAX_DOMAINS];

struct domain *domain_find(domid_t id, const struct domain *self)
{
	if (id == DOMID_SELF) {
		id = self->id;
	}
	if (id >= CASEMATE_MAX_DOMAINS || domains[id].state == STATE_FREE) {
		return NULL;
	}
	return &domains[id];
}

static void vcpu_make(struct domain *d, u32 i)
{
	struct vcpu *v = &d->vcpus[i];

	v->domid = d->id;
	v->id = (u8)i;
	v->run.state = VCPU_DOWN;
	v->run.since_ns = hw_time_ns();
	v->timer_ns = TIME_NEVER;
	v->poll_until_ns = TIME_NEVER;
	v->info = AREA_NONE;
	v->info.offset = i * sizeof(struct vcpu_info);
	v->time = AREA_NONE;
	v->runstate = AREA_NONE;
	v->hw.vmcb = MFN_NONE;
	vapic_reset(v);
}

/* The core frames every domain has: map root, shared_info, control blocks. */
static err_t frames_make(struct domain *d)
{
	mfn_t vmcb;
	u32 i;

	if (p2m_make(d) != 0 ||
	    frame_alloc(d->id, FRAME_META, &d->shared) != 0) {
		return E_NOMEM;
	}
	for (i = 0; i < d->vcpu_count; i++) {
		d->vcpus[i].info.mfn = d->shared;
		if (frame_alloc(d->id, FRAME_META, &vmcb) != 0) {
			return E_NOMEM;
		}
		hw_vcpu_init(&d->vcpus[i].hw, vmcb, d->npt_root);
		time_publish(&d->vcpus[i]);
	}
	time_publish_wall(d);
	return 0;
}

err_t domain_make(domid_t id, u32 label, u32 vcpus, u64 max_frames)
{
	struct domain *d = &domains[id];
	err_t err;
	u32 i;

	memset(d, 0, sizeof(*d));
	d->id = id;
	d->is_dom0 = id == 0;
	d->label = label;
	d->vcpu_count = vcpus;
	d->max_frames = max_frames;
	d->max_meta = META_BASE + max_frames / META_PER_FRAMES;
	d->shutdown_reason = ~0u;
	d->created_ns = hw_time_ns();
	d->npt_root = MFN_NONE;
	d->shared = MFN_NONE;
	d->shared_gfn = MFN_NONE;
	for (i = 0; i < CASEMATE_MAX_GRANT_FRAMES; i++) {
		d->grant_gfns[i] = MFN_NONE;
		d->grant_frames[i] = MFN_NONE;
		d->active_frames[i] = MFN_NONE;
	}
	for (i = 0; i < CASEMATE_MAX_HANDLE_FRAMES; i++) {
		d->handle_frames[i] = MFN_NONE;
	}
	for (i = 0; i < CASEMATE_MAX_VCPUS; i++) {
		vcpu_make(d, i);
	}
	d->state = STATE_BUILDING;
	ports_clear(d->id);
	err = grant_domain_init(d);
	return err != 0 ? err : frames_make(d);
}

void domain_start(struct domain *d, u32 entry, u32 start_info, bool is_paused)
{
	struct vcpu *v = &d->vcpus[0];

	hw_vcpu_reset_pvh(&v->hw, entry, start_info);
	d->is_paused = is_paused;
	d->state = STATE_RUNNING;
	vcpu_set_state(v, VCPU_RUNNABLE);
	sched_start(v);
}
