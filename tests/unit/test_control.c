/* SPDX-License-Identifier: Apache-2.0 */
/* The control interface: each operation on each state, with wrong numbers and
 * flags, without permission, with a buffer that is not there. Each time the
 * errno of abi/control.h, and nothing changed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "abi/audit.h"
#include "abi/control.h"
#include "fake_guest.h"
#include "fake_policy.h"
#include "vmm/audit.h"
#include "vmm/control.h"
#include "vmm/hypercall.h"
#include "vmm/domain_make.h"
#include "vmm/launch.h"
#include "vmm/sched.h"
#include "vmm/time.h"

#include <cmocka.h>

#define CALL CASEMATE_HYPERCALL
#define SOURCE 0x20000ull /* dom0's page to load */

static struct domain *dom0, *target;
static u64 audit_before;

static int setup(void **state)
{
	u32 cpu;

	(void)state;
	fake_power_on();
	fake_policy_open();
	guest_timers_forget();
	for (cpu = 0; cpu < CASEMATE_MAX_CPUS; cpu++) {
		(void)sched_pick(cpu);
	}
	dom0 = guest_make(0, LB_DOM0, 1, 64);
	audit_before = audit_next();
	return 0;
}

/* One domain in the state wanted, with a few frames of RAM. */
static void make_target(u32 state)
{
	domid_t id;
	u64 done;

	assert_int_equal(launch_create(LB_RED, 2, 64, &id), 0);
	target = &domains[id];
	assert_int_equal(launch_populate(target, 0, 8, &done), 0);
	if (state != STATE_BUILDING) {
		assert_int_equal(launch_start(target, 0, 0, false), 0);
		target->state = (u8)state;
	}
}

/* ---- the operations that name a domain -------------------------------- */

union args {
	struct ctl_populate populate;
	struct ctl_load load;
	struct ctl_start start;
	struct ctl_domain domain;
	struct ctl_getinfo getinfo;
	struct ctl_create create;
	struct ctl_info info;
	struct ctl_label label;
	struct ctl_audit audit;
	struct ctl_stats stats;
	u32 domid; /* first field of all that name one */
};

struct op {
	u32 subop, bytes, cls, perm;
	u32 states; /* bits: where it works */
};
#define IN(state) (1u << STATE_##state)
#define ANY_STATE 0xffu

static const struct op ops[] = {
	{ CTL_POPULATE, sizeof(struct ctl_populate), CLASS_memory,
	  PERM_memory_populate, IN(BUILDING) },
	{ CTL_LOAD, sizeof(struct ctl_load), CLASS_launch, PERM_launch_load,
	  IN(BUILDING) },
	{ CTL_START, sizeof(struct ctl_start), CLASS_launch,
	  PERM_launch_finalize, IN(BUILDING) },
	{ CTL_DESTROY, sizeof(struct ctl_domain), CLASS_domain,
	  PERM_domain_destroy, ANY_STATE },
	{ CTL_PAUSE, sizeof(struct ctl_domain), CLASS_domain, PERM_domain_pause,
	  IN(RUNNING) },
	{ CTL_UNPAUSE, sizeof(struct ctl_domain), CLASS_domain,
	  PERM_domain_unpause, IN(RUNNING) },
	{ CTL_GETINFO, sizeof(struct ctl_getinfo), CLASS_domain,
	  PERM_domain_getinfo, ANY_STATE },
	{ CTL_STATS, sizeof(struct ctl_stats), CLASS_domain,
	  PERM_domain_getinfo, ANY_STATE },
};
#define OPS (sizeof(ops) / sizeof(ops[0]))

/* Arguments that work on the target in the right state. */
static union args good(const struct op *o)
{
	union args a;

	memset(&a, 0, sizeof(a));
	a.domid = target->id;
	if (o->subop == CTL_POPULATE) {
		a.populate.gfn = 100;
		a.populate.count = 4;
	} else if (o->subop == CTL_LOAD) {
		a.load.kind = KIND_KERNEL;
		a.load.gfn = 2;
		a.load.count = 3;
		a.load.buffer = SOURCE;
	}
	return a;
}

