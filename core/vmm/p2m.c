/* SPDX-License-Identifier: Apache-2.0 */
/* Walks of nested page tables: four levels of 512 entries, 4 KiB leaves. */
#include "vmm/p2m.h"

#include "lib/mem.h"
#include "vmm/frame.h"
#include "vmm/p2m_flush.h"

#define LEVELS 4u
#define INDEX_BITS 9u
#define INDEX_MASK 511u

static u64 *slot_in(mfn_t table, gfn_t gfn, u32 level)
{
	u64 *entries = hw_frame(table);

	return &entries[(gfn >> (INDEX_BITS * level)) & INDEX_MASK];
}

/* The leaf slot of gfn, or NULL where a table is missing. */
static u64 *leaf_find(const struct domain *d, gfn_t gfn)
{
	mfn_t table = d->npt_root;
	u32 level;

	if (table == MFN_NONE) {
		return NULL;
	}
	for (level = LEVELS - 1; level > 0; level--) {
		u64 entry = *slot_in(table, gfn, level);

		if (!hw_npt_present(entry)) {
			return NULL;
		}
		table = hw_npt_mfn(entry);
	}
	return slot_in(table, gfn, 0);
}

/* The same, allocating missing tables. */
static u64 *leaf_make(struct domain *d, gfn_t gfn)
{
	mfn_t table = d->npt_root;
	u32 level;

	for (level = LEVELS - 1; level > 0; level--) {
		u64 *slot = slot_in(table, gfn, level);

		if (!hw_npt_present(*slot)) {
			mfn_t fresh;

			if (frame_alloc(d->id, FRAME_META, &fresh) != 0) {
				return NULL;
			}
			*slot = hw_npt_table(fresh);
		}
		table = hw_npt_mfn(*slot);
	}
	return slot_in(table, gfn, 0);
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

struct p2m_entry p2m_get(const struct domain *d, gfn_t gfn)
{
	struct p2m_entry e = { MFN_NONE, P2M_NONE };
	u64 *slot;

	if (gfn >= P2M_MAX_GFN) {
		return e;
	}
	slot = leaf_find(d, gfn);
	if (slot != NULL && hw_npt_present(*slot)) {
		e.mfn = hw_npt_mfn(*slot);
		e.kind = hw_npt_flags(*slot) >> HW_NPT_TAG_SHIFT;
	}
	return e;
}

err_t p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, u32 kind)
{
	u64 *slot;

	if (gfn >= P2M_MAX_GFN) {
		return E_INVAL;
	}
	slot = leaf_make(d, gfn);
	if (slot == NULL) {
		return E_NOMEM;
	}
	if (hw_npt_present(*slot)) {
		return E_EXIST;
	}
	*slot = hw_npt_leaf(mfn, kind_flags(kind));
	return 0;
}

void p2m_clear(struct domain *d, gfn_t gfn)
{
	u64 *slot = gfn < P2M_MAX_GFN ? leaf_find(d, gfn) : NULL;

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

/* Give back what one leaf held when its domain is torn down. Grant mappings
 * were dropped before; shared frames belong to the domain structure. */
static void leaf_release(u64 entry)
{
	u32 kind = hw_npt_flags(entry) >> HW_NPT_TAG_SHIFT;

	if (hw_npt_present(entry) && kind == P2M_RAM) {
		frame_release(hw_npt_mfn(entry));
	}
}

/* Empty the leaf table that covers `gfn`; releases RAM frames. Returns false
 * when there is none. */
static bool table_release(struct domain *d, gfn_t gfn)
{
	u64 *slot = leaf_find(d, gfn & ~(gfn_t)INDEX_MASK);
	u32 i;

	if (slot == NULL) {
		return false;
	}
	for (i = 0; i < 512; i++) {
		leaf_release(slot[i]);
		slot[i] = 0;
	}
	return true;
}

/* The next gfn at or after `gfn` whose leaf table exists, in steps of whole
 * missing subtrees; P2M_MAX_GFN at the end. */
static gfn_t next_table(const struct domain *d, gfn_t gfn)
{
	while (gfn < P2M_MAX_GFN) {
		mfn_t table = d->npt_root;
		u32 level;
		bool is_missing = false;

		for (level = LEVELS - 1; level > 0 && !is_missing; level--) {
			u64 entry = *slot_in(table, gfn, level);
			u64 span = 1ull << (INDEX_BITS * level);

			if (!hw_npt_present(entry)) {
				gfn = (gfn | (span - 1)) + 1;
				is_missing = true;
			} else {
				table = hw_npt_mfn(entry);
			}
		}
		if (!is_missing) {
			return gfn;
		}
	}
	return P2M_MAX_GFN;
}

bool p2m_teardown_leaves(struct domain *d, u64 *cursor, u32 budget)
{
	if (d->npt_root == MFN_NONE) {
		return true;
	}
	while (budget > 0) {
		gfn_t gfn = next_table(d, *cursor);

		if (gfn >= P2M_MAX_GFN) {
			return true;
		}
		table_release(d, gfn);
		*cursor = (gfn | INDEX_MASK) + 1;
		budget -= 1;
	}
	return false;
}

/* Release the tables below `table`, whose entries are at `level`. Leaf tables
 * hang off level 1; they are empty by now. */
static void level1_release(mfn_t table)
{
	u64 *entries = hw_frame(table);
	u32 i;

	for (i = 0; i < 512; i++) {
		if (hw_npt_present(entries[i])) {
			frame_release(hw_npt_mfn(entries[i]));
		}
	}
	frame_release(table);
}

static void level2_release(mfn_t table)
{
	u64 *entries = hw_frame(table);
	u32 i;

	for (i = 0; i < 512; i++) {
		if (hw_npt_present(entries[i])) {
			level1_release(hw_npt_mfn(entries[i]));
		}
	}
	frame_release(table);
}

void p2m_teardown_tables(struct domain *d)
{
	u64 *entries;
	u32 i;

	if (d->npt_root == MFN_NONE) {
		return;
	}
	entries = hw_frame(d->npt_root);
	for (i = 0; i < 512; i++) {
		if (hw_npt_present(entries[i])) {
			level2_release(hw_npt_mfn(entries[i]));
		}
	}
	frame_release(d->npt_root);
	d->npt_root = MFN_NONE;
}
