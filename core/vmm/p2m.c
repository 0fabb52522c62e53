/* SPDX-License-Identifier: Apache-2.0 */
/* Walks of nested page tables: four levels of 512 entries, 4 KiB leaves. */
#include "vmm/p2m.h"

#include "lib/mem.h"
#include "vmm/frame.h"

#define LEAF(gfn) ((u32)(gfn) % TABLE_ENTRIES)
#define SCRUBBED_A_STEP 128u /* frames, while all others wait */

/* Where the leaf table of a 2 MiB region was found last: most hypercalls read
 * a few pages again and again. A table stays what it is until teardown. */
#define HINTS 16u
static struct hint {
	u64 region; /* 1 + gfn / TABLE_ENTRIES; 0: none */
	mfn_t table;
} hints[CASEMATE_MAX_DOMAINS][HINTS];

err_t p2m_make(struct domain *d)
{
	memset(hints[d->id], 0, sizeof(hints[0]));
	d->table_frames = 1;
	return frame_alloc(d->id, FRAME_META, &d->npt_root);
}

static OUTLINED mfn_t table_look(const struct domain *d, gfn_t gfn,
				 struct hint *h)
{
	mfn_t table = table_find(d, gfn);

	if (table != MFN_NONE) {
		*h = (struct hint){ gfn / TABLE_ENTRIES + 1, table };
	}
	return table;
}

/* As table_find(). */
static INLINED mfn_t table_of(const struct domain *d, gfn_t gfn)
{
	u64 region = gfn / TABLE_ENTRIES;
	struct hint *h = &hints[d->id][region % HINTS];

	return h->region == region + 1 ? h->table : table_look(d, gfn, h);
}

u32 p2m_kind_at(const struct domain *d, gfn_t gfn)
{
	mfn_t table = table_of(d, gfn);
	mfn_t mfn;

	return table == MFN_NONE ? P2M_NONE : leaf_get(table, LEAF(gfn), &mfn);
}

mfn_t p2m_ram(const struct domain *d, gfn_t gfn)
{
	mfn_t table = table_of(d, gfn);
	mfn_t mfn;

	return table != MFN_NONE &&
			       leaf_get(table, LEAF(gfn), &mfn) == P2M_RAM &&
			       frame_is_owned_by(mfn, d->id)
		       ? mfn
		       : MFN_NONE;
}

err_t p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, u32 kind)
{
	mfn_t table, there;

	if (gfn >= P2M_MAX_GFN) {
		return E_INVAL;
	}
	table = table_of(d, gfn);
	if (table == MFN_NONE) {
		table = table_make(d, gfn);
	}
	if (table == MFN_NONE) {
		return E_NOMEM;
	}
	if (leaf_get(table, LEAF(gfn), &there) != P2M_NONE) {
		return E_EXIST;
	}
	leaf_set(table, LEAF(gfn), mfn, kind);
	return 0;
}

err_t p2m_add_ram(struct domain *d, gfn_t gfn)
{
	mfn_t mfn;
	err_t err;

	if (p2m_kind_at(d, gfn) != P2M_NONE) {
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
	mfn_t table = table_of(d, gfn);

	if (table != MFN_NONE) {
		entry_clear(table, LEAF(gfn));
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
	u32 released = 0;
	mfn_t mfn;
	u32 i;

	for (i = 0; i < TABLE_ENTRIES && released < SCRUBBED_A_STEP; i++) {
		if (leaf_get(table, i, &mfn) == P2M_RAM) {
			entry_clear(table, i);
			frame_release(mfn);
			released += 1;
		}
	}
	return i == TABLE_ENTRIES;
}

bool p2m_teardown(struct domain *d)
{
	mfn_t table = d->npt_root;
	mfn_t above = MFN_NONE; /* where the entry of `table` is */
	u32 at = 0, level;

	memset(hints[d->id], 0, sizeof(hints[0]));
	if (table == MFN_NONE) {
		return true;
	}
	for (level = ROOT_LEVEL; level > 0; level--) {
		u32 first = table_first(table);

		if (first == TABLE_ENTRIES) {
			break;
		}
		above = table;
		at = first;
		table = table_below(above, at);
	}
	if (level == 0 && !ram_release(table)) {
		return false;
	}
	if (above == MFN_NONE) {
		d->npt_root = MFN_NONE;
	} else {
		entry_clear(above, at);
	}
	frame_release(table);
	d->table_frames -= 1;
	return above == MFN_NONE;
}
