/* SPDX-License-Identifier: Apache-2.0 */
/* Frame ownership: one table entry a machine frame, and a stack of free ones.
 * Only this file writes either.
 *
 * WP-ALIAS: domains
 */
#include "vmm/frame.h"

#include "vmm/domain.h"
#include "vmm/frame_boot.h"

static struct frame *frames; /* [frame_limit] */
static u32 *free_stack;	     /* [frame_limit], free_top in use */
static u64 frame_limit;
static u64 free_top;
static u64 total;

/*@ predicate tables_ok{L} = frame_limit <= FRAME_MAX &&
      free_top <= frame_limit &&
      (frame_limit > 0 ==> \valid(&frames[0 .. frame_limit - 1]) &&
      \valid(&free_stack[0 .. frame_limit - 1]) &&
      \separated(&frames[0 .. frame_limit - 1],
        &free_stack[0 .. frame_limit - 1]) &&
      \separated(&frames[0 .. frame_limit - 1],
        &domains[0 .. CASEMATE_MAX_DOMAINS - 1]) &&
      \separated(&free_stack[0 .. frame_limit - 1],
        &domains[0 .. CASEMATE_MAX_DOMAINS - 1]));

    // The table says what the proofs' view of it says.
    predicate seen{L}(integer m) = frames[m].type == frame_state.of.type[m] &&
      frames[m].owner == frame_state.of.owner[m] &&
      frames[m].refs == frame_state.refs[m];
    predicate all_seen{L} =
      (\forall integer m; 0 <= m < frame_limit ==> seen(m)) &&
      (\forall integer m; frame_limit <= m < FRAME_MAX ==>
        frame_state.of.type[m] == FRAME_ABSENT && frame_state.refs[m] == 0);

    predicate used_ok{L}(integer t, integer o, integer r) =
      t <= FRAME_META && (r != 0 ==> t == FRAME_OWNED || t == FRAME_ORPHAN) &&
      (t == FRAME_OWNED || t == FRAME_META || t == FRAME_ORPHAN
        ? o < CASEMATE_MAX_DOMAINS : o == DOMID_NOBODY || t == FRAME_ABSENT);
    predicate all_used_ok{L} = \forall integer m; 0 <= m < FRAME_MAX ==>
      used_ok(frame_state.of.type[m], frame_state.of.owner[m], frame_state.refs[m]);
    // What is free is zero, or known to be dirty.
    predicate all_clean{L} = \forall integer m; 0 <= m < frame_limit &&
      frames[m].type == FRAME_FREE && frames[m].is_dirty == 0 ==>
      frame_is_zero(m);

    // The stack holds free frames, each once.
    predicate stack_ok{L} = (\forall integer i; 0 <= i < free_top ==>
        free_stack[i] < frame_limit &&
        frames[free_stack[i]].type == FRAME_FREE) &&
      (\forall integer i, j; 0 <= i < j < free_top ==>
        free_stack[i] != free_stack[j]);

    // Everything but the accounts, which change a step before or after.
    predicate table_ok{L} = tables_ok && all_seen && all_used_ok &&
      all_clean && stack_ok &&
      free_top == frame_count(FRAME_FREE, DOMID_NOBODY);
    predicate accounts_ok{L} =
      \forall integer d; 0 <= d < CASEMATE_MAX_DOMAINS ==>
        domains[d].frames == frame_count(FRAME_OWNED, d) +
          frame_count(FRAME_ORPHAN, d) &&
        domains[d].meta_frames == frame_count(FRAME_META, d);
    // One frame of type t is still charged to o.
    predicate accounts_but{L}(integer t, integer o) =
      \forall integer d; 0 <= d < CASEMATE_MAX_DOMAINS ==>
        domains[d].frames == frame_count(FRAME_OWNED, d) +
          frame_count(FRAME_ORPHAN, d) +
          (t == FRAME_OWNED && d == o ? 1 : 0) &&
        domains[d].meta_frames == frame_count(FRAME_META, d) +
          (t == FRAME_META && d == o ? 1 : 0);
    predicate orphans_ok{L} = \forall integer m; 0 <= m < FRAME_MAX &&
      frame_state.of.type[m] == FRAME_ORPHAN ==> frame_state.refs[m] != 0;
    // The invariant of this file.
    predicate frames_ok{L} = table_ok && orphans_ok && accounts_ok;

    // From L1 to L2 one frame ceased to be (t, o) and became (u, p).
    predicate recounted{L1,L2}(integer t, integer o, integer u, integer p,
                               integer n) = \forall integer s, q;
      count_in(\at(frame_state.of, L2), s, q, n) ==
      count_in(\at(frame_state.of, L1), s, q, n) -
        (s == t && q == o ? 1 : 0) + (s == u && q == p ? 1 : 0);
*/

