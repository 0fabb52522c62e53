/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual processors on AMD SVM: control block set-up, entry, exit decoding.
 * Decides nothing: it reports exits to the vmm and does as it is told. */
#include "hw/x86/x86.h"
#include "lib/mem.h"
#include "lib/print.h"

/* The virtual machine control block: AMD64 Architecture Programmer's Manual
 * volume 2, appendix B. Field names follow the manual. */
struct vmcb_segment {
	u16 selector;
	u16 attributes;
	u32 limit;
	u64 base;
};

struct vmcb {
	u16 cr_read, cr_write, dr_read, dr_write;
	u32 exceptions;
	u32 intercept1, intercept2;
	u8 reserved1[0x40 - 0x14];
	u64 iopm_base, msrpm_base, tsc_offset;
	u32 asid;
	u8 tlb_control, reserved2[3];
	u64 vintr;
	u64 int_state;
	u64 exit_code, exit_info1, exit_info2, exit_int_info;
	u64 np_enable;
	u64 reserved3[2];
	u64 event_inj;
	u64 n_cr3;
	u64 lbr;
	u32 clean, reserved4;
	u64 next_rip;
	u8 reserved5[0x400 - 0xd0];

	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved6[0x4cb - 0x4a0];
	u8 cpl;
	u32 reserved7;
	u64 efer;
	u8 reserved8[0x548 - 0x4d8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u8 reserved9[0x5d8 - 0x580];
	u64 rsp;
	u8 reserved10[0x5f8 - 0x5e0];
	u64 rax, star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip, cr2;
	u8 reserved11[0x668 - 0x648];
	u64 g_pat;
	u8 reserved12[0x1000 - 0x670];
};
_Static_assert(__builtin_offsetof(struct vmcb, vintr) == 0x60, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, event_inj) == 0xa8, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, next_rip) == 0xc8, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, tr) == 0x490, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, efer) == 0x4d0, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, rip) == 0x578, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, rax) == 0x5f8, "vmcb");
_Static_assert(__builtin_offsetof(struct vmcb, g_pat) == 0x668, "vmcb");
_Static_assert(sizeof(struct vmcb) == 4096, "vmcb");

/* Intercepts by the manual's bits: INTR (0), NMI, SMI, INIT (3); RDPMC (15),
 * CPUID (18), RSM (19), INVD (22), HLT (24), INVLPGA (26), I/O (27), MSRs (28),
 * task switch (29), FERR (30), shutdown (31). */
#define INTERCEPT1 0xfd4c800fu
/* VMRUN (0), VMMCALL, VMLOAD, VMSAVE, STGI, CLGI, SKINIT (6); ICEBP (8), WBINVD,
 * MONITOR, MWAIT, armed MWAIT, XSETBV, RDPRU (14). */
#define INTERCEPT2 0x00007f7fu

#define VINTR_V_IRQ (1ull << 8)
#define VINTR_PRIO_MAX (15ull << 16)
#define VINTR_IGN_TPR (1ull << 20)
#define VINTR_MASKING (1ull << 24)
#define VINTR_VECTOR_SHIFT 32
#define VINTR_VECTOR (0xffull << VINTR_VECTOR_SHIFT)

#define EVENT_VALID (1ull << 31)
#define EVENT_ERROR (1ull << 11)
#define EVENT_TYPE_SHIFT 8
#define EVENT_TYPE_EXCEPTION 3u
#define EVENT_TYPE_SOFT 4u

#define EFER_LMA (1ull << 10)
#define EFER_SVME (1ull << 12)

/* svm_entry.S: load guest registers, VMRUN, store them again. vmcb and host
 * are physical addresses; host holds this processor's VMSAVE state. */
void svm_enter(void *regs, u64 vmcb, u64 host);

#define MSR_VM_HSAVE_PA 0xc0010117u
#define MSR_VM_CR 0xc0010114u
#define VM_CR_SVMDIS (1ull << 4)
#define VECTOR_DB 1u
#define VECTOR_GP 13u
#define VECTOR_AC 17u
#define VECTOR_MC 18u
#define CR0_PG (1ull << 31)
#define CR3_ADDRESS 0x000ffffffffff000ull
#define RFLAGS_IF 0x200u
#define CS_LONG (1u << 9)
#define DR7_RESET 0x400ull
#define PAT_RESET 0x0407050600070106ull
#define XCR0_SWITCHED 7ull /* x87, SSE, AVX: what HW_XSAVE_BYTES holds */