/* What no refused call may change. */
struct world {
	struct domain target;
	u64 free, held;
};
static struct world before;

static void world_save(void)
{
	before.target = *target;
	before.free = frame_free_count();
	before.held = guest_frames_held();
}

static void world_same(void)
{
	assert_memory_equal(&before.target, target, sizeof(before.target));
	assert_int_equal(before.free, frame_free_count());
	assert_int_equal(before.held, guest_frames_held());
}

static void expect(const struct op *o, union args *a, long want)
{
	union args sent = *a;

	world_save();
	assert_int_equal(guest_op(dom0, CALL, o->subop, a, o->bytes), want);
	if (want != 0) {
		world_same();
		assert_memory_equal(&sent, a, o->bytes); /* nothing told */
	}
}

static void test_states(void **state)
{
	u32 i, s;

	for (i = 0; i < OPS; i++) {
		for (s = STATE_BUILDING; s <= STATE_DYING; s++) {
			union args a;

			(void)setup(state);
			make_target(s);
			a = good(&ops[i]);
			expect(&ops[i], &a,
			       (ops[i].states >> s & 1u) != 0 ? 0 : E_BUSY);
		}
	}
}

static void test_wrong_id(void **state)
{
	static const u32 wild[] = { 50,
				    CASEMATE_MAX_DOMAINS - 1,
				    CASEMATE_MAX_DOMAINS,
				    0x7ff0,
				    0xffff,
				    0x10000,
				    0x80000000,
				    ~0u };
	u32 i, j;

	for (i = 0; i < OPS; i++) {
		(void)setup(state);
		make_target(STATE_BUILDING);
		for (j = 0; j < sizeof(wild) / sizeof(wild[0]); j++) {
			union args a = good(&ops[i]);

			a.domid = wild[j];
			expect(&ops[i], &a, E_SRCH);
		}
	}
	assert_int_equal(audit_next(), audit_before);
}

/* The low half of a number is no domain: 0x10000 + id is not id. */
static void test_id_not_cut(void **state)
{
	union args a;

	(void)state;
	make_target(STATE_RUNNING);
	a = good(&ops[4]);
	a.domid += 0x10000;
	expect(&ops[4], &a, E_SRCH);
	assert_false(target->is_paused);
}

static void test_denied(void **state)
{
	u32 i;

	for (i = 0; i < OPS; i++) {
		struct audit_record r;
		union args a;
		u64 at, denials;

		(void)setup(state);
		make_target((ops[i].states & IN(BUILDING)) != 0
				    ? STATE_BUILDING
				    : STATE_RUNNING);
		fake_policy_without(ops[i].cls, ops[i].perm);
		at = audit_next();
		denials = dom0->denials;
		a = good(&ops[i]);
		expect(&ops[i], &a, E_PERM);
		assert_int_equal(audit_next(), at + 1);
		assert_int_equal(dom0->denials, denials + 1);
		assert_true(audit_get(at, &r));
		assert_int_equal(r.subject_domid, 0);
		assert_int_equal(r.object_domid, target->id);
		assert_int_equal(r.object_label, LB_RED);
		assert_int_equal(r.cls, ops[i].cls);
		assert_int_equal(r.perm, ops[i].perm);
		assert_int_equal(r.cause, REFMON_NO_RULE);
		assert_int_equal(r.hypercall, CALL << 16 | ops[i].subop);
		assert_int_equal(r.time_ns, fake_now);
		/* Without permission a wrong state is no answer either. */
		target->state = STATE_DYING;
		a = good(&ops[i]);
		expect(&ops[i], &a, E_PERM);
	}
}

static void test_bad_buffer(void **state)
{
	u32 i;

	for (i = 0; i < OPS; i++) {
		(void)setup(state);
		make_target(STATE_BUILDING);
		world_save();
		assert_int_equal(
			guest_call(dom0, CALL, ops[i].subop, GUEST_NOWHERE, 0),
			E_FAULT);
		assert_int_equal(
			guest_call(dom0, CALL, ops[i].subop, 1ull << 47, 0),
			E_FAULT);
		world_same();
	}
}

