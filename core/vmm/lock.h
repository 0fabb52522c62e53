/* SPDX-License-Identifier: Apache-2.0 */
/* The big lock: every access to vmm state happens under it. It is dropped only
 * around guest mode and idle. */
#pragma once

#include "lib/lock.h"

extern struct lock vmm_lock;
