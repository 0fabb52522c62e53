/* SPDX-License-Identifier: Apache-2.0 */
/* Reserved bits of the control and debug registers are #GP for the guest, and
 * it goes on. QEMU 7.2 ends it at some of them (exit "invalid"). */
#include "../../guest/lib.h"

const char claim_name[] = "reserved";

#define TRY_MOV(name, reg)                                                     \
	static u64 get_##name(void)                                            \
	{                                                                      \
		u64 value;                                                     \
                                                                               \
		__asm__ volatile("mov %%" reg ", %0" : "=r"(value));           \
		return value;                                                  \
	}                                                                      \
	static u32 set_##name(u64 value)                                       \
	{                                                                      \
		TRY("movq %[v], %%" reg,                                       \
		    : [ip] "+m"(resume_ip)                                     \
		    : [v] "r"(value)                                           \
		    : "r11", "memory");                                        \
		return fault_vector;                                           \
	}
TRY_MOV(cr0, "cr0")
TRY_MOV(cr3, "cr3")
TRY_MOV(cr4, "cr4")
TRY_MOV(cr8, "cr8")
TRY_MOV(dr6, "dr6")
TRY_MOV(dr7, "dr7")

static void check(u64 (*get)(void), u32 (*set)(u64), u64 bits)
{
	u64 before = get();
	u32 bit;

	for (bit = 0; bit < 64; bit++) {
		if ((bits >> bit & 1) != 0) {
			CHECK_IS(set(before | 1ull << bit), 13);
			CHECK_IS(get(), before);
		}
	}
}

void claim(void)
{
	u64 cr0 = get_cr0();

	check(get_cr0, set_cr0, 0xffffffffull << 32);
	CHECK_IS(set_cr0(cr0 | 1u << 29), 13);	 /* NW without CD */
	check(get_cr3, set_cr3, 0x7ffull << 52); /* 63 is PCID's */
	check(get_cr4, set_cr4, 0xffffffffull << 32 | 1u << 31 | 1u << 15);
	CHECK_IS(set_cr4(get_cr4() & ~0x20ull), 13); /* PAE in long mode */
	check(get_cr8, set_cr8, ~0xfull);
	check(get_dr6, set_dr6, 0xffffffffull << 32);
	check(get_dr7, set_dr7, 0xffffffffull << 32);
}