#define REFUSED(n, field, value)                                               \
	do {                                                                   \
		union args a_ = good(&ops[n]);                                 \
		a_.field = (value);                                            \
		expect(&ops[n], &a_, E_INVAL);                                 \
	} while (0)

static void test_wrong_arguments(void **state)
{
	(void)state;
	make_target(STATE_BUILDING);
	REFUSED(0, populate.flags, 1);
	REFUSED(0, populate.count, 0);
	REFUSED(0, populate.count, CASEMATE_MAX_RAM_GFN + 1);
	REFUSED(0, populate.count, ~0ull);
	REFUSED(0, populate.gfn, P2M_MAX_GFN);
	REFUSED(0, populate.gfn, ~0ull);
	REFUSED(1, load.kind, 0);
	REFUSED(1, load.kind, KIND_OTHER + 1);
	REFUSED(1, load.kind, ~0u);
	REFUSED(1, load.count, 0);
	REFUSED(1, load.count, CASEMATE_LOAD_MAX_PAGES + 1);
	REFUSED(1, load.count, ~0ull);
	REFUSED(1, load.done, 4);
	REFUSED(1, load.done, ~0ull);
	REFUSED(1, load.gfn, P2M_MAX_GFN);
	REFUSED(1, load.gfn, 8); /* not populated */
	REFUSED(1, load.gfn, ~0ull - 1);
	REFUSED(1, load.buffer, SOURCE + 1);
	REFUSED(2, start.flags, 2);
	REFUSED(2, start.flags, ~0u);
	REFUSED(3, domain.reserved, 1);
	REFUSED(4, domain.reserved, 1u << 31);
	REFUSED(5, domain.reserved, ~0u);
}

/* Neither domain 0 nor the caller can be stopped or taken apart. */
static void test_not_oneself(void **state)
{
	u32 i;

	(void)state;
	target = dom0;
	for (i = 3; i < 6; i++) {
		union args a = { .domid = 0 };

		assert_int_equal(
			guest_op(dom0, CALL, ops[i].subop, &a, ops[i].bytes),
			E_INVAL);
		assert_int_equal(dom0->state, STATE_RUNNING);
		assert_false(dom0->is_paused);
	}
	for (i = 0; i < 3; i++) {
		union args a = good(&ops[i]);

		assert_int_equal(
			guest_op(dom0, CALL, ops[i].subop, &a, ops[i].bytes),
			E_BUSY);
	}
}

/* ---- what they do when they do it ------------------------------------- */

static void test_whole_life(void **state)
{
	union args a;
	u64 free = frame_free_count();
	u8 digest[48];
	u32 i;

	(void)state;
	memset(&a, 0, sizeof(a));
	a.create.label = LB_RED;
	a.create.vcpu_count = 2;
	a.create.max_frames = 600;
	assert_int_equal(
		guest_op(dom0, CALL, CTL_CREATE, &a.create, sizeof(a.create)),
		0);
	target = &domains[a.create.domid];
	assert_int_equal(target->label, LB_RED);
	assert_int_equal(a.create.store_port, target->store_port);
	assert_int_equal(a.create.console_port, target->console_port);
	a = good(&ops[0]);
	a.populate.gfn = 0;
	a.populate.count = 500; /* several turns, one call */
	assert_int_equal(guest_op(dom0, CALL, CTL_POPULATE, &a, ops[0].bytes),
			 0);
	assert_int_equal(a.populate.done, 500);
	assert_int_equal(target->frames, 502);
	for (i = 0; i < 5; i++) {
		memset(guest_at(dom0, SOURCE + i * PAGE_SIZE), 1, PAGE_SIZE);
	}
	a = good(&ops[1]);
	a.load.count = 5;
	assert_int_equal(guest_op(dom0, CALL, CTL_LOAD, &a, ops[1].bytes), 0);
	assert_int_equal(a.load.done, 5);
	assert_int_equal(*(u8 *)guest_at(target, 6 << 12), 1);
	assert_int_equal(*(u8 *)guest_at(target, 7 << 12), 0);
	a = good(&ops[2]);
	a.start.flags = CTL_START_PAUSED;
	assert_int_equal(guest_op(dom0, CALL, CTL_START, &a, ops[2].bytes), 0);
	memcpy(digest, a.start.digest, 48);
	assert_memory_equal(digest, target->digest, 48);
	assert_null(sched_pick(1)); /* paused */
	a = good(&ops[5]);
	assert_int_equal(guest_op(dom0, CALL, CTL_UNPAUSE, &a, ops[5].bytes),
			 0);
	assert_ptr_equal(sched_pick(1), &target->vcpus[0]);
	sched_put(&target->vcpus[0]);
	a = good(&ops[6]);
	assert_int_equal(guest_op(dom0, CALL, CTL_GETINFO, &a, ops[6].bytes),
			 0);
	assert_int_equal(a.getinfo.domid, target->id);
	assert_int_equal(a.getinfo.state, STATE_RUNNING);
	assert_int_equal(a.getinfo.frames, 502);
	assert_int_equal(a.getinfo.max_frames, 600);
	assert_int_equal(a.getinfo.meta_frames, target->meta_frames);
	/* shared_info, two for grants, a control block for each vCPU */
	assert_int_equal(a.getinfo.meta_frames - a.getinfo.table_frames,
			 3 + target->vcpu_count);
	assert_int_equal(a.getinfo.vcpus_online, 1);
	assert_memory_equal(a.getinfo.digest, digest, 48);
	a = good(&ops[3]);
	assert_int_equal(guest_op(dom0, CALL, CTL_DESTROY, &a, ops[3].bytes),
			 0);
	assert_int_equal(target->state, STATE_FREE);
	assert_int_equal(frame_free_count(), free);
}

