/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID as guests see it: the host's, through allow masks, plus the Xen leaves.
 * What is not listed reads as zero: new features stay hidden until switched. */
#include "vmm/cpu_model.h"

#define LEAF_XEN 0x40000000u
#define XEN_VERSION ((4u << 16) | 17u)
#define XENVMM 0x566e6558u, 0x65584d4du, 0x4d4d566eu /* "XenVMMXenVMM" */
#define XEN_NUMBERS 0x18u			     /* of vCPU and domain */

/* Leaf 1 ECX: SSE3 PCLMUL SSSE3 FMA CX16 SSE4.1 SSE4.2 MOVBE POPCNT AES XSAVE
 * AVX F16C RDRAND. */
#define L1_ECX 0x76d83203u
#define L1_ECX_OSXSAVE (1u << 27)
#define L1_SET ((1u << 21) | (1u << 31)) /* of ECX: x2APIC, hypervisor */
/* Leaf 1 EDX: FPU DE PSE TSC MSR PAE CX8 APIC SEP PGE CMOV PAT PSE36 CLFSH MMX
 * FXSR SSE SSE2; not MCE, MTRR, MCA, VME, HTT. */
#define L1_EDX 0x078bab7du
/* Leaf 7 EBX: FSGSBASE BMI1 AVX2 SMEP BMI2 ERMS SMAP CLFLUSHOPT ADX. */
#define L7_EBX 0x009803a9u
#define L7_ECX_UMIP (1u << 2)
/* Leaf 0xb ECX: what the subleaf is about; a core has one thread. */
#define LEVEL_THREAD (1u << 8)
#define LEVEL_CORE (2u << 8)
/* 80000001 ECX: LAHF CR8_LEGACY ABM SSE4A MISALIGNSSE 3DNOWPREFETCH. */
#define E1_ECX 0x000001f1u
/* 80000001 EDX: as leaf 1, plus SYSCALL NX MMXEXT PDPE1GB LM. */
#define E1_EDX 0x25d3ab7du
#define PHYSICAL_BITS 40u

#define ANY (~0u) /* whatever the subleaf */

/* EAX, EBX, ECX, EDX as a guest sees them: these bits of the host's leaf, and
 * others that are always set. Of 0xd: what core/hw switches (x87, SSE, AVX);
 * XSAVEOPT, XGETBV1 (XSAVES needs XSS). */
static const struct leaf {
	u32 first, last, subleaf;
	u32 keep[4], set[4];
} leaves[] = {
	{ 0x0, 0x0, ANY, { 0, ~0u, ~0u, ~0u }, { 0xd } },
	{ 0x1, 0x1, ANY, { ~0u, 0xff00u, L1_ECX, L1_EDX }, { 0, 0, L1_SET } },
	{ 0x7, 0x7, 0, { 0, L7_EBX, L7_ECX_UMIP, 0 }, { 0 } },
	{ 0xb, 0xb, 0, { 0 }, { 1, 1, LEVEL_THREAD } },
	{ 0xb, 0xb, 1, { 0 }, { 4, 0, LEVEL_CORE } },
	{ 0xd, 0xd, 0, { 7u, ~0u, ~0u, 0 }, { 0 } },
	{ 0xd, 0xd, 1, { 5u, 0, 0, 0 }, { 0 } },
	{ 0xd, 0xd, 2, { ~0u, ~0u, ~0u, ~0u }, { 0 } },
	{ LEAF_XEN, LEAF_XEN, ANY, { 0 }, { LEAF_XEN + 5, XENVMM } },
	{ LEAF_XEN + 1, LEAF_XEN + 1, ANY, { 0 }, { XEN_VERSION } },
	{ LEAF_XEN + 2, LEAF_XEN + 2, ANY, { 0 }, { 1, MSR_HYPERCALL_PAGE } },
	{ LEAF_XEN + 4, LEAF_XEN + 4, ANY, { 0 }, { XEN_NUMBERS } },
	{ LEAF_XEN + 5, LEAF_XEN + 5, ANY, { 0 }, { 0, PHYSICAL_BITS } },
	{ 0x80000000u, 0x80000000u, ANY, { 0 }, { 0x80000008u } },
	{ 0x80000001u, 0x80000001u, ANY, { ~0u, ~0u, E1_ECX, E1_EDX }, { 0 } },
	{ 0x80000002u, 0x80000006u, ANY, { ~0u, ~0u, ~0u, ~0u }, { 0 } },
	{ 0x80000008u, 0x80000008u, ANY, { 0 }, { 0x3000u | PHYSICAL_BITS } },
};
#define LEAVES (sizeof(leaves) / sizeof(leaves[0]))

/* By the table; what is not in it reads zero. */
static void leaf_fixed(u32 leaf, u32 subleaf, u32 out[4])
{
	static const struct leaf nothing;
	const struct leaf *l = &nothing;
	u32 i;

	for (i = 0; i < LEAVES && l == &nothing; i++) {
		if (leaf >= leaves[i].first && leaf <= leaves[i].last &&
		    (leaves[i].subleaf == ANY ||
		     leaves[i].subleaf == subleaf)) {
			l = &leaves[i];
		}
	}
	hw_cpuid(leaf, subleaf, out);
	for (i = 0; i < 4; i++) {
		out[i] = (out[i] & l->keep[i]) | l->set[i];
	}
}

void cpu_model_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 out[4])
{
	leaf_fixed(leaf, subleaf, out);
	switch (leaf) {
	case 0x1:
		out[1] |= (vapic_id(v) << 24) | (1u << 16); /* one a package */
		out[2] |= hw_vcpu_osxsave(&v->hw) ? L1_ECX_OSXSAVE : 0;
		break;
	case 0xb:
		out[1] |= subleaf == 1 ? vcpu_domain(v)->vcpu_count : 0;
		out[2] |= subleaf;
		out[3] = vapic_id(v);
		break;
	case LEAF_XEN + 4:
		out[1] = v->id;
		out[2] = v->domid;
		break;
	case 0x80000007u: /* invariant TSC only when ours really is */
		out[3] = hw_clock()->is_stable ? 1u << 8 : 0;
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
