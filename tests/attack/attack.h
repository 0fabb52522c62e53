/* SPDX-License-Identifier: Apache-2.0 */
/* What the hostile kernels share. Each calls start_check() first and
 * reach_check() last; what comes of the rest of the machine is checked by
 * tests/system/test_attack.py after each. */
#pragma once

#include "lib.h"

#define HOLE 0xd0000ull /* gfn of a large empty place below 4 GiB */
#define GUESTS 104u	/* domain numbers there can be */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Numbers that have broken hypervisors: ends of ranges, signs, wraps. */
extern const u64 wild[];
extern const u32 wild_count;
u64 random64(void);

/* The command line from its second word on, "" without one. */
const char *variant(void);
bool is_variant(const char *name); /* whether that word is this */
/* For those that spin without an exit. Interrupts stay off, which is harder for
 * the core, but with open=1 on the command line: Bochs 2.7 takes the processor
 * from nobody who was entered like that (docs/ARCHITECTURE.md, chapter 10). */
void open_if_told(void);

/* ---- secrets -------------------------------------------------------- */

/* The bystander's and the victim's pages hold nothing but such words. */
u64 secret_word(u64 address);
bool is_secret(u64 word);

/* RAM that nothing was loaded into must be zero. */
void start_check(void);
/* No page that this guest can reach holds a secret: its RAM, and what other
 * domains can be made to grant. */
void reach_check(void);
/* One page: fails if it holds a secret. */
void page_check(const void *page);
/* One page: fails unless it is zero. */
void zero_check(const void *page);
u64 ram_end(void); /* the byte behind the RAM above 1 MiB */

/* ---- grants --------------------------------------------------------- */

#define GRANTS 2048u
#define HANDLES 1024u
/* The guest's grant table, all four frames of it, once grants_setup() ran. */
extern volatile struct grant_entry_v1 *const table;
void grants_setup(void);
void permit(u32 ref, u16 flags, u32 domid, u64 gfn);
int map_from(u32 domid, u32 ref, u32 flags, u64 gfn, u32 *handle);
int unmap(u32 handle, u64 gfn);

/* ---- memory --------------------------------------------------------- */

/* One extent: what the call gives, 1 for done. */
long populate(u64 gfn);
long give_up(u64 gfn);
long frames_held(void);
