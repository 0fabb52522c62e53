/* SPDX-License-Identifier: Apache-2.0 */
/* A triple fault ends the guest: dom0 sees a crash. */
#include "lib.h"

const char claim_name[] = "triple";

void claim(void)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) none = { 0, 0 };

	announce("crash");
	__asm__ volatile("lidt %0; ud2" ::"m"(none));
	fail("still there");
}
