/* SPDX-License-Identifier: Apache-2.0 */
/* HLT with interrupts off on the last processor switches the guest off. */
#include "lib.h"

const char claim_name[] = "last_halt";

void claim(void)
{
	announce("poweroff");
	__asm__ volatile("cli; hlt");
	fail("still there");
}
