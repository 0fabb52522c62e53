/* SPDX-License-Identifier: Apache-2.0 */
/* The ACPI sleep control register switches the guest off. */
#include "lib.h"

const char claim_name[] = "sleep_port";

void claim(void)
{
	announce("poweroff");
	out(0xb004, 1, 0x20 | (5 << 2));
	fail("still there");
}