/* Claimed at boot for frames up to `limit`. */
/*@ assigns \nothing; */
u64 frame_table_bytes(u64 limit)
{
	return limit * (sizeof(struct frame) + sizeof(u32));
}

/*@ requires limit: limit <= FRAME_MAX;
    requires valid: limit > 0 ==> \valid(&table[0 .. limit - 1]) &&
      \valid(&stack[0 .. limit - 1]);
    requires apart: limit > 0 ==>
      \separated(&table[0 .. limit - 1], &stack[0 .. limit - 1]) &&
      \separated(&table[0 .. limit - 1],
        &domains[0 .. CASEMATE_MAX_DOMAINS - 1]) &&
      \separated(&stack[0 .. limit - 1],
        &domains[0 .. CASEMATE_MAX_DOMAINS - 1]);
    requires first: free_top == 0;
    requires zero: \forall integer m; 0 <= m < limit ==> table[m].type == 0 &&
      table[m].refs == 0 && table[m].owner == 0;
    requires none: \forall integer m; is_frame(m) ==>
      frame_state.of.type[m] == FRAME_ABSENT && frame_state.refs[m] == 0 &&
      frame_state.of.owner[m] == 0;
    requires nobody: \forall integer d; 0 <= d < CASEMATE_MAX_DOMAINS ==>
      domains[d].frames == 0 && domains[d].meta_frames == 0;
    assigns frames \from table;
    assigns free_stack \from stack;
    assigns frame_limit;
    ensures inv: frames_ok;
*/
void frame_table_init(struct frame *table, u32 *stack, u64 limit)
{
	frames = table;
	free_stack = stack;
	frame_limit = limit;
	/*@ ghost
	  /@ loop invariant range: 0 <= i <= FRAME_MAX;
	     loop invariant none: \forall integer t, o; t != FRAME_ABSENT ==>
	       count_in(frame_state.of, t, o, i) == 0;
	     loop assigns i;
	     loop variant FRAME_MAX - i;
	  @/
	  for (u64 i = 0; i < FRAME_MAX; i++) { }
	*/
}

