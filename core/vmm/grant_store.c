/* SPDX-License-Identifier: Apache-2.0 */
/* The frames behind a domain's grant tables, on its own account: the tables
 * guests see, the counts of uses, the handles. What is in the latter two is
 * grant_table.c's business alone. */
#include "vmm/grant_table.h"

#include "vmm/shared.h"

_Static_assert(sizeof(struct grant_active) * CASEMATE_GRANTS_PER_FRAME ==
		       PAGE_SIZE,
	       "uses");
_Static_assert(sizeof(struct grant_map) * CASEMATE_HANDLES_PER_FRAME ==
		       PAGE_SIZE,
	       "handles");

struct grant_active *grant_active(domid_t granter, u32 ref)
{
	const struct domain *d = &domains[granter];
	struct grant_active *frame =
		hw_frame(d->active_frames[ref / CASEMATE_GRANTS_PER_FRAME]);

	return &frame[ref % CASEMATE_GRANTS_PER_FRAME];
}

struct grant_map *grant_map(domid_t mapper, u32 handle)
{
	const struct domain *d = &domains[mapper];
	struct grant_map *frame =
		hw_frame(d->handle_frames[handle / CASEMATE_HANDLES_PER_FRAME]);

	return &frame[handle % CASEMATE_HANDLES_PER_FRAME];
}

err_t grant_map_ensure(struct domain *d, u32 handle)
{
	mfn_t *mfn = &d->handle_frames[handle / CASEMATE_HANDLES_PER_FRAME];

	return *mfn != MFN_NONE ? 0 : frame_alloc(d->id, FRAME_META, mfn);
}

/* A frame of entries, and one of counts for them. */
static err_t grow(struct domain *d)
{
	u32 n = d->grant_frame_count;
	err_t err = frame_alloc(d->id, FRAME_META, &d->grant_frames[n]);

	if (err != 0) {
		return err;
	}
	err = frame_alloc(d->id, FRAME_META, &d->active_frames[n]);
	if (err != 0) {
		frame_release(d->grant_frames[n]);
		d->grant_frames[n] = MFN_NONE;
		return err;
	}
	d->grant_frame_count += 1;
	return 0;
}

err_t grant_frame(struct domain *d, u32 index, mfn_t *out)
{
	err_t err = 0;

	if (index >= CASEMATE_MAX_GRANT_FRAMES) {
		return E_INVAL;
	}
	while (d->grant_frame_count <= index && err == 0) {
		err = grow(d);
	}
	if (err == 0) {
		*out = d->grant_frames[index];
	}
	return err;
}

void grant_permit(struct domain *d, u32 ref, domid_t to, gfn_t gfn)
{
	shared_grant_store(d, ref,
			   gfn << 32 | (u64)to << 16 | GTF_permit_access);
}
