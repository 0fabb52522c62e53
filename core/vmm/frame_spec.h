/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames as the proofs see them: what the table says of each, and what is in
 * it. frame.c keeps the two equal; nobody else can name its table. Seen by
 * Frama-C only.
 */
#pragma once

#include "lib/types.h"

#define FRAME_MAX (1ull << 32)
#define FRAME_WORDS 512u

struct frame_owners {
	u8 type[FRAME_MAX];
	u16 owner[FRAME_MAX];
};
struct frame_view {
	struct frame_owners of;
	u32 refs[FRAME_MAX];
	u64 words[FRAME_MAX][FRAME_WORDS];
};
/*@ ghost extern struct frame_view frame_state; */

/*@ predicate is_frame(integer m) = 0 <= m < FRAME_MAX;

    logic integer frame_type{L}(integer m) =
      0 <= m && m < FRAME_MAX ? frame_state.of.type[m] : FRAME_ABSENT;
    // the owner of a FRAME_OWNED frame, DOMID_NOBODY for any other
    logic integer frame_owner{L}(integer m) =
      0 <= m && m < FRAME_MAX && frame_state.of.type[m] == FRAME_OWNED ?
        frame_state.of.owner[m] : DOMID_NOBODY;
    // the account that a FRAME_META frame is on
    logic integer frame_payer{L}(integer m) =
      0 <= m && m < FRAME_MAX && frame_state.of.type[m] == FRAME_META ?
        frame_state.of.owner[m] : DOMID_NOBODY;
    logic integer frame_refs{L}(integer m) =
      0 <= m && m < FRAME_MAX ? frame_state.refs[m] : 0;
    predicate frame_is_zero{L}(integer m) = \forall integer i;
      0 <= i < FRAME_WORDS ==> frame_state.words[m][i] == 0;

    predicate frame_same{L1,L2}(integer m) =
      frame_type{L1}(m) == frame_type{L2}(m) &&
      frame_owner{L1}(m) == frame_owner{L2}(m) &&
      frame_payer{L1}(m) == frame_payer{L2}(m) &&
      frame_refs{L1}(m) == frame_refs{L2}(m);
    predicate words_same{L1,L2}(integer m) = \forall integer i;
      0 <= i < FRAME_WORDS ==> \at(frame_state.words[m][i], L1) ==
        \at(frame_state.words[m][i], L2);
    predicate frames_same{L1,L2} = \forall integer m; is_frame(m) ==>
      frame_same{L1,L2}(m) && words_same{L1,L2}(m);
    // No frame but m has changed, nor what is in it.
    predicate frames_but{L1,L2}(integer k) = \forall integer m;
      is_frame(m) && m != k ==> frame_same{L1,L2}(m) && words_same{L1,L2}(m);

    // How many frames below n are of type t and have o for an owner.
    logic integer count_in(struct frame_owners f, integer t, integer o,
                           integer n) = n <= 0 ? 0
      : count_in(f, t, o, n - 1) +
        (f.type[n - 1] == t && f.owner[n - 1] == o ? 1 : 0);
    logic integer frame_count{L}(integer t, integer o) =
      count_in(frame_state.of, t, o, FRAME_MAX);
*/

/* The trusted leaves: hw/x86/npt.c. */
/*@ requires frame: mfn < FRAME_MAX;
    assigns frame_state.words[mfn][0 .. FRAME_WORDS - 1];
    ensures zero: frame_is_zero(mfn);
*/
void hw_frame_zero(mfn_t mfn);

/* Whoever had the frame may have written what he liked. */
/*@ ghost
  /@ requires frame: mfn < FRAME_MAX;
     assigns frame_state.words[mfn][0 .. FRAME_WORDS - 1];
  @/
  extern void frame_written(mfn_t mfn);
*/
