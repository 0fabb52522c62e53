/* SPDX-License-Identifier: Apache-2.0 */
/* Runstate accounting, copied to the guest's registered area at each change. */
#include "vmm/runstate.h"

#include "vmm/area.h"

void runstate_publish(struct vcpu *v)
{
	struct vcpu_runstate_info r = { 0 };
	u32 i;

	if (v->runstate.mfn == MFN_NONE) {
		return;
	}
	r.state = v->runstate_now;
	r.state_entry_time = v->runstate_since_ns;
	for (i = 0; i < 4; i++) {
		r.time[i] = v->runstate_ns[i];
	}
	area_write(&v->runstate, 0, &r, sizeof(r));
}

void runstate_change(struct vcpu *v, u8 state)
{
	u64 now = hw_time_ns();

	if (v->runstate_now == state) {
		return;
	}
	v->runstate_ns[v->runstate_now & 3u] += now - v->runstate_since_ns;
	v->runstate_now = state;
	v->runstate_since_ns = now;
	runstate_publish(v);
}
