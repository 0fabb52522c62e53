/* SPDX-License-Identifier: Apache-2.0 */
/* Pages given up and taken back come back as zeros; counts add up. */
#include "lib.h"

const char claim_name[] = "memory";

#define PAGES 40u
static u64 frames[PAGES];

static long adjust(u32 op, u64 count, u32 order)
{
	struct xen_memory_reservation r = { .nr_extents = count,
					    .extent_order = order,
					    .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, frames);
	return memory_call(op, &r);
}

static void check_round(void)
{
	long before = memory_call(XENMEM_current_reservation, NULL);
	u32 i;

	for (i = 0; i < PAGES; i++) {
		memset(spare[i], 0xaa, PAGE);
		frames[i] = gfn_of(spare[i]);
	}
	CHECK_IS(adjust(XENMEM_decrease_reservation, PAGES, 0), PAGES);
	CHECK_IS(memory_call(XENMEM_current_reservation, NULL),
		 before - (long)PAGES);
	CHECK_IS(adjust(XENMEM_decrease_reservation, PAGES, 0), 0);
	CHECK_IS(adjust(XENMEM_populate_physmap, PAGES, 0), PAGES);
	CHECK_IS(adjust(XENMEM_populate_physmap, PAGES, 0), 0);
	CHECK_IS(memory_call(XENMEM_current_reservation, NULL), before);
	for (i = 0; i < PAGES * PAGE / 8; i++) {
		CHECK(((volatile u64 *)spare)[i] == 0);
	}
}

static void check_limits(void)
{
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = 0 };

	set_xen_guest_handle(r.extent_start, frames);
	CHECK_IS(memory_call(XENMEM_decrease_reservation, &r), E_PERM);
	frames[0] = 1ull << 40;
	CHECK(adjust(XENMEM_populate_physmap, 1, 0) <= 0);
	frames[0] = ~0ull;
	CHECK(adjust(XENMEM_populate_physmap, 1, 0) <= 0);
	frames[0] = 0xd0000;
	CHECK(adjust(XENMEM_populate_physmap, 1, 30) < 0);
	/* More than the quota: some or none, and never all. */
	CHECK(adjust(XENMEM_populate_physmap, 1, 9) <= 0);
	CHECK(try_read((u64)claim) == NO_FAULT);
}

void claim(void)
{
	u32 i;

	for (i = 0; i < 8; i++) {
		check_round();
	}
	check_limits();
}
