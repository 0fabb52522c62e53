/* SPDX-License-Identifier: Apache-2.0 */
/* How domains end: shutdown by the guest, teardown by dom0. */
#pragma once

#include "vmm/domain.h"

/* The guest stopped (SHUTDOWN_* of xen/sched.h); for domain 0: the machine. */
void domain_shutdown(struct domain *d, u32 reason);
/* Tear down step by step: E_RESTART until done, then 0. Frames still mapped
 * by others keep the slot in state DYING until they are let go. */
err_t domain_destroy(struct domain *d);
/* Free slots whose last foreign mapping went away. */
void domain_reap(void);
