/* SPDX-License-Identifier: Apache-2.0 */
/* A fair spin lock (ticket): whoever waits longest goes first. */
#pragma once

#include "lib/types.h"

struct lock {
	u32 next;
	u32 serving;
};

static inline void lock_take(struct lock *l)
{
	u32 ticket = __atomic_fetch_add(&l->next, 1u, __ATOMIC_RELAXED);

	while (__atomic_load_n(&l->serving, __ATOMIC_ACQUIRE) != ticket) {
		__builtin_ia32_pause();
	}
}

static inline void lock_drop(struct lock *l)
{
	__atomic_store_n(&l->serving, l->serving + 1u, __ATOMIC_RELEASE);
}