/*@ requires here: mfn < frame_limit;
    requires tables: tables_ok && all_seen;
    requires known: type <= FRAME_META;
    assigns frames[mfn].owner, frames[mfn].type, frame_state.of.owner[mfn],
      frame_state.of.type[mfn];
    ensures set: frames[mfn].owner == owner && frames[mfn].type == type &&
      frame_state.of.owner[mfn] == owner && frame_state.of.type[mfn] == type;
    ensures seen: all_seen;
    ensures recounted: recounted{Pre,Post}(\old(frame_state.of.type[mfn]),
      \old(frame_state.of.owner[mfn]), type, owner, FRAME_MAX);
    ensures some: \forall integer t, o; 0 <= frame_count(t, o);
    ensures room: \forall integer t, o; t != FRAME_ABSENT ==>
      frame_count(t, o) <= frame_limit;
*/
static void frame_become(mfn_t mfn, u8 type, domid_t owner)
{
	frames[mfn].owner = owner;
	frames[mfn].type = type;
	//@ ghost frame_state.of.owner[mfn] = owner;
	//@ ghost frame_state.of.type[mfn] = type;
	/*@ ghost
	  /@ loop invariant range: 0 <= i <= FRAME_MAX;
	     loop invariant before: i <= mfn ==> \forall integer s, q;
	       count_in(frame_state.of, s, q, i) ==
	       count_in(\at(frame_state.of, Pre), s, q, i);
	     loop invariant after: i > mfn ==>
	       recounted{Pre,Here}(\at(frame_state.of.type[mfn], Pre),
	         \at(frame_state.of.owner[mfn], Pre), type, owner, i);
	     loop invariant some: \forall integer t, o;
	       0 <= count_in(frame_state.of, t, o, i) <= i;
	     loop invariant room: \forall integer t, o; t != FRAME_ABSENT ==>
	       count_in(frame_state.of, t, o, i) <= frame_limit;
	     loop assigns i;
	     loop variant FRAME_MAX - i;
	  @/
	  for (u64 i = 0; i < FRAME_MAX; i++) { }
	*/
}

/*@ requires tables: tables_ok && free_top < frame_limit;
    requires here: mfn < frame_limit;
    assigns free_stack[free_top], free_top;
    ensures top: free_top == \old(free_top) + 1;
    ensures pushed: free_stack[\old(free_top)] == mfn;
    ensures refs: \forall integer m; 0 <= m < frame_limit ==>
      frames[m].refs == \old(frames[m].refs);
    ensures below: \forall integer i; 0 <= i < \old(free_top) ==>
      free_stack[i] == \old(free_stack[i]);
*/
static void push(mfn_t mfn)
{
	free_stack[free_top] = (u32)mfn;
	free_top += 1;
}

/*@ requires here: mfn < frame_limit;
    requires inv: table_ok;
    requires used: frames[mfn].type != FRAME_FREE && frames[mfn].refs == 0;
    requires clean: frames[mfn].is_dirty == 0 ==> frame_is_zero(mfn);
    assigns frames[mfn].owner, frames[mfn].type, frame_state.of.owner[mfn],
      frame_state.of.type[mfn], free_stack[0 .. frame_limit - 1], free_top;
    ensures inv: table_ok;
    ensures free: frame_type(mfn) == FRAME_FREE;
    ensures recounted: recounted{Pre,Post}(\old(frame_state.of.type[mfn]),
      \old(frame_state.of.owner[mfn]), FRAME_FREE, DOMID_NOBODY, FRAME_MAX);
    ensures some: \forall integer t, o; 0 <= frame_count(t, o);
*/
static void make_free(mfn_t mfn)
{
	frame_become(mfn, FRAME_FREE, DOMID_NOBODY);
	//@ assert used_first: all_used_ok;
	//@ assert clean_first: all_clean;
	//@ assert stack_first: stack_ok;
	//@ assert room: free_top < frame_limit;
	push(mfn);
	//@ assert seen: all_seen;
	//@ assert used: all_used_ok;
	//@ assert clean: all_clean;
	//@ assert stack: stack_ok;
}

/* What a domain holds of frames of this type: one more, one less. */
/*@ requires owner: owner < CASEMATE_MAX_DOMAINS;
    requires room: domains[owner].frames <= 2 * FRAME_MAX &&
      domains[owner].meta_frames <= FRAME_MAX;
    assigns *(type == FRAME_OWNED ? &domains[owner].frames
      : &domains[owner].meta_frames);
    ensures frames: domains[owner].frames ==
      \old(domains[owner].frames) + (type == FRAME_OWNED ? 1 : 0);
    ensures meta: domains[owner].meta_frames ==
      \old(domains[owner].meta_frames) + (type == FRAME_OWNED ? 0 : 1);
*/
static void charge(domid_t owner, u8 type)
{
	if (type == FRAME_OWNED) {
		domains[owner].frames += 1;
	} else {
		domains[owner].meta_frames += 1;
	}
}

