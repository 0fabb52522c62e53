/* SPDX-License-Identifier: Apache-2.0 */
/* The processor guests see: on a machine that has every feature, only the
 * listed ones show; registers take no value they must not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "fake_policy.h"
#include "vmm/cpu_model.h"

#include <cmocka.h>

#define EFER 0xc0000080u
#define PAT 0x277u
#define APIC_BASE 0x1bu
#define HYPERCALL_MSR 0x40000000u
#define LMA 0x400ull

static struct domain *d;
static struct vcpu *v;

static int setup(void **state)
{
	(void)state;
	fake_power_on();
	fake_policy_open();
	d = guest_make(3, LB_RED, 2, 32);
	v = &d->vcpus[1];
	fake_cpuid_value = ~0u; /* a machine with everything */
	return 0;
}

static u32 leaf(u32 number, u32 sub, u32 reg)
{
	u32 out[4];

	cpu_model_cpuid(v, number, sub, out);
	return out[reg];
}

static void hidden(u32 word, const u8 *bits, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		if ((word >> bits[i] & 1u) != 0) {
			fail_msg("bit %u shows", bits[i]);
		}
	}
}
#define HIDDEN(word, ...)                                                      \
	do {                                                                   \
		static const u8 bits_[] = { __VA_ARGS__ };                     \
		hidden(word, bits_, sizeof(bits_));                            \
	} while (0)

static void test_hidden(void **state)
{
	(void)state;
	/* DTES64 MONITOR DS-CPL VMX SMX EIST TM2 CNXT-ID SDBG xTPR PDCM PCID
	 * DCA TSC-deadline */
	HIDDEN(leaf(1, 0, 2), 2, 3, 4, 5, 6, 7, 8, 10, 11, 14, 15, 17, 18, 24);
	/* VME MCE MTRR MCA PSN DS ACPI SS HTT TM PBE */
	HIDDEN(leaf(1, 0, 3), 1, 7, 12, 14, 18, 21, 22, 27, 28, 29, 31);
	/* TSC_ADJUST SGX HLE INVPCID RTM PQM MPX PQE AVX512* SHA PT */
	HIDDEN(leaf(7, 0, 1), 1, 2, 4, 10, 11, 12, 14, 15, 16, 17, 21, 25, 26,
	       27, 28, 29, 30, 31);
	/* all but UMIP: PKU WAITPKG CET LA57 RDPID ... */
	assert_int_equal(leaf(7, 0, 2) & ~(1u << 2), 0);
	assert_int_equal(leaf(7, 0, 3), 0);
	assert_int_equal(leaf(7, 1, 0) | leaf(7, 1, 1), 0);
	/* CMPLEGACY SVM EXTAPIC OSVW IBS XOP SKINIT WDT LWP NODEID TOPOEXT
	 * PERFCTR DBREG MONITORX */
	HIDDEN(leaf(0x80000001, 0, 2), 1, 2, 3, 9, 10, 11, 12, 13, 15, 19, 22,
	       23, 24, 26, 28, 29);
	/* MCE MTRR MCA RDTSCP */
	HIDDEN(leaf(0x80000001, 0, 3), 7, 12, 14, 27);
	assert_int_equal(leaf(0x80000008, 0, 1), 0);
	assert_int_equal(leaf(0x80000007, 0, 1), 0);
}

/* Leaves that are not part of the model read zero on any machine. */
static void test_unknown_leaves(void **state)
{
	static const u32 leaves[] = {
		2,	    3,		4,	    5,		6,
		8,	    9,		0xa,	    0xc,	0xe,
		0xf,	    0x10,	0x12,	    0x14,	0x1f,
		0x3fffffff, 0x40000006, 0x40000100, 0x4000ff00, 0x80000009,
		0x8000000a, 0x8000001b, 0x8000001d, 0x8000001f, 0x8fffffff,
		0xc0000000, 0xffffffff
	};
	u32 i, reg;

	(void)state;
	for (i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		for (reg = 0; reg < 4; reg++) {
			assert_int_equal(leaf(leaves[i], 0, reg), 0);
		}
	}
	assert_int_equal(leaf(0, 0, 0), 0xd);
	assert_int_equal(leaf(0x80000000, 0, 0), 0x80000008u);
}

