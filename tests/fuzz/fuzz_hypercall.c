/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercalls of several domains against the portable core. An input is
 *
 *   policy  | record | record | ...       1 byte, then 12 bytes each
 *   policy: two-level.pol; every rule there can be; that without event.send
 *   record: what, who (domain, vCPU), ten bytes of arguments
 *
 * and each record is one thing that happens: a call, a write by a guest to its
 * memory, time. Long calls are driven on at once or, as the record says, left
 * for later while others call. After each step model.c looks at everything.
 */
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "abi/control.h"
#include "fake_guest.h"
#include "fake_policy.h"
#include "fuzz.h"
#include "grants.h"
#include "model.h"
#include "refmon/refmon.h"
#include "reset.h"
#include "vmm/audit.h"
#include "vmm/hypercall.h"
#include "vmm/event_ports.h"
#include "vmm/sched.h"
#include "vmm/time.h"

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define RECORD 12u
#define RECORDS 48u
#define STEPS 400u /* of the core, in one input */
#define GUESTS 4u  /* dom0, black, red, red2 */
#define RAM 48u
#define SHARED_GFN 64u /* where each has shared_info; then grant frames */
#define DATA_GFN 20u
#define ARGS_BYTES 0x4000u
#define RECENT 4u
#define PDPTE_READ 0x85ull
#define READ_ONLY (1ull << 30) /* the same memory, read-only, linear */

struct record {
	u8 what, who, a[RECORD - 2];
};

/* More for libFuzzer to go by than edges of the core: who was refused what by
 * whom, and who came close to what. */
static u8 feat[4096] __attribute__((section("__libfuzzer_extra_counters")));
enum feature {
	REFUSED,   /* by the monitor: class, permission */
	GRANTED,   /* an entry names the caller: operation, for writing */
	OFFERED,   /* so does a port */
	SUCCEEDED, /* a call: number, sub-op */
	PAGED	   /* a call is about a page of this kind */
};

static void feature(enum feature f, u32 s, u32 o, u32 a, u32 b)
{
	u32 h = (((f * 8u + (s & 7u)) * 8u + (o & 7u)) * 32u + a) * 64u + b;

	feat[(h * 2654435761u) >> 20] = 1;
}

static u32 steps;
static bool is_over;	    /* the machine is off */
static bool must_fail;	    /* the call of this record */
static u32 made[RECENT];    /* domains that were created */
static struct vcpu *second; /* on processor 1 */

/* ---- the machine ------------------------------------------------------- */

__asm__(".pushsection .rodata\n"
	"two_level: .incbin \"" TWO_LEVEL "\"\n"
	"two_level_end:\n"
	".popsection\n");
extern const u8 two_level[], two_level_end[];

static u32 label_of(const char *name)
{
	u32 i;

	for (i = 0; i < refmon_label_count(); i++) {
		if (strncmp(refmon_label_name(i), name, strlen(name)) == 0) {
			return i;
		}
	}
	fuzz_fail("no label %s", name);
}

static void place_shared(struct domain *d, u32 space, u32 index, gfn_t gfn)
{
	struct xen_add_to_physmap a = {
		.domid = DOMID_SELF, .space = space, .idx = index, .gpfn = gfn
	};

	assert_true(guest_op(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap,
			     &a, sizeof(a)) == 0);
}

static void guest_add(domid_t id, const char *label, u32 vcpus)
{
	struct domain *d = guest_make(id, label_of(label), vcpus, RAM);
	u32 i;

	((u64 *)guest_at(d, GUEST_PDPT))[1] = PDPTE_READ;
	place_shared(d, XENMAPSPACE_shared_info, 0, SHARED_GFN);
	place_shared(d, XENMAPSPACE_grant_table, 0, SHARED_GFN + 1);
	for (i = 0; i < vcpus; i++) {
		vcpu_set_state(&d->vcpus[i], VCPU_RUNNABLE);
	}
}

static void policy_make(u32 which)
{
	if (which == 1) {
		fake_policy_open();
	} else if (which == 2) {
		fake_policy_without(CLASS_event, PERM_event_send);
	} else if (refmon_install(two_level, (u32)(two_level_end -
						   two_level)) != REFMON_OK) {
		fuzz_fail("the policy is refused");
	}
}

static void world_make(u32 which)
{
	bool is_open = which != 0;

	fake_power_on();
	policy_make(which);
	model_labels();
	guest_timers_forget();
	guest_add(0, "dom0_t", 2);
	guest_add(1, is_open ? "guest_t@U" : "black_t", 2);
	guest_add(2, is_open ? "guest_t@S:3" : "red_t", 2);
	guest_add(3, is_open ? "guest_t@S:3" : "red_t", 1);
	if (model_taint(0) != 0 || model_taint(1) == 0 || model_taint(2) == 0 ||
	    model_taint(1) == model_taint(2)) {
		fuzz_fail("the model does not know the levels");
	}
	for (steps = 0; steps < 4; steps++) {
		u8 page[PAGE_SIZE];
		u32 gfn;

		memset(page, model_taint(steps), sizeof(page));
		for (gfn = DATA_GFN; gfn < RAM; gfn++) {
			memcpy(guest_at(&domains[steps], gfn << PAGE_SHIFT),
			       page, sizeof(page));
		}
	}
}

/* ---- one step ---------------------------------------------------------- */

/* What the vCPU on processor 1 does meanwhile: give way when it must. */
static void second_put(bool is_forced)
{
	u32 cpu = fake_cpu;

	if (second == NULL) {
		return;
	}
	if (vcpu_domain(second)->state == STATE_FREE) {
		fuzz_fail("a vCPU of no domain is on a processor");
	}
	fake_cpu = 1;
	if (is_forced || !second->in_guest) {
		second->in_guest = false;
		if (is_forced || guest_gives_way(second)) {
			sched_put(second);
			second = NULL;
		} else {
			second->flush = false;
			second->in_guest = true;
		}
	}
	fake_cpu = cpu;
	model_aside();
}