/*@ requires owner: owner < CASEMATE_MAX_DOMAINS;
    requires some: type == FRAME_OWNED ? domains[owner].frames > 0
      : domains[owner].meta_frames > 0;
    requires kind: type == FRAME_OWNED || type == FRAME_META;
    requires but: accounts_but(type, owner);
    assigns *(type == FRAME_OWNED ? &domains[owner].frames
      : &domains[owner].meta_frames);
    ensures accounts: accounts_ok;
*/
static void refund(domid_t owner, u8 type)
{
	if (type == FRAME_OWNED) {
		domains[owner].frames -= 1;
	} else {
		domains[owner].meta_frames -= 1;
	}
}

/*@ requires inv: frames_ok;
    requires absent: frame_type(mfn) == FRAME_ABSENT;
    requires kind: type == FRAME_FREE || type == FRAME_CORE ||
      type == FRAME_OWNED;
    requires owner: type == FRAME_OWNED ? owner < CASEMATE_MAX_DOMAINS :
      owner == DOMID_NOBODY;
    assigns frames[0 .. frame_limit - 1], frame_state, total,
      free_stack[0 .. frame_limit - 1], free_top, domains[owner].frames;
    ensures inv: frames_ok;
    ensures others: frames_but{Pre,Post}(mfn);
    ensures set: mfn < frame_limit ==> frame_type(mfn) == type &&
      (type == FRAME_OWNED ==> frame_owner(mfn) == owner);
*/
void frame_boot_add(mfn_t mfn, u8 type, domid_t owner)
{
	if (mfn >= frame_limit) {
		return;
	}
	//@ assert seen: seen(mfn);
	//@ assert unused: frames[mfn].refs == 0;
	frames[mfn].is_dirty = 1;
	//@ assert still_seen: all_seen;
	//@ assert clean: all_clean;
	//@ assert stack: stack_ok;
	total += 1;
	if (type == FRAME_FREE) {
		make_free(mfn);
		//@ assert free_orphans: orphans_ok;
		//@ assert free_accounts: accounts_ok;
		return;
	}
	frame_become(mfn, type, owner);
	//@ assert table: table_ok;
	if (type == FRAME_OWNED) {
		charge(owner, type);
	}
	//@ assert orphans: orphans_ok;
	//@ assert accounts: accounts_ok;
	//@ assert still: table_ok;
}

/* Frames are scrubbed on their way in; what was free since boot is scrubbed
 * when it is first handed out. */
/*@ requires here: mfn < frame_limit;
    requires inv: table_ok;
    requires used: frames[mfn].type != FRAME_FREE && frames[mfn].refs == 0;
    assigns frames[mfn].owner, frames[mfn].type, frame_state.of.owner[mfn],
      frame_state.of.type[mfn], frame_state.words[mfn][0 .. FRAME_WORDS - 1],
      free_stack[0 .. frame_limit - 1], free_top;
    ensures inv: table_ok;
    ensures free: frame_type(mfn) == FRAME_FREE && frame_is_zero(mfn);
    ensures recounted: recounted{Pre,Post}(\old(frame_state.of.type[mfn]),
      \old(frame_state.of.owner[mfn]), FRAME_FREE, DOMID_NOBODY, FRAME_MAX);
    ensures some: \forall integer t, o; 0 <= frame_count(t, o);
*/
static void frame_scrub(mfn_t mfn)
{
	//@ ghost frame_written(mfn);
	hw_frame_zero(mfn);
	//@ assert seen: all_seen;
	//@ assert used: all_used_ok;
	//@ assert clean: all_clean;
	make_free(mfn);
}

