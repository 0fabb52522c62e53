/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual processors on AMD SVM: control block set-up, entry, exit decoding.
 * Decides nothing: it reports exits to the vmm and does as it is told. */
#include "hw/x86/svm.h"

#include "abi/limits.h"
#include "hw/hw.h"
#include "hw/x86/x86.h"
#include "lib/mem.h"
#include "lib/print.h"

#define MSR_EFER 0xc0000080u
#define MSR_VM_HSAVE_PA 0xc0010117u
#define MSR_VM_CR 0xc0010114u
#define VM_CR_SVMDIS (1ull << 4)
#define DR7_RESET 0x400u
#define VECTOR_DB 1u
#define VECTOR_GP 13u
#define VECTOR_AC 17u
#define VECTOR_MC 18u
#define CR0_PG (1ull << 31)
#define CR4_OSXSAVE (1ull << 18)
#define CS_LONG (1u << 9)
#define PAT_RESET 0x0407050600070106ull
#define XCR0_SWITCHED 7ull /* x87, SSE, AVX: what HW_XSAVE_BYTES holds */

#define EXIT_DB 0x41u
#define EXIT_AC 0x51u
#define EXIT_MC 0x52u
#define EXIT_FIRST 0x64u /* VINTR; instructions from 0x65 */
#define EXIT_LAST 0x8eu
#define EXIT_INTR 0x60u
#define EXIT_NMI 0x61u
#define EXIT_SMI 0x62u
#define EXIT_INIT 0x63u
#define EXIT_CPUID 0x72u
#define EXIT_INVD 0x76u
#define EXIT_HLT 0x78u
#define EXIT_IOIO 0x7bu
#define EXIT_MSR 0x7cu
#define EXIT_SHUTDOWN 0x7fu
#define EXIT_VMMCALL 0x81u
#define EXIT_WBINVD 0x89u
#define EXIT_XSETBV 0x8du
#define EXIT_NPF 0x400u

/* All ones: every port and, but for the MSRs below, every MSR exits. The
 * tables are read by the processor at each access and never written again. */
static u8 iopm[3 * PAGE_SIZE] __attribute__((aligned(4096)));
static u8 msrpm[2 * PAGE_SIZE] __attribute__((aligned(4096)));
static u8 host_save[CASEMATE_MAX_CPUS][PAGE_SIZE]
	__attribute__((aligned(4096)));
static u8 host_state[CASEMATE_MAX_CPUS][PAGE_SIZE]
	__attribute__((aligned(4096)));

/* Who ran here last: its translations may still be cached. */
static const struct hw_vcpu *last_run[CASEMATE_MAX_CPUS];

static struct vmcb *vmcb_of(const struct hw_vcpu *v)
{
	return hw_frame(v->vmcb);
}

/* Let the guest at an MSR that VMLOAD/VMSAVE switch. Two bits an MSR. */
static void msr_pass(u32 msr)
{
	u32 base = msr >= 0xc0000000u ? 0x800u : 0;
	u32 index = msr & 0x1fffu;

	msrpm[base + index / 4] &= (u8) ~(3u << (index % 4 * 2));
}

static void maps_init(void)
{
	u32 msr;

	memset(iopm, 0xff, sizeof(iopm));
	memset(msrpm, 0xff, sizeof(msrpm));
	for (msr = 0xc0000081u; msr <= 0xc0000084u; msr++) {
		msr_pass(msr);
	}
	for (msr = 0xc0000100u; msr <= 0xc0000102u; msr++) {
		msr_pass(msr);
	}
	for (msr = 0x174u; msr <= 0x176u; msr++) {
		msr_pass(msr);
	}
}

void hw_cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]),
			   "=d"(out[3])
			 : "a"(leaf), "c"(subleaf));
}

const char *hw_vm_cpu_init(void)
{
	u32 r[4];
	u32 cpu = hw_cpu();

	hw_cpuid(0x80000000u, 0, r);
	if (r[0] < 0x8000000au) {
		return "no AMD SVM (virtualisation extensions)";
	}
	hw_cpuid(0x80000001u, 0, r);
	if ((r[2] & 4u) == 0) {
		return "no AMD SVM (virtualisation extensions)";
	}
	if ((rdmsr(MSR_VM_CR) & VM_CR_SVMDIS) != 0) {
		return "SVM is disabled by the firmware";
	}
	hw_cpuid(0x8000000au, 0, r);
	if ((r[3] & 1u) == 0) {
		return "no nested paging";
	}
	if (cpu == 0) {
		maps_init();
	}
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, (u64)host_save[cpu]);
	vmsave((u64)host_state[cpu]);
	return "";
}

u64 hw_xcr0_supported(void)
{
	u32 r[4];

	hw_cpuid(1, 0, r);
	if ((r[2] & (1u << 26)) == 0) {
		return 0;
	}
	hw_cpuid(0xd, 0, r);
	return r[0] & XCR0_SWITCHED;
}

