/* SPDX-License-Identifier: Apache-2.0 */
/* The calls the fuzzer draws from: for each how its argument is made, and what
 * is to be remembered when it succeeds. */
#include "fuzz.h"

#include "../../../core/abi/control.h"

/* From xen/domctl.h, which is for tools only. */
#define XEN_DOMCTL_getdomaininfo 5
#define ANY_SUB_OP 0 /* the maker chooses */

#define MAKE(f)                                                                \
	static void f(struct side *s, const struct op *op, struct call *c)
#define DONE(f) static void f(struct side *s, struct call *c, long rc)

/* An argument of this type, behind register n. */
#define ARGUMENT(type, a, n)                                                   \
	type *a = room(s, sizeof(type));                                       \
	c->arg = (u8 *)a;                                                      \
	c->r[n] = (u64)a;                                                      \
	(void)op

static u16 mostly_self(struct side *s)
{
	return one_in(s, 8) ? any_domain(s) : DOMID_SELF;
}

static u32 any_vcpu(struct side *s)
{
	return one_in(s, 8) ? (u32)draw(s) : below(s, 3);
}

/* ---- version, hvm, console, what guests may not --------------------- */

MAKE(make_version)
{
	ARGUMENT(u64, a, 1);
	*a = draw(s);
	c->r[0] = below(s, 11);
}

MAKE(make_hvm)
{
	static const u16 index[] = { HVM_PARAM_CALLBACK_IRQ,
				     HVM_PARAM_STORE_PFN,
				     HVM_PARAM_STORE_EVTCHN,
				     HVM_PARAM_CONSOLE_PFN,
				     HVM_PARAM_CONSOLE_EVTCHN };
	ARGUMENT(struct xen_hvm_param, a, 1);

	a->domid = mostly_self(s);
	a->index = one_in(s, 8) ? below(s, 40) : index[below(s, 5)];
	a->value = 2ull << 56 | below(s, 256);
}

MAKE(make_console)
{
	(void)op;
	/* Nothing is written: the line is dom0's, too. */
	c->r[1] = 1 + below(s, 100);
	c->r[2] = 0xffff800000000000ull;
	if (op->sub == CONSOLEIO_write && one_in(s, 2)) {
		c->r[1] = 0;
		c->r[2] = (u64)room(s, 8);
	}
}

struct domctl {
	u32 cmd, version;
	u16 domid;
	u8 rest[128];
};

MAKE(make_domctl)
{
	ARGUMENT(struct domctl, a, 0);
	a->cmd = one_in(s, 8) ? below(s, 90) : XEN_DOMCTL_getdomaininfo;
	a->version = 0x15;
	a->domid = any_domain(s);
}

MAKE(make_control)
{
	ARGUMENT(struct ctl_load, a, 1);
	c->r[0] = below(s, 13);
	a->domid = c->r[0] == CTL_CREATE ? below(s, 20) : any_domain(s);
	a->kind = 1 + below(s, 5);
	a->gfn = one_in(s, 2) ? 1 + below(s, 4) : any_gfn(s);
	a->count = 1 + below(s, 4);
	a->buffer = (u64)pages[s->cpu][SIDE_PAGES - 1];
}

/* Any number at all. What could be a call of ours gets no argument. */
MAKE(make_unknown)
{
	(void)op;
	c->number = below(s, 70);
	if (c->number == __HYPERVISOR_sched_op) {
		c->number = ~0ull; /* both sides asleep would be for ever */
	}
	c->r[0] = below(s, 70);
	c->r[1] = one_in(s, 2) ? draw(s) | 1ull << 63 : 0xffff800000000000ull;
	c->r[2] = draw(s);
}

/* ---- processors, time ---------------------------------------------- */

MAKE(make_vcpu)
{
	(void)op;
	c->r[1] = any_vcpu(s);
}

MAKE(make_runstate)
{
	ARGUMENT(struct vcpu_runstate_info, a, 2);
	(void)a;
	c->r[1] = any_vcpu(s);
}

