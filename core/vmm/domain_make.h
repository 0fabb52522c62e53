/* SPDX-License-Identifier: Apache-2.0 */
/* Making domains: an empty one in state `building`, ready for launch.c or,
 * for domain 0, for boot/dom0.c. */
#pragma once

#include "vmm/domain.h"

/* -ENOMEM: what was made is left in state building, for domain_destroy(). */
err_t domain_make(domid_t id, u32 label, u32 vcpus, u64 max_frames);
/* First vCPU at the PVH entry point, domain running (or paused); the others
 * wait for SIPI, which resets them. */
void domain_start(struct domain *d, u32 entry, u32 start_info, bool is_paused);