/* Exit codes that need more than a row of exits[]. */
#define EXIT_DB 0x41u
#define EXIT_AC 0x51u
#define EXIT_MC 0x52u
#define EXIT_INTR 0x60u
#define EXIT_IOIO 0x7bu
#define EXIT_MSR 0x7cu
#define EXIT_VMMCALL 0x81u
#define EXIT_XSETBV 0x8du
#define EXIT_RDPRU 0x8eu
#define EXIT_NPF 0x400u

/* The others: APM 2, appendix C. Lengths are those of the plain encodings. A
 * guest that adds prefixes resumes inside its own instruction: it can hurt
 * only itself. */
static const struct {
	bool is_there;
	u8 reason;
	u8 length;
} exits[EXIT_RDPRU + 1u] = {
	[EXIT_DB] = { true, CTL_EXIT_IRQ, 0 },
	[EXIT_AC] = { true, CTL_EXIT_IRQ, 0 },
	[EXIT_INTR] = { true, CTL_EXIT_IRQ, 0 },
	[0x61] = { true, CTL_EXIT_IRQ, 0 }, /* NMI, SMI, INIT */
	[0x62] = { true, CTL_EXIT_IRQ, 0 },
	[0x63] = { true, CTL_EXIT_IRQ, 0 },
	[0x72] = { true, CTL_EXIT_CPUID, 2 },
	[0x76] = { true, CTL_EXIT_CACHE, 2 }, /* INVD */
	[0x78] = { true, CTL_EXIT_HLT, 1 },
	[EXIT_IOIO] = { true, CTL_EXIT_IO, 0 },
	[EXIT_MSR] = { true, CTL_EXIT_RDMSR, 2 },
	[0x7d] = { true, CTL_EXIT_BROKEN, 0 }, /* task switch, FERR */
	[0x7e] = { true, CTL_EXIT_BROKEN, 0 },
	[0x7f] = { true, CTL_EXIT_TRIPLE, 0 }, /* shutdown */
	[EXIT_VMMCALL] = { true, CTL_EXIT_HYPERCALL, 3 },
	[0x89] = { true, CTL_EXIT_CACHE, 2 }, /* WBINVD */
	[EXIT_XSETBV] = { true, CTL_EXIT_XSETBV, 3 },
};

/* All ones: every port and, but for the MSRs below, every MSR exits. The
 * tables are read by the processor at each access and never written again. */
static u8 iopm[3 * PAGE_SIZE] __attribute__((aligned(4096)));
static u8 msrpm[2 * PAGE_SIZE] __attribute__((aligned(4096)));
static u8 host_save[CASEMATE_MAX_CPUS][PAGE_SIZE]
	__attribute__((aligned(4096)));
static u8 host_state[CASEMATE_MAX_CPUS][PAGE_SIZE]
	__attribute__((aligned(4096)));

/* Of the boot processor, and so of all. */
static u64 xcr0_supported;
static bool has_pke;
/* QEMU's own processor. Its faults, and Bochs's, are worked around by the
 * name where no one way works on both (inject_offer). */
#define TCG_LEAF 0x40000000u
#define TCG_NAME 0x54474354u /* "TCGT" */
static bool is_tcg;

/* Who ran here last: its translations may still be cached. */
static const struct hw_vcpu *last_run[CASEMATE_MAX_CPUS];

static struct vmcb *vmcb_of(const struct hw_vcpu *v)
{
	return hw_frame(v->vmcb);
}

/* Let the guest at MSRs that VMLOAD and VMSAVE switch. Two bits each. */
static void msr_pass(u32 first, u32 last)
{
	u32 base = first >= 0xc0000000u ? 0x800u : 0;
	u32 i;

	for (i = first & 0x1fffu; i <= (last & 0x1fffu); i++) {
		msrpm[base + i / 4] &= (u8) ~(3u << (i % 4 * 2));
	}
}

