/* SPDX-License-Identifier: Apache-2.0 */
/* Walks of nested page tables, and every write of an entry.
 *
 * WP-ALIAS: domains
 */
#include "vmm/p2m_table.h"

/* Which entry of a table of this level leads to gfn. */
#define ENTRY(gfn, level) ((u32)((gfn) >> (9u * (level))) % TABLE_ENTRIES)

mfn_t table_below(mfn_t table, u32 index)
{
	u64 entry = hw_npt_read(table, index);

	//@ assert table: table_is_ok(table);
	//@ assert entry: entry_ok(table, index);
	return hw_npt_present(entry) ? hw_npt_mfn(entry) : MFN_NONE;
}

mfn_t table_find(const struct domain *d, gfn_t gfn)
{
	mfn_t table = gfn < P2M_MAX_GFN ? d->npt_root : MFN_NONE;
	u32 level;

	/*@ loop invariant range: level <= ROOT_LEVEL;
	    loop invariant beyond: gfn >= P2M_MAX_GFN ==> table == MFN_NONE;
	    loop invariant down: table != MFN_NONE ==>
	      is_table(table, d->id, level);
	    loop assigns level, table;
	    loop variant level;
	*/
	for (level = ROOT_LEVEL; level > 0 && table != MFN_NONE; level--) {
		table = table_below(table, ENTRY(gfn, level));
	}
	return table;
}

/*@ requires table: is_frame(table) && index < TABLE_ENTRIES;
    requires level: 1 <= npt_state.level[table] <= 3;
    requires owner: npt_state.owner[table] == owner;
    requires inv: npt_ok;
    assigns frame_state, npt_state, domains[owner].meta_frames,
      domains[owner].table_frames;
    ensures inv: npt_ok;
    ensures down: \result != MFN_NONE ==>
      is_table(\result, owner, \old(npt_state.level[table]) - 1);
    ensures tables: tables_stay{Pre,Post};
    ensures owners: \forall integer m;
      frame_owner(m) == \old(frame_owner(m));
*/
static mfn_t make_below(mfn_t table, u32 index, domid_t owner)
{
	mfn_t fresh = table_below(table, index);

	//@ assert owner: table_is_ok(table);
	if (fresh != MFN_NONE || frame_alloc(owner, FRAME_META, &fresh) != 0) {
		return fresh;
	}
	domains[owner].table_frames += 1;
	//@ assert new: npt_state.level[fresh] >= NPT_NO_TABLE;
	//@ assert as_before: npt_ok;
	//@ ghost npt_state.level[fresh] = (u8)(npt_state.level[table] - 1);
	//@ ghost npt_state.owner[fresh] = owner;
	//@ assert empty: entries_ok(fresh);
	//@ assert with_it: npt_ok;
	hw_npt_write(table, index, hw_npt_table(fresh));
	//@ assert entry: entry_ok(table, index);
	//@ assert entries: entries_ok(table);
	return fresh;
}

mfn_t table_make(struct domain *d, gfn_t gfn)
{
	mfn_t table = d->npt_root;
	u32 level;

	/*@ loop invariant range: level <= ROOT_LEVEL;
	    loop invariant inv: npt_ok && root_ok(d->id);
	    loop invariant down: table != MFN_NONE ==>
	      is_table(table, d->id, level);
	    loop invariant tables: tables_stay{Pre,Here};
	    loop invariant owners: \forall integer m;
	      frame_owner(m) == \at(frame_owner(m), Pre);
	    loop assigns level, table, frame_state, npt_state, d->meta_frames,
	      d->table_frames;
	    loop variant level;
	*/
	for (level = ROOT_LEVEL; level > 0 && table != MFN_NONE; level--) {
		table = make_below(table, ENTRY(gfn, level), d->id);
	}
	return table;
}

/* Besides reading. */
/*@ requires kind: P2M_RAM <= kind <= P2M_GRANT_RO;
    assigns \nothing;
    ensures bits: \result <= 3;
    ensures exec: kind != P2M_RAM ==> \result < 2;
    ensures write: kind == P2M_GRANT_RO ==> \result == 0;
*/
static u32 rights(u32 kind)
{
	return kind == P2M_RAM	      ? HW_NPT_WRITE + HW_NPT_EXEC
	       : kind == P2M_GRANT_RO ? 0
				      : HW_NPT_WRITE;
}

void leaf_set(mfn_t table, u32 index, mfn_t mfn, u32 kind)
{
	u64 leaf = hw_npt_leaf(mfn, kind * 16u + rights(kind));

	//@ assert table: table_is_ok(table);
	//@ assert tag: npt_tag(leaf) == kind;
	//@ assert leaf: leaf_ok(leaf, npt_state.owner[table]);
	hw_npt_write(table, index, leaf);
	//@ assert entry: entry_ok(table, index);
	//@ assert entries: entries_ok(table);
}

void entry_clear(mfn_t table, u32 index)
{
	//@ assert table: table_is_ok(table);
	hw_npt_write(table, index, 0);
	//@ assert entry: entry_ok(table, index);
	//@ assert entries: entries_ok(table);
}

u32 leaf_get(mfn_t table, u32 index, mfn_t *mfn)
{
	u64 entry = hw_npt_read(table, index);

	//@ assert table: table_is_ok(table);
	//@ assert entry: entry_ok(table, index);
	if (!hw_npt_present(entry)) {
		*mfn = MFN_NONE;
		return P2M_NONE;
	}
	*mfn = hw_npt_mfn(entry);
	return hw_npt_flags(entry) / 16u;
}

u32 table_first(mfn_t table)
{
	u32 i = 0;

	/*@ loop invariant range: 0 <= i <= TABLE_ENTRIES;
	    loop invariant none: \forall integer k; 0 <= k < i ==>
	      !npt_present(frame_state.words[table][k]);
	    loop assigns i;
	    loop variant TABLE_ENTRIES - i;
	*/
	while (i < TABLE_ENTRIES && !hw_npt_present(hw_npt_read(table, i))) {
		i += 1;
	}
	return i;
}