/* The first one at or after the number asked for. */
static void test_getinfo_walks(void **state)
{
	struct ctl_getinfo g;

	(void)state;
	make_target(STATE_RUNNING);
	memset(&g, 0, sizeof(g));
	assert_int_equal(guest_op(dom0, CALL, CTL_GETINFO, &g, sizeof(g)), 0);
	assert_int_equal(g.domid, 0);
	g.domid = 1;
	assert_int_equal(guest_op(dom0, CALL, CTL_GETINFO, &g, sizeof(g)), 0);
	assert_int_equal(g.domid, target->id);
	g.domid = target->id + 1u;
	assert_int_equal(guest_op(dom0, CALL, CTL_GETINFO, &g, sizeof(g)),
			 E_SRCH);
}

static void leave(struct vcpu *v, u32 reason, u64 ticks)
{
	struct hw_exit e = { .reason = reason, .length = 2 };

	e.tsc = (u32)fake_tsc;
	fake_tsc += ticks;
	vcpu_exit(v, &e);
}

/* Exits by cause and by time, of all vCPUs of that domain and of no other. */
static void test_stats(void **state)
{
	union args a;
	u64 sum = 0;
	u32 i;

	(void)state;
	make_target(STATE_RUNNING);
	fake_tsc = ~0ull - 2; /* the counter may wrap */
	leave(&target->vcpus[0], CTL_EXIT_CPUID, 4);
	leave(&target->vcpus[1], CTL_EXIT_CPUID, 7);
	leave(&target->vcpus[1], CTL_EXIT_CACHE, 0);
	leave(&target->vcpus[0], CTL_EXIT_CACHE, 1);
	leave(&target->vcpus[0], CTL_EXIT_BROKEN, 0xffffffffu);
	leave(&dom0->vcpus[0], CTL_EXIT_CPUID, 1000);
	memset(&a, 0xff, sizeof(a));
	a.domid = target->id;
	assert_int_equal(guest_op(dom0, CALL, CTL_STATS, &a, ops[7].bytes), 0);
	assert_int_equal(a.stats.domid, target->id);
	assert_int_equal(a.stats.clock_mul, fake_clock.mul);
	assert_int_equal(a.stats.clock_shift, fake_clock.shift);
	assert_int_equal(a.stats.reserved, 0);
	assert_int_equal(a.stats.exits[CTL_EXIT_CPUID], 2);
	assert_int_equal(a.stats.exits[CTL_EXIT_CACHE], 2);
	assert_int_equal(a.stats.exits[CTL_EXIT_BROKEN], 1);
	for (i = 0; i < CTL_EXIT_CAUSES; i++) {
		sum += a.stats.exits[i];
	}
	assert_int_equal(sum, 5);
	assert_int_equal(a.stats.latency[2], 2);
	assert_int_equal(a.stats.latency[0], 2);
	assert_int_equal(a.stats.latency[31], 1);
	assert_int_equal(a.stats.latency[9], 0);
}

