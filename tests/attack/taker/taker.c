/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: a page that another guest granted is good for what the mapping says
 * and for nothing else: not to be granted on, given up, or used as a place for
 * arguments or for the core's areas. Taking the grant back, giving the page up
 * and dying with it leaves the taker with the old page and nothing new; ports
 * opened and closed from both ends at once stay a pair or nothing. */
#include "../pair.h"

const char claim_name[] = "taker";

#define REF 8u
#define DATA (HOLE + 1)

static struct talk *talk = (void *)(HOLE * PAGE);
static u32 giver, talk_handle, handles[DATA_PAGES];

static void find_giver(void)
{
	u32 self = own_domid();

	for (giver = 1; giver < GUESTS; giver++) {
		if (giver != self &&
		    map_from(giver, TALK_REF + self, GNTMAP_host_map, HOLE,
			     &talk_handle) == GNTST_okay) {
			return;
		}
	}
	fail("nobody gives");
}

static void ask(u32 step)
{
	u64 end = time_ns() + 30000 * MS;

	talk->asked = step;
	while (talk->done != step) {
		CHECK(time_ns() < end);
		let_others();
	}
}

static void map_data(void)
{
	u32 i, extra;

	for (i = 0; i < DATA_PAGES; i++) {
		u32 ref = DATA_REF + i * DATA_STRIDE + own_domid();

		CHECK_IS(map_from(giver, ref, GNTMAP_host_map, DATA + i,
				  &handles[i]),
			 GNTST_okay);
		*(volatile u64 *)((DATA + i) * PAGE) = 0x1111 + i;
		/* Neighbours' references are not ours. */
		CHECK(map_from(giver, ref + 1, GNTMAP_host_map, HOLE + 90,
			       &extra) < 0);
	}
}

static void check_no_other_use(void)
{
	struct vcpu_register_runstate_memory_area run = { .addr.p = DATA *
								    PAGE };
	struct vcpu_register_vcpu_info info_at = { .mfn = DATA };
	struct xen_remove_from_physmap remove = { DOMID_SELF, DATA };
	struct gnttab_copy copy = { .len = 8 };
	u64 value;
	u32 extra;

	permit(REF, GTF_permit_access, own_domid(), DATA);
	CHECK_IS(map_from(DOMID_SELF, REF, GNTMAP_host_map, HOLE + 90, &extra),
		 GNTST_bad_page);
	permit(REF, GTF_permit_access, giver, DATA);
	CHECK(give_up(DATA) != 1);
	CHECK(memory_call(XENMEM_remove_from_physmap, &remove) < 0);
	CHECK(populate(DATA) != 1);
	CHECK(map_shared_info(DATA) < 0);
	CHECK_IS(vcpu_call(VCPUOP_register_runstate_memory_area, 0, &run),
		 E_FAULT);
	CHECK_IS(vcpu_call(VCPUOP_register_vcpu_info, 0, &info_at), E_INVAL);
	CHECK_IS(event_call(EVTCHNOP_status, (void *)(DATA * PAGE)), E_FAULT);
	copy.source.domid = copy.dest.domid = DOMID_SELF;
	copy.source.u.gmfn = DATA;
	copy.dest.u.gmfn = gfn_of(spare[2]);
	CHECK_IS(grant_call(GNTTABOP_copy, &copy, 1), 0);
	CHECK(copy.status < 0);
	CHECK_IS(try_rdmsr(0x1b, &value), NO_FAULT);
	CHECK(try_wrmsr(0x40000000, DATA * PAGE) != NO_FAULT);
}

/* The old pages, as they were when they were granted and as written here. */
static void old_pages_check(u64 tag)
{
	u32 i;

	for (i = 0; i < DATA_PAGES; i++) {
		CHECK_IS(*(volatile u64 *)((DATA + i) * PAGE), tag + i);
		page_check((void *)((DATA + i) * PAGE));
	}
}

static void check_swap(void)
{
	u32 i, extra;

	ask(STEP_SWAP);
	old_pages_check(0x1111);
	for (i = 0; i < DATA_PAGES; i++) {
		*(volatile u64 *)((DATA + i) * PAGE) = 0x2222 + i;
		CHECK(map_from(giver, DATA_REF + i * DATA_STRIDE + own_domid(),
			       GNTMAP_host_map | GNTMAP_readonly, HOLE + 90,
			       &extra) < 0);
	}
	ask(STEP_LOOK);
}

static u32 bind(u32 port)
{
	struct evtchn_bind_interdomain op = { .remote_dom = (u16)giver,
					      .remote_port = port };

	return event_call(EVTCHNOP_bind_interdomain, &op) == 0 ? op.local_port
							       : 0;
}

static u32 status_of(u32 port, u32 *dom)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port };

	CHECK_IS(event_call(EVTCHNOP_status, &s), 0);
	*dom = s.u.unbound.dom;
	return s.status;
}

static void check_ports(void)
{
	u32 bound = 0, dom;

	ask(STEP_PORTS);
	while (talk->offers < OFFERS) {
		struct evtchn_close close = { bind(talk->port) };
		struct evtchn_send send = { close.port };

		if (close.port != 0) {
			u32 status = status_of(close.port, &dom);

			bound += 1;
			CHECK(status == EVTCHNSTAT_interdomain ||
			      status == EVTCHNSTAT_unbound);
			CHECK_IS(dom, giver);
			CHECK_IS(event_call(EVTCHNOP_send, &send), 0);
			CHECK_IS(event_call(EVTCHNOP_close, &close), 0);
		}
		let_others();
	}
	CHECK(bound > 0);
	say("%u bound of %u", bound, OFFERS);
}

/* The giver ends while its pages are mapped, its ports bound and offered. */
static void check_death(void)
{
	struct evtchn_alloc_unbound mine = { .dom = DOMID_SELF,
					     .remote_dom = (u16)giver };
	u32 port = bind(talk->port), extra, dom, i;
	struct evtchn_send send = { port };
	u64 end = time_ns() + 60000 * MS;

	CHECK(port != 0);
	CHECK_IS(event_call(EVTCHNOP_alloc_unbound, &mine), 0);
	talk->asked = STEP_DIE;
	while (map_from(giver, TALK_REF + own_domid(), GNTMAP_host_map,
			HOLE + 90, &extra) != GNTST_bad_domain) {
		(void)unmap(extra, HOLE + 90);
		CHECK(time_ns() < end);
		let_others();
	}
	/* It is going; what it had may be gone in a moment. */
	for (i = 0; i < 2000; i++) {
		old_pages_check(0x2222);
		(void)event_call(EVTCHNOP_send, &send);
		let_others();
	}
	CHECK_IS(status_of(port, &dom), EVTCHNSTAT_unbound);
	CHECK_IS(dom, 0xffff); /* for nobody: its number may come again */
	CHECK_IS(status_of(mine.port, &dom), EVTCHNSTAT_unbound);
	CHECK_IS(dom, 0xffff);
	for (i = 0; i < DATA_PAGES; i++) {
		CHECK_IS(unmap(handles[i], DATA + i), GNTST_okay);
	}
	CHECK_IS(unmap(talk_handle, HOLE), GNTST_okay);
}

void claim(void)
{
	start_check();
	grants_setup();
	find_giver();
	map_data();
	check_no_other_use();
	talk->taker = own_domid();
	ask(STEP_OFFER);
	CHECK(bind(talk->port) != 0);
	CHECK_IS(bind(talk->port), 0); /* once only */
	check_swap();
	check_ports();
	check_death();
	reach_check();
}
