/* SPDX-License-Identifier: Apache-2.0 */
/* The guest-physical map of each domain, in nested page tables (4 KiB leaves).
 * The tag of a leaf says what it is; the hardware ignores it. */
#pragma once

#include "vmm/domain.h"

enum p2m_kind {
	P2M_NONE = 0,
	P2M_RAM, /* a FRAME_OWNED frame of the domain, writable, executable */
	P2M_SHARED, /* the domain's shared_info or grant frame: writable, NX */
	P2M_GRANT_RW, /* a frame of another domain, mapped by grant, NX */
	P2M_GRANT_RO
};
#define P2M_MAX_GFN (1ull << 28) /* 40-bit guest-physical addresses */

struct p2m_entry {
	mfn_t mfn;
	u32 kind; /* P2M_NONE: mfn is MFN_NONE */
};
struct p2m_entry p2m_get(const struct domain *d, gfn_t gfn);
/* Only into an empty slot: -EEXIST otherwise; -EINVAL gfn out of range,
 * -ENOMEM no table frame. */
err_t p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, u32 kind);
/* Empty a slot. The caller flushes (p2m_flush) before the frame is reused. */
void p2m_clear(struct domain *d, gfn_t gfn);
/* Every processor that may hold translations of d has dropped them when this
 * returns: kicks, and waits for acknowledgements. */
void p2m_flush(struct domain *d);
