/* SPDX-License-Identifier: Apache-2.0 */
/* vcpu_op (xen/vcpu.h): registered areas and one-shot timers. */
#include "lib/mem.h"
#include "vmm/hypercall.h"
#include "vmm/p2m.h"
#include "vmm/time.h"

/* The new place gets the old content, and a spurious upcall over everything,
 * so that nothing that came meanwhile is missed. */
static OUTLINED err_t register_info(struct vcpu *caller, struct vcpu *v,
				    gva_t arg)
{
	struct vcpu_register_vcpu_info r;
	struct shared_area fresh = AREA_NONE;
	struct vcpu_info info;
	gpa_t at;

	if (copy_from_guest(caller, &r, arg, sizeof(r)) != 0) {
		return E_FAULT;
	}
	at = (r.mfn << PAGE_SHIFT) + r.offset;
	if (v->info.mfn != vcpu_domain(v)->shared || (r.offset & 7u) != 0 ||
	    r.offset > PAGE_SIZE - sizeof(info) || r.mfn >= P2M_MAX_GFN ||
	    area_register(vcpu_domain(v), &fresh, at, at + sizeof(info) - 1) !=
		    0) {
		return E_INVAL;
	}
	memcpy(&info, (u8 *)hw_frame(v->info.mfn) + v->info.offset,
	       sizeof(info));
	info.evtchn_upcall_pending = 1;
	info.evtchn_pending_sel = ~0ul;
	area_write(&fresh, 0, &info, sizeof(info));
	v->info = fresh;
	time_publish(v);
	vcpu_notify(v);
	return 0;
}

/* Time and runstate: the argument holds the area's linear address. */
static OUTLINED err_t register_area(struct vcpu *caller, struct vcpu *v,
				    struct shared_area *a, u32 bytes, gva_t arg)
{
	gva_t va;
	err_t err;

	if (copy_from_guest(caller, &va, arg, sizeof(va)) != 0) {
		return E_FAULT;
	}
	err = area_register(vcpu_domain(v), a, copy_translate(caller, va, true),
			    copy_translate(caller, va + bytes - 1, true));
	if (err == 0) {
		time_publish(v);
		area_write(&v->runstate, 0, &v->run, sizeof(v->run));
	}
	return err;
}
_Static_assert(sizeof(struct vcpu_register_time_memory_area) == 8 &&
		       sizeof(struct vcpu_register_runstate_memory_area) == 8,
	       "both are one address");

/* A deadline that passed fires at once; with VCPU_SSHOTTMR_future the guest
 * would rather hear of it, but firing is what Xen's other users rely on. */
static err_t set_timer(struct vcpu *v, u32 subop, gva_t arg)
{
	struct vcpu_set_singleshot_timer t = { TIME_NEVER, 0 };

	if (subop == VCPUOP_set_singleshot_timer &&
	    copy_from_guest(v, &t, arg, sizeof(t)) != 0) {
		return E_FAULT;
	}
	v->timer_ns = t.timeout_abs_ns;
	time_adopt_timer(v);
	return 0;
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
		return v->run.state != VCPU_DOWN ? 1 : 0;
	case VCPUOP_get_runstate_info:
		return copy_to_guest(caller, arg, &v->run, sizeof(v->run));
	case VCPUOP_register_runstate_memory_area:
		return register_area(caller, v, &v->runstate, sizeof(v->run),
				     arg);
	case VCPUOP_stop_periodic_timer:
		return 0;
	case VCPUOP_set_singleshot_timer:
	case VCPUOP_stop_singleshot_timer:
		return caller == v ? set_timer(v, row->subop, arg) : E_INVAL;
	case VCPUOP_register_vcpu_info:
		return register_info(caller, v, arg);
	case VCPUOP_register_vcpu_time_memory_area:
		return register_area(caller, v, &v->time,
				     sizeof(struct vcpu_time_info), arg);
	default:
		return E_NOSYS;
	}
}