/* Where the core writes from now on: pages of the arena, or the argument's. */
MAKE(make_area)
{
	ARGUMENT(u64, a, 2);
	c->r[1] = any_vcpu(s);
	*a = one_in(s, 4) ? (u64)pages[s->cpu][SIDE_PAGES - 1]
			  : arena_address(s);
}

MAKE(make_info)
{
	ARGUMENT(struct vcpu_register_vcpu_info, a, 2);
	c->r[1] = any_vcpu(s);
	a->mfn = any_gfn(s);
	a->offset = below(s, PAGE);
}

MAKE(make_timer)
{
	ARGUMENT(struct vcpu_set_singleshot_timer, a, 2);
	c->r[1] = one_in(s, 4) ? any_vcpu(s) : s->cpu;
	a->timeout_abs_ns = one_in(s, 2) ? below(s, 1u << 30) : draw(s);
	a->flags = below(s, 2);
}

/* The second side is woken by the first, which so must not sleep for long. */
MAKE(make_block)
{
	(void)op;
	if (s->cpu == 0) {
		c->r[0] = SCHEDOP_yield;
	}
}

MAKE(make_poll)
{
	ARGUMENT(struct sched_poll, a, 1);
	u32 *port = room(s, 4);

	*port = any_port(s);
	set_xen_guest_handle(a->ports, port);
	a->nr_ports = one_in(s, 8) ? (u32)draw(s) : 1;
	a->timeout = s->cpu == 1 && one_in(s, 2) ? 0 : 1 + below(s, 1u << 30);
}

MAKE(make_shutdown)
{
	(void)op;
	(void)s;
	c->r[1] = 0xffff800000000000ull;
}

/* ---- event channels ------------------------------------------------- */

MAKE(make_offer)
{
	ARGUMENT(struct evtchn_alloc_unbound, a, 1);
	a->dom = mostly_self(s);
	a->remote_dom = any_domain(s);
}

MAKE(make_bind)
{
	ARGUMENT(struct evtchn_bind_interdomain, a, 1);
	a->remote_dom = any_domain(s);
	a->remote_port = any_port(s);
}

MAKE(make_virq)
{
	ARGUMENT(struct evtchn_bind_virq, a, 1);
	a->virq = below(s, 26);
	a->vcpu = any_vcpu(s);
}

MAKE(make_ipi)
{
	ARGUMENT(struct evtchn_bind_ipi, a, 1);
	a->vcpu = any_vcpu(s);
}

MAKE(make_port)
{
	ARGUMENT(u32, a, 1);
	*a = any_port(s);
	/* What is said to dom0 has to arrive. */
	if (op->sub == EVTCHNOP_close && *a == console_port) {
		*a = 0;
	}
}

MAKE(make_status)
{
	ARGUMENT(struct evtchn_status, a, 1);
	a->dom = mostly_self(s);
	a->port = any_port(s);
}

MAKE(make_vcpu_port)
{
	ARGUMENT(struct evtchn_bind_vcpu, a, 1);
	a->port = any_port(s);
	a->vcpu = any_vcpu(s);
}

/* ---- memory --------------------------------------------------------- */

MAKE(make_reservation)
{
	ARGUMENT(struct xen_memory_reservation, a, 1);
	u32 n = one_in(s, 16) ? 200 : 1 + below(s, 16), i;
	u64 *list = room(s, n * 8);

	for (i = 0; i < n; i++) {
		list[i] = any_gfn(s);
	}
	set_xen_guest_handle(a->extent_start, list);
	a->nr_extents = n;
	a->domid = mostly_self(s);
	if (one_in(s, 16)) {
		/* All but those that would reach the pages behind. */
		a->extent_order = below(s, 8);
		for (i = 0; i < n; i++) {
			list[i] = ARENA + below(s, ARENA_PAGES - 128);
		}
	}
	if (one_in(s, 16)) {
		set_xen_guest_handle(a->extent_start,
				     (void *)0xffff800000000000ull);
	}
}

MAKE(make_memory_map)
{
	ARGUMENT(struct xen_memory_map, a, 1);
	a->nr_entries = below(s, 6);
	set_xen_guest_handle(a->buffer, one_in(s, 4) ? (void *)wild_pointer(s)
						     : room(s, 100));
}

