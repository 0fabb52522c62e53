/* SPDX-License-Identifier: Apache-2.0 */
/* An argument address that is not the caller's RAM gives -EFAULT. */
#include "lib.h"

const char claim_name[] = "pointers";

#define GNTTAB 0xff /* count in the third argument */

static const struct {
	u8 call, op, is_third; /* the pointer is the third argument */
} calls[] = {
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_bind_vcpu, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_close, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_send, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_status, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_unmask, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_copy, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_query_size, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_set_version, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_get_version, 0 },
	{ __HYPERVISOR_memory_op, XENMEM_decrease_reservation, 0 },
	{ __HYPERVISOR_memory_op, XENMEM_populate_physmap, 0 },
	{ __HYPERVISOR_memory_op, XENMEM_memory_map, 0 },
	{ __HYPERVISOR_memory_op, XENMEM_add_to_physmap, 0 },
	{ __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, 0 },
	{ __HYPERVISOR_sched_op, SCHEDOP_poll, 0 },
	{ __HYPERVISOR_sched_op, SCHEDOP_shutdown, 0 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 1 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 1 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 1 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 1 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_time_memory_area, 1 },
	{ __HYPERVISOR_hvm_op, HVMOP_get_param, 0 },
	{ __HYPERVISOR_hvm_op, HVMOP_set_param, 0 },
	{ __HYPERVISOR_xen_version, XENVER_extraversion, 0 },
	{ __HYPERVISOR_xen_version, XENVER_capabilities, 0 },
	{ __HYPERVISOR_xen_version, XENVER_get_features, 0 },
	{ __HYPERVISOR_domctl, 0, 0 },
};

static const u64 wild[] = {
	1ull << 32,	       /* behind what is mapped */
	0xd0000000ull,	       /* mapped, but no RAM behind it */
	0xffffffffull,	       /* the last byte of that */
	0x800000000000ull,     /* not canonical */
	0xffff800000000000ull, /* canonical, not mapped */
	~0ull,
	~0ull - 4095,
};

static void check_call(u32 i, u64 address)
{
	u64 first = calls[i].op, second = address, third = 1;
	long rc;

	if (calls[i].is_third) {
		second = 0;
		third = address;
	}
	if (calls[i].call == __HYPERVISOR_domctl) {
		first = address;
	}
	rc = hypercall(calls[i].call, first, second, third, 0, 0);
	if (rc != E_FAULT) {
		fail("call %u op %u at %l gives %d", calls[i].call, calls[i].op,
		     address, rc);
	}
}

/* The structure is there; what it points to is not. */
static void check_inner(void)
{
	struct vcpu_register_runstate_memory_area run;
	struct vcpu_register_time_memory_area t;
	struct sched_poll poll = { .nr_ports = 1 };
	u32 i;

	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		run.addr.p = wild[i];
		CHECK_IS(vcpu_call(VCPUOP_register_runstate_memory_area, 0,
				   &run),
			 E_FAULT);
		t.addr.p = wild[i];
		CHECK_IS(
			vcpu_call(VCPUOP_register_vcpu_time_memory_area, 0, &t),
			E_FAULT);
		set_xen_guest_handle(poll.ports, (evtchn_port_t *)wild[i]);
		CHECK_IS(sched_call(SCHEDOP_poll, &poll), E_FAULT);
	}
}

void claim(void)
{
	u32 i, j;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (j = 0; j < sizeof(wild) / sizeof(wild[0]); j++) {
			check_call(i, wild[j]);
		}
	}
	check_inner();
}