static void stopped(int how, const struct act *a)
{
	fake_uart[fake_uart_used < FAKE_UART ? fake_uart_used : FAKE_UART - 1] =
		'\0';
	if (how == FAKE_HALTED) {
		fuzz_fail("the core stopped: %s", fake_uart);
	}
	if (a->caller != 0) {
		fuzz_fail("domain %u switched the machine off", a->caller);
	}
	is_over = true;
}

/* The vCPU runs now, and makes an exit next. */
static void enter_here(struct vcpu *v)
{
	if (v == second) {
		fake_cpu = 1;
		v->in_guest = false;
	} else {
		fake_cpu = 0;
		v->cpu = 0;
		vcpu_set_state(v, VCPU_RUNNING);
		hw_vcpu_load(&v->hw);
	}
	v->flush = false;
}

static void leave(struct vcpu *v)
{
	if (is_over) {
		return;
	}
	if (v != second && vcpu_domain(v)->state != STATE_FREE) {
		sched_put(v); /* the other goes on in second_put() */
	}
	fake_cpu = 0;
}

static bool is_runnable(const struct vcpu *v)
{
	const struct domain *d = vcpu_domain(v);

	return d->state == STATE_RUNNING && !d->is_paused &&
	       v->run.state != VCPU_DOWN;
}

static void note_refusals(u64 from)
{
	struct audit_record r;

	for (; audit_get(from, &r); from++) {
		feature(REFUSED, r.subject_domid, r.object_domid, r.cls,
			r.perm);
	}
}

/* Is the call one copy from the caller's own RAM by push? */
static const struct gnttab_copy *push_find(const struct vcpu *v,
					   struct gnttab_copy *c)
{
	const struct regs *r = &v->hw.regs;
	const struct domain *d = vcpu_domain(v), *o;

	if (r->rax != __HYPERVISOR_grant_table_op || r->rdi != GNTTABOP_copy ||
	    r->rdx != 1 || r->rsi != GUEST_ARGS ||
	    !model_guest_read(v->domid, r->rsi, c, sizeof(*c)) ||
	    c->flags != GNTCOPY_dest_gref || c->source.domid != DOMID_SELF ||
	    c->source.u.gmfn >= RAM || c->dest.domid >= CASEMATE_MAX_DOMAINS ||
	    c->source.offset + c->len > PAGE_SIZE ||
	    c->dest.offset + c->len > PAGE_SIZE) {
		return NULL;
	}
	o = &domains[c->dest.domid];
	if (o->state == STATE_FREE ||
	    p2m_kind_at(d, c->source.u.gmfn) != P2M_RAM ||
	    refmon_decide(d->label, o->label, d == o, CLASS_grant,
			  PERM_grant_copy_to) == REFMON_PERMIT ||
	    refmon_decide(d->label, o->label, d == o, CLASS_grant,
			  PERM_grant_push) != REFMON_PERMIT) {
		return NULL;
	}
	return c;
}

/* A push answers the same, whatever became of it. */
static void push_check(const struct vcpu *v, const struct gnttab_copy *c)
{
	struct gnttab_copy now;

	if (v->hw.regs.rax == 0 &&
	    model_guest_read(v->domid, GUEST_ARGS, &now, sizeof(now)) &&
	    memcmp(c, &now, offsetof(struct gnttab_copy, status)) == 0 &&
	    now.status != GNTST_okay) {
		fuzz_fail("a push from domain %u to %u answers %d", v->domid,
			  c->dest.domid, now.status);
	}
}

/* Once through the dispatcher; false when the call is not finished. */
static bool step(struct vcpu *v, const struct act *a)
{
	struct fake_vcpu *f = fake_of(&v->hw);
	u32 skips = f->skips;
	u64 before = audit_next();
	struct gnttab_copy copy;
	const struct gnttab_copy *push = push_find(v, &copy);
	int how;

	f->fault = -1;
	steps += 1;
	model_before();
	enter_here(v);
	how = setjmp(fake_stop);
	if (how == 0) {
		dispatch_hypercall(v, 3);
	} else {
		stopped(how, a);
	}
	leave(v);
	if (!is_over) {
		model_after(a);
		second_put(false);
		if (push != NULL) {
			push_check(v, push);
		}
	}
	note_refusals(before);
	return is_over || f->skips != skips || f->fault >= 0;
}

static struct act pending[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_VCPUS];
static bool is_pending[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_VCPUS];

/* The domain a control operation names; it may change from step to step. */
static u32 target_of(const struct vcpu *v)
{
	u32 id = MODEL_NOBODY;

	if (v->hw.regs.rax == CASEMATE_HYPERCALL) {
		(void)model_guest_read(v->domid,
				       v->hw.regs.rsi & (READ_ONLY - 1), &id,
				       sizeof(id));
	}
	return id;
}

/* What a call makes that its caller must be told of: domains, and mappings by
 * a call of one entry. */
static u32 things_made(const struct vcpu *v)
{
	const struct regs *r = &v->hw.regs;
	u32 i, n = 0;

	if (r->rax == CASEMATE_HYPERCALL && r->rdi == CTL_CREATE) {
		for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
			n += domains[i].state != STATE_FREE;
		}
	} else if (r->rax == __HYPERVISOR_grant_table_op &&
		   r->rdi == GNTTABOP_map_grant_ref && r->rdx == 1) {
		for (i = 0; i < CASEMATE_MAX_MAPTRACK; i++) {
			n += grants_mapping(v->domid, i).granter !=
			     DOMID_NOBODY;
		}
	}
	return n;
}

static bool may_see(u32 subject, u32 object)
{
	return object < CASEMATE_MAX_DOMAINS &&
	       refmon_decide(domains[subject].label, domains[object].label,
			     subject == object, CLASS_domain,
			     PERM_domain_getinfo) == REFMON_PERMIT;
}

