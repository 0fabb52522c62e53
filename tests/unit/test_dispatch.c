/* SPDX-License-Identifier: Apache-2.0 */
/* From VMMCALL to a handler: what has no row does not exist; what has one is
 * reached, and without a rule every row but ANY is refused and on record. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/control.h"
#include "fake_guest.h"
#include "fake_policy.h"
#include "vmm/audit.h"
#include "vmm/coverage.h"
#include "vmm/event.h"
#include "vmm/event_ports.h"
#include "vmm/hypercall.h"
#include "vmm/time.h"

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include <cmocka.h>

#define XEN_DOMCTL_getdomaininfo 5 /* xen/domctl.h is for tools */

/* The table once more, as data of the test. */
#define P1(c, p) (1u << PERM_##c##_##p)
#define P2(c, p, e, q) (P1(c, p) | P1(e, q))
#define P3(c, p, e, q, f, r) (P1(c, p) | P1(e, q) | P1(f, r))
#define ROW(call, op, c, perms, object)                                        \
	{ #op,                                                                 \
	  { __HYPERVISOR_##call, op, CLASS_##c, OBJECT_##object,               \
	    __builtin_ctz(perms), perms } },
static const struct {
	const char *name;
	struct hypercall_row row;
} rows[] = {
#include "vmm/hypercalls.def"
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

#define PEER 2u /* the domain that calls are about */

static struct domain *d, *peer;

static int setup(void **state)
{
	(void)state;
	fake_power_on();
	fake_policy_open();
	guest_timers_forget();
	(void)guest_make(0, LB_DOM0, 1, 64);
	d = guest_make(1, LB_RED, 1, 64);
	peer = guest_make(PEER, LB_RED, 1, 64);
	peer->vcpus[0].run.state = VCPU_BLOCKED;
	return 0;
}

static bool has_row(u64 number, u64 subop)
{
	u32 i;

	for (i = 0; i < ROWS; i++) {
		if (rows[i].row.number == number &&
		    rows[i].row.subop == subop) {
			return true;
		}
	}
	return false;
}

/* ---- what does not exist ---------------------------------------------- */

static const u64 edges[] = { 63,
			     64,
			     65,
			     127,
			     128,
			     255,
			     256,
			     4095,
			     65535,
			     65536,
			     0x7fffffff,
			     0x80000000,
			     0xffffffff,
			     0x100000000ull,
			     0x100000005ull,
			     1ull << 47,
			     1ull << 63,
			     0x7fffffffffffffffull,
			     0xfffffffffffff000ull,
			     ~0ull };
#define EDGES (sizeof(edges) / sizeof(edges[0]))

static u64 nth(u32 i)
{
	return i < 64 ? i : edges[i - 64];
}

/* domctl names its operation in memory, 32 bits wide; memory_op in the low
 * six bits, for the rest is where to go on. */
static long call(u64 number, u64 subop, u64 *means)
{
	u32 command = (u32)subop;

	*means = subop;
	if (number == __HYPERVISOR_memory_op) {
		*means = subop & 63u;
	} else if (number == __HYPERVISOR_domctl) {
		*means = command;
		memcpy(guest_at(d, GUEST_ARGS), &command, sizeof(command));
		return guest_call(d, number, GUEST_ARGS, 0, 0);
	}
	return guest_call(d, number, subop, GUEST_ARGS, 0);
}

static void test_no_row(void **state)
{
	struct domain before;
	u64 audit = audit_next(), free = frame_free_count(), means, tried = 0;
	u32 i, j;

	(void)state;
	for (i = 0; i < 64 + EDGES; i++) {
		for (j = 0; j < 64 + EDGES; j++) {
			means = nth(i) == __HYPERVISOR_memory_op ? nth(j) & 63u
								 : nth(j);
			if (nth(i) == __HYPERVISOR_domctl) {
				means = (u32)nth(j);
			}
			if (has_row(nth(i), means)) {
				continue;
			}
			before = *d;
			assert_int_equal(call(nth(i), nth(j), &means), E_NOSYS);
			before.hypercalls += 1;
			before.vcpus[0].hw.regs = d->vcpus[0].hw.regs;
			assert_memory_equal(&before, d, sizeof(before));
			tried += 1;
		}
	}
	assert_true(tried > 6000);
	assert_int_equal(audit_next(), audit);
	assert_int_equal(frame_free_count(), free);
}

/* The table itself: in range, no operation twice, permissions that exist. */
static void test_table(void **state)
{
	u32 i, j;

	(void)state;
	assert_true(ROWS < 255); /* an index fits a byte */
	for (i = 0; i < ROWS; i++) {
		const struct hypercall_row *r = &rows[i].row;

		assert_true(r->number < 64 && r->subop < 64);
		assert_true(r->cls < POLICY_CLASSES);
		assert_true(r->perms != 0);
		for (j = 0; j < i; j++) {
			assert_false(rows[j].row.number == r->number &&
				     rows[j].row.subop == r->subop);
		}
	}
}

static void test_registers(void **state)
{
	struct vcpu *v = &d->vcpus[0];
	struct regs before;

	(void)state;
	memset(&v->hw.regs, 0x5c, sizeof(v->hw.regs));
	v->hw.regs.rip = 0x1000;
	before = v->hw.regs;
	before.rax = 17;
	before.rdi = XENVER_version;
	v->hw.regs = before;
	dispatch_hypercall(v, 3);
	before.rax = 0x00040011;
	before.rip = 0x1003;
	assert_memory_equal(&before, &v->hw.regs, sizeof(before));
	v->hw.regs.rax = 99;
	dispatch_hypercall(v, 4);		    /* with a prefix */
	assert_int_equal(v->hw.regs.rax, (u64)-38); /* all 64 bits */
	assert_int_equal(v->hw.regs.rip, 0x1007);
	assert_int_equal(d->hypercalls, 2);
}

/* Outside 64-bit mode there are no hypercalls: #UD, nothing else. */
static void test_mode(void **state)
{
	static const bool modes[][3] = { { false, false, false },
					 { true, false, false },
					 { true, true, false } };
	u32 i, n;

	(void)state;
	for (i = 0; i < 3; i++) {
		fake_of(&d->vcpus[0].hw)->paging.is_paged = modes[i][0];
		fake_of(&d->vcpus[0].hw)->paging.is_long = modes[i][1];
		fake_of(&d->vcpus[0].hw)->paging.is_64bit = modes[i][2];
		for (n = 0; n < ROWS; n++) {
			assert_int_equal(guest_call(d, rows[n].row.number,
						    rows[n].row.subop,
						    GUEST_ARGS, 1),
					 -1006);
		}
	}
	assert_int_equal(d->hypercalls, 0);
	assert_int_equal(d->state, STATE_RUNNING);
}

/* ---- every row is reached, and refused without a rule ------------------ */

/* Where the arguments of an operation on PEER lie. */
union args {
	struct xen_memory_reservation reservation;
	struct xen_add_to_physmap place;
	struct xen_remove_from_physmap remove;
	struct xen_hvm_param param;
	struct xen_add_to_physmap_batch batch;
	struct xen_mem_acquire_resource acquire;
	struct evtchn_alloc_unbound alloc;
	struct evtchn_bind_interdomain bind;
	struct evtchn_send send;
	struct evtchn_status status;
	struct gnttab_map_grant_ref map;
	struct gnttab_copy copy;
	struct gnttab_setup_table setup;
	struct gnttab_query_size size;
	struct gnttab_get_version version;
	struct gnttab_set_version set;
	struct ctl_create create;
	struct ctl_getinfo getinfo;
	struct {
		u32 command, interface;
		u16 domid;
	} domctl;
	u8 room[256];
};

/* A channel to PEER that was bound before. */
static u32 connected_port(void)
{
	u32 offer = 0, mine = port_find_free(d->id);

	assert_int_equal(event_offer(peer, d->id, &offer), 0);
	port_connect(d->id, mine, PEER, offer);
	return mine;
}

/* Arguments about PEER, or oneself, correct as far as a caller can know. */
static union args about_peer(const struct hypercall_row *r)
{
	union args a;

	memset(&a, 0, sizeof(a));
	switch (r->number << 16 | r->subop) {
	case __HYPERVISOR_memory_op << 16 | XENMEM_decrease_reservation:
	case __HYPERVISOR_memory_op << 16 | XENMEM_populate_physmap:
		a.reservation.domid = DOMID_SELF;
		break;
	case __HYPERVISOR_memory_op << 16 | XENMEM_add_to_physmap:
		a.place.domid = DOMID_SELF;
		break;
	case __HYPERVISOR_memory_op << 16 | XENMEM_remove_from_physmap:
		a.remove.domid = DOMID_SELF;
		break;
	case __HYPERVISOR_hvm_op << 16 | HVMOP_get_param:
	case __HYPERVISOR_hvm_op << 16 | HVMOP_set_param:
		a.param.domid = DOMID_SELF;
		break;
	case __HYPERVISOR_memory_op << 16 | XENMEM_add_to_physmap_batch:
		a.batch.domid = DOMID_SELF;
		a.batch.space = XENMAPSPACE_gmfn_foreign;
		a.batch.size = 1;
		a.batch.u.foreign_domid = PEER;
		break;
	case __HYPERVISOR_memory_op << 16 | XENMEM_acquire_resource:
		a.acquire.domid = PEER;
		break;
	case __HYPERVISOR_event_channel_op << 16 | EVTCHNOP_alloc_unbound:
		a.alloc.dom = DOMID_SELF;
		a.alloc.remote_dom = PEER;
		break;
	case __HYPERVISOR_event_channel_op << 16 | EVTCHNOP_bind_interdomain:
		a.bind.remote_dom = PEER;
		break;
	case __HYPERVISOR_event_channel_op << 16 | EVTCHNOP_send:
		a.send.port = connected_port();
		break;
	case __HYPERVISOR_event_channel_op << 16 | EVTCHNOP_status:
		a.status.dom = PEER;
		break;
	case __HYPERVISOR_grant_table_op << 16 | GNTTABOP_map_grant_ref:
		a.map.dom = PEER;
		a.map.flags = GNTMAP_host_map;
		a.map.host_addr = 0x800000;
		break;
	case __HYPERVISOR_grant_table_op << 16 | GNTTABOP_copy:
		a.copy.source.domid = PEER;
		a.copy.dest.domid = DOMID_SELF;
		a.copy.dest.u.gmfn = 5;
		a.copy.len = 16;
		a.copy.flags = GNTCOPY_source_gref;
		break;
	case __HYPERVISOR_grant_table_op << 16 | GNTTABOP_setup_table:
		a.setup.dom = DOMID_SELF;
		break;
	case __HYPERVISOR_grant_table_op << 16 | GNTTABOP_query_size:
	case __HYPERVISOR_grant_table_op << 16 | GNTTABOP_get_version:
		a.size.dom = PEER; /* first field of both */
		break;
	case __HYPERVISOR_grant_table_op << 16 | GNTTABOP_set_version:
		a.set.version = 1;
		break;
	case __HYPERVISOR_domctl << 16 | XEN_DOMCTL_getdomaininfo:
		a.domctl.command = XEN_DOMCTL_getdomaininfo;
		a.domctl.interface = 0x15;
		a.domctl.domid = PEER;
		break;
	case __HYPERVISOR_arch_7 << 16 | CTL_CREATE:
		a.create.label = LB_RED;
		a.create.vcpu_count = 1;
		a.create.max_frames = 64;
		break;
	default: /* the number of a domain comes first */
		a.getinfo.domid = PEER;
		break;
	}
	return a;
}

static long do_row(u32 i, union args *a)
{
	const struct hypercall_row *r = &rows[i].row;
	bool is_domctl = r->number == __HYPERVISOR_domctl;
	long result;

	memcpy(guest_at(d, GUEST_ARGS), a, sizeof(*a));
	result = guest_call(d, r->number, is_domctl ? GUEST_ARGS : r->subop,
			    is_domctl ? 0 : GUEST_ARGS, 1);
	memcpy(a, guest_at(d, GUEST_ARGS), sizeof(*a));
	return result;
}

/* Grant operations say it in the entry, as Xen does. */
static bool is_refusal(const struct hypercall_row *r, long result,
		       const union args *a)
{
	if (r->number != __HYPERVISOR_grant_table_op) {
		return result == E_PERM;
	}
	switch (r->subop) {
	case GNTTABOP_map_grant_ref:
		return a->map.status == GNTST_permission_denied;
	case GNTTABOP_copy:
		return a->copy.status == GNTST_permission_denied;
	case GNTTABOP_query_size:
		return result == E_PERM ||
		       a->size.status == GNTST_permission_denied;
	default:
		return result == E_PERM;
	}
}

/* What a refused call must leave alone. */
struct world {
	struct domain d, peer;
	u64 free;
	struct port ports[2][CASEMATE_MAX_PORTS];
};

static void world_save(struct world *w)
{
	w->d = *d;
	w->peer = *peer;
	w->free = frame_free_count();
	memcpy(w->ports[0], ports.of[1], sizeof(w->ports[0]));
	memcpy(w->ports[1], ports.of[PEER], sizeof(w->ports[1]));
}

/* The caller's registers and its two counters are all that moved. */
static void world_same(struct world *w)
{
	w->d.hypercalls += 1;
	w->d.denials += 1;
	w->d.vcpus[0].hw.regs = d->vcpus[0].hw.regs;
	assert_memory_equal(&w->d, d, sizeof(*d));
	assert_memory_equal(&w->peer, peer, sizeof(*peer));
	assert_int_equal(w->free, frame_free_count());
	assert_memory_equal(w->ports[0], ports.of[1], sizeof(w->ports[0]));
	assert_memory_equal(w->ports[1], ports.of[PEER], sizeof(w->ports[1]));
}

static void expect_record(const struct hypercall_row *row, u64 sequence)
{
	struct audit_record r;

	assert_true(audit_get(sequence, &r));
	assert_int_equal(r.subject_domid, 1);
	assert_int_equal(r.subject_label, LB_RED);
	assert_int_equal(r.vcpu, 0);
	assert_int_equal(r.hypercall, (u32)row->number << 16 | row->subop);
	assert_int_equal(r.cls, row->cls);
	assert_true((row->perms >> r.perm & 1u) != 0);
	assert_int_equal(r.cause, REFMON_NO_RULE);
	assert_int_equal(r.time_ns, fake_now);
	if (row->object == OBJECT_SELF) {
		assert_int_equal(r.object_domid, 1);
	} else if (row->object == OBJECT_PEER) {
		assert_true(r.object_domid == PEER ||
			    r.object_domid == AUDIT_OBJECT_CORE);
	} else {
		assert_int_equal(r.object_domid, AUDIT_OBJECT_CORE);
	}
}

static void test_all_denied(void **state)
{
	static struct world w;
	u32 i, refused = 0, kept = 0;

	for (i = 0; i < ROWS; i++) {
		const struct hypercall_row *r = &rows[i].row;
		union args a;
		u64 audit;
		long result;

		(void)setup(state);
		a = about_peer(r);
		fake_policy_deny();
		world_save(&w);
		audit = audit_next();
		result = do_row(i, &a);
		if (r->object == OBJECT_ANY) { /* never denied */
			assert_int_equal(audit_next(), audit);
			assert_false(is_refusal(r, result, &a));
			kept += 1;
			continue;
		}
		if (!is_refusal(r, result, &a) || audit_next() != audit + 1) {
			fail_msg("%s: result %ld, %lu records", rows[i].name,
				 result, (unsigned long)(audit_next() - audit));
		}
		world_same(&w);
		expect_record(r, audit);
		refused += 1;
	}
	assert_int_equal(refused + kept, ROWS);
	assert_int_equal(kept, 2); /* close, unmap */
}

/* With every rule none is refused or unknown, whatever else is wrong. */
static void test_all_reached(void **state)
{
	static u32 used[COVERAGE_BYTES / 4];
	u32 i;

	coverage_used = used;
	for (i = 0; i < ROWS; i++) {
		const struct hypercall_row *r = &rows[i].row;
		union args a;
		u64 audit;
		long result;

		(void)setup(state);
		d->label = LB_DOM0; /* levels are no obstacle */
		a = about_peer(r);
		audit = audit_next();
		result = do_row(i, &a);
		/* without a key: an event, not a refusal */
		audit += r->cls == CLASS_policy && r->subop == CTL_POLICY_LOAD;
		if (result == E_NOSYS || is_refusal(r, result, &a) ||
		    audit_next() != audit) {
			fail_msg("%s: result %ld", rows[i].name, result);
		}
	}
}

static u32 existing_states(void)
{
	u32 i, n = 0;

	for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
		n += domains[i].state != STATE_FREE;
	}
	return n;
}

