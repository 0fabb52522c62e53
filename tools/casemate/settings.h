/* SPDX-License-Identifier: Apache-2.0 */
/* Where casemate keeps its files. The tests link other settings instead. */
#pragma once

const char *settings_run_dir(void);  /* one record for each domain, locks */
const char *settings_log_dir(void);  /* one log for each guest */
const char *settings_core_log(void); /* the core's console, if kept */
int settings_keeper_poll_ms(void);   /* how often a keeper looks, at least */
