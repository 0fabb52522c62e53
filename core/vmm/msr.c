/* SPDX-License-Identifier: Apache-2.0 */
/* Model-specific registers that reach the core. STAR, FS/GS base and SYSENTER
 * do not: they are switched with the guest. What is not here is #GP. */
#include "lib/mem.h"
#include "vmm/cpu_model.h"
#include "vmm/p2m.h"

#define MSR_APIC_BASE 0x1bu
#define MSR_TSC 0x10u
#define MSR_PAT 0x277u
#define MSR_EFER 0xc0000080u

#define APIC_BASE_X2APIC 0xfee00c00ull
#define APIC_BASE_BSP 0x100ull
#define EFER_GUEST 0xd01ull /* SCE, LME, LMA, NXE */
#define EFER_LME 0x100ull
#define EFER_LMA 0x400ull

#define STUB_BYTES 32u
#define IRET_STUB 23u /* means nothing outside PV guests: ud2 */

/* Registers that always read the same; writing most of them does nothing. */
static const struct constant {
	u32 msr;
	bool drops_writes;
	u64 value;
} constants[] = {
	{ 0x0000008bu, true, 1 },	   /* patch level */
	{ 0xc0010015u, true, 1ull << 24 }, /* HWCR: TSC at P0 frequency */
	{ 0xc001001fu, true, 1ull << 46 }, /* NB_CFG: extended space is on */
	{ 0xc0010058u, false, 0 },	   /* MMIO configuration base: none */
	{ 0xc0011029u, true, 2 },	   /* DE_CFG: LFENCE serialises */
};

static const struct constant *constant_find(u32 msr)
{
	u32 i;

	for (i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		if (constants[i].msr == msr) {
			return &constants[i];
		}
	}
	return NULL;
}

/* 128 stubs of 32 bytes: mov $number, %eax; vmmcall; ret. */
static bool hypercall_page_fill(struct vcpu *v, gpa_t gpa)
{
	static const u8 call[] = { 0xb8, 0, 0, 0, 0, 0x0f, 0x01, 0xd9, 0xc3 };
	static const u8 ud2[] = { 0x0f, 0x0b };
	mfn_t mfn = p2m_ram(vcpu_domain(v), gpa >> PAGE_SHIFT);
	u8 *page;
	u32 i;

	if ((gpa & PAGE_MASK) != 0 || mfn == MFN_NONE) {
		return false;
	}
	page = hw_frame(mfn);
	memset(page, 0xcc, PAGE_SIZE);
	for (i = 0; i < PAGE_SIZE / STUB_BYTES; i++) {
		memcpy(page + i * STUB_BYTES, call, sizeof(call));
		page[i * STUB_BYTES + 1] = (u8)i;
	}
	memcpy(page + IRET_STUB * STUB_BYTES, ud2, sizeof(ud2));
	return true;
}

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
	const struct constant *c = constant_find(msr);

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
	case MSR_PAT:
		*value = hw_vcpu_pat(&v->hw);
		return true;
	case MSR_EFER:
		*value = hw_vcpu_efer(&v->hw);
		return true;
	default:
		*value = c != NULL ? c->value : 0;
		return c != NULL;
	}
}

/* LMA follows LME and paging by itself; the guest cannot write it. */
static bool write_efer(struct vcpu *v, u64 value)
{
	u64 now = hw_vcpu_efer(&v->hw);

	if ((value & ~EFER_GUEST) != 0 || (((value ^ now) & EFER_LME) != 0 &&
					   hw_vcpu_mode(&v->hw).is_paged)) {
		return false;
	}
	hw_vcpu_set_efer(&v->hw, (value & ~EFER_LMA) | (now & EFER_LMA));
	return true;
}

bool cpu_model_wrmsr(struct vcpu *v, u32 msr, u64 value)
{
	const struct constant *c = constant_find(msr);
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
	default:
		return c != NULL && c->drops_writes;
	}
}
