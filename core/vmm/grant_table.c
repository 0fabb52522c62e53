/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of grant uses and mappings; only this file writes them. A page is
 * reached only through an entry that its owner wrote, while its frame is owned
 * by the granter; a mapping holds a reference until no processor can use it.
 * Nothing here lets a granter see uses by a domain that may not tell it
 * anything.
 */
#include "vmm/grant_table.h"

#include "lib/mem.h"
#include "vmm/frame.h"
#include "vmm/p2m.h"
#include "vmm/shared.h"

/* Uses of an entry that its granter can see: GTF_reading is set while uses is
 * not 0, GTF_writing while writers is not 0. A use by a mapper of another level
 * that may only read is not counted here: the granter must not learn of it. */
struct grant_active { /* one per grant reference of the granter */
	u32 gfn;      /* as read from the entry when its first use began */
	u16 uses;     /* live mappings and copies under way */
	u16 writers;
};
struct grant_map {	      /* one per handle of the mapper */
	struct grant_use use; /* granter DOMID_NOBODY: free */
	u32 gfn;	      /* where the mapper has it */
};

static struct grant_active active[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_GRANTS];
static struct grant_map maptrack[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_MAPTRACK];
static u32 live[CASEMATE_MAX_DOMAINS]; /* by granter */

/* ---- a granter's entry ---------------------------------------------- */

/* Does the entry let `user` do this? */
static int entry_check(const struct grant_use *u, domid_t user, u64 entry)
{
	const struct grant_active *a = &active[u->granter][u->ref];

	if ((entry & GTF_type_mask) != GTF_permit_access ||
	    (domid_t)(entry >> 16) != user ||
	    (u->is_write && (entry & GTF_readonly) != 0) ||
	    (u->is_shown && a->uses != 0 && a->gfn != entry >> 32)) {
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
	u16 flags = GTF_reading | (u->is_write ? GTF_writing : 0);

	if (!u->is_shown) {
		return true;
	}
	if (!shared_grant_mark(&domains[u->granter], u->ref, entry, flags)) {
		return false;
	}
	a->gfn = (u32)(entry >> 32);
	a->uses += 1;
	a->writers += u->is_write ? 1 : 0;
	return true;
}

void grant_use_close(const struct grant_use *u)
{
	struct grant_active *a = &active[u->granter][u->ref];
	struct domain *granter = &domains[u->granter];
	u16 over = 0;

	frame_put(u->mfn);
	live[u->granter] -= 1;
	if (!u->is_shown) {
		return;
	}
	a->uses -= 1;
	a->writers -= u->is_write ? 1 : 0;
	if (a->uses == 0) {
		over |= GTF_reading;
	}
	if (a->writers == 0) {
		over |= GTF_writing;
	}
	/* A dying one reads its table no more, and it may be gone already. */
	if (granter->state != STATE_DYING) {
		shared_grant_unmark(granter, u->ref, over);
	}
}

int grant_use_open(struct grant_use *u, const struct domain *user)
{
	struct domain *granter = &domains[u->granter];
	u64 entry;
	mfn_t mfn;
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
	mfn = p2m_ram(granter, entry >> 32);
	if (mfn == MFN_NONE || frame_get(mfn) != 0) {
		return GNTST_bad_page;
	}
	if (!use_begin(u, entry)) {
		frame_put(mfn);
		return GNTST_bad_gntref;
	}
	u->mfn = (u32)mfn;
	live[u->granter] += 1;
	return GNTST_okay;
}

/* ---- map ------------------------------------------------------------ */

static u32 handle_find_free(domid_t mapper)
{
	u32 i = 0;

	while (i < CASEMATE_MAX_MAPTRACK &&
	       maptrack[mapper][i].use.granter != DOMID_NOBODY) {
		i += 1;
	}
	return i;
}

int grant_map_commit(struct domain *mapper, struct grant_use *u, gfn_t gfn,
		     u32 *handle)
{
	u32 kind = u->is_write ? P2M_GRANT_RW : P2M_GRANT_RO;
	int status;
	err_t err;

	*handle = handle_find_free(mapper->id);
	if (*handle == CASEMATE_MAX_MAPTRACK) {
		return GNTST_no_space;
	}
	status = grant_use_open(u, mapper);
	if (status != GNTST_okay) {
		return status;
	}
	err = p2m_set(mapper, gfn, u->mfn, kind);
	if (err != 0) {
		grant_use_close(u);
		return err == E_NOMEM ? GNTST_no_space : GNTST_general_error;
	}
	maptrack[mapper->id][*handle] = (struct grant_map){ *u, (u32)gfn };
	return GNTST_okay;
}

/* ---- unmap ---------------------------------------------------------- */

int grant_unmap_begin(struct domain *mapper, u32 handle, gpa_t at,
		      struct grant_unmap *b)
{
	struct grant_map *m;

	if (handle >= CASEMATE_MAX_MAPTRACK ||
	    maptrack[mapper->id][handle].use.granter == DOMID_NOBODY) {
		return GNTST_bad_handle;
	}
	m = &maptrack[mapper->id][handle];
	if (at != (gpa_t)m->gfn << PAGE_SHIFT) {
		return GNTST_bad_virt_addr;
	}
	p2m_clear(mapper, m->gfn);
	b->uses[b->count] = m->use;
	b->count += 1;
	m->use.granter = DOMID_NOBODY;
	return GNTST_okay;
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
		maptrack[d->id][i].use.granter = DOMID_NOBODY;
	}
	memset(active[d->id], 0, sizeof(active[0]));
	live[d->id] = 0;
	return grant_frame(d, 0, &first);
}

void grant_permit(struct domain *d, u32 ref, domid_t to, gfn_t gfn)
{
	shared_grant_store(d, ref,
			   gfn << 32 | (u64)to << 16 | GTF_permit_access);
}

bool grant_domain_teardown(struct domain *d, u64 *cursor, u32 budget)
{
	struct grant_unmap b;

	b.count = 0;
	for (; budget > 0 && *cursor < CASEMATE_MAX_MAPTRACK; budget--) {
		gpa_t at = (gpa_t)maptrack[d->id][*cursor].gfn << PAGE_SHIFT;

		(void)grant_unmap_begin(d, (u32)*cursor, at, &b);
		if (b.count == GRANT_UNMAP_BATCH) {
			grant_unmap_finish(d, &b);
		}
		*cursor += 1;
	}
	grant_unmap_finish(d, &b);
	return *cursor >= CASEMATE_MAX_MAPTRACK;
}

u32 grant_live_count(const struct domain *d)
{
	return live[d->id];
}
