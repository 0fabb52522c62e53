/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: when a call has taken a page away, no other processor of the guest
 * still has it in its TLB. The second vCPU never leaves guest mode by itself
 * and has touched the page just before; what the first one maps there instead
 * is what it sees next. */
#include "attack.h"

const char claim_name[] = "stale";

#define REF 8u

static volatile u32 turn, seen, running;
static u32 rounds;
static volatile u64 value;

/* The last word of a page, where shared_info has nothing. */
static volatile u64 *mark(u64 gfn)
{
	return (volatile u64 *)((gfn + 1) * PAGE - 8);
}

/* Touch, say what was there, and wait: without an exit. */
void ap_main(u32 index)
{
	u32 mine = 0;

	(void)index;
	load_tables();
	open_if_told();
	running = 1;
	for (;;) {
		while (turn == mine) {
			__asm__ volatile("pause");
		}
		mine = turn;
		value = *mark(HOLE);
		seen = mine;
	}
}

static void look(u64 wanted)
{
	u64 end = rdtsc() + (1ull << 36); /* the clock may be on the way */

	turn += 1;
	while (seen != turn) {
		CHECK(rdtsc() < end);
		__asm__ volatile("pause");
	}
	CHECK_IS(value, wanted);
}

static void swap_grants(void)
{
	u32 handle, i;

	for (i = 0; i < 2; i++) {
		permit(REF + i, GTF_permit_access, own_domid(),
		       gfn_of(spare[i]));
		*mark(gfn_of(spare[i])) = 100 + i;
	}
	for (i = 0; i < rounds; i++) {
		u32 flags = GNTMAP_host_map | ((i & 2) ? GNTMAP_readonly : 0);

		CHECK_IS(
			map_from(DOMID_SELF, REF + i % 2, flags, HOLE, &handle),
			GNTST_okay);
		look(100 + i % 2);
		CHECK_IS(unmap(handle, HOLE), GNTST_okay);
	}
}

/* The same with RAM: the frame that was there last is now elsewhere, marked. */
static void swap_ram(void)
{
	u32 i;

	for (i = 0; i < rounds; i++) {
		CHECK_IS(populate(HOLE + 5), 1);
		*mark(HOLE + 5) = 77;
		CHECK_IS(populate(HOLE), 1);
		look(0);
		*mark(HOLE) = 1;
		look(1);
		CHECK_IS(give_up(HOLE + 5), 1);
		CHECK_IS(give_up(HOLE), 1);
	}
}

/* And with shared_info, which moves about. */
static void swap_shared(void)
{
	u64 home = gfn_of(shared);
	u32 i;

	*mark(home) = 88;
	for (i = 0; i < rounds; i++) {
		CHECK_IS(map_shared_info(HOLE), 0);
		look(88);
		CHECK_IS(map_shared_info(HOLE + 1), 0);
		CHECK_IS(populate(HOLE), 1);
		look(0);
		CHECK_IS(give_up(HOLE), 1);
	}
	CHECK_IS(populate(home), 1);
	CHECK_IS(map_shared_info(home), 0);
}

void claim(void)
{
	start_check();
	open_if_told();
	rounds = (u32)option("rounds", 400);
	grants_setup();
	start_aps(1);
	CHECK(wait_for(&running, 1, 5000 * MS));
	swap_grants();
	swap_ram();
	swap_shared();
	reach_check();
}
