/* SPDX-License-Identifier: Apache-2.0 */
/* The frames behind a domain's grant tables, on its own account: the tables
 * guests see, the counts of uses, the handles; and a domain's life. What is in
 * the counts and handles is for grant_use.c and grant_table.c alone. */
#include "vmm/grant_spec.h"

#include "vmm/shared.h"

_Static_assert(sizeof(struct grant_active) * CASEMATE_GRANTS_PER_FRAME ==
		       PAGE_SIZE,
	       "counts of uses");
_Static_assert(sizeof(struct grant_map) * CASEMATE_HANDLES_PER_FRAME ==
		       PAGE_SIZE,
	       "handles");

u32 grant_handles[CASEMATE_MAX_DOMAINS];

struct grant_active *grant_active(domid_t granter, u32 ref)
{
	const struct domain *d = &domains[granter];
	struct grant_active *frame =
		hw_frame(d->active_frames[ref / CASEMATE_GRANTS_PER_FRAME]);

	return &frame[ref % CASEMATE_GRANTS_PER_FRAME];
}

struct grant_map *grant_map(u32 slot)
{
	const struct domain *d = &domains[slot / CASEMATE_MAX_MAPTRACK];
	u32 handle = slot % CASEMATE_MAX_MAPTRACK;
	struct grant_map *frame =
		hw_frame(d->handle_frames[handle / CASEMATE_HANDLES_PER_FRAME]);

	return &frame[handle % CASEMATE_HANDLES_PER_FRAME];
}

err_t grant_map_grow(domid_t id)
{
	u32 i, first = grant_handles[id];
	struct grant_map *frame;
	mfn_t mfn;

	if (first == CASEMATE_MAX_MAPTRACK ||
	    frame_alloc(id, FRAME_META, &mfn) != 0) {
		return E_NOMEM;
	}
	frame = hw_frame(mfn);
	for (i = 0; i < CASEMATE_HANDLES_PER_FRAME; i++) {
		frame[i].use.granter = DOMID_NOBODY;
		frame[i].gfn = first + i + 1;
	}
	frame[i - 1].gfn = GRANT_NO_HANDLE;
	domains[id].handle_frames[first / CASEMATE_HANDLES_PER_FRAME] = mfn;
	grant_handles[id] += CASEMATE_HANDLES_PER_FRAME;
	return 0;
}

err_t grant_leaf_set(domid_t id, gfn_t gfn, u32 mfn, u32 kind)
{
	return p2m_set(&domains[id], gfn, mfn, kind);
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

/* ---- a domain's life ------------------------------------------------ */

err_t grant_domain_init(struct domain *d)
{
	mfn_t first;

	grant_handles[d->id] = 0;
	grant_live[d->id] = 0;
	return grant_frame(d, 0, &first);
}

bool grant_domain_teardown(struct domain *d, u64 *cursor, u32 budget)
{
	*cursor = grant_handles_drop(d->id, (u32)*cursor, budget);
	return *cursor >= grant_handles[d->id];
}
