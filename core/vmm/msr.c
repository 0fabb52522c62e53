/* SPDX-License-Identifier: Apache-2.0 */
/* Model-specific registers that reach the core. STAR, FS/GS base and SYSENTER
 * do not: they are switched with the guest. What is not here is #GP. */
#include "vmm/cpu_model.h"
#include "vmm/hypercall_page.h"
#include "vmm/vapic.h"

#define MSR_APIC_BASE 0x1bu
#define MSR_TSC 0x10u
#define MSR_PATCH_LEVEL 0x8bu
#define MSR_PAT 0x277u
#define MSR_HYPERCALL_PAGE 0x40000000u
#define MSR_EFER 0xc0000080u
#define MSR_HWCR 0xc0010015u
#define MSR_NB_CFG 0xc001001fu
#define MSR_MMIO_CONF 0xc0010058u
#define MSR_DE_CFG 0xc0011029u

#define APIC_BASE_X2APIC 0xfee00c00ull
#define APIC_BASE_BSP 0x100ull
#define EFER_GUEST 0xd01ull /* SCE, LME, LMA, NXE */
#define EFER_LME 0x100ull
#define EFER_LMA 0x400ull

static bool pat_is_valid(u64 pat)
{
	u32 i;

	for (i = 0; i < 8; i++) {
		u32 type = (u32)(pat >> (8 * i)) & 0xffu;

		if (type > 7 || type == 2 || type == 3) {
			return false;
		}
	}
	return true;
}

bool cpu_model_rdmsr(struct vcpu *v, u32 msr, u64 *value)
{
	if (msr >= VAPIC_MSR_FIRST && msr <= VAPIC_MSR_LAST) {
		return vapic_read(v, msr, value);
	}
	switch (msr) {
	case MSR_APIC_BASE:
		*value = APIC_BASE_X2APIC | (v->id == 0 ? APIC_BASE_BSP : 0);
		return true;
	case MSR_TSC:
		*value = hw_tsc();
		return true;
	case MSR_PATCH_LEVEL:
		*value = 1;
		return true;
	case MSR_PAT:
		*value = hw_vcpu_pat(&v->hw);
		return true;
	case MSR_EFER:
		*value = hw_vcpu_efer(&v->hw);
		return true;
	case MSR_HWCR: /* the TSC counts at the P0 frequency */
		*value = 1ull << 24;
		return true;
	case MSR_NB_CFG: /* extended configuration already on */
		*value = 1ull << 46;
		return true;
	case MSR_MMIO_CONF:
		*value = 0;
		return true;
	case MSR_DE_CFG: /* LFENCE serialises */
		*value = 2;
		return true;
	default:
		return false;
	}
}

/* LMA follows LME and paging by itself; the guest cannot write it. */
static bool write_efer(struct vcpu *v, u64 value)
{
	u64 now = hw_vcpu_efer(&v->hw);

	if ((value & ~EFER_GUEST) != 0 || (((value ^ now) & EFER_LME) != 0 &&
					   hw_vcpu_paging(&v->hw).is_paged)) {
		return false;
	}
	hw_vcpu_set_efer(&v->hw, (value & ~EFER_LMA) | (now & EFER_LMA));
	return true;
}

bool cpu_model_wrmsr(struct vcpu *v, u32 msr, u64 value)
{
	u64 now;

	if (msr >= VAPIC_MSR_FIRST && msr <= VAPIC_MSR_LAST) {
		return vapic_write(v, msr, value);
	}
	switch (msr) {
	case MSR_EFER:
		return write_efer(v, value);
	case MSR_PAT:
		if (!pat_is_valid(value)) {
			return false;
		}
		hw_vcpu_set_pat(&v->hw, value);
		return true;
	case MSR_APIC_BASE: /* writing what is there already is fine */
		return cpu_model_rdmsr(v, msr, &now) && now == value;
	case MSR_HYPERCALL_PAGE:
		return hypercall_page_fill(v, value);
	case MSR_PATCH_LEVEL:
	case MSR_HWCR:
	case MSR_NB_CFG:
	case MSR_DE_CFG:
		return true;
	default:
		return false;
	}
}