/* Not frame 0 of the table, which has its place. */
MAKE(make_add)
{
	ARGUMENT(struct xen_add_to_physmap, a, 1);
	a->domid = mostly_self(s);
	a->space = one_in(s, 8) ? below(s, 7) : below(s, 2);
	a->idx = one_in(s, 8) ? draw(s) | 1 : 1 + below(s, 4);
	if (a->space == XENMAPSPACE_shared_info) {
		a->idx = one_in(s, 8) ? draw(s) : 0;
	}
	a->gpfn = any_gfn(s);
}

MAKE(make_remove)
{
	ARGUMENT(struct xen_remove_from_physmap, a, 1);
	a->domid = mostly_self(s);
	a->gpfn = any_gfn(s);
}

MAKE(make_foreign)
{
	ARGUMENT(struct xen_add_to_physmap_batch, a, 1);
	a->domid = any_domain(s);
	a->space = XENMAPSPACE_gmfn_foreign;
	a->size = 1;
	a->u.foreign_domid = any_domain(s);
}

/* ---- grants --------------------------------------------------------- */

static u32 batch(struct side *s)
{
	return one_in(s, 32) ? 40 : 1 + below(s, 3);
}

MAKE(make_map)
{
	u32 n = batch(s), i;
	struct gnttab_map_grant_ref *a = room(s, n * sizeof(*a));

	(void)op;
	for (i = 0; i < n; i++) {
		a[i].dom = any_domain(s);
		a[i].ref = any_ref(s);
		a[i].flags = one_in(s, 8)   ? (u32)draw(s)
			     : one_in(s, 4) ? GNTMAP_host_map | GNTMAP_readonly
					    : GNTMAP_host_map;
		a[i].host_addr = (s->hole_first + below(s, HOLE_PAGES)) * PAGE;
		if (one_in(s, 16)) {
			a[i].host_addr = any_gfn(s) * PAGE;
		}
		/* So that an entry that is not reached is none that was. */
		a[i].status = GNTST_general_error;
	}
	c->arg = (u8 *)a;
	c->r[1] = (u64)a;
	c->r[2] = n;
	permit_something(s);
}

static u32 slot_of(const struct side *s, u64 address)
{
	u64 gfn = address / PAGE;

	return gfn >= s->hole_first && gfn < s->hole_first + HOLE_PAGES
		       ? (u32)(gfn - s->hole_first)
		       : HOLE_PAGES;
}

DONE(done_map)
{
	struct gnttab_map_grant_ref *a = (void *)c->arg;
	u32 i;

	(void)rc;
	for (i = 0; i < c->r[2]; i++) {
		u32 slot = slot_of(s, a[i].host_addr);

		if (a[i].status != GNTST_okay || slot == HOLE_PAGES) {
			continue;
		}
		s->mapped += 1;
		s->is_mapped[slot] = true;
		s->handle[slot] = a[i].handle;
		(void)*(volatile u64 *)a[i].host_addr;
		if ((a[i].flags & GNTMAP_readonly) == 0) {
			*(volatile u64 *)(a[i].host_addr + 8) = draw(s) >> 8;
		}
	}
}

MAKE(make_unmap)
{
	u32 n = batch(s), i;
	struct gnttab_unmap_grant_ref *a = room(s, n * sizeof(*a));

	(void)op;
	for (i = 0; i < n; i++) {
		u32 slot = below(s, HOLE_PAGES);
		u32 tries = one_in(s, 16) ? HOLE_PAGES : 0;

		while (!s->is_mapped[slot] && tries-- > 0) {
			slot = (slot + 1) % HOLE_PAGES;
		}
		a[i].host_addr = (s->hole_first + slot) * PAGE;
		a[i].handle = s->handle[slot];
		if (one_in(s, 8)) {
			a[i].handle = below(s, 1100);
		}
		a[i].status = GNTST_general_error;
	}
	c->arg = (u8 *)a;
	c->r[1] = (u64)a;
	c->r[2] = n;
}

