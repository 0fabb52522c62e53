/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of grant uses and mappings; only this file writes them. A page is
 * reached only through an entry that its owner wrote, while its frame is owned
 * by the granter; a mapping holds a reference until no processor can use it.
 * Nothing here lets a granter see uses by a domain that may not tell it
 * anything.
 */
#include "vmm/grant_table.h"

#include "vmm/frame.h"
#include "vmm/p2m.h"
#include "vmm/shared.h"

#include <xen/grant_table.h>

static struct grant_active active[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_GRANTS];
static struct grant_map maptrack[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_MAPTRACK];
static u32 live[CASEMATE_MAX_DOMAINS]; /* by granter */

/* ---- a granter's entry ---------------------------------------------- */

static u16 entry_flags(u64 entry)
{
	return (u16)entry;
}

static gfn_t entry_gfn(u64 entry)
{
	return entry >> 32;
}

/* Does the entry let `user` do this? */
static int entry_check(const struct grant_use *u, domid_t user, u64 entry)
{
	const struct grant_active *a = &active[u->granter][u->ref];

	if ((entry_flags(entry) & GTF_type_mask) != GTF_permit_access ||
	    (domid_t)(entry >> 16) != user) {
		return GNTST_bad_gntref;
	}
	if (u->is_write && (entry_flags(entry) & GTF_readonly) != 0) {
		return GNTST_bad_gntref;
	}
	if (u->is_shown && a->uses != 0 && a->gfn != entry_gfn(entry)) {
		return GNTST_bad_gntref;
	}
	return u->is_shown && a->uses == 0xffffu ? GNTST_no_space : GNTST_okay;
}

/* The granter sees a use only where information may flow back to it: equal
 * levels, a permitted two-way use, or a write (which is such a flow). */
static bool use_is_shown(const struct domain *user,
			 const struct domain *granter, bool is_write)
{
	return is_write ||
	       refmon_label_same_level(user->label, granter->label) ||
	       mediate_quiet(user, granter, CLASS_grant, PERM_grant_map_rw);
}

/* Count the use and show it in the entry, unless that changed meanwhile. */
static bool use_begin(const struct grant_use *u, u64 entry)
{
	struct grant_active *a = &active[u->granter][u->ref];
	u16 flags = GTF_reading;

	if (!u->is_shown) {
		return true;
	}
	if (u->is_write) {
		flags |= GTF_writing;
	}
	if (!shared_grant_mark(&domains[u->granter], u->ref, entry, flags)) {
		return false;
	}
	a->gfn = (u32)entry_gfn(entry);
	a->uses += 1;
	a->writers += u->is_write ? 1 : 0;
	return true;
}

/* A dying granter reads its table no more, and it may be gone already. */
static void entry_unmark(const struct grant_use *u, u16 flag)
{
	struct domain *granter = &domains[u->granter];

	if (granter->state != STATE_DYING) {
		shared_grant_unmark(granter, u->ref, flag);
	}
}

void grant_use_close(const struct grant_use *u)
{
	struct grant_active *a = &active[u->granter][u->ref];

	if (!u->is_shown) {
		return;
	}
	a->uses -= 1;
	if (u->is_write) {
		a->writers -= 1;
	}
	if (u->is_write && a->writers == 0) {
		entry_unmark(u, GTF_writing);
	}
	if (a->uses == 0) {
		entry_unmark(u, GTF_reading);
	}
}

int grant_use_open(struct grant_use *u, const struct domain *user)
{
	struct domain *granter = &domains[u->granter];
	u64 entry;
	int status;

	if (granter->state == STATE_DYING) {
		return GNTST_bad_domain;
	}
	if (u->ref >= granter->grant_frame_count * CASEMATE_GRANTS_PER_FRAME) {
		return GNTST_bad_gntref;
	}
	u->is_shown = use_is_shown(user, granter, u->is_write);
	entry = shared_grant_load(granter, u->ref);
	status = entry_check(u, user->id, entry);
	if (status != GNTST_okay) {
		return status;
	}
	if (!grant_ram_find(granter, entry_gfn(entry), &u->mfn)) {
		return GNTST_bad_page;
	}
	return use_begin(u, entry) ? GNTST_okay : GNTST_bad_gntref;
}

bool grant_ram_find(const struct domain *d, gfn_t gfn, mfn_t *out)
{
	struct p2m_entry e = p2m_get(d, gfn);

	*out = e.mfn;
	return e.kind == P2M_RAM && frame_is_owned_by(e.mfn, d->id);
}

/* ---- map ------------------------------------------------------------ */

static u32 handle_find_free(domid_t mapper)
{
	u32 i = 0;

	while (i < CASEMATE_MAX_MAPTRACK &&
	       maptrack[mapper][i].granter != DOMID_NOBODY) {
		i += 1;
	}
	return i;
}

static void handle_set(domid_t mapper, u32 handle, const struct grant_use *u,
		       gfn_t gfn)
{
	struct grant_map *m = &maptrack[mapper][handle];

	m->granter = u->granter;
	m->ref = (u16)u->ref;
	m->flags = (u->is_write ? GRANT_MAP_WRITE : 0) |
		   (u->is_shown ? GRANT_MAP_SHOWN : 0);
	m->gfn = gfn;
	m->mfn = u->mfn;
	live[u->granter] += 1;
}

