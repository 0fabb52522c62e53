/* SPDX-License-Identifier: Apache-2.0 */
/* core/vmm/grant_table.c, and what it keeps to itself. Linked in its place: if
 * a table changes, this does not build. */
#include "vmm/grant_table.c"

#include "grants.h"

#define UNCOUNTED __attribute__((no_sanitize("coverage")))

UNCOUNTED struct mapping grants_mapping(u32 mapper, u32 handle)
{
	struct mapping none = { .granter = DOMID_NOBODY };
	const struct grant_map *m;

	if (mapper >= CASEMATE_MAX_DOMAINS || handle >= CASEMATE_MAX_MAPTRACK) {
		return none;
	}
	m = &maptrack[mapper][handle];
	return m->use.granter == DOMID_NOBODY
		       ? none
		       : (struct mapping){ m->use.granter,  m->use.is_write,
					   m->use.is_shown, m->use.ref,
					   m->gfn,	    m->use.mfn };
}

UNCOUNTED u32 grants_uses(u32 granter, u32 ref)
{
	return active[granter][ref].uses;
}

UNCOUNTED u32 grants_writers(u32 granter, u32 ref)
{
	return active[granter][ref].writers;
}