/* The same after the call, whose number is no longer in rax. */
static void answer_check(struct vcpu *v, const struct act *a, u32 before)
{
	u64 result = v->hw.regs.rax;
	u32 after;

	v->hw.regs.rax = a->number;
	after = things_made(v);
	v->hw.regs.rax = result;
	if ((long)result < 0 && after > before) {
		fuzz_fail("call %u.%u by domain %u fails and leaves something",
			  a->number, a->subop, a->caller);
	}
	if (result == 0 && a->number == CASEMATE_HYPERCALL &&
	    a->subop == CTL_STATS && !may_see(a->caller, a->target)) {
		fuzz_fail("domain %u sees the counters of domain %u", a->caller,
			  a->target);
	}
}

/* Drive a call on: at most so many steps now. */
static void drive(struct vcpu *v, u32 limit)
{
	struct act a = pending[v->domid][v->id];
	bool *is_open = &is_pending[v->domid][v->id];

	while (*is_open && limit > 0 && steps < STEPS && is_runnable(v)) {
		u32 before = things_made(v);

		a.target = target_of(v);
		*is_open = !step(v, &a);
		limit -= 1;
		if (!*is_open && !is_over) {
			answer_check(v, &a, before);
		}
		if (!*is_open && (long)v->hw.regs.rax >= 0) {
			if (must_fail) {
				fuzz_fail("call %u.%u by domain %u names "
					  "another one, and succeeds",
					  a.number, a.subop, a.caller);
			}
			feature(SUCCEEDED, a.caller, a.target, a.number & 31u,
				a.subop);
		}
	}
}

static long call(struct vcpu *v, u64 number, u64 a, u64 b, u64 c)
{
	struct act *act = &pending[v->domid][v->id];

	*act = (struct act){ v->domid, (u32)number, (u32)a & 63u,
			     MODEL_NOBODY };
	v->hw.regs.rax = number;
	v->hw.regs.rdi = a;
	v->hw.regs.rsi = b;
	v->hw.regs.rdx = c;
	is_pending[v->domid][v->id] = true;
	return 0;
}

/* ---- choices: a byte of the input to something worth trying ------------- */

static gfn_t gfn_of(u8 b)
{
	static const gfn_t odd[] = { CASEMATE_STORE_GFN,
				     CASEMATE_CONSOLE_GFN,
				     CASEMATE_MAX_RAM_GFN - 1,
				     CASEMATE_MAX_RAM_GFN,
				     P2M_MAX_GFN - 1,
				     P2M_MAX_GFN,
				     511,
				     512,
				     0x3ffff,
				     0x40000,
				     1ull << 32,
				     1ull << 51,
				     ~0ull,
				     ~0ull >> 12,
				     0,
				     CASEMATE_ACPI_GFN };

	static const u8 often[] = {
		SHARED_GFN, SHARED_GFN + 1, SHARED_GFN + 2, 79, 80, 81, 82, 83
	};

	if (b < 96 || (b >= 224 && b < 240)) {
		return b;
	}
	if (b < 160) { /* so that calls meet */
		return DATA_GFN + (b & 7u);
	}
	return b < 224 ? often[b & 7] : odd[b & 15];
}

static u32 domid_of(u8 b)
{
	static const u16 odd[] = { DOMID_SELF, 0x7ff1, 103,    104,
				   0xffff,     0x7fff, 0x8000, 5 };

	if (b < 128) {
		return b & 3u;
	}
	return b < 192 ? made[b % RECENT] : odd[b & 7];
}

static u32 ref_of(u8 b)
{
	static const u32 odd[] = { 511,	 512,	     1023,    1024, 2047,
				   2048, 0xffffffff, 0x10000, 2,    3 };

	return b < 224 ? b & 7u : odd[b % 10];
}

static u64 pointer_of(u8 b)
{
	static const u64 odd[] = { GUEST_ARGS + 0xff8,
				   GUEST_ARGS + 0xff4,
				   GUEST_NOWHERE,
				   0,
				   ~0ull,
				   1ull << 47,
				   SHARED_GFN << PAGE_SHIFT,
				   (SHARED_GFN + 1) << PAGE_SHIFT,
				   ((u64)RAM << PAGE_SHIFT) - 4,
				   GUEST_PML4,
				   80ull << PAGE_SHIFT,
				   81ull << PAGE_SHIFT,
				   DATA_GFN << PAGE_SHIFT,
				   (DATA_GFN << PAGE_SHIFT) + 0xffc,
				   0xffff800000000000ull,
				   GUEST_ARGS + ARGS_BYTES - 4,
				   READ_ONLY + GUEST_ARGS,
				   READ_ONLY + GUEST_ARGS,
				   READ_ONLY + GUEST_ARGS + 0xff8,
				   READ_ONLY + (DATA_GFN << PAGE_SHIFT) };

	return b < 220 ? GUEST_ARGS : odd[(b - 220) % 20];
}

