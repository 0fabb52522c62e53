/* SPDX-License-Identifier: Apache-2.0 */
/* Frame ownership: one table entry a machine frame, and a stack of free ones.
 * Only this file writes either. */
#include "vmm/frame.h"

#include "lib/mem.h"
#include "vmm/domain.h"
#include "vmm/frame_boot.h"

static struct frame *frames; /* [frame_limit] */
static u32 *free_stack;	     /* [frame_limit], free_top in use */
static u64 frame_limit;
static u64 free_top;
static u64 total;

/* Claimed at boot for frames up to `limit`. */
u64 frame_table_bytes(u64 limit)
{
	return limit * (sizeof(struct frame) + sizeof(u32));
}

void frame_table_init(void *memory, u64 limit)
{
	frames = memory;
	free_stack = (u32 *)(void *)(frames + limit);
	frame_limit = limit;
}

static void make_free(mfn_t mfn)
{
	frames[mfn].owner = DOMID_NOBODY;
	frames[mfn].type = FRAME_FREE;
	free_stack[free_top] = (u32)mfn;
	free_top += 1;
}

void frame_boot_add(mfn_t mfn, u8 type, domid_t owner)
{
	if (mfn >= frame_limit) {
		return;
	}
	frames[mfn].owner = owner;
	frames[mfn].type = type;
	frames[mfn].is_dirty = 1;
	total += 1;
	if (type == FRAME_FREE) {
		make_free(mfn);
	}
}

void frame_boot_free(mfn_t mfn)
{
	if (mfn < frame_limit && frames[mfn].type == FRAME_CORE) {
		make_free(mfn); /* dirty, as frame_boot_add() left it */
	}
}

/* Frames are scrubbed on their way in; what was free since boot is scrubbed
 * when it is first handed out. */
static void frame_scrub(mfn_t mfn)
{
	memset(hw_frame(mfn), 0, PAGE_SIZE);
	make_free(mfn);
}

/* What a domain holds of frames of this type. */
static u64 *held(struct domain *d, u8 type)
{
	return type == FRAME_OWNED ? &d->frames : &d->meta_frames;
}

err_t frame_alloc(domid_t owner, u8 type, mfn_t *out)
{
	struct domain *d = &domains[owner];
	u64 quota = type == FRAME_OWNED ? d->max_frames : d->max_meta;
	mfn_t mfn;

	if (*held(d, type) >= quota || free_top == 0) {
		return E_NOMEM;
	}
	free_top -= 1;
	mfn = free_stack[free_top];
	if (frames[mfn].is_dirty != 0) {
		memset(hw_frame(mfn), 0, PAGE_SIZE);
		frames[mfn].is_dirty = 0;
	}
	frames[mfn].owner = owner;
	frames[mfn].type = type;
	frames[mfn].refs = 0;
	*held(d, type) += 1;
	*out = mfn;
	return 0;
}

void frame_release(mfn_t mfn)
{
	struct frame *f = mfn < frame_limit ? &frames[mfn] : NULL;

	if (f == NULL || (f->type != FRAME_OWNED && f->type != FRAME_META)) {
		return;
	}
	if (f->refs != 0) {
		f->type = FRAME_ORPHAN;
		return;
	}
	*held(&domains[f->owner], f->type) -= 1;
	frame_scrub(mfn);
}

err_t frame_get(mfn_t mfn)
{
	if (mfn >= frame_limit || frames[mfn].type != FRAME_OWNED ||
	    frames[mfn].refs == ~0u) {
		return E_INVAL;
	}
	frames[mfn].refs += 1;
	return 0;
}

void frame_put(mfn_t mfn)
{
	struct frame *f = mfn < frame_limit ? &frames[mfn] : NULL;

	if (f == NULL || f->refs == 0) {
		return;
	}
	f->refs -= 1;
	if (f->refs == 0 && f->type == FRAME_ORPHAN) {
		domains[f->owner].frames -= 1;
		frame_scrub(mfn);
	}
}

bool frame_is_owned_by(mfn_t mfn, domid_t d)
{
	return mfn < frame_limit && frames[mfn].type == FRAME_OWNED &&
	       frames[mfn].owner == d;
}

u64 frame_free_count(void)
{
	return free_top;
}

u64 frame_total_count(void)
{
	return total;
}
