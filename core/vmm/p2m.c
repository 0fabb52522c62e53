/* SPDX-License-Identifier: Apache-2.0 */
/* Walks of nested page tables: four levels of 512 entries, 4 KiB leaves. */
#include "vmm/p2m.h"
#include "vmm/p2m_flush.h"

#include "vmm/frame.h"

#define ROOT_LEVEL 3u /* leaves are level 0 */
#define INDEX_BITS 9u
#define INDEX_MASK 511u

static u64 *slot_in(mfn_t table, gfn_t gfn, u32 level)
{
	u64 *entries = hw_frame(table);

	return &entries[(gfn >> (INDEX_BITS * level)) & INDEX_MASK];
}

/* The slot of gfn in the table of this level; NULL where that is missing, or
 * cannot be made. */
static u64 *slot_find(const struct domain *d, gfn_t gfn, u32 level,
		      bool is_make)
{
	mfn_t table = d->npt_root;
	u32 above;

	for (above = ROOT_LEVEL; above > level && table != MFN_NONE; above--) {
		u64 *slot = slot_in(table, gfn, above);

		if (!hw_npt_present(*slot)) {
			mfn_t fresh;

			if (!is_make ||
			    frame_alloc(d->id, FRAME_META, &fresh) != 0) {
				return NULL;
			}
			*slot = hw_npt_table(fresh);
		}
		table = hw_npt_mfn(*slot);
	}
	return table == MFN_NONE ? NULL : slot_in(table, gfn, level);
}

static u32 kind_flags(u32 kind)
{
	u32 flags = kind << HW_NPT_TAG_SHIFT;

	if (kind != P2M_GRANT_RO) {
		flags |= HW_NPT_WRITE;
	}
	if (kind == P2M_RAM) {
		flags |= HW_NPT_EXEC;
	}
	return flags;
}

static u32 entry_kind(u64 entry)
{
	return hw_npt_flags(entry) >> HW_NPT_TAG_SHIFT;
}

struct p2m_entry p2m_get(const struct domain *d, gfn_t gfn)
{
	struct p2m_entry e = { MFN_NONE, P2M_NONE };
	u64 *slot;

	if (gfn >= P2M_MAX_GFN) {
		return e;
	}
	slot = slot_find(d, gfn, 0, false);
	if (slot != NULL && hw_npt_present(*slot)) {
		e.mfn = hw_npt_mfn(*slot);
		e.kind = entry_kind(*slot);
	}
	return e;
}

err_t p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, u32 kind)
{
	u64 *slot;

	if (gfn >= P2M_MAX_GFN) {
		return E_INVAL;
	}
	slot = slot_find(d, gfn, 0, true);
	if (slot == NULL) {
		return E_NOMEM;
	}
	if (hw_npt_present(*slot)) {
		return E_EXIST;
	}
	*slot = hw_npt_leaf(mfn, kind_flags(kind));
	return 0;
}

err_t p2m_add_ram(struct domain *d, gfn_t gfn)
{
	mfn_t mfn;
	err_t err;

	if (p2m_get(d, gfn).kind != P2M_NONE) {
		return E_EXIST;
	}
	err = frame_alloc(d->id, FRAME_OWNED, &mfn);
	if (err != 0) {
		return err;
	}
	err = p2m_set(d, gfn, mfn, P2M_RAM);
	if (err != 0) {
		frame_release(mfn);
	}
	return err;
}

void p2m_clear(struct domain *d, gfn_t gfn)
{
	u64 *slot = gfn < P2M_MAX_GFN ? slot_find(d, gfn, 0, false) : NULL;

	if (slot != NULL) {
		*slot = 0;
	}
}

void p2m_flush(struct domain *d)
{
	u32 i;

	for (i = 0; i < d->vcpu_count; i++) {
		p2m_flush_vcpu(&d->vcpus[i]);
	}
}

/* Give back what a table's entries hold: tables below it, or RAM. Grant
 * mappings were dropped before; shared frames belong to the domain structure. */
static void entries_release(u64 *entries, u32 level)
{
	u32 i;

	for (i = 0; i <= INDEX_MASK; i++) {
		u64 entry = entries[i];

		if (hw_npt_present(entry) &&
		    (level > 0 || entry_kind(entry) == P2M_RAM)) {
			frame_release(hw_npt_mfn(entry));
		}
		entries[i] = 0;
	}
}

/* The first gfn from `gfn` on whose table of this level exists; missing
 * subtrees are skipped whole. P2M_MAX_GFN at the end. */
static gfn_t next_table(const struct domain *d, gfn_t gfn, u32 level)
{
	u32 above = ROOT_LEVEL;

	while (gfn < P2M_MAX_GFN && above > level) {
		u64 span = 1ull << (INDEX_BITS * above);
		u64 *slot = slot_find(d, gfn, above, false);

		if (hw_npt_present(*slot)) {
			above -= 1;
		} else {
			gfn = (gfn | (span - 1)) + 1;
			above = ROOT_LEVEL;
		}
	}
	return gfn;
}

/* Empty up to `budget` tables of one level; true when none is left. */
static bool level_release(struct domain *d, u32 level, u64 *cursor, u32 budget)
{
	u64 span = 1ull << (INDEX_BITS * (level + 1));

	while (budget > 0) {
		gfn_t gfn = next_table(d, *cursor, level) & ~(span - 1);

		if (gfn >= P2M_MAX_GFN) {
			return true;
		}
		entries_release(slot_find(d, gfn, level, false), level);
		*cursor = gfn + span;
		budget -= 1;
	}
	return false;
}

bool p2m_teardown_leaves(struct domain *d, u64 *cursor, u32 budget)
{
	return d->npt_root == MFN_NONE || level_release(d, 0, cursor, budget);
}

void p2m_teardown_tables(struct domain *d)
{
	u32 level;

	if (d->npt_root == MFN_NONE) {
		return;
	}
	for (level = 1; level <= ROOT_LEVEL; level++) {
		u64 cursor = 0;

		(void)level_release(d, level, &cursor, ~0u);
	}
	frame_release(d->npt_root);
	d->npt_root = MFN_NONE;
}