static u32 le32(const u8 *p)
{
	return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static void args_put(struct vcpu *v, u64 at, const void *from, u32 bytes)
{
	const u8 *p = from;

	at &= READ_ONLY - 1;
	while (bytes > 0) {
		u32 n = PAGE_SIZE - (u32)(at & PAGE_MASK);

		n = n < bytes ? n : bytes;
		(void)model_guest_write(v->domid, at, p, n);
		at += n;
		p += n;
		bytes -= n;
	}
}

static void note_page(const struct vcpu *v, gfn_t gfn, u64 number, u64 subop)
{
	feature(PAGED, v->domid, p2m_kind_at(vcpu_domain(v), gfn),
		(u32)number & 31u, (u32)subop & 63u);
}

/* A call whose argument is a structure. */
static void op(struct vcpu *v, u64 number, u64 subop, const void *arg,
	       u32 bytes, u8 where)
{
	u64 at = pointer_of(where);

	args_put(v, at, arg, bytes);
	note_page(v, at >> PAGE_SHIFT, number, subop);
	(void)call(v, number, subop, at, 1);
}

/* ---- records ----------------------------------------------------------- */

/* An entry of some table that names the domain, if there is one; from the
 * k-th on. */
static bool pick_grant(const struct vcpu *v, u8 k, u16 *granter, u32 *ref)
{
	u32 i;

	for (i = k; i < k + 64u; i++) {
		u32 d = i / 8u % 8u;
		u64 entry;

		if (!model_grant_entry(d, i % 8u, &entry) ||
		    (entry & GTF_type_mask) != GTF_permit_access ||
		    (u16)(entry >> 16) != v->domid) {
			continue;
		}
		*granter = (u16)d;
		*ref = i % 8u;
		return true;
	}
	return false;
}

/* The domain and the reference to name: by number, or one that may work. */
static void grant_of(const struct vcpu *v, u8 a, u8 b, u16 *granter, u32 *ref)
{
	*granter = (u16)domid_of(a);
	*ref = ref_of(b);
	if ((a & 0x40) != 0) {
		(void)pick_grant(v, b, granter, ref);
	}
}

static void note_grant(const struct vcpu *v, u32 granter, u32 ref, u32 how)
{
	u64 entry;

	if (granter < 8 && ref < 512 &&
	    model_grant_entry(granter, ref, &entry) &&
	    (entry & GTF_type_mask) == GTF_permit_access &&
	    (u16)(entry >> 16) == v->domid) {
		feature(GRANTED, v->domid, granter, how,
			(entry & GTF_readonly) != 0);
	}
}

static void do_grant_entry(struct vcpu *v, const u8 *a)
{
	static const u16 flags[] = { GTF_permit_access,
				     GTF_permit_access | GTF_readonly, 0,
				     GTF_accept_transfer };
	u32 ref = ref_of(a[0]) % 512u;
	u64 entry = gfn_of(a[3]) << 32 | (u64)(u16)domid_of(a[1]) << 16 |
		    flags[a[2] & 3];

	note_page(v, gfn_of(a[3]), 30, a[1] & 7u);
	(void)model_guest_write(v->domid,
				((SHARED_GFN + 1) << PAGE_SHIFT) + ref * 8u,
				&entry, sizeof(entry));
}

static void do_write(struct vcpu *v, const u8 *a)
{
	u8 text[64];
	u64 at = gfn_of(a[0]) << PAGE_SHIFT;
	u32 bytes = 1u + (a[3] & 63u);

	memset(text, a[4] < 192 ? model_taint(v->domid) : a[5], sizeof(text));
	at += (((u32)a[1] << 8 | a[2]) & PAGE_MASK) % (PAGE_SIZE - bytes + 1);
	(void)model_guest_write(v->domid, at, text, bytes);
}

static u32 count_of(u8 b)
{
	return b < 160 ? 1 : b < 250 ? 1u + (b & 31u) : 0xffffffffu;
}

static void grant_array(struct vcpu *v, u32 subop, const u8 *a, u32 bytes)
{
	u64 at = pointer_of(a[9]);

	(void)call(v, __HYPERVISOR_grant_table_op, subop, at, count_of(a[8]));
	(void)bytes;
}

static void do_map(struct vcpu *v, const u8 *a)
{
	static const u32 flags[] = { GNTMAP_host_map,
				     GNTMAP_host_map | GNTMAP_readonly,
				     GNTMAP_device_map | GNTMAP_host_map,
				     GNTMAP_host_map | GNTMAP_contains_pte };
	u32 i, n = count_of(a[8]);

	for (i = 0; i < n && i < 32; i++) {
		struct gnttab_map_grant_ref m = {
			.host_addr = ((gfn_of(a[3]) + i) << PAGE_SHIFT) |
				     (a[4] > 250 ? 8 : 0),
			.flags = flags[a[2] < 128 ? a[2] & 1 : a[2] & 3],
		};

		grant_of(v, a[0], a[1], &m.dom, &m.ref);
		note_grant(v, m.dom, m.ref, m.flags & GNTMAP_readonly);
		m.ref += a[5] & 1 ? i : 0;
		args_put(v, pointer_of(a[9]) + i * sizeof(m), &m, sizeof(m));
	}
	grant_array(v, GNTTABOP_map_grant_ref, a, 0);
}

static void do_unmap(struct vcpu *v, const u8 *a)
{
	u32 i, n = count_of(a[8]);

	for (i = 0; i < n && i < 32; i++) {
		struct gnttab_unmap_grant_ref u = {
			.handle = (a[0] > 240 ? le32(a) : a[0] & 31u) +
				  (a[5] & 1 ? i : 0)
		};

		u.host_addr = grants_mapping(v->domid, u.handle).gfn
			      << PAGE_SHIFT;
		u.host_addr += a[1] > 240 ? a[2] : 0;
		args_put(v, pointer_of(a[9]) + i * sizeof(u), &u, sizeof(u));
	}
	grant_array(v, GNTTABOP_unmap_grant_ref, a, 0);
}

static bool side(const struct vcpu *v, const u8 *a, u16 *domid, u64 *page)
{
	bool is_ref = (a[1] & 1) != 0;
	u32 ref;

	*domid = (u16)((a[0] & 0x30) == 0x30 ? domid_of(a[0]) : DOMID_SELF);
	*page = gfn_of(a[1]);
	if (is_ref) {
		grant_of(v, a[0], a[1] >> 1, domid, &ref);
		*page = ref;
	}
	return is_ref;
}

static void do_copy(struct vcpu *v, const u8 *a)
{
	u32 i, n = count_of(a[8]);
	u32 bytes = a[6] < 64 ? 64u + a[6] : (u32)a[6] << 4;

	for (i = 0; i < n && i < 32; i++) {
		struct gnttab_copy c = { .len = (u16)bytes };
		u64 page;

		if (side(v, a, &c.source.domid, &page)) {
			c.flags |= GNTCOPY_source_gref;
			note_grant(v, c.source.domid, (u32)page, 8);
		}
		c.source.u.gmfn = page;
		c.source.offset = (u16)(a[4] * 16u);
		if (side(v, a + 2, &c.dest.domid, &page)) {
			c.flags |= GNTCOPY_dest_gref;
			note_grant(v, c.dest.domid, (u32)page, 9);
		}
		c.dest.u.gmfn = page;
		c.dest.offset = (u16)(a[5] * 16u);
		args_put(v, pointer_of(a[9]) + i * sizeof(c), &c, sizeof(c));
	}
	grant_array(v, GNTTABOP_copy, a, 0);
}

static void do_grant_other(struct vcpu *v, const u8 *a)
{
	union {
		struct gnttab_query_size size;
		struct gnttab_get_version version;
		struct gnttab_set_version set;
		struct gnttab_setup_table table;
		u8 room[64];
	} u;
	static const u8 ops[] = { GNTTABOP_query_size, GNTTABOP_get_version,
				  GNTTABOP_set_version, GNTTABOP_setup_table };
	u32 subop = ops[a[0] & 3];

	memset(&u, 0, sizeof(u));
	if (subop == GNTTABOP_set_version) {
		u.set.version = a[1];
	} else {
		u.size.dom = (u16)domid_of(a[1]);
	}
	if (subop == GNTTABOP_setup_table) {
		u.table.nr_frames = a[2] & 7u;
		u.table.frame_list.p = (void *)(uintptr_t)pointer_of(a[3]);
	}
	op(v, __HYPERVISOR_grant_table_op, subop, &u, sizeof(u), a[9]);
}

static u32 port_of(u8 b)
{
	return b < 240 ? b & 15u : b == 240 ? 1023 : b == 241 ? 1024 : ~0u;
}

/* A port that is open for the domain, if there is one; from the k-th on. */
static bool pick_offer(const struct vcpu *v, u8 k, u32 *domid, u32 *port)
{
	u32 i;

	for (i = k; i < k + 128u; i++) {
		u32 d = i / 16u % 8u;

		if (domains[d].state != STATE_FREE &&
		    ports.of[d][i % 16u].state == PORT_UNBOUND &&
		    ports.of[d][i % 16u].peer == v->domid) {
			*domid = d;
			*port = i % 16u;
			feature(OFFERED, v->domid, d, 0, 0);
			return true;
		}
	}
	return false;
}

static void do_event(struct vcpu *v, const u8 *a)
{
	static const u8 ops[] = {
		EVTCHNOP_alloc_unbound, EVTCHNOP_bind_interdomain,
		EVTCHNOP_bind_virq,	EVTCHNOP_bind_ipi,
		EVTCHNOP_bind_vcpu,	EVTCHNOP_unmask,
		EVTCHNOP_send,		EVTCHNOP_status,
		EVTCHNOP_close,		EVTCHNOP_send,
		EVTCHNOP_alloc_unbound, EVTCHNOP_bind_interdomain,
		EVTCHNOP_close
	};
	u32 subop = ops[a[0] % sizeof(ops)];
	u32 word[6] = { 0 };

	switch (subop) {
	case EVTCHNOP_alloc_unbound:
		word[0] = (a[3] < 200 ? DOMID_SELF : domid_of(a[3])) |
			  domid_of(a[1]) << 16;
		break;
	case EVTCHNOP_bind_interdomain:
	case EVTCHNOP_status:
		word[0] = domid_of(a[1]);
		word[1] = port_of(a[2]);
		if ((a[1] & 0x40) != 0) {
			(void)pick_offer(v, a[2], &word[0], &word[1]);
		}
		break;
	case EVTCHNOP_bind_virq:
		word[0] = a[1] & 31u;
		word[1] = a[2] & 7u;
		break;
	case EVTCHNOP_bind_ipi:
		word[0] = a[1] & 7u;
		break;
	default:
		word[0] = port_of(a[1]);
		word[1] = a[2] & 7u;
		break;
	}
	op(v, __HYPERVISOR_event_channel_op, subop, word, sizeof(word), a[9]);
}

/* Whom a call names that is for oneself only. */
static u16 own_of(const struct vcpu *v, u8 b, u8 where)
{
	u16 id = (u16)(b < 160 ? DOMID_SELF : domid_of((u8)(b - 96u)));

	must_fail = id != DOMID_SELF && id != v->domid && where < 220;
	return id;
}

static void do_reservation(struct vcpu *v, const u8 *a, u32 subop)
{
	struct xen_memory_reservation r = {
		.nr_extents = a[1] < 250 ? a[1] & 63u : le32(a + 1),
		.extent_order = a[2] < 200 ? a[2] & 3u : a[2],
		.domid = own_of(v, a[3], a[9]),
	};
	u64 list[64], at = pointer_of(a[9]) + 0x100;
	u32 i;

	for (i = 0; i < 64; i++) {
		list[i] = gfn_of(a[4]) + (i << r.extent_order % 4u);
	}
	args_put(v, at, list, sizeof(list));
	r.extent_start.p = (void *)(uintptr_t)at;
	op(v, __HYPERVISOR_memory_op, subop | (a[5] > 250 ? 64u : 0), &r,
	   sizeof(r), a[9]);
}

static void do_memory(struct vcpu *v, const u8 *a)
{
	static const u8 ops[] = {
		XENMEM_decrease_reservation, XENMEM_populate_physmap,
		XENMEM_add_to_physmap,	     XENMEM_remove_from_physmap,
		XENMEM_add_to_physmap_batch, XENMEM_acquire_resource,
		XENMEM_memory_map,	     XENMEM_current_reservation,
		XENMEM_maximum_reservation
	};
	u32 subop = ops[a[0] % sizeof(ops)];
	u16 own = DOMID_SELF;
	union {
		struct xen_add_to_physmap add;
		struct xen_remove_from_physmap remove;
		struct xen_add_to_physmap_batch batch;
		struct xen_mem_acquire_resource acquire;
		struct xen_memory_map map;
	} u;

	memset(&u, 0, sizeof(u));
	switch (subop) {
	case XENMEM_decrease_reservation:
	case XENMEM_populate_physmap:
		do_reservation(v, a, subop);
		return;
	case XENMEM_add_to_physmap:
		u.add.domid = own_of(v, a[3], a[9]);
		u.add.space = a[1] & 1u;
		u.add.idx = a[2] < 200 ? a[2] & 3u : a[2];
		u.add.gpfn = gfn_of(a[4]);
		break;
	case XENMEM_remove_from_physmap:
		u.remove.domid = own_of(v, a[3], a[9]);
		u.remove.gpfn = gfn_of(a[4]);
		break;
	case XENMEM_add_to_physmap_batch:
		u.batch.domid = own;
		u.batch.space = a[1] < 200 ? XENMAPSPACE_gmfn_foreign : a[1];
		u.batch.size = 1;
		u.batch.u.foreign_domid = (u16)domid_of(a[2]);
		break;
	case XENMEM_memory_map:
		u.map.nr_entries = a[1];
		u.map.buffer.p = (void *)(uintptr_t)(pointer_of(a[2]) + 0x200);
		break;
	default:
		u.acquire.domid = (u16)domid_of(a[2]);
		break;
	}
	op(v, __HYPERVISOR_memory_op, subop, &u, sizeof(u), a[9]);
}

static void do_vcpu(struct vcpu *v, const u8 *a)
{
	static const u8 ops[] = { VCPUOP_register_vcpu_info,
				  VCPUOP_register_runstate_memory_area,
				  VCPUOP_register_vcpu_time_memory_area,
				  VCPUOP_set_singleshot_timer,
				  VCPUOP_stop_singleshot_timer,
				  VCPUOP_is_up,
				  VCPUOP_get_runstate_info,
				  VCPUOP_stop_periodic_timer };
	u32 subop = ops[a[0] & 7];
	u64 at = pointer_of(a[9]);
	union {
		struct vcpu_register_vcpu_info info;
		struct vcpu_set_singleshot_timer timer;
		u64 va;
	} u;

	memset(&u, 0, sizeof(u));
	if (subop == VCPUOP_register_vcpu_info) {
		u.info.mfn = gfn_of(a[2]);
		u.info.offset = a[3] < 128 ? a[3] * 32u
					   : 0xf00u + (a[3] & 127u) * 2u;
	} else if (subop == VCPUOP_set_singleshot_timer) {
		u.timer.timeout_abs_ns = fake_now + ((u64)a[2] << (a[3] & 31));
		u.timer.flags = a[4] & 1u;
	} else { /* may straddle two pages */
		u.va = (gfn_of(a[2]) << PAGE_SHIFT) +
		       (a[3] < 128 ? a[3] * 16u : 0xf80u + (a[3] & 127u));
	}
	args_put(v, at, &u, sizeof(u));
	note_page(v, gfn_of(a[2]), 31, subop);
	(void)call(v, __HYPERVISOR_vcpu_op, subop,
		   a[1] < 200 ? a[1] & 1u : a[1], at);
}

static void do_sched(struct vcpu *v, const u8 *a)
{
	struct sched_poll p = { .nr_ports = a[1] < 200 ? 1 : a[1],
				.timeout = a[2] < 128 ? fake_now + a[2] : 0 };
	u32 port = port_of(a[3]), reason = a[1] & 7u;
	u64 at = pointer_of(a[9]);

	switch (a[0] & 7) {
	case 0: /* rare: it ends the domain */
		if (a[1] < 32) {
			op(v, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &reason,
			   sizeof(reason), a[9]);
		}
		return;
	case 1:
	case 2:
	case 3:
		p.ports.p = (void *)(uintptr_t)(at + 0x40);
		args_put(v, at + 0x40, &port, sizeof(port));
		op(v, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p), a[9]);
		return;
	default:
		(void)call(v, __HYPERVISOR_sched_op,
			   (a[0] & 1) != 0 ? SCHEDOP_yield : SCHEDOP_block, 0,
			   0);
	}
}

