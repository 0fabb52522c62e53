/* SPDX-License-Identifier: Apache-2.0 */
/* vcpu_op (xen/vcpu.h): registered areas and one-shot timers. */
#include "lib/mem.h"
#include "vmm/area.h"
#include "vmm/copy.h"
#include "vmm/ops.h"
#include "vmm/runstate.h"
#include "vmm/time.h"

#include <xen/xen.h>
#include <xen/vcpu.h>

static err_t is_up(const struct vcpu *v)
{
	return v->state != VCPU_DOWN ? 1 : 0;
}

/* The new place gets the old content, and a spurious upcall over everything,
 * so that nothing that came meanwhile is missed. */
static err_t register_info(struct vcpu *caller, struct vcpu *v, gva_t arg)
{
	struct vcpu_register_vcpu_info r;
	struct shared_area fresh = { MFN_NONE, 0, MFN_NONE };
	struct vcpu_info info;
	err_t err = copy_from_guest(caller, &r, arg, sizeof(r));

	if (err != 0) {
		return err;
	}
	if (v->is_info_moved || (r.offset & 7u) != 0) {
		return E_INVAL;
	}
	err = area_register_gfn(vcpu_domain(v), &fresh, r.mfn, r.offset,
				sizeof(info));
	if (err != 0) {
		return E_INVAL;
	}
	memcpy(&info, (u8 *)hw_frame(v->info.mfn) + v->info.offset,
	       sizeof(info));
	info.evtchn_upcall_pending = 1;
	info.evtchn_pending_sel = ~0ul;
	area_write(&fresh, 0, &info, sizeof(info));
	v->info = fresh;
	v->is_info_moved = true;
	time_publish(v);
	vcpu_notify(v);
	return 0;
}

static err_t register_time(struct vcpu *caller, struct vcpu *v, gva_t arg)
{
	struct vcpu_register_time_memory_area a;
	err_t err = copy_from_guest(caller, &a, arg, sizeof(a));

	if (err == 0) {
		err = area_register(caller, &v->time, a.addr.p,
				    sizeof(struct vcpu_time_info));
	}
	if (err == 0) {
		time_publish(v);
	}
	return err;
}

static err_t register_runstate(struct vcpu *caller, struct vcpu *v, gva_t arg)
{
	struct vcpu_register_runstate_memory_area a;
	err_t err = copy_from_guest(caller, &a, arg, sizeof(a));

	if (err == 0) {
		err = area_register(caller, &v->runstate, a.addr.p,
				    sizeof(struct vcpu_runstate_info));
	}
	if (err == 0) {
		runstate_publish(v);
	}
	return err;
}

static err_t runstate_info(struct vcpu *caller, struct vcpu *v, gva_t arg)
{
	struct vcpu_runstate_info r = { 0 };
	u32 i;

	r.state = v->runstate_now;
	r.state_entry_time = v->runstate_since_ns;
	for (i = 0; i < 4; i++) {
		r.time[i] = v->runstate_ns[i];
	}
	return copy_to_guest(caller, arg, &r, sizeof(r));
}

/* A deadline that passed fires at once; with VCPU_SSHOTTMR_future the guest
 * would rather hear of it, but firing is what Xen's other users rely on. */
static err_t set_timer(struct vcpu *caller, struct vcpu *v, gva_t arg)
{
	struct vcpu_set_singleshot_timer t;
	err_t err;

	if (caller != v) {
		return E_INVAL;
	}
	err = copy_from_guest(caller, &t, arg, sizeof(t));
	if (err == 0) {
		time_set_timer(v, t.timeout_abs_ns);
	}
	return err;
}

err_t vcpu_op(struct vcpu *caller, const struct hypercall_row *row, u64 id,
	      gva_t arg)
{
	struct domain *d = vcpu_domain(caller);
	struct vcpu *v;

	if (id >= d->vcpu_count) {
		return E_NOENT;
	}
	v = &d->vcpus[id];
	switch (row->subop) {
	case VCPUOP_is_up:
		return is_up(v);
	case VCPUOP_get_runstate_info:
		return runstate_info(caller, v, arg);
	case VCPUOP_register_runstate_memory_area:
		return register_runstate(caller, v, arg);
	case VCPUOP_stop_periodic_timer:
		return 0;
	case VCPUOP_set_singleshot_timer:
		return set_timer(caller, v, arg);
	case VCPUOP_stop_singleshot_timer:
		if (caller != v) {
			return E_INVAL;
		}
		time_set_timer(v, TIME_NEVER);
		return 0;
	case VCPUOP_register_vcpu_info:
		return register_info(caller, v, arg);
	case VCPUOP_register_vcpu_time_memory_area:
		return register_time(caller, v, arg);
	default:
		return E_NOSYS;
	}
}
