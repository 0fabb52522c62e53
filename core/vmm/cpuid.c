/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID as guests see it: the host's, through allow masks, plus the Xen leaves.
 * What is not listed reads as zero: new features stay hidden until switched. */
#include "lib/mem.h"
#include "vmm/cpu_model.h"

#define LEAF_XEN 0x40000000u
#define XEN_VERSION ((4u << 16) | 17u)
#define HYPERCALL_MSR 0x40000000u

/* Leaf 1 ECX: SSE3 PCLMUL SSSE3 FMA CX16 SSE4.1 SSE4.2 MOVBE POPCNT AES XSAVE
 * AVX F16C RDRAND. */
#define L1_ECX 0x76d83203u
#define L1_ECX_X2APIC (1u << 21)
#define L1_ECX_OSXSAVE (1u << 27)
#define L1_ECX_HYPERVISOR (1u << 31)
/* Leaf 1 EDX: FPU DE PSE TSC MSR PAE CX8 APIC SEP PGE CMOV PAT PSE36 CLFSH MMX
 * FXSR SSE SSE2; not MCE, MTRR, MCA, VME, HTT. */
#define L1_EDX 0x078bab7du
/* Leaf 7 EBX: FSGSBASE BMI1 AVX2 SMEP BMI2 ERMS SMAP CLFLUSHOPT ADX. */
#define L7_EBX 0x009803a9u
#define L7_EBX_AVX2 (1u << 5)
#define L7_ECX_UMIP (1u << 2)
/* 80000001 ECX: LAHF CR8_LEGACY ABM SSE4A MISALIGNSSE 3DNOWPREFETCH. */
#define E1_ECX 0x000001f1u
/* 80000001 EDX: as leaf 1, plus SYSCALL NX MMXEXT PDPE1GB LM. */
#define E1_EDX 0x25d3ab7du
#define ADDRESS_BITS 0x3028u /* 48 linear, 40 physical */

#define ALL                                                                    \
	{                                                                      \
		~0u, ~0u, ~0u, ~0u                                             \
	}

/* The bits of EAX, EBX, ECX, EDX a guest sees of the host's leaf. */
static const struct mask {
	u32 first, last;
	u32 keep[4];
} masks[] = {
	{ 0x0, 0x0, ALL },
	{ 0x1, 0x1, { ~0u, 0x0000ff00u, L1_ECX, L1_EDX } },
	{ 0x7, 0x7, { 0, L7_EBX, L7_ECX_UMIP, 0 } },
	{ 0xd, 0xd, ALL },
	{ 0x80000000u, 0x80000000u, ALL },
	{ 0x80000001u, 0x80000001u, { ~0u, ~0u, E1_ECX, E1_EDX } },
	{ 0x80000002u, 0x80000006u, ALL }, /* name and caches */
};

static void keep(u32 out[4], const u32 bits[4])
{
	u32 i;

	for (i = 0; i < 4; i++) {
		out[i] &= bits[i];
	}
}

static void host_leaf(u32 leaf, u32 subleaf, u32 out[4])
{
	static const u32 nothing[4];
	const u32 *bits = nothing;
	u32 i;

	for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		if (leaf >= masks[i].first && leaf <= masks[i].last &&
		    (leaf != 7 || subleaf == 0)) {
			bits = masks[i].keep;
		}
	}
	hw_cpuid(leaf, subleaf, out);
	keep(out, bits);
}

static void leaf_1(const struct vcpu *v, u32 out[4])
{
	out[1] |= (v->apic.id << 24) | (1u << 16); /* one a package */
	out[2] |= L1_ECX_X2APIC | L1_ECX_HYPERVISOR;
	if (hw_xcr0_supported() == 0) {
		out[2] &= ~0x34001000u; /* XSAVE, AVX, FMA, F16C */
	}
	if (hw_vcpu_osxsave(&v->hw)) {
		out[2] |= L1_ECX_OSXSAVE;
	}
}

static void leaf_topology(const struct vcpu *v, u32 subleaf, u32 out[4])
{
	out[2] = subleaf;
	out[3] = v->apic.id;
	if (subleaf == 0) { /* thread level: one a core */
		out[0] = 1;
		out[1] = 1;
		out[2] |= 1u << 8;
	} else if (subleaf == 1) { /* core level */
		out[0] = 4;
		out[1] = vcpu_domain(v)->vcpu_count;
		out[2] |= 2u << 8;
	}
}

/* By subleaf; of 1: XSAVEOPT, XGETBV1 (XSAVES needs XSS). */
static void leaf_xsave(u32 subleaf, u32 out[4])
{
	static const u32 bits[][4] = {
		{ 0, ~0u, ~0u, 0 }, { 5u, 0, 0, 0 }, ALL, { 0, 0, 0, 0 }
	};
	u64 all = hw_xcr0_supported();

	keep(out, bits[all == 0 || subleaf > 2 ? 3 : subleaf]);
	if (subleaf == 0) {
		out[0] = (u32)all;
	}
}

static void leaf_xen(const struct vcpu *v, u32 leaf, u32 out[4])
{
	static const u32 leaves[][4] = {
		{ LEAF_XEN + 5, 0x566e6558u, 0x65584d4du, 0x4d4d566eu },
		{ XEN_VERSION }, /* above: "XenVMMXenVMM" */
		{ 1, HYPERCALL_MSR },
		{ 0 },
		{ (1u << 3) | (1u << 4) }, /* vCPU id, domain id present */
		{ 0, ADDRESS_BITS & 0xffu },
	};

	memset(out, 0, sizeof(leaves[0]));
	if (leaf - LEAF_XEN < sizeof(leaves) / sizeof(leaves[0])) {
		memcpy(out, leaves[leaf - LEAF_XEN], sizeof(leaves[0]));
	}
	if (leaf == LEAF_XEN + 4) {
		out[1] = v->id;
		out[2] = v->domid;
	}
}

void cpu_model_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 out[4])
{
	if (leaf >= LEAF_XEN && leaf < LEAF_XEN + 0x10000u) {
		leaf_xen(v, leaf, out);
		return;
	}
	host_leaf(leaf, subleaf, out);
	switch (leaf) {
	case 0:
		out[0] = 0xd;
		break;
	case 1:
		leaf_1(v, out);
		break;
	case 7:
		out[1] &= hw_xcr0_supported() == 0 ? ~L7_EBX_AVX2 : ~0u;
		break;
	case 0xb:
		leaf_topology(v, subleaf, out);
		break;
	case 0xd:
		leaf_xsave(subleaf, out);
		break;
	case 0x80000000u:
		out[0] = 0x80000008u;
		break;
	case 0x80000007u: /* invariant TSC only when ours really is */
		out[3] = hw_clock()->is_stable ? 1u << 8 : 0;
		break;
	case 0x80000008u:
		out[0] = ADDRESS_BITS;
		break;
	default:
		break;
	}
}

/* x87 always; AVX needs SSE; nothing that is not switched. */
bool cpu_model_xcr0_is_valid(u64 xcr0)
{
	return (xcr0 & 1u) != 0 && (xcr0 & ~hw_xcr0_supported()) == 0 &&
	       ((xcr0 & 4u) == 0 || (xcr0 & 2u) != 0);
}
