/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: sweeps over MSRs, CPUID, I/O ports, control and debug registers, XCR0
 * and EFER reach nothing but the guest's own state. */
#include "attack.h"

const char claim_name[] = "regs";

#define UD 6u
#define GP 13u

static const struct {
	u32 first, last;
} msr_ranges[] = {
	{ 0, 0x1fff },
	{ 0x40000000, 0x400003ff },
	{ 0x80000000, 0x8000000f },
	{ 0xc0000000, 0xc00003ff },
	{ 0xc0010000, 0xc00103ff },
	{ 0xc0011000, 0xc00113ff },
	{ 0xfffffff0, 0xffffffff },
};
/* What docs/ABI.md says can be read. */
static const struct {
	u32 first, last;
} msr_known[] = {
	{ 0x10, 0x10 },
	{ 0x1b, 0x1b },
	{ 0x8b, 0x8b },
	{ 0x174, 0x176 },
	{ 0x277, 0x277 },
	{ 0x800, 0x83f },
	{ 0xc0000080, 0xc0000084 },
	{ 0xc0000100, 0xc0000102 },
	{ 0xc0010015, 0xc0010015 },
	{ 0xc001001f, 0xc001001f },
	{ 0xc0010058, 0xc0010058 },
	{ 0xc0011029, 0xc0011029 },
};

static bool is_known(u32 msr)
{
	u32 i = 0;

	while (i < COUNT(msr_known) &&
	       (msr < msr_known[i].first || msr > msr_known[i].last)) {
		i += 1;
	}
	return i < COUNT(msr_known);
}

/* A known one is the guest's own: its value is put back. FS, GS and the
 * hypercall page are left alone, this kernel uses them. */
static void attack_msr(u64 rcx)
{
	u32 msr = (u32)rcx, fault;
	u64 value = 0;

	fault = try_rdmsr(rcx, &value);
	if (!is_known(msr) && fault != GP) {
		fail("MSR %l can be read", rcx);
	}
	if ((msr >= 0xc0000100 && msr <= 0xc0000102) || msr == 0x40000000) {
		return;
	}
	if (!is_known(msr)) {
		if (try_wrmsr(rcx, random64()) != GP) {
			fail("MSR %l can be written", rcx);
		}
	} else if (fault == NO_FAULT) {
		(void)try_wrmsr(rcx, ~0ull);
		(void)try_wrmsr(rcx, value);
	}
}

static void check_msrs(void)
{
	u64 value, msr;
	u32 i, bit;

	for (i = 0; i < COUNT(msr_ranges); i++) {
		for (msr = msr_ranges[i].first; msr <= msr_ranges[i].last;
		     msr++) {
			attack_msr(msr);
		}
	}
	/* 0x2ff, the MTRRs' default type, is nobody's here. QEMU 7.2 looks at
	 * the wrong place of the bitmap then: nothing the core could do. */
	if (try_rdmsr(1ull << 32 | 0x2ff, &value) == NO_FAULT) {
		say("high bits of RCX: this machine has a hole, not tried");
		return;
	}
	for (bit = 32; bit < 64; bit++) {
		for (i = 0; i < COUNT(msr_ranges); i++) {
			for (msr = msr_ranges[i].first;
			     msr <= msr_ranges[i].last; msr += 61) {
				attack_msr(1ull << bit | msr);
			}
		}
	}
	say("high bits of RCX: tried");
}

static void check_efer(void)
{
	u64 before, now;
	u32 bit;

	CHECK_IS(try_rdmsr(0xc0000080, &before), NO_FAULT);
	CHECK_IS(before & (1u << 12), 0); /* SVME */
	for (bit = 0; bit < 64; bit++) {
		bool is_free = bit == 0 || bit == 11 || bit == 10;
		u32 fault = try_wrmsr(0xc0000080, before ^ (1ull << bit));

		CHECK_IS(fault, is_free ? NO_FAULT : GP);
		CHECK_IS(try_rdmsr(0xc0000080, &now), NO_FAULT);
		CHECK_IS((now ^ before) & ~0x801ull, 0);
		CHECK_IS(try_wrmsr(0xc0000080, before), NO_FAULT);
	}
}

