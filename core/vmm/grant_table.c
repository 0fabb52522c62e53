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

static u32 live[CASEMATE_MAX_DOMAINS]; /* by granter */

/* ---- a granter's entry ---------------------------------------------- */

/* Does the entry let `user` do this? */
static int entry_check(const struct grant_use *u, domid_t user, u64 entry)
{
	const struct grant_active *a = grant_active(u->granter, u->ref);

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
	struct grant_active *a = grant_active(u->granter, u->ref);
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
	struct domain *granter = &domains[u->granter];
	struct grant_active *a;
	u16 over = 0;

	frame_put(u->mfn);
	live[u->granter] -= 1;
	/* A dying one opens no use any more; its tables may be gone already. */
	if (!u->is_shown || granter->state == STATE_DYING) {
		return;
	}
	a = grant_active(u->granter, u->ref);
	a->uses -= 1;
	a->writers -= u->is_write ? 1 : 0;
	if (a->uses == 0) {
		over |= GTF_reading;
	}
	if (a->writers == 0) {
		over |= GTF_writing;
	}
	shared_grant_unmark(granter, u->ref, over);
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

/* The next handle to give out, CASEMATE_MAX_MAPTRACK where there is none: one
 * given back, or the first that was never used. Free ones are a list through
 * their `gfn`; CASEMATE_MAX_MAPTRACK ends it. */
static u32 handle_next(struct domain *d)
{
	if (d->handle_free < CASEMATE_MAX_MAPTRACK) {
		return d->handle_free;
	}
	return d->handle_count < CASEMATE_MAX_MAPTRACK &&
			       grant_map_ensure(d, d->handle_count) == 0
		       ? d->handle_count
		       : CASEMATE_MAX_MAPTRACK;
}

static void handle_take(struct domain *d, u32 handle, const struct grant_use *u,
			gfn_t gfn)
{
	struct grant_map *m = grant_map(d->id, handle);

	if (handle == d->handle_count) {
		d->handle_count += 1;
	} else {
		d->handle_free = m->gfn;
	}
	m->use = *u;
	m->gfn = (u32)gfn;
}

static void handle_give(struct domain *d, u32 handle)
{
	struct grant_map *m = grant_map(d->id, handle);

	m->use.granter = DOMID_NOBODY;
	m->gfn = d->handle_free;
	d->handle_free = handle;
}

static bool handle_is_live(const struct domain *d, u32 handle)
{
	return handle < d->handle_count &&
	       grant_map(d->id, handle)->use.granter != DOMID_NOBODY;
}

int grant_map_commit(struct domain *mapper, struct grant_use *u, gfn_t gfn,
		     u32 *handle)
{
	u32 kind = u->is_write ? P2M_GRANT_RW : P2M_GRANT_RO;
	int status;
	err_t err;

	*handle = handle_next(mapper);
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
	handle_take(mapper, *handle, u, gfn);
	return GNTST_okay;
}

/* ---- unmap ---------------------------------------------------------- */

int grant_unmap_begin(struct domain *mapper, u32 handle, gpa_t at,
		      struct grant_unmap *b)
{
	const struct grant_map *m;

	if (!handle_is_live(mapper, handle)) {
		return GNTST_bad_handle;
	}
	m = grant_map(mapper->id, handle);
	if (at != (gpa_t)m->gfn << PAGE_SHIFT) {
		return GNTST_bad_virt_addr;
	}
	p2m_clear(mapper, m->gfn);
	b->uses[b->count] = m->use;
	b->count += 1;
	handle_give(mapper, handle);
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

err_t grant_domain_init(struct domain *d)
{
	mfn_t first;

	d->handle_count = 0;
	d->handle_free = CASEMATE_MAX_MAPTRACK;
	live[d->id] = 0;
	return grant_frame(d, 0, &first);
}

bool grant_domain_teardown(struct domain *d, u64 *cursor, u32 budget)
{
	struct grant_unmap b;

	b.count = 0;
	for (; budget > 0 && *cursor < d->handle_count; budget--) {
		const struct grant_map *m = grant_map(d->id, (u32)*cursor);

		(void)grant_unmap_begin(d, (u32)*cursor,
					(gpa_t)m->gfn << PAGE_SHIFT, &b);
		if (b.count == GRANT_UNMAP_BATCH) {
			grant_unmap_finish(d, &b);
		}
		*cursor += 1;
	}
	grant_unmap_finish(d, &b);
	return *cursor >= d->handle_count;
}

u32 grant_live_count(const struct domain *d)
{
	return live[d->id];
}
