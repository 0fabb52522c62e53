/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID as guests see it: the host's, through allow masks, plus the Xen leaves.
 * What is not listed reads as zero: new features stay hidden until switched. */
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

static void clear(u32 out[4])
{
	out[0] = 0;
	out[1] = 0;
	out[2] = 0;
	out[3] = 0;
}

static void leaf_1(const struct vcpu *v, u32 out[4])
{
	out[1] = (out[1] & 0x0000ff00u) | (v->apic.id << 24) |
		 (1u << 16); /* one logical processor a package */
	out[2] = (out[2] & L1_ECX) | L1_ECX_X2APIC | L1_ECX_HYPERVISOR;
	if (hw_xcr0_supported() == 0) {
		out[2] &= ~0x34001000u; /* XSAVE, AVX, FMA, F16C */
	}
	if (hw_vcpu_osxsave(&v->hw)) {
		out[2] |= L1_ECX_OSXSAVE;
	}
	out[3] &= L1_EDX;
}

static void leaf_7(u32 subleaf, u32 out[4])
{
	if (subleaf != 0) {
		clear(out);
		return;
	}
	out[0] = 0;
	out[1] &= L7_EBX;
	if (hw_xcr0_supported() == 0) {
		out[1] &= ~L7_EBX_AVX2;
	}
	out[2] &= L7_ECX_UMIP;
	out[3] = 0;
}

static void leaf_topology(const struct vcpu *v, u32 subleaf, u32 out[4])
{
	clear(out);
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

static void leaf_xsave(u32 subleaf, u32 out[4])
{
	u64 all = hw_xcr0_supported();

	if (all == 0 || subleaf > 2) {
		clear(out);
	} else if (subleaf == 0) {
		out[0] = (u32)all;
		out[3] = 0;
	} else if (subleaf == 1) {
		out[0] &= 5u; /* XSAVEOPT, XGETBV1; XSAVES needs XSS */
		out[1] = 0;
		out[2] = 0;
		out[3] = 0;
	}
}

static void leaf_xen(const struct vcpu *v, u32 leaf, u32 out[4])
{
	clear(out);
	switch (leaf - LEAF_XEN) {
	case 0:
		out[0] = LEAF_XEN + 5;
		out[1] = 0x566e6558u; /* "XenVMMXenVMM" */
		out[2] = 0x65584d4du;
		out[3] = 0x4d4d566eu;
		break;
	case 1:
		out[0] = XEN_VERSION;
		break;
	case 2:
		out[0] = 1;
		out[1] = HYPERCALL_MSR;
		break;
	case 4:
		out[0] = (1u << 3) | (1u << 4); /* vCPU id, domain id present */
		out[1] = v->id;
		out[2] = v->domid;
		break;
	case 5:
		out[1] = ADDRESS_BITS & 0xffu;
		break;
	default:
		break;
	}
}

static void leaf_extended(u32 leaf, u32 out[4])
{
	switch (leaf) {
	case 0x80000000u:
		out[0] = 0x80000008u;
		break;
	case 0x80000001u:
		out[2] &= E1_ECX;
		out[3] &= E1_EDX;
		break;
	case 0x80000002u:
	case 0x80000003u:
	case 0x80000004u:
	case 0x80000005u:
	case 0x80000006u:
		break;
	case 0x80000007u: /* invariant TSC only when ours really is */
		clear(out);
		out[3] = hw_clock()->is_stable ? 1u << 8 : 0;
		break;
	case 0x80000008u:
		clear(out);
		out[0] = ADDRESS_BITS;
		break;
	default:
		clear(out);
		break;
	}
}

void cpu_model_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 out[4])
{
	if (leaf >= LEAF_XEN && leaf < LEAF_XEN + 0x10000u) {
		leaf_xen(v, leaf, out);
		return;
	}
	hw_cpuid(leaf, subleaf, out);
	if (leaf >= 0x80000000u) {
		leaf_extended(leaf, out);
		return;
	}
	switch (leaf) {
	case 0:
		out[0] = 0xd;
		break;
	case 1:
		leaf_1(v, out);
		break;
	case 7:
		leaf_7(subleaf, out);
		break;
	case 0xb:
		leaf_topology(v, subleaf, out);
		break;
	case 0xd:
		leaf_xsave(subleaf, out);
		break;
	default:
		clear(out);
		break;
	}
}

/* x87 always; AVX needs SSE; nothing that is not switched. */
bool cpu_model_xcr0_is_valid(u64 xcr0)
{
	return (xcr0 & 1u) != 0 && (xcr0 & ~hw_xcr0_supported()) == 0 &&
	       ((xcr0 & 4u) == 0 || (xcr0 & 2u) != 0);
}
