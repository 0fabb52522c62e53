/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of an installed casemate. */
#include "casemate/settings.h"

const char *settings_run_dir(void)
{
	return "/run/casemate";
}

const char *settings_log_dir(void)
{
	return "/var/log/casemate";
}

/* Where xenconsoled --log=hv puts it. */
const char *settings_core_log(void)
{
	return "/var/log/xen/console/hypervisor.log";
}

/* xenstored announces deaths; this is for when it, or the keeper that listens to
 * it, is dead. */
int settings_keeper_poll_ms(void)
{
	return 5000;
}