static void test_identity(void **state)
{
	u32 i;

	(void)state;
	assert_int_equal(leaf(1, 0, 1) >> 24, vapic_id(v));
	for (i = 0; i < 4; i++) { /* threads, cores, nothing above */
		u32 count = i == 0 ? 1 : i == 1 ? d->vcpu_count : 0;

		assert_int_equal(leaf(0xb, i, 0), i == 0 ? 1 : i == 1 ? 4 : 0);
		assert_int_equal(leaf(0xb, i, 1), count);
		assert_int_equal(leaf(0xb, i, 2), i < 2 ? (i + 1) << 8 | i : i);
		assert_int_equal(leaf(0xb, i, 3), vapic_id(v));
	}
	assert_true((leaf(1, 0, 2) >> 31 & 1u) != 0); /* hypervisor */
	assert_true((leaf(1, 0, 2) >> 21 & 1u) != 0); /* x2APIC */
	assert_int_equal(leaf(1, 0, 2) >> 27 & 1u, 0);
	fake_of(&v->hw)->osxsave = true; /* follows the guest's CR4 */
	assert_int_equal(leaf(1, 0, 2) >> 27 & 1u, 1);
}

static void test_xen_leaves(void **state)
{
	u32 text[4] = { 0 };

	(void)state;
	text[0] = leaf(0x40000000, 0, 1);
	text[1] = leaf(0x40000000, 0, 2);
	text[2] = leaf(0x40000000, 0, 3);
	assert_memory_equal(text, "XenVMMXenVMM", 12);
	assert_int_equal(leaf(0x40000000, 0, 0), 0x40000005);
	assert_int_equal(leaf(0x40000001, 0, 0), 0x00040011);
	assert_int_equal(leaf(0x40000002, 0, 0), 1);
	assert_int_equal(leaf(0x40000002, 0, 1), HYPERCALL_MSR);
	assert_int_equal(leaf(0x40000004, 0, 0), 0x18);
	assert_int_equal(leaf(0x40000004, 0, 1), 1); /* vCPU */
	assert_int_equal(leaf(0x40000004, 0, 2), 3); /* domain */
	assert_int_equal(leaf(0x80000008, 0, 0), 0x3028);
}

/* A machine that has nothing gives nothing, but what the core makes itself. */
static void test_bare_machine(void **state)
{
	(void)state;
	fake_cpuid_value = 0;
	fake_clock.is_stable = false;
	assert_int_equal(leaf(1, 0, 2), 1u << 31 | 1u << 21);
	assert_int_equal(leaf(1, 0, 3), 0);
	assert_int_equal(leaf(7, 0, 1), 0);
	assert_int_equal(leaf(0x80000001, 0, 3), 0);
	assert_int_equal(leaf(0x80000007, 0, 3), 0);
	fake_clock.is_stable = true;
	assert_int_equal(leaf(0x80000007, 0, 3), 1u << 8);
}

static void test_xsave(void **state)
{
	u32 sub;

	(void)state;
	assert_int_equal(leaf(0xd, 0, 0), 7);
	assert_int_equal(leaf(0xd, 0, 3), 0);
	assert_int_equal(leaf(0xd, 1, 0), 5); /* no XSAVEC, no XSAVES */
	assert_int_equal(leaf(0xd, 1, 2) | leaf(0xd, 1, 3), 0); /* no XSS */
	for (sub = 3; sub < 64; sub++) {
		assert_int_equal(leaf(0xd, sub, 0) | leaf(0xd, sub, 1), 0);
	}
}