DONE(done_unmap)
{
	struct gnttab_unmap_grant_ref *a = (void *)c->arg;
	u32 i;

	(void)rc;
	for (i = 0; i < c->r[2]; i++) {
		u32 slot = slot_of(s, a[i].host_addr);

		if (a[i].status == GNTST_okay && slot != HOLE_PAGES) {
			s->unmapped += 1;
			s->is_mapped[slot] = false;
		}
	}
}

MAKE(make_copy)
{
	ARGUMENT(struct gnttab_copy, a, 1);
	u64 mine = one_in(s, 2) ? any_gfn(s)
				: gfn_of(pages[s->cpu][SIDE_PAGES - 1]);

	c->r[2] = 1;
	a->flags = one_in(s, 16) ? (u16)below(s, 8)
				 : (u16)(GNTCOPY_source_gref << below(s, 2));
	a->source.domid = a->dest.domid = DOMID_SELF;
	a->source.u.gmfn = a->dest.u.gmfn = mine;
	if ((a->flags & GNTCOPY_source_gref) != 0) {
		a->source.domid = any_domain(s);
		a->source.u.ref = any_ref(s);
	}
	if ((a->flags & GNTCOPY_dest_gref) != 0) {
		a->dest.domid = any_domain(s);
		a->dest.u.ref = any_ref(s);
	}
	a->status = GNTST_general_error;
	a->source.offset = (u16)below(s, PAGE);
	a->dest.offset = (u16)below(s, PAGE);
	a->len = (u16)below(s, one_in(s, 8) ? 65536 : PAGE / 2);
	permit_something(s);
}

DONE(done_copy)
{
	struct gnttab_copy *a = (void *)c->arg;

	(void)rc;
	if (a->status == GNTST_okay) {
		s->copied += 1;
	}
}

MAKE(make_query)
{
	ARGUMENT(struct gnttab_query_size, a, 1);
	a->dom = any_domain(s);
	c->r[2] = 1;
}

MAKE(make_set_version)
{
	ARGUMENT(u32, a, 1);
	*a = below(s, 4);
	c->r[2] = 1;
}

MAKE(make_get_version)
{
	ARGUMENT(struct gnttab_get_version, a, 1);
	a->dom = any_domain(s);
	c->r[2] = 1;
}

MAKE(make_setup)
{
	ARGUMENT(struct gnttab_setup_table, a, 1);
	a->dom = mostly_self(s);
	a->nr_frames = one_in(s, 8) ? (u32)draw(s) : below(s, 6);
	set_xen_guest_handle(a->frame_list, (void *)room(s, 64));
	c->r[2] = one_in(s, 8) ? below(s, 4) : 1;
}

/* ---- the table ------------------------------------------------------- */

#define OP(call, op, weight, pointer, flip, bytes, make, done)                 \
	{                                                                      \
#op, __HYPERVISOR_##call, (u8)(op), weight, pointer, (flip),   \
			(bytes), make, done                                    \
	}
