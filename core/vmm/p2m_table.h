/* SPDX-License-Identifier: Apache-2.0 */
/* The tables under a guest-physical map: four levels of 512 entries, leaves of
 * 4 KiB. Nothing else writes an entry. */
#pragma once

#include "vmm/domain.h"
#include "vmm/frame.h"

#define TABLE_ENTRIES 512u
#define ROOT_LEVEL 3u /* leaf tables are level 0 */

enum p2m_kind {
	P2M_NONE = 0,
	P2M_RAM, /* a FRAME_OWNED frame of the domain, writable, executable */
	P2M_SHARED, /* the domain's shared_info or grant frame: writable, NX */
	P2M_GRANT_RW, /* a frame of another domain, mapped by grant, NX */
	P2M_GRANT_RO
};
#define P2M_MAX_GFN (1ull << 28) /* 40-bit guest-physical addresses */

#ifdef __FRAMAC__
#include "vmm/p2m_spec.h"
#endif

/* The leaf table of gfn; MFN_NONE where a table above it is missing. */
/*@ requires d: \valid_read(d) && is_domain(d->id) && d == &domains[d->id];
    requires inv: npt_ok && root_ok(d->id);
    assigns \nothing;
    ensures leaf: \result != MFN_NONE ==> is_table(\result, d->id, 0);
    ensures range: gfn >= P2M_MAX_GFN ==> \result == MFN_NONE;
*/
mfn_t table_find(const struct domain *d, gfn_t gfn);
/* The same, making what is missing; MFN_NONE when a frame for it is. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires inv: npt_ok && root_ok(d->id);
    requires range: gfn < P2M_MAX_GFN;
    assigns frame_state, npt_state, d->meta_frames, d->table_frames;
    ensures inv: npt_ok && root_ok(d->id);
    ensures leaf: \result != MFN_NONE ==> is_table(\result, d->id, 0);
    ensures tables: tables_stay{Pre,Post};
    ensures owners: \forall integer m;
      frame_owner(m) == \old(frame_owner(m));
*/
mfn_t table_make(struct domain *d, gfn_t gfn);
/* A leaf with the rights of its kind. */
/*@ requires table: is_frame(table) && index < TABLE_ENTRIES &&
      npt_state.level[table] == 0;
    requires inv: npt_ok;
    requires kind: P2M_RAM <= kind <= P2M_GRANT_RO;
    requires frame: mfn < NPT_MAX_MFN;
    requires own: kind == P2M_RAM ==>
      frame_owner(mfn) == npt_state.owner[table];
    assigns frame_state.words[table][index];
    ensures inv: npt_ok;
    ensures set: npt_present(frame_state.words[table][index]) &&
      npt_mfn(frame_state.words[table][index]) == mfn &&
      npt_tag(frame_state.words[table][index]) == kind;
*/
void leaf_set(mfn_t table, u32 index, mfn_t mfn, u32 kind);
/* An entry of any level: empty from now on. */
/*@ requires table: is_frame(table) && index < TABLE_ENTRIES &&
      npt_state.level[table] <= 3;
    requires inv: npt_ok;
    assigns frame_state.words[table][index];
    ensures inv: npt_ok;
    ensures empty: !npt_present(frame_state.words[table][index]);
*/
void entry_clear(mfn_t table, u32 index);
/* What a leaf entry is; MFN_NONE and P2M_NONE if empty. */
/*@ requires table: is_frame(table) && index < TABLE_ENTRIES &&
      npt_state.level[table] == 0;
    requires inv: npt_ok;
    requires out: \valid(mfn);
    assigns *mfn;
    ensures kind: npt_present(frame_state.words[table][index]) ==>
      \result == npt_tag(frame_state.words[table][index]);
    ensures none: \result == P2M_NONE <==>
      !npt_present(frame_state.words[table][index]);
    ensures nothing: \result == P2M_NONE ==> *mfn == MFN_NONE;
    ensures frame: \result != P2M_NONE ==>
      *mfn == npt_mfn(frame_state.words[table][index]);
    ensures own: \result == P2M_RAM ==>
      frame_owner(*mfn) == npt_state.owner[table];
*/
u32 leaf_get(mfn_t table, u32 index, mfn_t *mfn);
/* The first present entry of a table; TABLE_ENTRIES if there is none. */
/*@ requires table: is_frame(table) && npt_state.level[table] <= 3;
    requires inv: npt_ok;
    assigns \nothing;
    ensures range: \result <= TABLE_ENTRIES;
    ensures none: \forall integer i; 0 <= i < \result ==>
      !npt_present(frame_state.words[table][i]);
    ensures some: \result < TABLE_ENTRIES ==>
      npt_present(frame_state.words[table][\result]);
*/
u32 table_first(mfn_t table);
/* The table that an entry leads to; MFN_NONE if empty. */
/*@ requires table: is_frame(table) && index < TABLE_ENTRIES &&
      1 <= npt_state.level[table] <= 3;
    requires inv: npt_ok;
    assigns \nothing;
    ensures none: !npt_present(frame_state.words[table][index]) ==>
      \result == MFN_NONE;
    ensures down: npt_present(frame_state.words[table][index]) ==>
      is_table(\result, npt_state.owner[table],
        npt_state.level[table] - 1);
*/
mfn_t table_below(mfn_t table, u32 index);