static int status_of(err_t err)
{
	if (err == E_NOMEM || err == E_NOSPC) {
		return GNTST_no_space;
	}
	return err == 0 ? GNTST_okay : GNTST_general_error;
}

/* Put the page of an open use into the mapper's empty slot. */
static int use_map(const struct grant_use *u, struct domain *mapper, gfn_t gfn)
{
	u32 kind = u->is_write ? P2M_GRANT_RW : P2M_GRANT_RO;
	err_t err = frame_get(u->mfn);

	if (err != 0) {
		return status_of(err);
	}
	err = p2m_set(mapper, gfn, u->mfn, kind);
	if (err != 0) {
		frame_put(u->mfn);
	}
	return status_of(err);
}

int grant_map_commit(struct domain *mapper, struct grant_use *u, gfn_t gfn,
		     u32 *handle)
{
	int status;

	*handle = handle_find_free(mapper->id);
	if (*handle == CASEMATE_MAX_MAPTRACK) {
		return GNTST_no_space;
	}
	status = grant_use_open(u, mapper);
	if (status != GNTST_okay) {
		return status;
	}
	status = use_map(u, mapper, gfn);
	if (status != GNTST_okay) {
		grant_use_close(u);
		return status;
	}
	handle_set(mapper->id, *handle, u, gfn);
	return GNTST_okay;
}

/* ---- unmap ---------------------------------------------------------- */

const struct grant_map *grant_map_find(const struct domain *mapper, u32 handle)
{
	const struct grant_map *m;

	if (handle >= CASEMATE_MAX_MAPTRACK) {
		return NULL;
	}
	m = &maptrack[mapper->id][handle];
	return m->granter == DOMID_NOBODY ? NULL : m;
}

void grant_unmap_begin(struct domain *mapper, u32 handle, struct grant_unmap *b)
{
	struct grant_map *m = &maptrack[mapper->id][handle];
	struct grant_use *u = &b->uses[b->count];

	u->granter = m->granter;
	u->ref = m->ref;
	u->is_write = (m->flags & GRANT_MAP_WRITE) != 0;
	u->is_shown = (m->flags & GRANT_MAP_SHOWN) != 0;
	u->mfn = m->mfn;
	p2m_clear(mapper, m->gfn);
	m->granter = DOMID_NOBODY;
	b->count += 1;
}

void grant_unmap_finish(struct domain *mapper, struct grant_unmap *b)
{
	u32 i;

	if (b->count == 0) {
		return;
	}
	p2m_flush(mapper);
	for (i = 0; i < b->count; i++) {
		grant_use_close(&b->uses[i]);
		frame_put(b->uses[i].mfn);
		live[b->uses[i].granter] -= 1;
	}
	b->count = 0;
}

/* ---- a domain's life ------------------------------------------------ */

err_t grant_frame(struct domain *d, u32 index, mfn_t *out)
{
	err_t err = 0;

	if (index >= CASEMATE_MAX_GRANT_FRAMES) {
		return E_INVAL;
	}
	while (d->grant_frame_count <= index && err == 0) {
		err = frame_alloc(d->id, FRAME_META,
				  &d->grant_frames[d->grant_frame_count]);
		if (err == 0) {
			d->grant_frame_count += 1;
		}
	}
	if (err == 0) {
		*out = d->grant_frames[index];
	}
	return err;
}

err_t grant_domain_init(struct domain *d)
{
	mfn_t first;
	u32 i;

	for (i = 0; i < CASEMATE_MAX_MAPTRACK; i++) {
		maptrack[d->id][i].granter = DOMID_NOBODY;
	}
	for (i = 0; i < CASEMATE_MAX_GRANTS; i++) {
		active[d->id][i] = (struct grant_active){ 0 };
	}
	live[d->id] = 0;
	d->grant_frame_count = 0;
	return grant_frame(d, 0, &first);
}

void grant_permit(struct domain *d, u32 ref, domid_t to, gfn_t gfn)
{
	if (ref < d->grant_frame_count * CASEMATE_GRANTS_PER_FRAME) {
		shared_grant_store(d, ref,
				   (gfn << 32) | ((u64)to << 16) |
					   GTF_permit_access);
	}
}

bool grant_domain_teardown(struct domain *d, u64 *cursor, u32 budget)
{
	struct grant_unmap b;

	b.count = 0;
	while (budget > 0 && *cursor < CASEMATE_MAX_MAPTRACK) {
		if (maptrack[d->id][*cursor].granter != DOMID_NOBODY) {
			grant_unmap_begin(d, (u32)*cursor, &b);
		}
		if (b.count == GRANT_UNMAP_BATCH) {
			grant_unmap_finish(d, &b);
		}
		*cursor += 1;
		budget -= 1;
	}
	grant_unmap_finish(d, &b);
	return *cursor >= CASEMATE_MAX_MAPTRACK;
}

u32 grant_live_count(const struct domain *d)
{
	return live[d->id];
}