void hw_vm_cpu_init(void)
{
	u32 cpu = hw_cpu();
	u32 r[4];

	if (!cpu_has(0x80000001u, CPUID_ECX, 2)) {
		panic("processor %u: no AMD SVM (virtualisation extensions)",
		      cpu);
	}
	if ((rdmsr(MSR_VM_CR) & VM_CR_SVMDIS) != 0) {
		panic("processor %u: SVM is disabled by the firmware", cpu);
	}
	if (!cpu_has(0x8000000au, CPUID_EDX, 0)) {
		panic("processor %u: no nested paging", cpu);
	}
	if (cpu == 0) {
		hw_cpuid(0xd, 0, r);
		xcr0_supported = r[0] & XCR0_SWITCHED;
		has_pke = cpu_has(7, CPUID_ECX, 3); /* then CR4 has PKE */
		hw_cpuid(TCG_LEAF, 0, r);
		is_tcg = r[1] == TCG_NAME;
		memset(iopm, 0xff, sizeof(iopm));
		memset(msrpm, 0xff, sizeof(msrpm));
		msr_pass(0x174, 0x176);
		msr_pass(0xc0000081u, 0xc0000084u);
		msr_pass(0xc0000100u, 0xc0000102u);
	}
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, (u64)host_save[cpu]);
	__asm__ volatile("vmsave %0" : : "a"(host_state[cpu]) : "memory");
}

u64 hw_xcr0_supported(void)
{
	return xcr0_supported;
}

void hw_vcpu_init(struct hw_vcpu *v, mfn_t vmcb, mfn_t npt_root)
{
	v->vmcb = vmcb;
	v->npt_root = npt_root;
	v->xcr0 = 1;
	v->last_cpu = ~0u;
	/* MXCSR; the rest is initial, for XSTATE_BV = 0. */
	v->xsave[24] = 0x80;
	v->xsave[25] = 0x1f;
}

/* What both entry states share: all controls, flat data, empty system tables. */
static struct vmcb *vmcb_reset(struct hw_vcpu *v, u16 data, u32 limit)
{
	struct vmcb_segment flat = { 0, data, limit, 0 };
	struct vmcb *c = vmcb_of(v);

	memset(c, 0, sizeof(*c));
	/* A guest whose #DB or #AC handler faults the same way again would
	 * keep the processor for ever without these; #MC is the host's. */
	c->exceptions = (1u << VECTOR_DB) | (1u << VECTOR_AC) |
			(1u << VECTOR_MC);
	c->intercept1 = INTERCEPT1;
	c->intercept2 = INTERCEPT2;
	c->iopm_base = (u64)iopm;
	c->msrpm_base = (u64)msrpm;
	c->asid = 1; /* and nothing is ever "clean": all is loaded anew */
	c->vintr = VINTR_MASKING | VINTR_IGN_TPR | VINTR_PRIO_MAX;
	c->np_enable = 1;
	c->n_cr3 = v->npt_root << PAGE_SHIFT;
	c->es = flat;
	c->ss = flat;
	c->ds = flat;
	c->fs = flat;
	c->gs = flat;
	c->tr = (struct vmcb_segment){ 0, 0x008b, 0x67, 0 };
	c->ldtr.attributes = 0x0082;
	c->gdtr.limit = 0xffff;
	c->idtr.limit = 0xffff;
	c->efer = EFER_SVME;
	c->dr6 = 0xffff0ff0u;
	c->dr7 = DR7_RESET;
	c->g_pat = PAT_RESET;
	c->rflags = 2;
	memset(&v->regs, 0, sizeof(v->regs));
	return c;
}

void hw_vcpu_reset_pvh(struct hw_vcpu *v, u32 entry, u32 start_info)
{
	struct vmcb *c = vmcb_reset(v, 0x0c93, 0xffffffffu);

	c->cs = (struct vmcb_segment){ 0, 0x0c9b, 0xffffffffu, 0 };
	c->cr0 = 0x11; /* PE, ET */
	v->regs.rip = entry;
	v->regs.rbx = start_info;
}

void hw_vcpu_reset_sipi(struct hw_vcpu *v, u8 vector)
{
	struct vmcb *c = vmcb_reset(v, 0x0093, 0xffff);

	c->cs = (struct vmcb_segment){ (u16)(vector << 8), 0x009b, 0xffff,
				       (u64)vector << 12 };
	c->cr0 = 0x10; /* ET */
}

static inline void xsetbv(u64 value)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"(value), "d"(value >> 32));
}

/* Guests are not told of protection keys but could switch them on; what the
 * last one left in PKRU goes to nobody. */