/* The topmost free frame, zeroed. */
/*@ requires inv: table_ok && free_top > 0;
    requires kind: type == FRAME_OWNED || type == FRAME_META;
    requires owner: owner < CASEMATE_MAX_DOMAINS;
    assigns frames[0 .. frame_limit - 1], frame_state, free_top;
    ensures inv: table_ok;
    ensures here: \result < frame_limit;
    ensures fresh: frame_type{Pre}(\result) == FRAME_FREE;
    ensures set: frame_state.of.type[\result] == type &&
      frame_state.of.owner[\result] == owner &&
      frame_state.refs[\result] == 0 && frame_is_zero(\result);
    ensures others: frames_but{Pre,Post}(\result);
    ensures refs: \forall integer m; is_frame(m) ==>
      frame_state.refs[m] == \old(frame_state.refs[m]);
    ensures types: \forall integer m; is_frame(m) && m != \result ==>
      frame_state.of.type[m] == \old(frame_state.of.type[m]);
    ensures recounted: recounted{Pre,Post}(FRAME_FREE, DOMID_NOBODY, type,
      owner, FRAME_MAX);
    ensures room: \forall integer t, o; t != FRAME_ABSENT ==>
      0 <= frame_count(t, o) <= frame_limit;
*/
static mfn_t frame_take(domid_t owner, u8 type)
{
	mfn_t mfn = free_stack[free_top - 1];

	//@ assert free: frames[mfn].type == FRAME_FREE;
	//@ assert seen: seen(mfn);
	/*@ assert used: used_ok(frame_state.of.type[mfn],
	      frame_state.of.owner[mfn], frame_state.refs[mfn]); */
	if (frames[mfn].is_dirty != 0) {
		hw_frame_zero(mfn);
		frames[mfn].is_dirty = 0;
	}
	//@ assert zero: frame_is_zero(mfn);
	//@ assert still_seen: all_seen;
	//@ assert clean: all_clean;
	//@ assert stack: stack_ok;
	frame_become(mfn, type, owner);
	free_top -= 1;
	//@ assert used_too: all_used_ok;
	//@ assert clean_too: all_clean;
	//@ assert stack_too: stack_ok;
	return mfn;
}

/*@ requires owner: owner < CASEMATE_MAX_DOMAINS;
    assigns \nothing;
    ensures exact: \result == 1 <==> (type == FRAME_OWNED
      ? domains[owner].frames >= domains[owner].max_frames
      : domains[owner].meta_frames >= domains[owner].max_meta);
*/
static bool is_over(domid_t owner, u8 type)
{
	const struct domain *d = &domains[owner];

	return type == FRAME_OWNED ? d->frames >= d->max_frames
				   : d->meta_frames >= d->max_meta;
}

/*@ requires inv: frames_ok;
    requires out_apart: \separated(out, &frames[0 .. frame_limit - 1],
      &free_stack[0 .. frame_limit - 1]);
    requires out_domain: \separated(out, &domains[0 ..
      CASEMATE_MAX_DOMAINS - 1].frames, &domains[0 ..
      CASEMATE_MAX_DOMAINS - 1].meta_frames);
    assigns frames[0 .. frame_limit - 1], free_top;
    ensures inv: frames_ok;
*/
err_t frame_alloc(domid_t owner, u8 type, mfn_t *out)
{
	mfn_t mfn;

	if (is_over(owner, type) || free_top == 0) {
		return E_NOMEM;
	}
	mfn = frame_take(owner, type);
	charge(owner, type);
	//@ assert accounts: accounts_ok;
	*out = mfn;
	//@ assert table: table_ok;
	//@ assert still: accounts_ok;
	return 0;
}