/* A row with a buffer that is not there: -EFAULT or a status, never a fault
 * of the core, never a change. */
static void test_bad_pointers(void **state)
{
	static const u64 wild[] = { GUEST_NOWHERE, 0x3ffffffffull, 1ull << 47,
				    1ull << 63,	   ~0ull,	   ~0ull - 7,
				    0x3fff8 };
	u32 i, j;

	for (i = 0; i < ROWS; i++) {
		const struct hypercall_row *r = &rows[i].row;
		bool is_domctl = r->number == __HYPERVISOR_domctl;

		if (r->number == __HYPERVISOR_sched_op &&
		    r->subop != SCHEDOP_shutdown && r->subop != SCHEDOP_poll) {
			continue; /* no pointer */
		}
		(void)setup(state);
		for (j = 0; j < sizeof(wild) / sizeof(wild[0]); j++) {
			u64 free = frame_free_count();

			fake_uart_used = 0;
			(void)guest_call(d, r->number,
					 is_domctl ? wild[j] : r->subop,
					 is_domctl ? 0 : wild[j], 1);
			(void)guest_call(d, r->number, r->subop, 0, wild[j]);
			assert_int_equal(frame_free_count(), free);
			assert_int_equal(peer->state, STATE_RUNNING);
			assert_int_equal(existing_states(), 3);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_no_row, setup),
		cmocka_unit_test_setup(test_table, setup),
		cmocka_unit_test_setup(test_registers, setup),
		cmocka_unit_test_setup(test_mode, setup),
		cmocka_unit_test_setup(test_all_denied, setup),
		cmocka_unit_test_setup(test_all_reached, setup),
		cmocka_unit_test_setup(test_bad_pointers, setup),
	};

	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