void hw_vcpu_load(struct hw_vcpu *v)
{
	u32 zero = 0;

	/* Whatever the last x87 instruction's addresses were, they are ours
	 * now: AMD processors do not restore those fields unless an exception
	 * is pending. */
	__asm__ volatile("fnclex; emms; fildl %0" : : "m"(zero));
	if (has_pke) {
		__asm__ volatile("wrpkru" : : "a"(0), "c"(0), "d"(0));
	}
	xsetbv(xcr0_supported);
	__asm__ volatile("xrstor64 (%0)"
			 :
			 : "r"(v->xsave), "a"(xcr0_supported), "d"(0)
			 : "memory");
	xsetbv(v->xcr0);
	__asm__ volatile("mov %0, %%db0" : : "r"(v->dr[0]));
	__asm__ volatile("mov %0, %%db1" : : "r"(v->dr[1]));
	__asm__ volatile("mov %0, %%db2" : : "r"(v->dr[2]));
	__asm__ volatile("mov %0, %%db3" : : "r"(v->dr[3]));
}

/* XCR0 is read back because not every machine reports the guest's XSETBV
 * (QEMU 7.2 does not); it is the guest's own state and it may change it. */
void hw_vcpu_unload(struct hw_vcpu *v)
{
	u32 low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	v->xcr0 = low & xcr0_supported;
	xsetbv(xcr0_supported);
	__asm__ volatile("xsave64 (%0)"
			 :
			 : "r"(v->xsave), "a"(xcr0_supported), "d"(0)
			 : "memory");
	__asm__ volatile("mov %%db0, %0" : "=r"(v->dr[0]));
	__asm__ volatile("mov %%db1, %0" : "=r"(v->dr[1]));
	__asm__ volatile("mov %%db2, %0" : "=r"(v->dr[2]));
	__asm__ volatile("mov %%db3, %0" : "=r"(v->dr[3]));
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

	if ((info & EVENT_VALID) == 0 || type == EVENT_TYPE_SOFT ||
	    (type == EVENT_TYPE_EXCEPTION &&
	     (vector == 3 || vector == 4 || vector >= 32))) {
		info = 0;
	}
	c->event_inj = info;
}

static void decode_io(const struct vmcb *c, struct hw_exit *out)
{
	u64 info = c->exit_info1;

	out->port = (u16)(info >> 16);
	out->size = (u8)((info >> 4) & 7u);
	out->is_in = (info & 1u) != 0;
	out->is_string = (info & 4u) != 0;
	out->length = (u32)(c->exit_info2 - c->rip);
}

void hw_vcpu_inject_fault(struct hw_vcpu *v, u8 vector)
{
	bool has_error = vector == VECTOR_GP || vector == VECTOR_AC;

	vmcb_of(v)->event_inj = EVENT_VALID | (has_error ? EVENT_ERROR : 0) |
				EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT |
				vector;
}

/* By the table; what is not in it is an instruction guests do not have, or
 * an exit that cannot be. */
static void classify(u32 code, struct hw_exit *out)
{
	if (code <= EXIT_RDPRU && exits[code].is_there) {
		out->reason = exits[code].reason;
		out->length = exits[code].length;
	} else {
		out->reason = code >= EXIT_INTR && code <= EXIT_RDPRU
				      ? CTL_EXIT_UNDEF
				      : CTL_EXIT_BROKEN;
	}
}

/* #DB and #AC go back to the guest: the exit was for the host's sake. */
static void decode_exit(struct hw_vcpu *v, struct vmcb *c, struct hw_exit *out)
{
	u32 code = (u32)c->exit_code;

	*out = (struct hw_exit){ .gpa = c->exit_code };
	classify(code, out);
	switch (code) {
	case EXIT_DB:
		hw_vcpu_inject_fault(v, VECTOR_DB);
		break;
	case EXIT_AC:
		hw_vcpu_inject_fault(v, VECTOR_AC);
		break;
	case EXIT_MC:
		panic("machine check");
	case EXIT_IOIO:
		decode_io(c, out);
		break;
	case EXIT_MSR:
		out->reason = c->exit_info1 != 0 ? CTL_EXIT_WRMSR
						 : CTL_EXIT_RDMSR;
		break;
	case EXIT_VMMCALL:
		out->reason = c->cpl != 0 ? CTL_EXIT_UNDEF : CTL_EXIT_HYPERCALL;
		break;
	case EXIT_XSETBV:
		if (c->cpl != 0) {
			hw_vcpu_inject_fault(v, VECTOR_GP);
			out->reason = CTL_EXIT_IRQ;
		}
		break;
	case EXIT_NPF:
		out->reason = CTL_EXIT_FAULT;
		out->gpa = c->exit_info2;
		out->fault = (u32)c->exit_info1;
		break;
	default:
		break;
	}
}