#define EVENT(op, weight, flip, bytes, make)                                   \
	OP(event_channel_op, EVTCHNOP_##op, weight, 1, flip, bytes, make, NULL)
#define MEMORY(op, weight, make)                                               \
	OP(memory_op, XENMEM_##op, weight, 1, false, 0, make, NULL)
#define VCPU(op, weight, pointer, flip, bytes, make)                           \
	OP(vcpu_op, VCPUOP_##op, weight, pointer, flip, bytes, make, NULL)

const struct op ops[] = {
	OP(xen_version, XENVER_version, 2, 1, false, 0, make_version, NULL),
	OP(hvm_op, HVMOP_get_param, 2, 1, true, 16, make_hvm, NULL),
	OP(hvm_op, HVMOP_set_param, 2, 1, true, 16, make_hvm, NULL),
	OP(console_io, CONSOLEIO_write, 1, 0, false, 0, make_console, NULL),
	OP(console_io, CONSOLEIO_read, 1, 0, false, 0, make_console, NULL),
	OP(domctl, XEN_DOMCTL_getdomaininfo, 1, 0, false, 0, make_domctl, NULL),
	OP(arch_7, ANY_SUB_OP, 4, 1, true, 48, make_control, NULL),
	VCPU(is_up, 1, 0, false, 0, make_vcpu),
	VCPU(get_runstate_info, 2, 2, false, 0, make_runstate),
	VCPU(register_runstate_memory_area, 2, 2, false, 0, make_area),
	VCPU(stop_periodic_timer, 1, 0, false, 0, make_vcpu),
	VCPU(set_singleshot_timer, 3, 2, true, 12, make_timer),
	VCPU(stop_singleshot_timer, 1, 0, false, 0, make_vcpu),
	VCPU(register_vcpu_info, 1, 2, false, 0, make_info),
	VCPU(register_vcpu_time_memory_area, 2, 2, false, 0, make_area),
	OP(sched_op, SCHEDOP_yield, 1, 0, false, 0, make_block, NULL),
	OP(sched_op, SCHEDOP_block, 1, 0, false, 0, make_block, NULL),
	OP(sched_op, SCHEDOP_poll, 2, 1, false, 0, make_poll, NULL),
	OP(sched_op, SCHEDOP_shutdown, 1, 0, false, 0, make_shutdown, NULL),
	EVENT(alloc_unbound, 6, true, 8, make_offer),
	EVENT(bind_interdomain, 6, true, 12, make_bind),
	EVENT(bind_virq, 3, true, 12, make_virq),
	EVENT(bind_ipi, 3, true, 8, make_ipi),
	EVENT(bind_vcpu, 2, true, 8, make_vcpu_port),
	EVENT(unmask, 3, true, 4, make_port),
	EVENT(send, 6, true, 4, make_port),
	EVENT(status, 3, true, 24, make_status),
	/* Never from a wild address: the console's port may stand there. */
	OP(event_channel_op, EVTCHNOP_close, 14, 0, false, 0, make_port, NULL),
	MEMORY(decrease_reservation, 5, make_reservation),
	MEMORY(populate_physmap, 6, make_reservation),
	MEMORY(current_reservation, 1, make_vcpu),
	MEMORY(maximum_reservation, 1, make_vcpu),
	MEMORY(memory_map, 1, make_memory_map),
	MEMORY(add_to_physmap, 4, make_add),
	MEMORY(remove_from_physmap, 3, make_remove),
	MEMORY(add_to_physmap_batch, 1, make_foreign),
	MEMORY(acquire_resource, 1, make_foreign),
	OP(grant_table_op, GNTTABOP_map_grant_ref, 14, 1, true, 20, make_map,
	   done_map),
	/* Any handle, but at a place of this side's own: what it believes to be
	 * mapped, it reads in the end. */
	OP(grant_table_op, GNTTABOP_unmap_grant_ref, 6, 0, false, 0, make_unmap,
	   done_unmap),
	OP(grant_table_op, GNTTABOP_copy, 12, 1, false, 0, make_copy,
	   done_copy),
	OP(grant_table_op, GNTTABOP_query_size, 2, 1, true, 8, make_query,
	   NULL),
	OP(grant_table_op, GNTTABOP_set_version, 1, 1, true, 4,
	   make_set_version, NULL),
	OP(grant_table_op, GNTTABOP_get_version, 2, 1, true, 8,
	   make_get_version, NULL),
	OP(grant_table_op, GNTTABOP_setup_table, 2, 1, false, 0, make_setup,
	   NULL),
	OP(physdev_op, ANY_SUB_OP, 3, 0, false, 0, make_unknown, NULL),
};
const u32 op_count = sizeof(ops) / sizeof(ops[0]);

u32 op_any(struct side *s)
{
	static u32 sum;
	u32 i, at;

	if (sum == 0) {
		u32 all = 0;

		for (i = 0; i < op_count; i++) {
			all += ops[i].weight;
		}
		sum = all;
	}
	at = below(s, sum);
	for (i = 0; at >= ops[i].weight; i++) {
		at -= ops[i].weight;
	}
	return i;
}
