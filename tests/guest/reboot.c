/* SPDX-License-Identifier: Apache-2.0 */
/* SCHEDOP_shutdown with reason reboot reaches dom0 as such. */
#include "lib.h"

const char claim_name[] = "reboot";

void claim(void)
{
	announce("reboot");
	stop(SHUTDOWN_reboot);
}
