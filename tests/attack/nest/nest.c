/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: long operations that are interrupted between their steps by timers,
 * whose handler starts long operations itself, three deep, all end, each with
 * its own result. */
#include "attack.h"

const char claim_name[] = "nest";

#define EXTENTS 512u
#define INNER 64u
#define DEPTH 3u
#define ROUNDS 60u
#define SPARE_GFN 0x900ull /* RAM of which nobody needs anything */

static u64 outer[EXTENTS], inner[DEPTH][INNER];
static struct gnttab_map_grant_ref maps[DEPTH][INNER];
static u32 timer_port, depth, inner_runs;

static long reserve(u32 op, u64 *list, u64 count)
{
	struct xen_memory_reservation r = { .domid = DOMID_SELF,
					    .nr_extents = count };

	set_xen_guest_handle(r.extent_start, list);
	return memory_call(op, &r);
}

static void inner_call(u32 d)
{
	u32 i;

	for (i = 0; i < INNER; i++) {
		maps[d][i].status = 1;
		maps[d][i].dom = DOMID_SELF;
	}
	CHECK_IS(reserve(XENMEM_populate_physmap, inner[d], INNER), INNER);
	CHECK_IS(grant_call(GNTTABOP_map_grant_ref, maps[d], INNER), 0);
	CHECK_IS(reserve(XENMEM_decrease_reservation, inner[d], INNER), INNER);
	for (i = 0; i < INNER; i++) {
		CHECK_IS(maps[d][i].status, GNTST_general_error);
	}
	inner_runs += 1;
}

/* The timer goes off again in here. */
static void on_event(void)
{
	u32 d = depth;

	if (!is_pending(timer_port) || d == DEPTH) {
		return;
	}
	clear_selectors();
	clear_pending(timer_port);
	depth += 1;
	set_timer(time_ns() + 30000);
	sti();
	inner_call(d);
	cli();
	depth -= 1;
}

static void outer_call(void)
{
	set_timer(time_ns() + 50000);
	sti();
	CHECK_IS(reserve(XENMEM_populate_physmap, outer, EXTENTS), EXTENTS);
	CHECK_IS(reserve(XENMEM_decrease_reservation, outer, EXTENTS), EXTENTS);
	cli();
	clear_pending(timer_port);
	clear_selectors();
}

void claim(void)
{
	long held = frames_held();
	u32 i, n = EXTENTS + DEPTH * INNER;

	start_check();
	for (i = 0; i < n; i++) {
		u64 *slot = i < EXTENTS ? &outer[i] : &inner[0][i - EXTENTS];

		*slot = HOLE + i;
		CHECK_IS(give_up(SPARE_GFN + i), 1); /* room in the quota */
	}
	timer_port = bind_virq(VIRQ_TIMER, 0);
	on_upcall = on_event;
	for (i = 0; i < ROUNDS; i++) {
		outer_call();
	}
	on_upcall = NULL;
	for (i = 0; i < n; i++) {
		CHECK_IS(populate(SPARE_GFN + i), 1);
	}
	CHECK_IS(frames_held(), held);
	CHECK(inner_runs > ROUNDS / 2);
	say("%u calls within calls", inner_runs);
	reach_check();
}