static void test_xcr0(void **state)
{
	(void)state;
	assert_true(cpu_model_xcr0_is_valid(1));
	assert_true(cpu_model_xcr0_is_valid(3));
	assert_true(cpu_model_xcr0_is_valid(7));
	assert_false(cpu_model_xcr0_is_valid(0));
	assert_false(cpu_model_xcr0_is_valid(2));   /* x87 always */
	assert_false(cpu_model_xcr0_is_valid(5));   /* AVX needs SSE */
	assert_false(cpu_model_xcr0_is_valid(0xf)); /* not switched */
	assert_false(cpu_model_xcr0_is_valid(1ull << 63 | 1));
	assert_false(cpu_model_xcr0_is_valid(~0ull));
	fake_xcr0 = 3;
	assert_false(cpu_model_xcr0_is_valid(7));
}

static u64 read_msr(u32 msr)
{
	u64 value = ~0ull;

	assert_true(cpu_model_rdmsr(v, msr, &value));
	return value;
}

static void test_efer(void **state)
{
	u32 bit;

	(void)state;
	/* With paging on, LME stays as it is. */
	fake_of(&v->hw)->efer = 0x100;
	fake_of(&v->hw)->paging.is_paged = true;
	assert_false(cpu_model_wrmsr(v, EFER, 0));
	assert_true(cpu_model_wrmsr(v, EFER, 0x101));
	fake_of(&v->hw)->paging.is_paged = false;
	fake_of(&v->hw)->efer = 0;
	for (bit = 0; bit < 64; bit++) { /* SCE LME LMA NXE, nothing else */
		bool is_ok = bit == 0 || bit == 8 || bit == 10 || bit == 11;

		assert_int_equal(cpu_model_wrmsr(v, EFER, 1ull << bit), is_ok);
		if (!is_ok) {
			assert_int_equal(fake_of(&v->hw)->efer & 1ull << bit,
					 0);
		}
	}
	assert_true(cpu_model_wrmsr(v, EFER, LMA | 0x901));
	assert_int_equal(read_msr(EFER), 0x901); /* LMA is not the guest's */
	fake_of(&v->hw)->efer = 0xd01;
	assert_true(cpu_model_wrmsr(v, EFER, 0x901));
	assert_int_equal(read_msr(EFER), 0xd01);
	assert_false(cpu_model_wrmsr(v, EFER, 0xd01 | 1u << 12)); /* SVME */
	assert_int_equal(read_msr(EFER), 0xd01);
}

/* What CPUID offers can be switched on: no feature that ends in a fault. */
static void test_efer_agrees_with_cpuid(void **state)
{
	u32 edx = leaf(0x80000001, 0, 3), ecx = leaf(0x80000001, 0, 2);

	(void)state;
	assert_int_equal(cpu_model_wrmsr(v, EFER, 1u << 14), edx >> 25 & 1u);
	assert_int_equal(cpu_model_wrmsr(v, EFER, 1u << 12), ecx >> 2 & 1u);
	assert_int_equal(cpu_model_wrmsr(v, EFER, 1u << 11), edx >> 20 & 1u);
	assert_int_equal(cpu_model_wrmsr(v, EFER, 1u << 0), edx >> 11 & 1u);
}

static void test_pat(void **state)
{
	u32 i, type;

	(void)state;
	fake_of(&v->hw)->pat = 0x0007040600070406ull;
	for (i = 0; i < 8; i++) {
		for (type = 0; type < 256; type++) {
			bool is_ok = type < 8 && type != 2 && type != 3;
			u64 pat = (u64)type << (8 * i);
			u64 before = read_msr(PAT);

			assert_int_equal(cpu_model_wrmsr(v, PAT, pat), is_ok);
			assert_int_equal(read_msr(PAT), is_ok ? pat : before);
		}
	}
}

