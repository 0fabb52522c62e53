/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercall page MSR fills a page with working stubs (FreeBSD, NetBSD). */
#include "lib.h"

const char claim_name[] = "hypercall_page";

static long call_stub(u32 number, u64 a, u64 b)
{
	u64 stub = (u64)spare[0] + number * 32;
	long result;

	__asm__ volatile("call *%[stub]"
			 : "=a"(result), "+D"(a), "+S"(b)
			 : [stub] "r"(stub)
			 : "memory", "rcx", "rdx", "r8", "r9", "r10", "r11");
	return result;
}

void claim(void)
{
	CHECK_IS(try_wrmsr(0x40000000, (u64)spare[0]), NO_FAULT);
	CHECK_IS(call_stub(__HYPERVISOR_xen_version, XENVER_version, 0),
		 (4 << 16) | 17);
	CHECK_IS(call_stub(__HYPERVISOR_sched_op, SCHEDOP_yield, 0), 0);
	CHECK_IS(call_stub(100, 0, 0), E_NOSYS);
	CHECK_IS(try_wrmsr(0x40000000, 0xd0000000), 13);
	CHECK_IS(try_wrmsr(0x40000000, 1ull << 50), 13);
	CHECK_IS(try_wrmsr(0x40000000, gfn_of(shared) * PAGE), 13);
}
