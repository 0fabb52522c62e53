/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID shows a Xen 4.17 machine with x2APIC and nothing that is not there. */
#include "lib.h"

const char claim_name[] = "cpuid";

static void check_xen(void)
{
	u32 r[4];

	cpuid(0x40000000u, 0, r);
	CHECK(r[0] >= 0x40000004u && r[0] <= 0x400000ffu);
	CHECK_IS(r[1], 0x566e6558);
	CHECK_IS(r[2], 0x65584d4d);
	CHECK_IS(r[3], 0x4d4d566e);
	cpuid(0x40000001u, 0, r);
	CHECK_IS(r[0], (4u << 16) | 17u);
	cpuid(0x40000002u, 0, r);
	CHECK_IS(r[0], 1);
	CHECK_IS(r[1], 0x40000000);
	cpuid(0x40000004u, 0, r);
	CHECK((r[0] & 8u) != 0 && r[1] == 0); /* vCPU id */
	CHECK((r[0] & 16u) != 0 && r[2] != 0 && r[2] < 0x7ff0u);
	CHECK((r[0] & 64u) == 0); /* no per-vCPU upcall vector through APIC */
}

static void check_basic(void)
{
	u32 r[4];

	cpuid(1, 0, r);
	CHECK((r[2] & (1u << 31)) != 0); /* under a hypervisor */
	CHECK((r[2] & (1u << 21)) != 0); /* x2APIC */
	CHECK((r[2] & (1u << 24)) == 0); /* TSC deadline */
	CHECK((r[2] & (1u << 5)) == 0);	 /* VMX */
	CHECK((r[3] & (1u << 9)) != 0);	 /* APIC */
	CHECK((r[3] & (1u << 7)) == 0);	 /* MCE */
	cpuid(0x80000001u, 0, r);
	CHECK((r[2] & (1u << 2)) == 0);	 /* SVM */
	CHECK((r[3] & (1u << 29)) != 0); /* long mode */
	cpuid(0x80000008u, 0, r);
	CHECK((r[0] & 0xffu) >= 32 && (r[0] & 0xffu) <= 40);
}

/* Leaves out of range answer the same every time, and do no harm. */
void claim(void)
{
	u32 a[4], b[4], i;

	check_xen();
	check_basic();
	for (i = 0; i < 2000; i++) {
		u32 leaf = i * 2147483u;

		cpuid(leaf, i, a);
		cpuid(leaf, i, b);
		CHECK(a[1] == b[1] && a[2] == b[2]);
	}
}
