/* SPDX-License-Identifier: Apache-2.0 */
/* Nested page tables as the proofs see them. Seen by Frama-C only. */
#pragma once

#include "vmm/frame_spec.h"

#define NPT_MAX_MFN (1ull << 40)
#define NPT_NO_TABLE 4

/* Which frames are tables: at which level (0 holds the leaves), and whose. */
struct npt_view {
	u8 level[FRAME_MAX];
	u16 owner[FRAME_MAX];
};
/*@ ghost extern struct npt_view npt_state; */

/*@ predicate npt_present(integer e) = e % 2 == 1;
    logic integer npt_mfn(integer e) = (e / 4096) % NPT_MAX_MFN;
    logic integer npt_tag(integer e) = (e / 512) % 8;
    predicate npt_is_writable(integer e) = (e / 2) % 2 == 1;
    predicate npt_is_executable(integer e) = e / 0x8000000000000000 == 0;

    predicate is_table{L}(integer t, integer d, integer l) = is_frame(t) &&
      npt_state.level[t] == l && npt_state.owner[t] == d;

    // A leaf: its own RAM, or what its kind says, with the rights of it.
    predicate leaf_ok{L}(integer e, integer d) =
      P2M_RAM <= npt_tag(e) <= P2M_GRANT_RO &&
      (npt_tag(e) == P2M_RAM ==> frame_owner(npt_mfn(e)) == d) &&
      (npt_tag(e) != P2M_RAM ==> !npt_is_executable(e)) &&
      (npt_tag(e) == P2M_GRANT_RO ==> !npt_is_writable(e));
    // An entry leads one level down, to a table of the same domain.
    predicate entry_ok{L}(integer t, integer i) =
      npt_present(frame_state.words[t][i]) ==>
        (npt_state.level[t] == 0 ==>
          leaf_ok(frame_state.words[t][i], npt_state.owner[t])) &&
        (npt_state.level[t] != 0 ==>
          is_table(npt_mfn(frame_state.words[t][i]), npt_state.owner[t],
            npt_state.level[t] - 1));
    predicate entries_ok{L}(integer t) = \forall integer i;
      0 <= i < FRAME_WORDS ==> entry_ok(t, i);
    predicate table_is_ok{L}(integer t) = npt_state.level[t] < NPT_NO_TABLE ==>
      npt_state.owner[t] < CASEMATE_MAX_DOMAINS &&
      frame_payer(t) == npt_state.owner[t] && entries_ok(t);
    predicate npt_ok{L} = \forall integer t; is_frame(t) ==> table_is_ok(t);
    predicate root_ok{L}(integer d) = domains[d].npt_root == MFN_NONE ||
      is_table(domains[d].npt_root, d, 3);
    predicate tables_stay{L1,L2} = \forall integer t; is_frame(t) &&
      \at(npt_state.level[t], L1) < NPT_NO_TABLE ==>
      \at(npt_state.level[t], L2) == \at(npt_state.level[t], L1) &&
      \at(npt_state.owner[t], L2) == \at(npt_state.owner[t], L1);
*/

/* The trusted leaves: hw/x86/npt.c. */
/*@ requires frame: mfn < NPT_MAX_MFN && flags < 128;
    assigns \nothing;
    ensures leaf: npt_present(\result) && npt_mfn(\result) == mfn &&
      npt_tag(\result) == flags / 16;
    ensures write: npt_is_writable(\result) <==> flags % 2 == 1;
    ensures exec: npt_is_executable(\result) <==> (flags / 2) % 2 == 1;
*/
u64 hw_npt_leaf(mfn_t mfn, u32 flags);
/*@ requires frame: mfn < NPT_MAX_MFN;
    assigns \nothing;
    ensures table: npt_present(\result) && npt_mfn(\result) == mfn;
*/
u64 hw_npt_table(mfn_t mfn);
/*@ assigns \nothing;
    ensures exact: \result == 1 <==> npt_present(entry);
*/
bool hw_npt_present(u64 entry);
/*@ assigns \nothing;
    ensures exact: \result == npt_mfn(entry);
*/
mfn_t hw_npt_mfn(u64 entry);
/*@ assigns \nothing;
    ensures tag: \result / 16 == npt_tag(entry);
*/
u32 hw_npt_flags(u64 entry);
/*@ requires here: table < FRAME_MAX && index < FRAME_WORDS;
    assigns \nothing;
    ensures exact: \result == frame_state.words[table][index];
*/
u64 hw_npt_read(mfn_t table, u32 index);
/*@ requires here: table < FRAME_MAX && index < FRAME_WORDS;
    assigns frame_state.words[table][index];
    ensures set: frame_state.words[table][index] == entry;
*/
void hw_npt_write(mfn_t table, u32 index, u64 entry);
