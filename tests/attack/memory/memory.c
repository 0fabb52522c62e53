/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: no gfn, order, count or continuation makes the memory calls touch
 * what is not the caller's; the quota is the end, for frames and for the
 * core's tables alike; whatever comes back from the core is zero; a page that
 * is given up while it is granted, pinned or an argument hurts nobody. */
#include "attack.h"

const char claim_name[] = "memory";

#define REF 8u

static long extents(u32 op, void *list, u64 count, u32 order)
{
	struct xen_memory_reservation r = { .domid = DOMID_SELF,
					    .nr_extents = count,
					    .extent_order = order };

	set_xen_guest_handle(r.extent_start, list);
	return memory_call(op, &r);
}

static long one(u32 op, u64 gfn, u32 order)
{
	return extents(op, &gfn, 1, order);
}

static void check_wild(void)
{
	long held = frames_held();
	u32 i, j;

	for (i = 0; i < wild_count; i++) {
		for (j = 0; j < wild_count; j++) {
			u64 gfn = wild[i];
			u32 order = (u32)wild[j];

			if (gfn < 0x100000 && order <= 4) {
				continue; /* RAM, or allowed to be */
			}
			CHECK(one(XENMEM_populate_physmap, gfn, order) <= 0);
			CHECK(one(XENMEM_decrease_reservation, gfn, order) <=
			      0);
			CHECK(extents(XENMEM_populate_physmap, (void *)gfn,
				      wild[j], 0) <= 0 ||
			      gfn < ram_end());
		}
	}
	CHECK_IS(frames_held(), held);
}

/* The place to go on from is the caller's own register. */
static void check_places(void)
{
	struct xen_memory_reservation r = { .domid = DOMID_SELF,
					    .nr_extents = 3 };
	long held = frames_held();
	u32 i;

	set_xen_guest_handle(r.extent_start, (xen_pfn_t *)(HOLE * PAGE));
	for (i = 0; i < wild_count; i++) {
		u64 op = XENMEM_populate_physmap | (u64)wild[i] << 6;

		(void)hypercall(__HYPERVISOR_memory_op, op, (u64)&r, 0, 0, 0);
		op = XENMEM_decrease_reservation | (u64)wild[i] << 6;
		(void)hypercall(__HYPERVISOR_memory_op, op, (u64)&r, 0, 0, 0);
	}
	CHECK_IS(frames_held(), held);
}

/* The whole quota, several times; every page is zero although it was not. */
static void check_quota(void)
{
	long max = memory_call(XENMEM_maximum_reservation, NULL);
	u64 gfn;
	u32 round;

	for (round = 0; round < 20; round++) {
		for (gfn = HOLE; populate(gfn) == 1; gfn++) {
			zero_check((void *)(gfn * PAGE));
			memset((void *)(gfn * PAGE), 0xa5, PAGE);
		}
		CHECK_IS(frames_held(), max);
		while (gfn > HOLE) {
			gfn -= 1;
			CHECK_IS(give_up(gfn), 1);
			CHECK(give_up(gfn) != 1);
		}
	}
}

/* A page each 2 MiB: the core's tables run out before the frames do, for this
 * guest alone; dom0 checks afterwards that they come back. */
static void check_tables(void)
{
	u64 gfn, n = 0;

	for (gfn = 1ull << 20; gfn < 1ull << 28; gfn += 512) {
		if (populate(gfn) != 1 || give_up(gfn) != 1) {
			break;
		}
		n += 1;
	}
	CHECK(n > 100 && n < 2000);
	CHECK_IS(one(XENMEM_populate_physmap, gfn + 512, 0), 0);
	say("%u tables", (u32)n);
}

/* Pages mapped by oneself are given up: they stay what they are for that use,
 * and stay on the account, so that no more than the quota is ever held. */