void hw_vcpu_init(struct hw_vcpu *v, mfn_t vmcb, mfn_t npt_root)
{
	memset(v, 0, sizeof(*v));
	v->vmcb = vmcb;
	v->npt_root = npt_root;
	v->xcr0 = 1;
	v->last_cpu = ~0u;
	/* The reset image of FCW and MXCSR; XSTATE_BV = 0 means initial. */
	v->xsave[0] = 0x7f;
	v->xsave[1] = 0x03;
	v->xsave[24] = 0x80;
	v->xsave[25] = 0x1f;
}

static void vmcb_reset_control(struct hw_vcpu *v, struct vmcb *c)
{
	/* A guest whose #DB or #AC handler faults the same way again would
	 * keep the processor for ever without these; #MC is the host's. */
	c->exceptions = (1u << VECTOR_DB) | (1u << VECTOR_AC) |
			(1u << VECTOR_MC);
	c->intercept1 = INTERCEPT1_INTR | INTERCEPT1_NMI | INTERCEPT1_SMI |
			INTERCEPT1_INIT | INTERCEPT1_RDPMC | INTERCEPT1_CPUID |
			INTERCEPT1_RSM | INTERCEPT1_INVD | INTERCEPT1_HLT |
			INTERCEPT1_INVLPGA | INTERCEPT1_IOIO | INTERCEPT1_MSR |
			INTERCEPT1_TASK | INTERCEPT1_FERR | INTERCEPT1_SHUTDOWN;
	c->intercept2 = INTERCEPT2_VMRUN | INTERCEPT2_VMMCALL |
			INTERCEPT2_VMLOAD | INTERCEPT2_VMSAVE |
			INTERCEPT2_STGI | INTERCEPT2_CLGI | INTERCEPT2_SKINIT |
			INTERCEPT2_ICEBP | INTERCEPT2_RDPRU |
			INTERCEPT2_WBINVD | INTERCEPT2_MONITOR |
			INTERCEPT2_MWAIT | INTERCEPT2_MWAIT_ARMED |
			INTERCEPT2_XSETBV;
	c->iopm_base = (u64)iopm;
	c->msrpm_base = (u64)msrpm;
	c->asid = 1;
	c->vintr = VINTR_MASKING | VINTR_IGN_TPR | VINTR_PRIO_MAX;
	c->np_enable = 1;
	c->n_cr3 = v->npt_root << PAGE_SHIFT;
}

static void segment(struct vmcb_segment *s, u16 selector, u16 attributes,
		    u32 limit, u64 base)
{
	s->selector = selector;
	s->attributes = attributes;
	s->limit = limit;
	s->base = base;
}

/* What both entry states share: flat data, empty system tables. */
static struct vmcb *vmcb_reset(struct hw_vcpu *v, u16 data, u32 limit)
{
	struct vmcb *c = vmcb_of(v);

	memset(c, 0, sizeof(*c));
	vmcb_reset_control(v, c);
	segment(&c->es, 0, data, limit, 0);
	segment(&c->ss, 0, data, limit, 0);
	segment(&c->ds, 0, data, limit, 0);
	segment(&c->fs, 0, data, limit, 0);
	segment(&c->gs, 0, data, limit, 0);
	segment(&c->tr, 0, 0x008b, 0x67, 0);
	segment(&c->ldtr, 0, 0x0082, 0, 0);
	c->gdtr.limit = 0xffff;
	c->idtr.limit = 0xffff;
	c->efer = EFER_SVME;
	c->rflags = 2;
	c->dr6 = 0xffff0ff0u;
	c->dr7 = 0x400;
	c->g_pat = PAT_RESET;
	memset(&v->regs, 0, sizeof(v->regs));
	v->regs.rflags = 2;
	return c;
}

void hw_vcpu_reset_pvh(struct hw_vcpu *v, u32 entry, u32 start_info)
{
	struct vmcb *c = vmcb_reset(v, 0x0c93, 0xffffffffu);

	segment(&c->cs, 0, 0x0c9b, 0xffffffffu, 0);
	c->cr0 = 0x11; /* PE, ET */
	v->regs.rip = entry;
	v->regs.rbx = start_info;
}

void hw_vcpu_reset_sipi(struct hw_vcpu *v, u8 vector)
{
	struct vmcb *c = vmcb_reset(v, 0x0093, 0xffff);

	segment(&c->cs, (u16)(vector << 8), 0x009b, 0xffff, (u64)vector << 12);
	c->cr0 = 0x10; /* ET */
}

/* Guests are not told of protection keys but could switch them on; what the
 * last one left in PKRU goes to nobody. */
