/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mappings of grants after a change of policy. One that is no longer permitted
 * ends as if it had been unmapped; its handle stays taken, marked, so that the
 * mapper's own unmapping finds it.
 */
#include "vmm/grant_spec.h"

#include "vmm/p2m.h"

#define REF_REVOKED 0xffffffffu /* of a handle whose granter is nobody */

/* As it was opened, in both senses: may the mapper reach the page, and may the
 * granter see that it does? */
static bool stays(const struct domain *mapper, struct grant_use u)
{
	u32 perm = u.is_write ? PERM_grant_map_rw : PERM_grant_map_ro;

	return mediate_again(mapper, u.granter, domains[u.granter].label,
			     CLASS_grant, perm) &&
	       (!u.is_shown ||
		grant_use_is_shown(mapper->id, u.granter, u.is_write));
}

/* The page comes on top of the mapper's quota, as the granted one did: it must
 * be there for the mapper to go on. Only a machine without a free frame leaves
 * the slot empty. */
static void undo(struct domain *mapper, u32 handle)
{
	struct grant_map m = GRANT_MAP(GRANT_SLOT(mapper->id, handle));
	struct grant_map mark = {
		{ DOMID_NOBODY, false, false, REF_REVOKED, 0 }, m.gfn
	};

	(void)grant_unmap_begin(mapper->id, handle, (gpa_t)m.gfn * PAGE_SIZE);
	grant_unmap_finish(mapper->id);
	mapper->max_frames += 1;
	(void)p2m_add_ram(mapper, m.gfn);
	/* it was given back last, so it is the first that is free */
	grant_free[mapper->id] = GRANT_MAP(GRANT_SLOT(mapper->id, handle)).gfn;
	grant_slot_write(GRANT_SLOT(mapper->id, handle), mark);
}

static u32 revoke_of(struct domain *mapper)
{
	u32 n = 0;
	u32 h;

	for (h = 0; h < grant_handles[mapper->id]; h++) {
		struct grant_map m = GRANT_MAP(GRANT_SLOT(mapper->id, h));

		if (m.use.granter != DOMID_NOBODY && !stays(mapper, m.use)) {
			undo(mapper, h);
			n += 1;
		}
	}
	return n;
}

/* A dying domain runs no more, and drops what it maps by itself. */
u32 grant_revoke(void)
{
	u32 n = 0;
	u32 d;

	for (d = 0; d < CASEMATE_MAX_DOMAINS; d++) {
		if (domains[d].state != STATE_FREE &&
		    domains[d].state != STATE_DYING) {
			n += revoke_of(&domains[d]);
		}
	}
	return n;
}

int grant_revoked_unmap(domid_t mapper, u32 handle, gpa_t at)
{
	struct grant_map m;
	mfn_t own;

	if (handle >= grant_handles[mapper]) {
		return GNTST_bad_handle;
	}
	m = GRANT_MAP(GRANT_SLOT(mapper, handle));
	if (m.use.granter != DOMID_NOBODY || m.use.ref != REF_REVOKED) {
		return GNTST_bad_handle;
	}
	if (at != (gpa_t)m.gfn * PAGE_SIZE) {
		return GNTST_bad_virt_addr;
	}
	own = p2m_ram(&domains[mapper], m.gfn);
	if (own != MFN_NONE) {
		p2m_clear(&domains[mapper], m.gfn);
		p2m_flush(&domains[mapper]);
		frame_release(own);
	}
	domains[mapper].max_frames -= 1;
	m.use.ref = 0;
	m.gfn = grant_free[mapper];
	grant_slot_write(GRANT_SLOT(mapper, handle), m);
	grant_free[mapper] = handle;
	return GNTST_okay;
}
