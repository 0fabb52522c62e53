/* SPDX-License-Identifier: Apache-2.0 */
/* The frames in which the core keeps uses and handles, read past
 * the core: if a table changes, this does not build. */
#include "grants.h"

#include "fake_hw.h"
#include "vmm/grant_spec.h"

struct mapping grants_mapping(u32 mapper, u32 handle)
{
	const struct mapping none = { .granter = DOMID_NOBODY };
	const struct grant_map *m;
	mfn_t mfn;

	if (mapper >= CASEMATE_MAX_DOMAINS || handle >= grant_handles[mapper]) {
		return none;
	}
	mfn = domains[mapper]
		      .handle_frames[handle / CASEMATE_HANDLES_PER_FRAME];
	if (mfn == MFN_NONE) { /* of a dying one */
		return none;
	}
	m = (const void *)fake_memory(mfn);
	m += handle % CASEMATE_HANDLES_PER_FRAME;
	return m->use.granter == DOMID_NOBODY
		       ? none
		       : (struct mapping){ m->use.granter,  m->use.is_write,
					   m->use.is_shown, m->use.ref,
					   m->gfn,	    m->use.mfn };
}

static struct grant_active active(u32 granter, u32 ref)
{
	const struct grant_active none = { 0, 0, 0 };
	mfn_t mfn =
		domains[granter].active_frames[ref / CASEMATE_GRANTS_PER_FRAME];
	const struct grant_active *a;

	if (ref / CASEMATE_GRANTS_PER_FRAME >=
	    domains[granter].grant_frame_count) {
		return none;
	}
	a = (const void *)fake_memory(mfn);
	return a[ref % CASEMATE_GRANTS_PER_FRAME];
}

u32 grants_uses(u32 granter, u32 ref)
{
	const struct grant_active a = active(granter, ref);

	return a.readers + a.writers;
}

u32 grants_writers(u32 granter, u32 ref)
{
	return active(granter, ref).writers;
}