void hw_vcpu_load(struct hw_vcpu *v)
{
	static const u32 zero;
	u64 all = hw_xcr0_supported();

	x87_forget(&zero);
	if ((read_cr4() & CR4_PKE) != 0) {
		wrpkru(0);
	}
	if (all != 0) {
		xsetbv(all);
		xrstor(v->xsave, all);
		xsetbv(v->xcr0);
	} else {
		fxrstor(v->xsave);
	}
	write_dr(v->dr);
}

/* XCR0 is read back because not every machine reports the guest's XSETBV
 * (QEMU 7.2 does not); it is the guest's own state and it may change it. */
void hw_vcpu_unload(struct hw_vcpu *v)
{
	u64 all = hw_xcr0_supported();

	if (all != 0) {
		v->xcr0 = xgetbv() & all;
		xsetbv(all);
		xsave(v->xsave, all);
	} else {
		fxsave(v->xsave);
	}
	read_dr(v->dr);
}

/* An event whose delivery this exit interrupted is delivered again, except
 * software interrupts: their instruction runs again. QEMU reports an offered
 * interrupt as an exception with an impossible vector, and leaves the offer
 * standing: nothing to do then. */
static void requeue_event(struct vmcb *c)
{
	u64 info = c->exit_int_info;
	u32 type = (u32)(info >> EVENT_TYPE_SHIFT) & 7u;
	u32 vector = (u32)info & 0xffu;

	c->event_inj = 0;
	if ((info & EVENT_VALID) == 0 || type == EVENT_TYPE_SOFT) {
		return;
	}
	if (type == EVENT_TYPE_EXCEPTION &&
	    (vector == 3 || vector == 4 || vector >= 32)) {
		return;
	}
	c->event_inj = info;
}

static void decode_io(const struct vmcb *c, struct hw_exit *out)
{
	u64 info = c->exit_info1;

	out->reason = HW_EXIT_IO;
	out->port = (u16)(info >> 16);
	out->size = (u8)((info >> 4) & 7u);
	out->is_in = (info & 1u) != 0;
	out->is_string = (info & 4u) != 0;
	out->length = (u32)(c->exit_info2 - c->rip);
}

/* The guest gets its exception back; the exit was for the host's sake. */
static void reflect(struct vmcb *c, u32 vector, bool has_error)
{
	c->event_inj = EVENT_VALID | vector |
		       (EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT) |
		       (has_error ? EVENT_ERROR : 0);
}

static void exit_simple(struct hw_exit *out, u32 reason, u32 length)
{
	out->reason = reason;
	out->length = length;
}

/* Exits that need nothing but a name. Lengths are those of the plain
 * encodings: a guest that adds prefixes resumes inside its own instruction and
 * can hurt only itself. */
static const struct {
	u8 code;
	u8 reason;
	u8 length;
} exits[] = {
	{ EXIT_INTR, HW_EXIT_IRQ, 0 },	      { EXIT_NMI, HW_EXIT_IRQ, 0 },
	{ EXIT_SMI, HW_EXIT_IRQ, 0 },	      { EXIT_INIT, HW_EXIT_IRQ, 0 },
	{ EXIT_CPUID, HW_EXIT_CPUID, 2 },     { EXIT_HLT, HW_EXIT_HLT, 1 },
	{ EXIT_INVD, HW_EXIT_CACHE, 2 },      { EXIT_WBINVD, HW_EXIT_CACHE, 2 },
	{ EXIT_SHUTDOWN, HW_EXIT_TRIPLE, 0 },
};

/* Other instructions that are intercepted at all do not exist for guests. */
static void decode_plain(const struct vmcb *c, struct hw_exit *out)
{
	u32 i;

	for (i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		if (exits[i].code == c->exit_code) {
			exit_simple(out, exits[i].reason, exits[i].length);
			return;
		}
	}
	if (c->exit_code >= EXIT_FIRST && c->exit_code <= EXIT_LAST) {
		exit_simple(out, HW_EXIT_UNDEF, 0);
		return;
	}
	exit_simple(out, HW_EXIT_BROKEN, 0);
	out->gpa = c->exit_code;
}

static void decode_xsetbv(struct vmcb *c, struct hw_exit *out)
{
	if (c->cpl != 0) {
		reflect(c, VECTOR_GP, true);
		exit_simple(out, HW_EXIT_IRQ, 0);
		return;
	}
	exit_simple(out, HW_EXIT_XSETBV, 3);
}

