/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: without a rule or a grant nothing of another domain can be mapped,
 * copied, written, bound, asked or changed, by any reference, frame number or
 * name for it; and dom0, whose pages nobody granted, is no exception. */
#include "attack.h"

const char claim_name[] = "foreign";

#define REFS 48u

static u32 tried;

static void refused(long rc, const char *what, u32 domid, u64 detail)
{
	tried += 1;
	if (rc >= 0) {
		fail("%s of domain %u, %l: %d", what, domid, detail, rc);
	}
}

static int copy_status(u32 domid, u64 from, u16 flags, bool is_to)
{
	struct gnttab_copy op = { .flags = flags, .len = 64 };
	struct gnttab_copy_ptr own = { .domid = DOMID_SELF };
	struct gnttab_copy_ptr other = { .domid = (u16)domid };

	own.u.gmfn = gfn_of(spare[0]);
	other.u.gmfn = from;
	op.source = is_to ? own : other;
	op.dest = is_to ? other : own;
	CHECK_IS(grant_call(GNTTABOP_copy, &op, 1), 0);
	return op.status;
}

static void attack_grants(u32 domid)
{
	u32 ref, handle;

	for (ref = 0; ref < REFS; ref++) {
		refused(map_from(domid, ref, GNTMAP_host_map, HOLE, &handle),
			"map", domid, ref);
		refused(map_from(domid, ref, GNTMAP_host_map | GNTMAP_readonly,
				 HOLE, &handle),
			"map read-only", domid, ref);
		refused(map_from(domid, ref, GNTMAP_device_map, HOLE, &handle),
			"device map", domid, ref);
		refused(copy_status(domid, ref, GNTCOPY_source_gref, false),
			"copy from", domid, ref);
		refused(copy_status(domid, ref, GNTCOPY_dest_gref, true),
			"copy to", domid, ref);
	}
}

static void attack_frames(u32 domid)
{
	u32 i;

	for (i = 0; i < wild_count; i++) {
		refused(copy_status(domid, wild[i], 0, false), "read frame",
			domid, wild[i]);
		refused(copy_status(domid, wild[i], 0, true), "write frame",
			domid, wild[i]);
	}
}

static void attack_memory(u32 domid)
{
	u64 gfn = HOLE;
	struct xen_memory_reservation r = { .nr_extents = 1,
					    .domid = (u16)domid };
	struct xen_add_to_physmap add = { .domid = (u16)domid, .gpfn = HOLE };
	struct xen_remove_from_physmap remove = { (u16)domid, 1 };
	struct xen_add_to_physmap_batch batch = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_gmfn_foreign,
		.size = 1,
		.u.foreign_domid = (u16)domid,
	};
	struct xen_mem_acquire_resource take = { .domid = (u16)domid,
						 .type = 1,
						 .nr_frames = 1 };
	u32 space;

	set_xen_guest_handle(r.extent_start, &gfn);
	set_xen_guest_handle(batch.idxs, (xen_ulong_t *)spare[1]);
	set_xen_guest_handle(batch.gpfns, &gfn);
	set_xen_guest_handle(batch.errs, (int *)spare[2]);
	set_xen_guest_handle(take.frame_list, &gfn);
	refused(memory_call(XENMEM_populate_physmap, &r), "populate", domid, 0);
	refused(memory_call(XENMEM_decrease_reservation, &r), "decrease", domid,
		0);
	refused(memory_call(XENMEM_remove_from_physmap, &remove), "remove",
		domid, 0);
	for (space = 0; space < 8; space++) {
		add.space = space;
		refused(memory_call(XENMEM_add_to_physmap, &add), "add", domid,
			space);
	}
	refused(memory_call(XENMEM_add_to_physmap_batch, &batch), "foreign map",
		domid, 0);
	refused(memory_call(XENMEM_acquire_resource, &take), "resource", domid,
		0);
}

static void attack_rest(u32 domid)
{
	struct xen_hvm_param p = { .domid = (u16)domid,
				   .index = HVM_PARAM_CALLBACK_IRQ };
	struct evtchn_alloc_unbound alloc = { .dom = (u16)domid,
					      .remote_dom = 0 };
	struct gnttab_setup_table setup = { .dom = (u16)domid, .nr_frames = 1 };
	struct gnttab_query_size size = { .dom = (u16)domid };
	u32 port;

	refused(hypercall(__HYPERVISOR_hvm_op, HVMOP_set_param, (u64)&p, 0, 0,
			  0),
		"set_param", domid, 0);
	refused(event_call(EVTCHNOP_alloc_unbound, &alloc), "offer for", domid,
		0);
	set_xen_guest_handle(setup.frame_list, (xen_pfn_t *)spare[3]);
	CHECK_IS(grant_call(GNTTABOP_setup_table, &setup, 1), 0);
	refused(setup.status, "setup_table", domid, 0);
	CHECK_IS(grant_call(GNTTABOP_query_size, &size, 1), 0);
	refused(size.status, "query_size", domid, 0);
	for (port = 0; port < 32; port++) {
		struct evtchn_bind_interdomain bind = {
			.remote_dom = (u16)domid, .remote_port = port
		};

		refused(event_call(EVTCHNOP_bind_interdomain, &bind), "bind",
			domid, port);
	}
}

void claim(void)
{
	static const u16 names[] = { 104,    105,    127,    128,    255,
				     256,    0x7fef, 0x7ff1, 0x7ff2, 0x7ff3,
				     0x7ff4, 0x7fff, 0x8000, 0x8001, 0xffff };
	u32 i;

	start_check();
	grants_setup();
	for (i = 0; i < GUESTS + COUNT(names); i++) {
		u32 domid = i < GUESTS ? i : names[i - GUESTS];

		if (domid != own_domid()) {
			attack_grants(domid);
			attack_frames(domid);
			attack_memory(domid);
			attack_rest(domid);
		}
	}
	say("%u tried", tried);
	reach_check();
}
