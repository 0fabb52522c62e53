/* SPDX-License-Identifier: Apache-2.0 */
/* Building a guest from pages dom0 hands in, each step recorded in the launch
 * digest (abi/control.h). After launch_start() there is no way back in. */
#pragma once

#include "vmm/domain.h"

/* Take back a domain that never ran: everything it held is free again. */
void launch_undo(struct domain *d);
err_t launch_create(u32 label, u32 vcpus, u64 max_frames, domid_t *out);
/* Up to a batch of frames; E_RESTART until the range is done. *done counts. */
err_t launch_populate(struct domain *d, gfn_t gfn, u64 count, u64 *done);
/* Copy one page of the caller's memory into the guest. */
err_t launch_load(struct vcpu *caller, struct domain *d, u32 kind, gfn_t gfn,
		  gva_t from);
err_t launch_start(struct domain *d, u32 entry, u32 start_info, bool is_paused);
