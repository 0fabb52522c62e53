/* SPDX-License-Identifier: Apache-2.0 */
/* Walks of nested page tables: four levels of 512 entries, 4 KiB leaves. */
#include "vmm/p2m.h"

#include "lib/mem.h"
#include "vmm/frame.h"

#define ROOT_LEVEL 3u /* leaves are level 0 */
#define INDEX_BITS 9u
#define INDEX_MASK 511u
#define SCRUBBED_A_STEP 128u /* frames, while all others wait */

/* Where the leaf table of a 2 MiB region was found last: most hypercalls read
 * a few pages again and again. A table stays what it is until teardown. */
#define HINTS 16u
static struct hint {
	u64 region; /* 1 + gfn >> INDEX_BITS; 0: none */
	mfn_t table;
} hints[CASEMATE_MAX_DOMAINS][HINTS];

err_t p2m_make(struct domain *d)
{
	memset(hints[d->id], 0, sizeof(hints[0]));
	return frame_alloc(d->id, FRAME_META, &d->npt_root);
}

static u64 *slot_in(mfn_t table, gfn_t gfn, u32 level)
{
	u64 *entries = hw_frame(table);

	return &entries[(gfn >> (INDEX_BITS * level)) & INDEX_MASK];
}

/* The leaf table of gfn; MFN_NONE where it or one above it is missing, or
 * cannot be made. */
static mfn_t table_walk(const struct domain *d, gfn_t gfn, bool is_make)
{
	mfn_t table = d->npt_root;
	u32 level;

	for (level = ROOT_LEVEL; level > 0 && table != MFN_NONE; level--) {
		u64 *slot = slot_in(table, gfn, level);
		mfn_t fresh;

		if (!hw_npt_present(*slot)) {
			if (!is_make ||
			    frame_alloc(d->id, FRAME_META, &fresh) != 0) {
				return MFN_NONE;
			}
			domains[d->id].table_frames += 1;
			*slot = hw_npt_table(fresh);
		}
		table = hw_npt_mfn(*slot);
	}
	return table;
}

static OUTLINED u64 *slot_walk(const struct domain *d, gfn_t gfn, bool is_make,
			       struct hint *h)
{
	mfn_t table = gfn < P2M_MAX_GFN ? table_walk(d, gfn, is_make)
					: MFN_NONE;

	if (table == MFN_NONE) {
		return NULL;
	}
	*h = (struct hint){ (gfn >> INDEX_BITS) + 1, table };
	return slot_in(table, gfn, 0);
}

/* The leaf's slot of gfn; NULL where there is no table for it. */
static INLINED u64 *slot_find(const struct domain *d, gfn_t gfn, bool is_make)
{
	u64 region = gfn >> INDEX_BITS;
	struct hint *h = &hints[d->id][region % HINTS];

	return h->region == region + 1 ? slot_in(h->table, gfn, 0)
				       : slot_walk(d, gfn, is_make, h);
}

/* Besides reading. */
static const u8 rights[] = { [P2M_RAM] = HW_NPT_WRITE | HW_NPT_EXEC,
			     [P2M_SHARED] = HW_NPT_WRITE,
			     [P2M_GRANT_RW] = HW_NPT_WRITE,
			     [P2M_GRANT_RO] = 0 };

/* P2M_NONE for an empty entry. */
static u32 entry_kind(u64 entry)
{
	return hw_npt_flags(entry) >> HW_NPT_TAG_SHIFT;
}

struct p2m_entry p2m_get(const struct domain *d, gfn_t gfn)
{
	struct p2m_entry e = { MFN_NONE, P2M_NONE };
	const u64 *slot = slot_find(d, gfn, false);

	if (slot != NULL && hw_npt_present(*slot)) {
		e.mfn = hw_npt_mfn(*slot);
		e.kind = entry_kind(*slot);
	}
	return e;
}

mfn_t p2m_ram(const struct domain *d, gfn_t gfn)
{
	const u64 *slot = slot_find(d, gfn, false);
	mfn_t mfn;

	if (slot == NULL || entry_kind(*slot) != P2M_RAM) {
		return MFN_NONE;
	}
	mfn = hw_npt_mfn(*slot);
	return frame_is_owned_by(mfn, d->id) ? mfn : MFN_NONE;
}

err_t p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, u32 kind)
{
	u64 *slot;

	if (gfn >= P2M_MAX_GFN) {
		return E_INVAL;
	}
	slot = slot_find(d, gfn, true);
	if (slot == NULL) {
		return E_NOMEM;
	}
	if (hw_npt_present(*slot)) {
		return E_EXIST;
	}
	*slot = hw_npt_leaf(mfn, kind << HW_NPT_TAG_SHIFT | rights[kind]);
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
	u64 *slot = slot_find(d, gfn, false);

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

/* Some of the RAM of a leaf table; true when none is left. Grant mappings were
 * dropped before; shared frames belong to the domain structure. */
static bool ram_release(mfn_t table)
{
	u64 *entries = hw_frame(table);
	u32 released = 0;
	u32 i;

	for (i = 0; i <= INDEX_MASK && released < SCRUBBED_A_STEP; i++) {
		if (hw_npt_present(entries[i]) &&
		    entry_kind(entries[i]) == P2M_RAM) {
			frame_release(hw_npt_mfn(entries[i]));
			entries[i] = 0;
			released += 1;
		}
	}
	return i > INDEX_MASK;
}

static u64 *first_present(mfn_t table)
{
	u64 *entries = hw_frame(table);
	u32 i = 0;

	while (i < INDEX_MASK && !hw_npt_present(entries[i])) {
		i += 1;
	}
	return hw_npt_present(entries[i]) ? &entries[i] : NULL;
}

bool p2m_teardown(struct domain *d)
{
	mfn_t table = d->npt_root;
	u64 *above = NULL; /* the entry that `table` hangs from */
	u32 level;

	memset(hints[d->id], 0, sizeof(hints[0]));
	if (table == MFN_NONE) {
		return true;
	}
	for (level = ROOT_LEVEL; level > 0; level--) {
		u64 *slot = first_present(table);

		if (slot == NULL) {
			break;
		}
		above = slot;
		table = hw_npt_mfn(*slot);
	}
	if (level == 0 && !ram_release(table)) {
		return false;
	}
	if (above == NULL) {
		d->npt_root = MFN_NONE;
	} else {
		*above = 0;
	}
	frame_release(table);
	d->table_frames -= 1;
	return above == NULL;
}