static void check_cpuid(void)
{
	static const u32 bases[] = { 0, 0x40000000, 0x80000000, 0xc0000000,
				     0xfffffff0 };
	u32 r[4], i, leaf, sub;

	for (i = 0; i < COUNT(bases); i++) {
		for (leaf = 0; leaf < 0x40 && bases[i] + leaf >= bases[i];
		     leaf++) {
			for (sub = 0; sub < 70; sub += sub < 4 ? 1 : 13) {
				cpuid(bases[i] + leaf, sub, r);
			}
		}
	}
	for (i = 0; i < wild_count; i++) {
		cpuid((u32)wild[i], (u32)(wild[i] >> 3), r);
	}
	cpuid(0x80000001, 0, r);
	CHECK_IS(r[2] & 4, 0); /* SVM */
	cpuid(0x8000000a, 0, r);
	CHECK_IS(r[0] | r[1] | r[2] | r[3], 0);
	cpuid(0x8000001f, 0, r);
	CHECK_IS(r[0] | r[1] | r[2] | r[3], 0);
}

/* Among them the one that would end the emulator. */
static void check_ports(void)
{
	u32 port;

	/* All that a PC has; of the others some, among them the sleep port. */
	for (port = 0; port < 0x10000; port += port < 0x1000 ? 1 : 7) {
		u32 bytes = 1u << port % 3, ones = ~0u >> (32 - 8 * bytes);
		u32 value = in((u16)port, bytes);

		out((u16)port, bytes, port == 0xb004 ? 0 : ones & ~0x20u);
		if ((port & ~3u) == 0x40 || port == 0x61 || port == 0xb004) {
			continue;
		}
		if (value != ones) {
			fail("port %x reads %x", port, value);
		}
		if (port % 251 == 0) {
			CHECK_IS(try_string_out((u16)port), GP);
		}
	}
}

#define CR(n)                                                                  \
	static u64 cr##n##_read(void)                                          \
	{                                                                      \
		u64 value;                                                     \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(value));          \
		return value;                                                  \
	}                                                                      \
	static u32 cr##n##_try(u64 value)                                      \
	{                                                                      \
		TRY("mov %[v], %%cr" #n,                                       \
		    : [ip] "+m"(resume_ip)                                     \
		    : [v] "r"(value)                                           \
		    : "r11", "memory");                                        \
		return fault_vector;                                           \
	}
CR(0)
CR(4)
CR(8)

/* Bits that a 64-bit kernel can do without for a moment. Reserved ones end the
 * guest on QEMU 7.2: tests/attack/broken. */
static void check_control_registers(void)
{
	static const u8 in_cr0[] = { 1, 2, 3, 5, 16, 18, 30 };
	static const u8 in_cr4[] = { 2, 3, 4, 7, 8, 9, 10 };
	u64 before = cr0_read(), i;

	for (i = 0; i < COUNT(in_cr0); i++) {
		(void)cr0_try(before ^ (1ull << in_cr0[i]));
		(void)sched_call(SCHEDOP_yield, NULL);
		(void)cr0_try(before);
	}
	CHECK_IS(cr0_read(), before);
	before = cr4_read();
	for (i = 0; i < COUNT(in_cr4); i++) {
		(void)cr4_try(before ^ (1ull << in_cr4[i]));
		(void)sched_call(SCHEDOP_yield, NULL);
		(void)cr4_try(before);
	}
	CHECK_IS(cr4_read(), before);
	/* QEMU 7.2 aborts at a CR8 write while an interrupt is offered. */
	CHECK_IS(hvm_set(HVM_PARAM_CALLBACK_IRQ, 0), 0);
	for (i = 0; i < 16; i++) {
		CHECK_IS(cr8_try(i), NO_FAULT);
		(void)sched_call(SCHEDOP_yield, NULL);
	}
	CHECK_IS(cr8_read(), 15);
	CHECK_IS(cr8_try(0), NO_FAULT);
}