static void test_apic_base(void **state)
{
	u64 value = read_msr(APIC_BASE);

	(void)state;
	assert_int_equal(value, 0xfee00c00ull); /* x2APIC on, not the BSP */
	v = &d->vcpus[0];
	assert_int_equal(read_msr(APIC_BASE), 0xfee00d00ull);
	assert_true(cpu_model_wrmsr(v, APIC_BASE, 0xfee00d00ull));
	assert_false(cpu_model_wrmsr(v, APIC_BASE, 0xfee00900ull));
	assert_false(cpu_model_wrmsr(v, APIC_BASE, 0));
	assert_int_equal(read_msr(APIC_BASE), 0xfee00d00ull);
}

/* Of 2^32 registers, few exist. MTRRs, debug control, SVM, SYSCFG do not. */
static void test_unknown_msrs(void **state)
{
	static const u32 none[] = {
		0,	    1,		0x17,	    0x2f,	0x3a,
		0x79,	    0xce,	0xfe,	    0x179,	0x17a,
		0x1d9,	    0x200,	0x2ff,	    0x480,	0x7ff,
		0x840,	    0xda0,	0x3fffffff, 0x40000001, 0x40000020,
		0xc0000103, 0xc0010000, 0xc0010010, 0xc0010114, 0xc0010117,
		0xc0011030, 0xffffffff
	};
	u64 value;
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_false(cpu_model_rdmsr(v, none[i], &value));
		assert_false(cpu_model_wrmsr(v, none[i], 0));
	}
	assert_false(cpu_model_rdmsr(v, HYPERCALL_MSR, &value));
	assert_false(cpu_model_wrmsr(v, 0x10, 0)); /* TSC: read only */
	fake_tsc = 0x123456789ull;
	assert_int_equal(read_msr(0x10), 0x123456789ull);
}

static void test_hypercall_page(void **state)
{
	static const u8 stub[] = { 0xb8, 32, 0, 0, 0, 0x0f, 0x01, 0xd9, 0xc3 };
	static const u64 wild[] = { 0x5001,	0x5fff, 0x10000000,
				    1ull << 52, ~0ull,	0xfffffffffffff000ull };
	const u8 *page = guest_at(d, 0x5000);
	u32 i;

	(void)state;
	assert_true(cpu_model_wrmsr(v, HYPERCALL_MSR, 0x5000));
	assert_memory_equal(page + 32 * 32, stub, sizeof(stub));
	assert_int_equal(page[23 * 32], 0x0f); /* iret: ud2 */
	assert_int_equal(page[23 * 32 + 1], 0x0b);
	for (i = 0; i < 128; i++) {
		assert_int_equal(page[i * 32 + 31], 0xcc);
		assert_true(i == 23 || page[i * 32 + 1] == i);
	}
	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		assert_false(cpu_model_wrmsr(v, HYPERCALL_MSR, wild[i]));
	}
	assert_int_equal(p2m_set(d, 900, d->shared, P2M_SHARED), 0);
	assert_false(cpu_model_wrmsr(v, HYPERCALL_MSR, 900u << PAGE_SHIFT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_hidden, setup),
		cmocka_unit_test_setup(test_unknown_leaves, setup),
		cmocka_unit_test_setup(test_identity, setup),
		cmocka_unit_test_setup(test_xen_leaves, setup),
		cmocka_unit_test_setup(test_bare_machine, setup),
		cmocka_unit_test_setup(test_xsave, setup),
		cmocka_unit_test_setup(test_xcr0, setup),
		cmocka_unit_test_setup(test_efer, setup),
		cmocka_unit_test_setup(test_efer_agrees_with_cpuid, setup),
		cmocka_unit_test_setup(test_pat, setup),
		cmocka_unit_test_setup(test_apic_base, setup),
		cmocka_unit_test_setup(test_unknown_msrs, setup),
		cmocka_unit_test_setup(test_hypercall_page, setup),
	};

	return cmocka_run_group_tests_name("cpu_model", tests, NULL, NULL);
}