/* ---- control ----------------------------------------------------------- */

static void do_create(struct vcpu *v, const u8 *a)
{
	static const u64 quota[] = { 64, 16, 32, 2, 0, 1, 300, ~0ull };
	struct ctl_create c = {
		.label = a[1] & 15u,
		.vcpu_count = a[2] < 200 ? 1u + (a[2] & 1u) : a[2] & 7u,
		.max_frames = quota[a[3] & 7],
		.flags = a[4] > 250,
	};

	op(v, CASEMATE_HYPERCALL, CTL_CREATE, &c, sizeof(c), a[9]);
}

static void do_populate(struct vcpu *v, const u8 *a)
{
	struct ctl_populate c = {
		.domid = domid_of(a[1]),
		.gfn = gfn_of(a[2]),
		.count = a[3] < 250 ? a[3] : (u64)a[3] << (a[4] & 31),
		.flags = a[4] > 250,
	};

	op(v, CASEMATE_HYPERCALL, CTL_POPULATE, &c, sizeof(c), a[9]);
}

static void do_load(struct vcpu *v, const u8 *a)
{
	struct ctl_load c = {
		.domid = domid_of(a[1]),
		.kind = a[5] < 200 ? 1u + a[5] % 5u : a[5],
		.gfn = gfn_of(a[2]),
		.count = a[3] < 250 ? a[3] & 15u : a[3] * 64u,
		.buffer = (gfn_of(a[4]) << PAGE_SHIFT) + (a[6] > 250 ? 8 : 0),
		.done = a[7] > 200 ? a[7] & 15u : 0,
	};

	op(v, CASEMATE_HYPERCALL, CTL_LOAD, &c, sizeof(c), a[9]);
}