static void check_orphans(void)
{
	u64 own = gfn_of(spare[0]), filler = HOLE + 1024;
	long max = memory_call(XENMEM_maximum_reservation, NULL);
	u32 h[16], i;

	while (populate(filler) == 1) {
		filler += 1;
	}
	for (i = 0; i < 16; i++) {
		permit(REF + i, GTF_permit_access, own_domid(), own + i);
		CHECK_IS(map_from(DOMID_SELF, REF + i, GNTMAP_host_map,
				  HOLE + i, &h[i]),
			 GNTST_okay);
		memset(spare[i], 0x5c, PAGE);
		CHECK_IS(give_up(own + i), 1);
		CHECK_IS(frames_held(), max);
		CHECK(populate(own + i) != 1);
		CHECK_IS(*(volatile u8 *)((HOLE + i) * PAGE), 0x5c);
	}
	for (i = 0; i < 16; i++) {
		CHECK_IS(unmap(h[i], HOLE + i), GNTST_okay);
		CHECK_IS(frames_held(), max - 1);
		CHECK_IS(populate(own + i), 1);
		zero_check(spare[i]);
	}
	while (filler > HOLE + 1024) {
		filler -= 1;
		CHECK_IS(give_up(filler), 1);
	}
}

/* Areas that the core writes to, over pages that are given up. */
static void check_pins(void)
{
	struct vcpu_register_runstate_memory_area run = {
		.addr.p = (u64)spare[11] - 20
	};
	struct vcpu_register_time_memory_area t = { .addr.p = (u64)spare[13] };
	u32 i;

	for (i = 0; i < 500; i++) {
		CHECK_IS(vcpu_call(VCPUOP_register_runstate_memory_area, 0,
				   &run),
			 0);
		CHECK_IS(
			vcpu_call(VCPUOP_register_vcpu_time_memory_area, 0, &t),
			0);
		CHECK_IS(give_up(gfn_of(spare[10])), 1);
		CHECK_IS(give_up(gfn_of(spare[11])), 1);
		CHECK_IS(give_up(gfn_of(spare[13])), 1);
		(void)sched_call(SCHEDOP_yield, NULL);
		CHECK_IS(populate(gfn_of(spare[10])), 1);
		CHECK_IS(populate(gfn_of(spare[11])), 1);
		CHECK_IS(populate(gfn_of(spare[13])), 1);
		zero_check(spare[10]);
		zero_check(spare[11]);
		zero_check(spare[13]);
	}
	/* Elsewhere, so that the last ones are let go. */
	run.addr.p = (u64)spare[15];
	t.addr.p = (u64)spare[16];
	CHECK_IS(vcpu_call(VCPUOP_register_runstate_memory_area, 0, &run), 0);
	CHECK_IS(vcpu_call(VCPUOP_register_vcpu_time_memory_area, 0, &t), 0);
}

/* The list of extents gives up the page it stands in; shared_info is moved
 * over itself, over RAM, away and back. */
static void check_self(void)
{
	u64 *list = (void *)spare[30], home = gfn_of(shared), i;

	for (i = 0; i < 512; i++) {
		list[i] = i == 100 ? gfn_of(list) : HOLE;
	}
	list[0] = gfn_of(list);
	CHECK(extents(XENMEM_decrease_reservation, list, 512, 0) <= 1);
	CHECK_IS(populate(gfn_of(list)), 1);
	zero_check(list);
	for (i = 0; i < 200; i++) {
		CHECK_IS(map_shared_info(home), 0);
		CHECK_IS(map_shared_info(gfn_of(spare[40])), 0);
		CHECK(map_shared_info(wild[i % wild_count] | 1ull << 40) < 0);
		CHECK(map_shared_info(gfn_of((void *)table)) < 0);
		CHECK_IS(populate(home), 1);
		CHECK_IS(map_shared_info(home), 0);
		CHECK_IS(populate(gfn_of(spare[40])), 1);
	}
	use_shared((void *)(home * PAGE));
}

void claim(void)
{
	long held;

	start_check();
	grants_setup();
	held = frames_held();
	check_wild();
	check_places();
	check_quota();
	check_orphans();
	check_pins();
	check_self();
	check_tables();
	CHECK_IS(frames_held(), held);
	reach_check();
}
