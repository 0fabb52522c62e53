/* SPDX-License-Identifier: Apache-2.0 */
/* Is xenstored there? */
#pragma once

/* 0, or -1 with errno. Never waits. */
int probe_xenstored(void);