static void do_control(struct vcpu *v, const u8 *a)
{
	union {
		struct ctl_domain domain;
		struct ctl_start start;
		struct ctl_getinfo info;
		struct ctl_label label;
		struct ctl_audit audit;
		struct ctl_info all;
		struct ctl_stats stats;
	} u;
	u32 subop = a[0] % 12u;

	memset(&u, 0, sizeof(u));
	u.domain.domid = domid_of(a[1]);
	switch (subop) {
	case CTL_CREATE:
		do_create(v, a);
		return;
	case CTL_POPULATE:
		do_populate(v, a);
		return;
	case CTL_LOAD:
		do_load(v, a);
		return;
	case CTL_START:
		u.start.flags = a[2] & 1u;
		break;
	case CTL_DESTROY: /* of the first four rarely: they are the input */
		if (u.domain.domid < GUESTS && a[2] < 128) {
			u.domain.domid = made[a[1] % RECENT];
		}
		break;
	case CTL_LABEL:
		u.label.label = a[1] & 15u;
		break;
	case CTL_AUDIT_READ:
		u.audit.next = a[1];
		u.audit.count = a[2] & 127u;
		u.audit.buffer = pointer_of(a[3]) + 0x800;
		break;
	default:
		break;
	}
	op(v, CASEMATE_HYPERCALL, subop, &u, sizeof(u), a[9]);
}