/* The next domain in the slot does not see the last one's. */
static void test_stats_new(void **state)
{
	struct ctl_stats s = { 0 };

	(void)state;
	make_target(STATE_RUNNING);
	leave(&target->vcpus[0], CTL_EXIT_CPUID, 4);
	target->state = STATE_FREE;
	assert_int_equal(domain_make(target->id, LB_RED, 1, 64), 0);
	s.domid = target->id;
	assert_int_equal(guest_op(dom0, CALL, CTL_STATS, &s, sizeof(s)), 0);
	assert_int_equal(s.exits[CTL_EXIT_CPUID], 0);
	assert_int_equal(s.latency[2], 0);
}

static void test_pause(void **state)
{
	union args a;

	(void)state;
	make_target(STATE_RUNNING);
	assert_ptr_equal(sched_pick(1), &target->vcpus[0]);
	memset(fake_kicks, 0, sizeof(fake_kicks));
	target->vcpus[0].in_guest = true;
	a = good(&ops[4]);
	assert_int_equal(guest_op(dom0, CALL, CTL_PAUSE, &a, ops[4].bytes), 0);
	assert_true(target->is_paused);
	assert_int_equal(fake_kicks[1], 1);
	assert_true(guest_gives_way(&target->vcpus[0]));
	sched_put(&target->vcpus[0]);
	assert_null(sched_pick(1));
	assert_int_equal(guest_op(dom0, CALL, CTL_PAUSE, &a, ops[4].bytes), 0);
}

/* ---- create ------------------------------------------------------------ */

static long create(u32 label, u32 vcpus, u64 frames, u32 flags)
{
	struct ctl_create c;

	memset(&c, 0, sizeof(c));
	c.label = label;
	c.vcpu_count = vcpus;
	c.max_frames = frames;
	c.flags = flags;
	return guest_op(dom0, CALL, CTL_CREATE, &c, sizeof(c));
}

static u32 existing(void)
{
	u32 i, n = 0;

	for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
		n += domains[i].state != STATE_FREE;
	}
	return n;
}

static void test_create_refused(void **state)
{
	u64 free = frame_free_count(), at;
	struct audit_record r;

	(void)state;
	assert_int_equal(create(LB_CORE_U, 1, 64, 0),
			 E_INVAL); /* no domain's */
	/* No label at all: refused by the monitor, and on record. */
	assert_int_equal(create(8, 1, 64, 0), E_PERM); /* there are 8 */
	assert_int_equal(create(~0u, 1, 64, 0), E_PERM);
	assert_int_equal(create(LB_RED, 0, 64, 0), E_INVAL);
	assert_int_equal(create(LB_RED, CASEMATE_MAX_VCPUS + 1, 64, 0),
			 E_INVAL);
	assert_int_equal(create(LB_RED, ~0u, 64, 0), E_INVAL);
	assert_int_equal(create(LB_RED, 1, ~0ull, 0), E_INVAL);
	assert_int_equal(create(LB_RED, 1, CASEMATE_MAX_FRAMES + 1, 0),
			 E_INVAL);
	assert_int_equal(create(LB_RED, 1, 64, 1), E_INVAL);
	assert_int_equal(create(LB_RED, 1, 1, 0), E_NOMEM);
	assert_int_equal(audit_next(), audit_before + 2);
	fake_policy_without(CLASS_domain, PERM_domain_create);
	at = audit_next();
	assert_int_equal(create(LB_RED, 1, 64, 0), E_PERM);
	assert_int_equal(audit_next(), at + 1);
	assert_true(audit_get(at, &r));
	assert_int_equal(r.object_domid, AUDIT_OBJECT_CORE);
	assert_int_equal(r.object_label, LB_RED);
	assert_int_equal(r.perm, PERM_domain_create);
	assert_int_equal(frame_free_count(), free);
	assert_int_equal(existing(), 1);
}