static void decode_exit(struct vmcb *c, struct hw_exit *out)
{
	switch (c->exit_code) {
	case EXIT_DB:
		reflect(c, VECTOR_DB, false);
		exit_simple(out, HW_EXIT_IRQ, 0);
		break;
	case EXIT_AC:
		reflect(c, VECTOR_AC, true);
		exit_simple(out, HW_EXIT_IRQ, 0);
		break;
	case EXIT_MC:
		panic("machine check");
	case EXIT_IOIO:
		decode_io(c, out);
		break;
	case EXIT_MSR:
		exit_simple(out,
			    c->exit_info1 != 0 ? HW_EXIT_WRMSR : HW_EXIT_RDMSR,
			    2);
		break;
	case EXIT_VMMCALL:
		exit_simple(out,
			    c->cpl == 0 ? HW_EXIT_HYPERCALL : HW_EXIT_UNDEF, 3);
		break;
	case EXIT_XSETBV:
		decode_xsetbv(c, out);
		break;
	case EXIT_NPF:
		exit_simple(out, HW_EXIT_FAULT, 0);
		out->gpa = c->exit_info2;
		out->fault = (u32)c->exit_info1;
		break;
	default:
		decode_plain(c, out);
		break;
	}
}

void hw_vcpu_run(struct hw_vcpu *v, bool flush, struct hw_exit *out)
{
	struct vmcb *c = vmcb_of(v);
	u32 cpu = hw_cpu();

	c->rax = v->regs.rax;
	c->rsp = v->regs.rsp;
	c->rip = v->regs.rip;
	c->rflags = v->regs.rflags;
	/* One address space number for all guests: whoever ran here before may
	 * have left translations, so a change of vCPU flushes. */
	flush = flush || v->last_cpu != cpu || last_run[cpu] != v;
	c->tlb_control = flush ? 1 : 0;
	v->last_cpu = cpu;
	last_run[cpu] = v;
	c->clean = 0;
	svm_enter(&v->regs, v->vmcb << PAGE_SHIFT, (u64)host_state[cpu]);
	write_dr7(DR7_RESET); /* see trap_debug */
	v->regs.rax = c->rax;
	v->regs.rsp = c->rsp;
	v->regs.rip = c->rip;
	v->regs.rflags = c->rflags;
	memset(out, 0, sizeof(*out));
	requeue_event(c);
	decode_exit(c, out);
}

void hw_vcpu_skip(struct hw_vcpu *v, u32 length)
{
	v->regs.rip += length;
	vmcb_of(v)->int_state &= ~1ull;
}

bool hw_vcpu_in_shadow(const struct hw_vcpu *v)
{
	return (vmcb_of(v)->int_state & 1u) != 0;
}

bool hw_vcpu_irq_enabled(const struct hw_vcpu *v)
{
	return (v->regs.rflags & 0x200u) != 0;
}

void hw_vcpu_inject_fault(struct hw_vcpu *v, u8 vector, bool has_error,
			  u32 error)
{
	u64 event = EVENT_VALID | (EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT) |
		    vector;

	if (has_error) {
		event |= EVENT_ERROR | ((u64)error << 32);
	}
	vmcb_of(v)->event_inj = event;
}

/* By V_IRQ and not by EVENTINJ: the processor then waits for IF and shadows
 * itself, and QEMU 7.2 delivers an interrupt from EVENTINJ twice when one of
 * its own threads asks the processor to stop right after VMRUN. */
void hw_vcpu_offer_irq(struct hw_vcpu *v, int vector)
{
	struct vmcb *c = vmcb_of(v);

	c->vintr &= ~(VINTR_V_IRQ | VINTR_VECTOR);
	if (vector >= 0) {
		c->vintr |= VINTR_V_IRQ | (u64)vector << VINTR_VECTOR_SHIFT;
	}
}

bool hw_vcpu_is_offer_taken(const struct hw_vcpu *v)
{
	return (vmcb_of(v)->vintr & VINTR_V_IRQ) == 0;
}

struct hw_paging hw_vcpu_paging(const struct hw_vcpu *v)
{
	const struct vmcb *c = vmcb_of(v);
	struct hw_paging p;

	p.cr3 = c->cr3 & 0x000ffffffffff000ull;
	p.is_paged = (c->cr0 & CR0_PG) != 0;
	p.is_long = (c->efer & EFER_LMA) != 0;
	p.is_64bit = p.is_long && (c->cs.attributes & CS_LONG) != 0;
	p.code_base = p.is_long ? 0 : c->cs.base;
	p.cpl = c->cpl;
	return p;
}

u64 hw_vcpu_efer(const struct hw_vcpu *v)
{
	return vmcb_of(v)->efer & ~EFER_SVME;
}

void hw_vcpu_set_efer(struct hw_vcpu *v, u64 efer)
{
	vmcb_of(v)->efer = efer | EFER_SVME;
}

u64 hw_vcpu_pat(const struct hw_vcpu *v)
{
	return vmcb_of(v)->g_pat;
}

void hw_vcpu_set_pat(struct hw_vcpu *v, u64 pat)
{
	vmcb_of(v)->g_pat = pat;
}

bool hw_vcpu_osxsave(const struct hw_vcpu *v)
{
	return (vmcb_of(v)->cr4 & CR4_OSXSAVE) != 0;
}
