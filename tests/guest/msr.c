/* SPDX-License-Identifier: Apache-2.0 */
/* Every model-specific register gives a value or #GP, never anything else. */
#include "lib.h"

const char claim_name[] = "msr";

static void sweep(u32 first, u32 last, u32 step)
{
	u64 value;
	u32 msr;

	for (msr = first; msr < last; msr += step) {
		u32 vector = try_rdmsr(msr, &value);

		CHECK(vector == NO_FAULT || vector == 13);
	}
}

static void check_known(void)
{
	u64 value = 0;

	CHECK_IS(try_rdmsr(0x1b, &value), NO_FAULT);
	CHECK_IS(value, 0xfee00d00); /* x2APIC on, first processor */
	CHECK_IS(try_wrmsr(0x1b, value), NO_FAULT);
	CHECK_IS(try_wrmsr(0x1b, 0xfee00900), 13);
	CHECK_IS(try_rdmsr(0xc0000080, &value), NO_FAULT);
	CHECK_IS(value & 0x500, 0x500);
	CHECK_IS(try_wrmsr(0xc0000080, value | (1u << 12)), 13); /* SVME */
	CHECK_IS(try_wrmsr(0xc0000080, ~0ull), 13);
	CHECK_IS(try_wrmsr(0x277, 0x0007040600070406), NO_FAULT);
	CHECK_IS(try_wrmsr(0x277, 0x0202020202020202), 13);
	CHECK_IS(try_wrmsr(0xc0010117, 0), 13); /* VM_HSAVE_PA */
	CHECK_IS(try_rdmsr(0x802, &value), NO_FAULT);
	CHECK_IS(value, 0);
	CHECK_IS(try_wrmsr(0x802, 1), 13); /* read-only */
}

void claim(void)
{
	check_known();
	sweep(0, 0x2000, 1);
	sweep(0x40000000, 0x40000200, 1);
	sweep(0xc0000000, 0xc0000200, 1);
	sweep(0xc0010000, 0xc0010200, 1);
	sweep(0xc0011000, 0xc0011100, 1);
	sweep(0, 0xf0000000, 0x1234567);
	CHECK_IS(try_xsetbv(0, 0), 6); /* CR4.OSXSAVE is off */
}
