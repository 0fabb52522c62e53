/* SPDX-License-Identifier: Apache-2.0 */
/* User mode of a guest has no hypercalls, and no privileged instruction. */
#include "lib.h"

const char claim_name[] = "user";

static void user_vmmcall(void)
{
	__asm__ volatile("mov $29, %%eax; mov $2, %%edi; vmmcall; hlt" ::
				 : "rax", "rdi");
}

static void user_hlt(void)
{
	__asm__ volatile("hlt");
}

static void user_in(void)
{
	__asm__ volatile("inb $0x80, %%al" ::: "rax");
}

static void user_rdmsr(void)
{
	__asm__ volatile("mov $0x1b, %%ecx; rdmsr" ::: "rax", "rcx", "rdx");
}

/* The hypercall comes back as #UD, or with an error to the #GP of HLT. */
void claim(void)
{
	u32 vector = try_user(user_vmmcall);

	CHECK(vector == 6 || vector == 13);
	CHECK_IS(try_user(user_hlt), 13);
	CHECK_IS(try_user(user_in), 13);
	CHECK_IS(try_user(user_rdmsr), 13);
}
