/* SPDX-License-Identifier: Apache-2.0 */
/* Areas of guest memory that the core writes by itself: vcpu_info, time and
 * runstate. Their frames are pinned while registered. */
#pragma once

#include "vmm/domain.h"

/* Pin [va, va + bytes) of the caller's memory; may straddle two pages. */
err_t area_register(struct vcpu *caller, struct shared_area *a, gva_t va,
		    u32 bytes);
/* The same by guest frame and offset; never straddles (-EINVAL). */
err_t area_register_gfn(struct domain *d, struct shared_area *a, gfn_t gfn,
			u32 offset, u32 bytes);
void area_release(struct shared_area *a);
/* Nothing happens when the area is not registered. */
void area_write(const struct shared_area *a, u32 at, const void *src,
		u32 bytes);
