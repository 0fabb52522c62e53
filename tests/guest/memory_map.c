/* SPDX-License-Identifier: Apache-2.0 */
/* XENMEM_memory_map tells where RAM is. */
#include "lib.h"

const char claim_name[] = "memory_map";

struct entry {
	u64 start, bytes;
	u32 type;
} __attribute__((packed));

void claim(void)
{
	static struct entry map[32];
	struct xen_memory_map op = { .nr_entries = 32 };
	u64 end = 0;
	bool is_here = false;
	u32 i;

	set_xen_guest_handle(op.buffer, (void *)map);
	CHECK_IS(memory_call(XENMEM_memory_map, &op), 0);
	CHECK(op.nr_entries >= 1 && op.nr_entries <= 32);
	for (i = 0; i < op.nr_entries; i++) {
		say("%l + %l type %u", map[i].start, map[i].bytes, map[i].type);
		CHECK(map[i].start >= end);
		end = map[i].start + map[i].bytes;
		CHECK(end > map[i].start);
		if (map[i].type == 1 && (u64)claim >= map[i].start &&
		    (u64)claim < end) {
			is_here = true;
		}
	}
	CHECK(is_here);
}