static void set_debug(u64 address, u64 dr7)
{
	TRY("mov %[a], %%db0\n\tmov %[a], %%db1\n\tmov %[a], %%db2\n\t"
	    "mov %[a], %%db3\n\tmov %[c], %%db7",
	    : [ip] "+m"(resume_ip)
	    : [a] "r"(address), [c] "r"(dr7)
	    : "r11", "memory");
}

/* Breakpoints where the core might be. */
static void check_debug_registers(void)
{
	u32 i;

	for (i = 0; i < 64; i++) {
		set_debug(0x100000 + i * 0x1000ull, 0xffff07ff);
		(void)sched_call(SCHEDOP_yield, NULL);
		set_debug(0, 0x400);
	}
}

static void check_xcr0(void)
{
	u64 cr4 = cr4_read(), before;
	u32 low, high, bit;

	CHECK_IS(cr4_try(cr4 | 1u << 18), NO_FAULT);
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	before = low;
	for (bit = 0; bit < 64; bit++) {
		(void)try_xsetbv(0, 1ull << bit);
		(void)sched_call(SCHEDOP_yield, NULL);
		(void)try_xsetbv(0, 1 | 1ull << bit);
		(void)sched_call(SCHEDOP_yield, NULL);
		CHECK_IS(try_xsetbv(bit + 1, before), GP);
	}
	CHECK_IS(try_xsetbv(0, 0), GP);
	CHECK_IS(try_xsetbv(0, ~0ull), GP);
	CHECK_IS(try_xsetbv(0, 4), GP);
	CHECK_IS(try_xsetbv(0, before), NO_FAULT);
	CHECK_IS(cr4_try(cr4), NO_FAULT);
}

#define REFUSED(code, vector)                                                  \
	do {                                                                   \
		u64 a_ = (u64)spare[0];                                        \
		TRY(code,                                                      \
		    : [ip] "+m"(resume_ip), "+a"(a_)                           \
		    : "c"(0), "d"(0)                                           \
		    : "rbx", "r11", "memory");                                 \
		CHECK_IS(fault_vector, vector);                                \
	} while (0)

/* The processor's own virtualisation is not for guests. */
static void check_instructions(void)
{
	REFUSED("vmrun", UD);
	REFUSED("vmload", UD);
	REFUSED("vmsave", UD);
	REFUSED("stgi", UD);
	REFUSED("clgi", UD);
	REFUSED("skinit", UD);
	REFUSED("invlpga", UD);
	REFUSED("rdpmc", UD);
	REFUSED("rsm", UD);
	REFUSED("monitor", UD);
	REFUSED("mwait", UD);
	REFUSED("wbinvd", NO_FAULT);
	REFUSED("invd", NO_FAULT);
}

/* A call from 32-bit code, with all it can set in 64-bit registers before. */
static void check_other_modes(void)
{
	fault_vector = NO_FAULT;
	__asm__ volatile("movq $2f, %[ip]\n\t"
			 "pushq $0x28\n\tpushq $1f\n\tlretq\n\t"
			 ".code32\n"
			 "1:\tvmmcall\n"
			 "2:\tljmp $0x08, $3f\n\t"
			 ".code64\n"
			 "3:\tmovq $0, %[ip]"
			 : [ip] "+m"(resume_ip)
			 : "a"(~0ull << 32 | __HYPERVISOR_memory_op),
			   "D"(~0ull), "S"(~0ull), "d"(~0ull)
			 : "memory");
	CHECK_IS(fault_vector, UD);
}

void claim(void)
{
	start_check();
	say("cpuid");
	check_cpuid();
	say("ports");
	check_ports();
	check_instructions();
	check_other_modes();
	say("control");
	check_control_registers();
	say("debug");
	check_debug_registers();
	say("xcr0");
	check_xcr0();
	say("efer");
	check_efer();
	check_msrs();
	reach_check();
}
