/* SPDX-License-Identifier: Apache-2.0 */
/* Filling the frame table at boot; not used once guests run. */
#pragma once

#include "vmm/frame.h"

#define FRAMES_END (1ull << 44) /* the free stack has 32-bit numbers */

u64 frame_table_bytes(u64 limit);
/* Zeroed memory for `limit` entries of each. */
void frame_table_init(struct frame *table, u32 *stack, u64 limit);
/* Of an absent frame. Charged to the owner, if type is FRAME_OWNED; scrubbed
 * when first handed out, if FRAME_FREE. */
void frame_boot_add(mfn_t mfn, u8 type, domid_t owner);
