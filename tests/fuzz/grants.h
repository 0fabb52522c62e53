/* SPDX-License-Identifier: Apache-2.0 */
/* The grant tables of the core as they are, for the model to count. */
#pragma once

#include "lib/types.h"

struct mapping { /* granter DOMID_NOBODY: none */
	u16 granter;
	bool is_write, is_shown;
	u32 ref;
	u64 gfn, mfn;
};

struct mapping grants_mapping(u32 mapper, u32 handle);
u32 grants_uses(u32 granter, u32 ref);
u32 grants_writers(u32 granter, u32 ref);
