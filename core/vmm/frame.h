/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame ownership. Every machine frame is free, the core's, or owned by one
 * domain. A frame leaves its owner only when no reference is left, and is
 * scrubbed before anyone else can get it.
 *
 *   FREE --alloc--> OWNED(d) --release--> (refs == 0) scrub --> FREE
 *                      |                  (refs > 0) ORPHAN --last put--> scrub
 *                      +-- get/put: grant mappings and pins hold references
 */
#pragma once

#include "lib/types.h"

enum frame_type {
	FRAME_ABSENT = 0, /* not RAM, or never ours */
	FRAME_FREE,
	FRAME_CORE,   /* the core's own */
	FRAME_OWNED,  /* guest memory of frame.owner, in its p2m */
	FRAME_ORPHAN, /* given up by its owner, still referenced */
	FRAME_META    /* core memory charged to owner: tables, VMCB, shared */
};
struct frame {
	domid_t owner;
	u8 type;     /* enum frame_type */
	u8 is_dirty; /* free since boot, not scrubbed yet */
	u32 refs;    /* grant mappings, pins; not the owner's own mapping */
};

#define DOMID_NOBODY 0xffffu

/* Free frames handed out zeroed. FRAME_OWNED is charged to the owner's
 * max_frames, FRAME_META to max_meta. -ENOMEM when out of frames or over. */
err_t frame_alloc(domid_t owner, u8 type, mfn_t *out);
/* The owner gives it up: returns to FREE now or when its references end. */
void frame_release(mfn_t mfn);
/* A reference by someone else than the owner (or the core's pin). Only for
 * FRAME_OWNED; -EINVAL otherwise, -ENOSPC when the count is exhausted. */
err_t frame_get(mfn_t mfn);
void frame_put(mfn_t mfn);
bool frame_is_owned_by(mfn_t mfn, domid_t d); /* FRAME_OWNED by d */
u64 frame_free_count(void);
u64 frame_total_count(void);
