/* SPDX-License-Identifier: Apache-2.0 */
/* Every hypercall number and sub-op that the core does not know is -ENOSYS. */
#include "lib.h"

const char claim_name[] = "unknown";

static bool is_known(u64 number)
{
	switch (number) {
	case __HYPERVISOR_memory_op:
	case __HYPERVISOR_xen_version:
	case __HYPERVISOR_console_io:
	case __HYPERVISOR_grant_table_op:
	case __HYPERVISOR_vcpu_op:
	case __HYPERVISOR_sched_op:
	case __HYPERVISOR_event_channel_op:
	case __HYPERVISOR_hvm_op:
	case __HYPERVISOR_domctl:
	case __HYPERVISOR_arch_7:
		return true;
	default:
		return false;
	}
}

static void check_numbers(void)
{
	static const u64 far[] = {
		256,	    65536,
		0x7fffffff, 0x80000000,
		0xffffffff, 1ull << 32,
		1ull << 63, ~0ull,
		~0ull - 37, (1ull << 32) + __HYPERVISOR_sched_op
	};
	u64 n;

	for (n = 0; n < 256; n++) {
		u64 a;

		for (a = 0; a < 70 && !is_known(n); a++) {
			CHECK_IS(hypercall(n, a, a, a, a, a), E_NOSYS);
		}
	}
	for (n = 0; n < sizeof(far) / sizeof(far[0]); n++) {
		CHECK_IS(hypercall(far[n], 0, 0, 0, 0, 0), E_NOSYS);
	}
}

static void check_subops(void)
{
	static const u64 far[] = { 50,	63,    64,	   255,
				   256, 65536, 1ull << 32, ~0ull };
	static const u64 calls[] = {
		__HYPERVISOR_xen_version,    __HYPERVISOR_console_io,
		__HYPERVISOR_grant_table_op, __HYPERVISOR_vcpu_op,
		__HYPERVISOR_sched_op,	     __HYPERVISOR_event_channel_op,
		__HYPERVISOR_hvm_op,	     __HYPERVISOR_arch_7
	};
	u32 i, j;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (j = 0; j < sizeof(far) / sizeof(far[0]); j++) {
			CHECK_IS(hypercall(calls[i], far[j], 0, 1, 0, 0),
				 E_NOSYS);
		}
	}
}

/* Parts of Xen's interface that must stay refused. */
static void check_refused(void)
{
	CHECK_IS(event_call(EVTCHNOP_init_control, spare), E_NOSYS);
	CHECK_IS(event_call(EVTCHNOP_expand_array, spare), E_NOSYS);
	CHECK_IS(event_call(EVTCHNOP_set_priority, spare), E_NOSYS);
	CHECK_IS(event_call(EVTCHNOP_reset, spare), E_NOSYS);
	CHECK_IS(grant_call(GNTTABOP_transfer, spare, 1), E_NOSYS);
	CHECK_IS(grant_call(GNTTABOP_dump_table, spare, 1), E_NOSYS);
	CHECK_IS(memory_call(XENMEM_exchange, spare), E_NOSYS);
	CHECK_IS(memory_call(XENMEM_set_memory_map, spare), E_NOSYS);
	CHECK_IS(vcpu_call(VCPUOP_initialise, 0, spare), E_NOSYS);
	CHECK_IS(sched_call(SCHEDOP_remote_shutdown, spare), E_NOSYS);
	CHECK_IS(hypercall(__HYPERVISOR_hvm_op, HVMOP_pagetable_dying,
			   (u64)spare, 0, 0, 0),
		 E_NOSYS);
}

void claim(void)
{
	check_numbers();
	check_subops();
	check_refused();
}