/* A guest has every rule, and the levels still refuse: it cannot make a
 * domain below itself. */
static void test_create_write_down(void **state)
{
	struct domain *red = guest_make(9, LB_RED, 1, 32);
	struct ctl_create c;
	u64 at = audit_next();
	struct audit_record r;

	(void)state;
	memset(&c, 0, sizeof(c));
	c.label = LB_BLACK;
	c.vcpu_count = 1;
	c.max_frames = 64;
	assert_int_equal(guest_op(red, CALL, CTL_CREATE, &c, sizeof(c)),
			 E_PERM);
	assert_true(audit_get(at, &r));
	assert_int_equal(r.cause, REFMON_WRITE_DOWN);
	assert_int_equal(r.subject_domid, 9);
}

/* The answer cannot be delivered: then there is no domain either, for nobody
 * would know of it. */
static void test_create_answer_lost(void **state)
{
	struct ctl_create c;
	u64 *pdpt = guest_at(dom0, GUEST_PDPT);
	u64 free = frame_free_count();

	(void)state;
	memset(&c, 0, sizeof(c));
	c.label = LB_RED;
	c.vcpu_count = 1;
	c.max_frames = 64;
	pdpt[1] = 5; /* the same memory, read-only, at 1 GiB */
	pdpt[1] |= 0x80;
	memcpy(guest_at(dom0, GUEST_ARGS), &c, sizeof(c));
	assert_int_equal(guest_call(dom0, CALL, CTL_CREATE,
				    0x40000000ull + GUEST_ARGS, 0),
			 E_FAULT);
	assert_int_equal(existing(), 1);
	assert_int_equal(frame_free_count(), free);
}

/* ---- questions --------------------------------------------------------- */

static void test_info(void **state)
{
	struct ctl_info c;

	(void)state;
	memset(&c, 0xff, sizeof(c));
	assert_int_equal(guest_op(dom0, CALL, CTL_INFO, &c, sizeof(c)), 0);
	assert_int_equal(c.abi_version, CASEMATE_CONTROL_VERSION);
	assert_int_equal(c.cpu_count, 2);
	assert_int_equal(c.free_frames, frame_free_count());
	assert_int_equal(c.uptime_ns, fake_now);
	assert_int_equal(c.label_count, 8);
	assert_int_equal(c.domain_limit, CASEMATE_MAX_DOMAINS);
	assert_int_equal(c.policy_version, 1);
	assert_string_equal(c.policy_name, "sample");
	assert_int_equal(c.reserved, 0);
	assert_true(c.core_version[0] != '\0');
	assert_int_equal(guest_call(dom0, CALL, CTL_INFO, GUEST_NOWHERE, 0),
			 E_FAULT);
}

static void test_label(void **state)
{
	struct ctl_label c;
	u32 i, n;

	(void)state;
	for (i = 0; i < 8; i++) {
		memset(&c, 0xff, sizeof(c));
		c.label = i;
		assert_int_equal(guest_op(dom0, CALL, CTL_LABEL, &c, sizeof(c)),
				 0);
		assert_int_equal(c.flags, i == LB_CORE_U || i == LB_CORE_S3
						  ? 0
						  : CTL_LABEL_DOMAIN);
		n = (u32)strnlen(c.name, sizeof(c.name));
		assert_true(n > 0 && n < sizeof(c.name));
	}
	assert_string_equal(c.name, "guest_t@S:3");
	c.label = 8;
	assert_int_equal(guest_op(dom0, CALL, CTL_LABEL, &c, sizeof(c)),
			 E_NOENT);
	c.label = ~0u;
	assert_int_equal(guest_op(dom0, CALL, CTL_LABEL, &c, sizeof(c)),
			 E_NOENT);
}