/*@ requires inv: frames_ok;
    assigns frames[0 .. frame_limit - 1], free_stack[0 .. frame_limit - 1],
      free_top;
    ensures inv: frames_ok;
*/
void frame_release(mfn_t mfn)
{
	domid_t owner;
	u8 type;

	if (mfn >= frame_limit || (frames[mfn].type != FRAME_OWNED &&
				   frames[mfn].type != FRAME_META)) {
		return;
	}
	//@ assert seen: seen(mfn);
	/*@ assert used: used_ok(frame_state.of.type[mfn],
	      frame_state.of.owner[mfn], frame_state.refs[mfn]); */
	owner = frames[mfn].owner;
	type = frames[mfn].type;
	//@ assert payer: owner < CASEMATE_MAX_DOMAINS;
	if (frames[mfn].refs != 0) {
		frame_become(mfn, FRAME_ORPHAN, owner);
		//@ assert used_too: all_used_ok;
		//@ assert clean: all_clean;
		//@ assert stack: stack_ok;
		//@ assert same: accounts_ok;
		return;
	}
	frame_scrub(mfn);
	//@ assert fewer: accounts_but(type, owner);
	//@ assert some: frame_count(type, owner) >= 0;
	refund(owner, type);
	//@ assert still: table_ok;
	//@ assert accounts: accounts_ok;
}

/*@ requires here: mfn < frame_limit;
    requires inv: table_ok;
    requires used: refs != 0 ==> frames[mfn].type == FRAME_OWNED ||
      frames[mfn].type == FRAME_ORPHAN;
    assigns frames[mfn].refs, frame_state.refs[mfn];
    ensures inv: table_ok;
    ensures set: frames[mfn].refs == refs && frame_state.refs[mfn] == refs;
*/
static void refs_set(mfn_t mfn, u32 refs)
{
	//@ assert seen: seen(mfn);
	frames[mfn].refs = refs;
	//@ ghost frame_state.refs[mfn] = refs;
	//@ assert still_seen: all_seen;
	//@ assert used: all_used_ok;
	//@ assert stack: stack_ok;
}

/*@ requires inv: frames_ok;
    assigns frames[0 .. frame_limit - 1].refs;
    ensures inv: frames_ok;
*/
err_t frame_get(mfn_t mfn)
{
	if (mfn >= frame_limit || frames[mfn].type != FRAME_OWNED ||
	    frames[mfn].refs == ~0u) {
		return E_INVAL;
	}
	//@ assert seen: seen(mfn);
	refs_set(mfn, frames[mfn].refs + 1);
	return 0;
}

/*@ requires inv: frames_ok;
    assigns frames[0 .. frame_limit - 1], free_stack[0 .. frame_limit - 1],
      free_top;
    ensures inv: frames_ok;
*/
void frame_put(mfn_t mfn)
{
	domid_t owner;

	if (mfn >= frame_limit || frames[mfn].refs == 0) {
		return;
	}
	//@ assert seen: seen(mfn);
	/*@ assert used: used_ok(frame_state.of.type[mfn],
	      frame_state.of.owner[mfn], frame_state.refs[mfn]); */
	owner = frames[mfn].owner;
	refs_set(mfn, frames[mfn].refs - 1);
	if (frames[mfn].refs == 0 && frames[mfn].type == FRAME_ORPHAN) {
		//@ assert payer: owner < CASEMATE_MAX_DOMAINS;
		frame_scrub(mfn);
		//@ assert fewer: accounts_but(FRAME_OWNED, owner);
		//@ assert some: frame_count(FRAME_OWNED, owner) >= 0;
		//@ assert more: frame_count(FRAME_ORPHAN, owner) >= 0;
		refund(owner, FRAME_OWNED);
	}
	//@ assert table: table_ok;
	//@ assert orphans: orphans_ok;
	//@ assert accounts: accounts_ok;
}

/*@ requires inv: frames_ok; */
bool frame_is_owned_by(mfn_t mfn, domid_t d)
{
	return mfn < frame_limit && frames[mfn].type == FRAME_OWNED &&
	       frames[mfn].owner == d;
}

u64 frame_free_count(void)
{
	return free_top;
}

u64 frame_total_count(void)
{
	return total;
}