/* What the guest can take at once is injected: Bochs 2.7 looks at V_IRQ only
 * when the guest itself sets IF. Not on QEMU: see hw_vcpu_offer_irq(). */
static void inject_offer(struct vmcb *c)
{
	bool is_open = !is_tcg && (c->rflags & RFLAGS_IF) != 0 &&
		       (c->int_state & 1u) == 0 &&
		       (c->event_inj & EVENT_VALID) == 0;

	if (is_open && (c->vintr & VINTR_V_IRQ) != 0) {
		c->event_inj = EVENT_VALID | c->vintr >> VINTR_VECTOR_SHIFT;
		c->vintr &= ~VINTR_V_IRQ;
	}
}

void hw_vcpu_run(struct hw_vcpu *v, bool flush, struct hw_exit *out)
{
	struct vmcb *c = vmcb_of(v);
	u32 cpu = hw_cpu();

	c->rax = v->regs.rax;
	c->rip = v->regs.rip;
	/* One address space number for all guests: whoever ran here before may
	 * have left translations, so a change of vCPU flushes. */
	if (v->last_cpu != cpu || last_run[cpu] != v) {
		v->last_cpu = cpu;
		last_run[cpu] = v;
		flush = true;
	}
	c->tlb_control = flush ? 1 : 0;
	inject_offer(c);
	svm_enter(&v->regs, v->vmcb << PAGE_SHIFT, (u64)host_state[cpu]);
	/* see trap_debug */
	__asm__ volatile("mov %0, %%db7" : : "r"(DR7_RESET));
	v->regs.rax = c->rax;
	v->regs.rip = c->rip;
	requeue_event(c);
	decode_exit(v, c, out);
	out->tsc = (u32)hw_tsc();
}

void hw_vcpu_skip(struct hw_vcpu *v, u32 length)
{
	v->regs.rip += length;
	vmcb_of(v)->int_state &= ~1ull;
}

/* By V_IRQ and not by EVENTINJ: the processor then waits for IF and shadows
 * itself, and QEMU 7.2 delivers an interrupt from EVENTINJ twice when one of
 * its own threads asks the processor to stop right after VMRUN. */
void hw_vcpu_offer_irq(struct hw_vcpu *v, int vector)
{
	struct vmcb *c = vmcb_of(v);

	u64 vintr = c->vintr & ~(VINTR_V_IRQ | VINTR_VECTOR);

	if (vector >= 0) {
		vintr |= VINTR_V_IRQ | (u64)vector << VINTR_VECTOR_SHIFT;
	}
	c->vintr = vintr;
}

bool hw_vcpu_is_offer_taken(const struct hw_vcpu *v)
{
	return (vmcb_of(v)->vintr & VINTR_V_IRQ) == 0;
}

/* Long mode is active only while paging is. */
bool hw_vcpu_is_64bit(const struct hw_vcpu *v)
{
	const struct vmcb *c = vmcb_of(v);

	return (c->efer & EFER_LMA) != 0 && (c->cs.attributes & CS_LONG) != 0;
}

u64 hw_vcpu_cr3_long(const struct hw_vcpu *v)
{
	const struct vmcb *c = vmcb_of(v);

	return (c->efer & EFER_LMA) != 0 ? c->cr3 & CR3_ADDRESS : ~0ull;
}

struct hw_mode hw_vcpu_mode(const struct hw_vcpu *v)
{
	const struct vmcb *c = vmcb_of(v);

	return (struct hw_mode){
		.is_paged = (c->cr0 & CR0_PG) != 0,
		.is_irq_on = (c->rflags & RFLAGS_IF) != 0,
		.in_shadow = (c->int_state & 1u) != 0,
		.code_base = (c->efer & EFER_LMA) != 0 ? 0 : c->cs.base,
		.cpl = c->cpl,
	};
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
