/* SPDX-License-Identifier: Apache-2.0 */
/* Takes all of everything it can get: frames, page tables, grant frames, grant
 * mappings, event channels; says how much that was, and keeps it. Then it
 * sleeps. With "rage" it goes on asking for more instead, sends itself events,
 * has its timer expire, and is refused by the policy, again and again. */
#include "attack.h"

const char claim_name[] = "exhaust";

#define SPARSE 0x100000ull /* gfns: where a page costs a table, too */
#define SPARSE_STEP 512u
#define GIVEN_UP 0x800ull /* gfns of RAM, so that there is something to take */
#define GIVEN_UP_COUNT 2048u
#define REF 8u

static u32 offer(u32 domid)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF,
					   .remote_dom = (u16)domid };

	return event_call(EVTCHNOP_alloc_unbound, &op) == 0 ? op.port : 0;
}

static u32 take_ports(void)
{
	u32 n = 0;

	while (offer(DOMID_SELF) != 0) {
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

/* Each page far from the last, so that it takes a table too, until the tables
 * are gone; then what is left of the frames, under those tables. */
static u32 take_frames(void)
{
	u32 far = 0, near = 0, i;

	while (populate(SPARSE + (u64)far * SPARSE_STEP) == 1) {
		far += 1;
	}
	for (i = 0; i < far * SPARSE_STEP; i++) {
		if (i % SPARSE_STEP != 0 && populate(SPARSE + i) == 1) {
			near += 1;
		}
	}
	return far + near;
}

static void ask_for_more(u32 port)
{
	(void)take_ports();
	(void)take_mappings();
	(void)populate(SPARSE - 1);
	(void)offer(own_domid() + 1); /* of another label */
	event_send(port);
	clear_pending(port);
	clear_selectors();
	set_timer(1);
}

void claim(void)
{
	u32 ports, mappings, frames, i, ipi = bind_ipi(0);

	grants_setup();
	mappings = take_mappings();
	for (i = 0; i < GIVEN_UP_COUNT; i++) {
		(void)give_up(GIVEN_UP + i);
	}
	frames = take_frames();
	ports = take_ports();
	say("exhausted: %u ports, %u mappings, %u frames", ports, mappings,
	    frames);
	(void)hvm_set(HVM_PARAM_CALLBACK_IRQ, 0);
	for (;;) {
		if (is_variant("rage")) {
			ask_for_more(ipi);
		} else {
			(void)sched_call(SCHEDOP_block, NULL);
		}
	}
}