static void do_other(struct vcpu *v, const u8 *a)
{
	struct xen_hvm_param p = {
		.domid = DOMID_SELF,
		.index = a[2] < 128 ? HVM_PARAM_CALLBACK_IRQ : a[2] & 31u,
		.value = (u64)(a[3] < 200 ? 2 : a[3]) << 56 | a[4],
	};
	u32 domctl[40] = { 5, 0x15, 0 };

	switch (a[0] % 5) {
	case 0:
		p.domid = own_of(v, a[1], a[9]);
		op(v, __HYPERVISOR_hvm_op, a[5] & 1u, &p, sizeof(p), a[9]);
		break;
	case 1:
		op(v, __HYPERVISOR_xen_version, a[1] & 15u, &domctl[2], 8,
		   a[9]);
		break;
	case 2:
		(void)call(v, __HYPERVISOR_console_io, a[1] & 1u, a[2],
			   pointer_of(a[9]));
		break;
	default:
		domctl[2] = domid_of(a[1]);
		args_put(v, pointer_of(a[9]), domctl, sizeof(domctl));
		(void)call(v, __HYPERVISOR_domctl, pointer_of(a[9]), 0, 0);
	}
}

/* Anything at all. */
static void do_raw(struct vcpu *v, const u8 *a)
{
	fake_of(&v->hw)->paging.is_64bit = a[4] != 255;
	args_put(v, GUEST_ARGS + 8, a, RECORD - 2);
	(void)call(v, a[0] & 63u, a[1], pointer_of(a[2]),
		   a[3] < 128 ? a[3] : pointer_of(a[3]));
}

/* ---- what is no hypercall ---------------------------------------------- */

static void do_time(const u8 *a)
{
	static const struct act nobody = { MODEL_NOBODY, ~0u, 0, MODEL_NOBODY };

	model_before();
	fake_now += 1u + ((u64)a[0] << (a[1] & 31));
	second_put((a[2] & 1) != 0);
	fake_cpu = 1;
	time_run(TIME_NEVER);
	if (second == NULL) {
		second = sched_pick(1);
		if (second != NULL) {
			vcpu_prepare(second);
			second->flush = false;
			second->in_guest = true;
		}
	}
	fake_cpu = 0;
	time_run(TIME_NEVER);
	steps += 1;
	model_after(&nobody);
}

static void do_exit(struct vcpu *v, const u8 *a)
{
	static const u8 reasons[] = { CTL_EXIT_IRQ,   CTL_EXIT_CPUID,
				      CTL_EXIT_HLT,   CTL_EXIT_IO,
				      CTL_EXIT_RDMSR, CTL_EXIT_WRMSR,
				      CTL_EXIT_CACHE, CTL_EXIT_WRMSR,
				      CTL_EXIT_FAULT, CTL_EXIT_TRIPLE };
	static const u32 msrs[] = { 0x830,	0x80b,	    0x83f, 0x808,
				    0x40000000, 0xc0000080, 0x277, 0x1b };
	struct hw_exit e = { .reason = reasons[a[0] % sizeof(reasons)],
			     .length = 2,
			     .size = 4,
			     .is_in = (a[1] & 1) != 0,
			     .port = (u16)(a[2] < 128 ? 0xb004 : a[2]) };
	const struct act act = { v->domid, ~0u, 0, MODEL_NOBODY };

	if (e.reason >= CTL_EXIT_FAULT && (v->domid == 0 || a[1] > 16)) {
		return; /* the end of the machine; of the domain: rare */
	}
	e.gpa = gfn_of(a[2]) << PAGE_SHIFT;
	v->hw.regs.rcx = a[3] < 224 ? msrs[a[3] & 7] : le32(a + 3);
	v->hw.regs.rax = le32(a + 4);
	v->hw.regs.rdx = a[8] & 3u;
	fake_of(&v->hw)->irq_enabled = a[1] > 8;
	fake_of(&v->hw)->fault = -1;
	steps += 1;
	model_before();
	enter_here(v);
	if (setjmp(fake_stop) == 0) {
		vcpu_exit(v, &e);
	} else {
		stopped(FAKE_OFF, &act);
	}
	leave(v);
	if (!is_over) {
		model_after(&act);
		second_put(false);
	}
}

/* ---- an input ---------------------------------------------------------- */

