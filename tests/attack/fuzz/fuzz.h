/* SPDX-License-Identifier: Apache-2.0 */
/* Between the engine (fuzz.c) and the calls it draws from (calls.c). */
#pragma once

#include "attack.h"

#define SIDES 2u      /* processors */
#define SIDE_PAGES 6u /* for arguments */
#define MAX_OPS 96u

#define ARENA 0x800ull /* gfns of RAM that comes and goes */
#define ARENA_PAGES 1024u
#define OWN 0xc00ull /* gfns of RAM shared with nobody, some a side */
#define OWN_PAGES 32u
#define HOLE_PAGES 256u	   /* where granted pages are mapped, some a side */
#define SPARSE 0x100000ull /* page tables are spent there */
#define REF_FIRST 8u	   /* what the builder granted lies before */
#define REFS 64u
#define REF_GROUPS 8u

struct side {
	u64 random;
	u32 cpu;
	u16 domid;
	u64 calls;
	u32 ok, refused, faults, other;
	u32 mapped, unmapped, copied;
	u64 hole_first, own_first;
	u64 own_word[OWN_PAGES]; /* 0: no page is there */
	bool is_mapped[HOLE_PAGES];
	u32 handle[HOLE_PAGES];
};

struct call {
	u64 number;
	u64 r[3];      /* the argument registers */
	u8 *arg;       /* the structure that bits are changed in */
	bool is_moved; /* the pointer goes elsewhere: results are not ours */
};

struct op {
	const char *name;
	u8 number, sub;
	u8 weight;
	u8 pointer; /* which register has one; 0: none */
	bool may_flip;
	u16 bytes;
	void (*make)(struct side *s, const struct op *op, struct call *c);
	void (*done)(struct side *s, struct call *c, long rc);
};

extern struct side sides[SIDES];
extern u8 pages[SIDES][SIDE_PAGES][PAGE];
extern u32 console_port;
extern const struct op ops[];
extern const u32 op_count;
u32 op_any(struct side *s); /* an index, by weight */

u64 draw(struct side *s);
u32 below(struct side *s, u32 limit);
bool one_in(struct side *s, u32 n);
u16 any_domain(struct side *s);
u32 any_port(struct side *s);
u32 any_ref(struct side *s);
u64 any_gfn(struct side *s);
u64 arena_address(struct side *s);
u64 wild_pointer(struct side *s);
void *room(struct side *s, u32 bytes);
void permit_something(struct side *s);
