/* SPDX-License-Identifier: Apache-2.0 */
/* shared_info is in one place: mapped anew, it leaves the old one empty. */
#include "lib.h"

const char claim_name[] = "shared_info";

void claim(void)
{
	u64 first = gfn_of(shared);
	struct xen_memory_reservation r = { .nr_extents = 1,
					    .domid = DOMID_SELF };
	u32 port = bind_ipi(0);
	u32 i;

	for (i = 1; i < 20; i++) {
		u32 mul = info[0]->time.tsc_to_system_mul;

		CHECK(mul != 0);
		CHECK_IS(map_shared_info(gfn_of(spare[i])), 0);
		use_shared(spare[i]);
		CHECK_IS(info[0]->time.tsc_to_system_mul, mul);
		event_send(port);
		CHECK(is_pending(port));
		clear_pending(port);
	}
	/* The places it left can be filled again, with zeros. */
	set_xen_guest_handle(r.extent_start, &first);
	CHECK_IS(memory_call(XENMEM_populate_physmap, &r), 1);
	CHECK_IS(*(volatile u64 *)(first * PAGE), 0);
	CHECK_IS(*(volatile u32 *)(first * PAGE + 32 + 24), 0);
	CHECK(map_shared_info(1ull << 40) < 0);
	CHECK(map_shared_info(~0ull) < 0);
	CHECK_IS(map_shared_info(gfn_of(shared)), 0); /* there already */
}