/* A guest that dom0 made sets up its page tables, once it has memory. */
static bool has_paging(struct vcpu *v)
{
	static const u64 pml4 = GUEST_PDPT | 7u;
	static const u64 pdpt[] = { 0x87u, PDPTE_READ };
	struct fake_paging *p = &fake_of(&v->hw)->paging;

	if (!p->is_paged && model_guest_write(v->domid, GUEST_PML4, &pml4, 8) &&
	    model_guest_write(v->domid, GUEST_PDPT, pdpt, 16)) {
		*p = (struct fake_paging){ GUEST_PML4, true, true, true, 0, 0 };
	}
	return p->is_paged;
}

static struct vcpu *enter(u8 who)
{
	u32 id = (who & 7u) < GUESTS ? who & 7u : made[who % RECENT];
	struct domain *d = &domains[id];
	struct vcpu *v = &d->vcpus[0];

	if (d->state != STATE_RUNNING || d->is_paused) {
		return NULL;
	}
	if ((who & 8) != 0 && d->vcpu_count > 1 &&
	    d->vcpus[1].run.state != VCPU_DOWN) {
		v = &d->vcpus[1];
	}
	if (v->run.state == VCPU_BLOCKED) {
		vcpu_wake(v); /* an interrupt */
		model_aside();
	}
	if (v->run.state == VCPU_DOWN || !has_paging(v)) {
		return NULL;
	}
	fake_of(&v->hw)->paging.is_64bit = true;
	return v;
}

static void note_created(void)
{
	u32 i;

	for (i = GUESTS; i < CASEMATE_MAX_DOMAINS; i++) {
		if (domains[i].state != STATE_FREE && made[i % RECENT] < i) {
			made[i % RECENT] = i;
		}
	}
}

static void (*const records[])(struct vcpu *v, const u8 *a) = {
	do_grant_entry, do_write, do_map,	 do_map,     do_unmap,
	do_copy,	do_copy,  do_event,	 do_event,   do_memory,
	do_vcpu,	do_sched, do_other,	 do_control, do_control,
	do_raw,		do_exit,  do_grant_other
};
#define KINDS (sizeof(records) / sizeof(records[0]))

static void play(const struct record *r)
{
	u32 what = r->what % (KINDS + 2);
	struct vcpu *v;

	if (what == KINDS) {
		do_time(r->a);
		return;
	}
	v = enter(r->who);
	if (v == NULL) {
		return;
	}
	must_fail = false;
	if (what < KINDS) {
		is_pending[v->domid][v->id] = false;
		records[what](v, r->a);
	}
	drive(v, (r->who & 0x60) == 0x60 ? 1u + (r->who >> 7) * 3u : 64u);
	note_created();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static bool is_made;
	u32 i;

	if (bytes < 1 + RECORD) {
		return 0;
	}
	for (i = 0; !is_made && i < RESET_STATES; i++) {
		world_make(i);
		model_start();
		reset_save(i);
	}
	is_made = true;
	reset_restore(data[0] % RESET_STATES);
	steps = 0;
	is_over = false;
	second = NULL;
	memset(is_pending, 0, sizeof(is_pending));
	for (i = 0; i < RECENT; i++) {
		made[i] = GUESTS + i;
	}
	for (i = 0; i < RECORDS && 1 + (i + 1) * RECORD <= bytes; i++) {
		struct record r;

		memcpy(&r, data + 1 + i * RECORD, sizeof(r));
		if (is_over || steps >= STEPS) {
			break;
		}
		play(&r);
	}
	if (!is_over) {
		model_end();
	}
	return 0;
}

/* ---- mutation by records ----------------------------------------------- */

size_t LLVMFuzzerMutate(uint8_t *data, size_t bytes, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t room,
			       unsigned int seed);

static u32 seed_of;

static u32 dice(u32 n)
{
	seed_of = seed_of * 1664525u + 1013904223u;
	return (seed_of >> 8) % n;
}

static size_t mutate_one(uint8_t *data, size_t n, size_t room)
{
	uint8_t *at = data + 1 + dice((u32)n) * RECORD;
	size_t after = (size_t)(data + 1 + n * RECORD - at) - RECORD;
	uint8_t other[RECORD];
	u32 i;

	switch (dice(7)) {
	case 6: /* a new one, mostly of small numbers */
		if (1 + (n + 1) * RECORD > room) {
			return n;
		}
		memmove(at + RECORD, at, after + RECORD);
		for (i = 0; i < RECORD; i++) {
			at[i] = (uint8_t)dice(dice(2) != 0 ? 8 : 256);
		}
		at[0] = (uint8_t)dice(KINDS + 2);
		return n + 1;
	case 0: /* gone */
		memmove(at, at + RECORD, after);
		return n > 1 ? n - 1 : n;
	case 1: /* twice, perhaps with a difference */
		if (1 + (n + 1) * RECORD > room) {
			return n;
		}
		memmove(at + RECORD, at, after + RECORD);
		at[dice(RECORD)] = (uint8_t)dice(256);
		return n + 1;
	case 2: /* elsewhere */
		memcpy(other, at, RECORD);
		memmove(at, at + RECORD, after);
		at = data + 1 + dice((u32)n) * RECORD;
		after = (size_t)(data + 1 + (n - 1) * RECORD - at);
		memmove(at + RECORD, at, after);
		memcpy(at, other, RECORD);
		return n;
	case 3: /* by somebody else */
		at[1] = (uint8_t)dice(256);
		return n;
	default:
		at[dice(RECORD)] = dice(2) != 0 ? (uint8_t)dice(256)
						: (uint8_t)dice(8);
		return n;
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t room,
			       unsigned int seed)
{
	size_t n = bytes < 1 ? 0 : (bytes - 1) / RECORD;
	u32 i;

	seed_of = seed;
	if (n == 0 || dice(4) == 0) {
		return LLVMFuzzerMutate(data, bytes, room);
	}
	for (i = 1u + dice(3); i > 0; i--) {
		n = mutate_one(data, n, room);
	}
	if (dice(32) == 0) {
		data[0] = (uint8_t)dice(RESET_STATES);
	}
	return 1 + n * RECORD;
}
