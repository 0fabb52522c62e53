/* SPDX-License-Identifier: Apache-2.0 */
/* XSETBV takes what the guest's processor has and nothing else, and never from
 * user mode. QEMU 7.2 does not intercept it: there the emulator checks, by the
 * host's features; here the core does. */
#include "../../guest/lib.h"

const char claim_name[] = "xsetbv";

#define OSXSAVE (1ull << 18)

static u64 xgetbv(void)
{
	u32 low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (u64)high << 32 | low;
}

static void user_xsetbv(void)
{
	__asm__ volatile("xor %%ecx, %%ecx; xor %%edx, %%edx; mov $1, %%eax;"
			 "xsetbv; hlt" ::
				 : "rax", "rcx", "rdx");
}

static void check_refused(u64 keep)
{
	static const u64 wrong[] = { 0,		 2,	     4,
				     5,		 6,	     0x9,
				     0x19,	 0xe7,	     1ull << 9 | 7,
				     1ull << 62, 1ull << 63, ~0ull };
	u32 i;

	CHECK_IS(try_xsetbv(0, keep), NO_FAULT);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK_IS(try_xsetbv(0, wrong[i]), 13);
		CHECK_IS(xgetbv(), keep);
	}
	for (i = 1; i != 0; i <<= 1) { /* there is only register 0 */
		CHECK_IS(try_xsetbv(i, keep), 13);
	}
	CHECK_IS(try_user(user_xsetbv), 13);
	CHECK_IS(xgetbv(), keep);
}

/* The new value survives the exit and other guests. */
static void check_taken(u64 value)
{
	struct sched_poll p = { .timeout = time_ns() + MS };
	evtchn_port_t port = bind_ipi(0);

	set_xen_guest_handle(p.ports, &port);
	p.nr_ports = 1;
	CHECK_IS(try_xsetbv(0, value), NO_FAULT);
	CHECK_IS(xgetbv(), value);
	CHECK_IS(sched_call(SCHEDOP_poll, &p), 0);
	CHECK_IS(xgetbv(), value);
}

void claim(void)
{
	u32 r[4];
	u64 cr4;

	CHECK_IS(try_xsetbv(0, 1), 6);
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | OSXSAVE));
	cpuid(1, 0, r);
	CHECK(r[2] & (1u << 27));
	cpuid(0xd, 0, r);
	CHECK_IS(r[0], 7);
	check_taken(1);
	check_taken(3);
	check_taken(7);
	check_refused(1);
	check_refused(7);
}
