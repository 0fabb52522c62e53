/* SPDX-License-Identifier: Apache-2.0 */
/* Touching memory that is not there ends this guest, and no other. */
#include "lib.h"

const char claim_name[] = "unmapped";

void claim(void)
{
	announce("crash");
	*(volatile u64 *)0xd0000000ul = 1;
	fail("still there");
}