static long audit_read(struct ctl_audit *c, u64 next, u32 count)
{
	memset(c, 0, sizeof(*c));
	c->next = next;
	c->count = count;
	c->buffer = SOURCE;
	memset(guest_at(dom0, SOURCE), 0xcc, PAGE_SIZE);
	return guest_op(dom0, CALL, CTL_AUDIT_READ, c, sizeof(*c));
}

static void append(u32 n)
{
	struct audit_record r;

	memset(&r, 0, sizeof(r));
	while (n > 0) {
		audit_append(&r);
		n -= 1;
	}
}

static void test_audit_read(void **state)
{
	const struct audit_record *r = guest_at(dom0, SOURCE);
	struct ctl_audit c;
	u64 start;

	(void)state;
	append(10);
	start = audit_next() - 10;
	assert_int_equal(audit_read(&c, start, 4), 0);
	assert_int_equal(c.count, 4);
	assert_int_equal(c.next, start + 4);
	assert_int_equal(c.lost, 0);
	assert_int_equal(r[3].sequence, start + 3);
	assert_int_equal(r[4].vcpu, 0xcc); /* no more than asked for */
	assert_int_equal(audit_read(&c, start + 4, 64), 0);
	assert_int_equal(c.count, 6);
	assert_int_equal(audit_read(&c, start + 10, 64), 0);
	assert_int_equal(c.count, 0); /* caught up */
	assert_int_equal(c.next, start + 10);
	assert_int_equal(audit_read(&c, ~0ull, 64), 0);
	assert_int_equal(c.count, 0);
	append(AUDIT_RING_RECORDS);
	assert_int_equal(audit_read(&c, start, 2), 0); /* overwritten */
	assert_int_equal(c.lost, 10);
	assert_int_equal(c.next, start + 12);
	assert_int_equal(r[0].sequence, start + 10);
}

static void test_audit_read_refused(void **state)
{
	struct ctl_audit c;
	u64 at;

	(void)state;
	append(3);
	assert_int_equal(audit_read(&c, 0, 0), E_INVAL);
	assert_int_equal(audit_read(&c, 0, CTL_AUDIT_MAX + 1), E_INVAL);
	assert_int_equal(audit_read(&c, 0, ~0u), E_INVAL);
	memset(&c, 0, sizeof(c));
	c.count = 1;
	c.reserved = 1;
	c.buffer = SOURCE;
	assert_int_equal(guest_op(dom0, CALL, CTL_AUDIT_READ, &c, sizeof(c)),
			 E_INVAL);
	c.reserved = 0;
	c.buffer = GUEST_NOWHERE;
	assert_int_equal(guest_op(dom0, CALL, CTL_AUDIT_READ, &c, sizeof(c)),
			 E_FAULT);
	assert_int_equal(c.next, 0);
	fake_policy_without(CLASS_audit, PERM_audit_read);
	at = audit_next();
	assert_int_equal(audit_read(&c, at - 3, 1), E_PERM);
	assert_int_equal(*(u8 *)guest_at(dom0, SOURCE), 0xcc);
	assert_int_equal(audit_next(), at + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_states, setup),
		cmocka_unit_test_setup(test_wrong_id, setup),
		cmocka_unit_test_setup(test_id_not_cut, setup),
		cmocka_unit_test_setup(test_denied, setup),
		cmocka_unit_test_setup(test_bad_buffer, setup),
		cmocka_unit_test_setup(test_wrong_arguments, setup),
		cmocka_unit_test_setup(test_not_oneself, setup),
		cmocka_unit_test_setup(test_whole_life, setup),
		cmocka_unit_test_setup(test_getinfo_walks, setup),
		cmocka_unit_test_setup(test_stats, setup),
		cmocka_unit_test_setup(test_stats_new, setup),
		cmocka_unit_test_setup(test_pause, setup),
		cmocka_unit_test_setup(test_create_refused, setup),
		cmocka_unit_test_setup(test_create_write_down, setup),
		cmocka_unit_test_setup(test_create_answer_lost, setup),
		cmocka_unit_test_setup(test_info, setup),
		cmocka_unit_test_setup(test_label, setup),
		cmocka_unit_test_setup(test_audit_read, setup),
		cmocka_unit_test_setup(test_audit_read_refused, setup),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
