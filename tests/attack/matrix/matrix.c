/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for every permission that a guest can use on another domain, and on
 * itself, and says what came of it; tests/system/test_matrix.py compares that
 * with the compiler's prediction. Grants a page to everyone and offers everyone
 * a port, so that what is permitted also works. */
#include "attack.h"

const char claim_name[] = "matrix";

#define REF 8u /* + the domain's number */
#define NOT_GRANTED 2000u
#define SETTLE_NS (2000 * MS)
#define PORTS 64u
#define GETDOMAININFO 5u
#define DOMCTL_VERSION 0x15u

/* A line for the host: permitted or refused. */
static void tell(u32 domid, const char *what, bool is_permitted)
{
	say("M %u %s %s", domid, what, is_permitted ? "permitted" : "refused");
}

static long offer(u32 domid)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF,
					   .remote_dom = (u16)domid };

	return event_call(EVTCHNOP_alloc_unbound, &op);
}

/* Whichever of its ports is offered here; 0: none, or refused. */
static u32 bind(u32 domid, long *rc)
{
	struct evtchn_bind_interdomain op = { .remote_dom = (u16)domid };
	u32 port;

	for (port = 1; port < PORTS; port++) {
		op.remote_port = port;
		*rc = event_call(EVTCHNOP_bind_interdomain, &op);
		if (*rc == 0) {
			return op.local_port;
		}
		if (*rc == E_PERM) {
			return 0;
		}
	}
	return 0;
}

static void ask_events(u32 domid)
{
	struct evtchn_status status = { .dom = (u16)domid, .port = 1 };
	struct evtchn_send send;
	long rc = 0;

	tell(domid, "event.offer", offer(domid) != E_PERM);
	send.port = bind(domid, &rc);
	tell(domid, "event.bind", rc != E_PERM);
	if (send.port != 0) {
		tell(domid, "event.send",
		     event_call(EVTCHNOP_send, &send) != E_PERM);
	}
	/* of one's own ports it is nobody's to refuse */
	if (domid != own_domid()) {
		tell(domid, "event.status",
		     event_call(EVTCHNOP_status, &status) != E_PERM);
	}
}

static int copy(u32 domid, u32 ref, bool is_to)
{
	struct gnttab_copy op = { .flags = is_to ? GNTCOPY_dest_gref
						 : GNTCOPY_source_gref,
				  .len = 8 };
	struct gnttab_copy_ptr own = { .domid = DOMID_SELF };
	struct gnttab_copy_ptr other = { .domid = (u16)domid };

	own.u.gmfn = gfn_of(spare[1]);
	other.u.ref = ref;
	op.source = is_to ? own : other;
	op.dest = is_to ? other : own;
	CHECK_IS(grant_call(GNTTABOP_copy, &op, 1), 0);
	return op.status;
}

static void ask_map(u32 domid, const char *what, u32 flags)
{
	u32 handle;
	int status = map_from(domid, REF + own_domid(), flags, HOLE, &handle);

	tell(domid, what, status != GNTST_permission_denied);
	if (status == GNTST_okay) {
		CHECK_IS(unmap(handle, HOLE), GNTST_okay);
	}
}

/* A blind push answers the same for what was never granted. */
static void ask_grants(u32 domid)
{
	struct gnttab_query_size size = { .dom = (u16)domid };
	int to = copy(domid, REF + own_domid(), true);
	int nowhere = copy(domid, NOT_GRANTED, true);

	ask_map(domid, "grant.map_rw", GNTMAP_host_map);
	ask_map(domid, "grant.map_ro", GNTMAP_host_map | GNTMAP_readonly);
	tell(domid, "grant.copy_from",
	     copy(domid, REF + own_domid(), false) != GNTST_permission_denied);
	tell(domid, "grant.copy_to",
	     to != GNTST_permission_denied && nowhere != GNTST_okay);
	tell(domid, "grant.copy_to|push", to != GNTST_permission_denied);
	if (domid != own_domid()) {
		CHECK_IS(grant_call(GNTTABOP_query_size, &size, 1), 0);
		tell(domid, "grant.query",
		     size.status != GNTST_permission_denied);
	}
}

static void ask_rest(u32 domid)
{
	u64 gfn = HOLE;
	struct xen_add_to_physmap_batch batch = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_gmfn_foreign,
		.size = 1,
		.u.foreign_domid = (u16)domid,
	};
	struct xen_mem_acquire_resource take = { .domid = (u16)domid,
						 .nr_frames = 1 };
	u32 domctl[40] = { GETDOMAININFO, DOMCTL_VERSION, domid };

	set_xen_guest_handle(batch.idxs, (xen_ulong_t *)spare[2]);
	set_xen_guest_handle(batch.gpfns, &gfn);
	set_xen_guest_handle(batch.errs, (int *)spare[3]);
	set_xen_guest_handle(take.frame_list, &gfn);
	tell(domid, "memory.map_rw",
	     memory_call(XENMEM_add_to_physmap_batch, &batch) != E_PERM);
	tell(domid, "memory.acquire",
	     memory_call(XENMEM_acquire_resource, &take) != E_PERM);
	tell(domid, "domain.getinfo",
	     hypercall(__HYPERVISOR_domctl, (u64)domctl, 0, 0, 0, 0) != E_PERM);
}

static bool is_there(u32 domid)
{
	struct gnttab_query_size size = { .dom = (u16)domid };

	CHECK_IS(grant_call(GNTTABOP_query_size, &size, 1), 0);
	return size.status != GNTST_bad_domain;
}

void claim(void)
{
	u64 end = time_ns() + SETTLE_NS;
	u32 d;

	grants_setup();
	for (d = 1; d < GUESTS; d++) {
		permit(REF + d, GTF_permit_access, d, gfn_of(spare[0]));
		(void)offer(d);
	}
	while (time_ns() < end) { /* until the others have done so */
		(void)sched_call(SCHEDOP_yield, NULL);
	}
	for (d = 1; d < GUESTS; d++) {
		if (is_there(d)) {
			ask_events(d);
			ask_grants(d);
			ask_rest(d);
		}
	}
	say("asked");
	for (;;) { /* the others may still ask */
		halt();
	}
}
