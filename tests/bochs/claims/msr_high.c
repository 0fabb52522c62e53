/* SPDX-License-Identifier: Apache-2.0 */
/* RDMSR and WRMSR look at ECX only: with any bits above it set in RCX the same
 * registers are the guest's, and no other. QEMU 7.2 reads the MSR bitmap at a
 * wrong place then, so that only another machine can tell. */
#include "../../guest/lib.h"

const char claim_name[] = "msr_high";

static const u64 highs[] = { 1ull << 32, 2ull << 32, 3ull << 32,
			     1ull << 40, 1ull << 63, 0xffffffffull << 32 };

static u64 value_of(u64 rcx)
{
	u64 value = 0;

	CHECK_IS(try_rdmsr(rcx, &value), NO_FAULT);
	return value;
}

/* The machine's own, which no guest may see: MTRRs, machine check, the system
 * configuration, SVM. */
static void check_hidden(u64 high)
{
	static const u32 hidden[] = { 0xfe,	  0x200,      0x2ff,
				      0x179,	  0xc0010010, 0xc0010114,
				      0xc0010117, 0xc0000103 };
	u64 value;
	u32 i;

	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		CHECK_IS(try_rdmsr(hidden[i], &value), 13);
		CHECK_IS(try_rdmsr(high | hidden[i], &value), 13);
		CHECK_IS(try_wrmsr(high | hidden[i], 0), 13);
	}
}

/* Those the guest has a version of its own of. */
static void check_own(u64 high)
{
	u64 pat = value_of(0x277);

	CHECK_IS(value_of(high | 0x1b), 0xfee00d00);
	CHECK_IS(try_wrmsr(high | 0x1b, 0xfee00900), 13);
	CHECK_IS(value_of(high | 0xc0000080), value_of(0xc0000080));
	CHECK_IS(
		try_wrmsr(high | 0xc0000080, value_of(0xc0000080) | (1u << 12)),
		13);
	CHECK_IS(try_wrmsr(high | 0x277, 0x0202020202020202), 13);
	CHECK_IS(try_wrmsr(high | 0x277, 0x0606060606060606), NO_FAULT);
	CHECK_IS(value_of(0x277), 0x0606060606060606);
	CHECK_IS(try_wrmsr(0x277, pat), NO_FAULT);
	CHECK_IS(value_of(high | 0x277), pat);
}

/* Those that are switched with the guest and reach it without an exit. */
static void check_switched(u64 high)
{
	CHECK_IS(try_wrmsr(high | 0xc0000082, 0x1234567), NO_FAULT);
	CHECK_IS(value_of(0xc0000082), 0x1234567);
	CHECK_IS(value_of(high | 0xc0000101), value_of(0xc0000101));
}

void claim(void)
{
	u32 i;

	for (i = 0; i < sizeof(highs) / sizeof(highs[0]); i++) {
		check_hidden(highs[i]);
		check_own(highs[i]);
		check_switched(highs[i]);
	}
}
