/* SPDX-License-Identifier: Apache-2.0 */
/* Random hypercalls from two processors, structured enough to succeed often.
 *
 *     seed=N calls=N     on the command line
 *
 * Every call but shutdown, at once with others of its kind beside it: its
 * peers are the domains with the numbers around its own. Only what would end
 * the guest itself is kept from: its own code is never given up, and nothing
 * the core may write is pointed there. On the way it checks what no call of
 * anyone may change: pages that it shares with nobody, and that a page it is
 * given is empty. In the end it looks for the bystander's words in all it can
 * read, says DONE, and keeps all it holds. */
#include "fuzz.h"

const char claim_name[] = "fuzz";

struct side sides[SIDES];
u8 pages[SIDES][SIDE_PAGES][PAGE] __attribute__((aligned(4096)));
static u8 places[2][PAGE] __attribute__((aligned(4096)));
struct grant_entry_v1 *volatile entries;
u32 console_port;
static u64 total;
static volatile u64 issued;
static volatile u32 may_begin;
static volatile u32 sides_done;
static u32 succeeded[MAX_OPS];
static u16 peers[16];
static u32 peer_count;

/* ---- chance ---------------------------------------------------------- */

u64 draw(struct side *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random * 0x2545f4914f6cdd1dull >> 16;
}

u32 below(struct side *s, u32 limit)
{
	return (u32)(draw(s) % limit);
}

bool one_in(struct side *s, u32 n)
{
	return below(s, n) == 0;
}

u16 any_domain(struct side *s)
{
	switch (below(s, 16)) {
	case 0:
		return 0;
	case 1:
		return DOMID_SELF;
	case 2:
		return (u16)draw(s);
	case 3:
		return (u16)(s->domid + below(s, 9) - 4);
	default:
		return peers[below(s, peer_count)];
	}
}

/* Who they are is asked: nobody's event channel is there for nobody. */
static void find_peers(void)
{
	u32 self = own_domid(), i;

	for (i = self > 4 ? self - 4 : 1; i <= self + 4; i++) {
		struct evtchn_status op = { .dom = (u16)i, .port = 1 };

		if (event_call(EVTCHNOP_status, &op) != E_SRCH) {
			peers[peer_count++] = (u16)i;
		}
	}
}

/* Whom an entry is for follows from its number, mostly: so they meet. */
static u16 grantee(struct side *s, u32 ref)
{
	u32 i;

	for (i = 0; i < peer_count && !one_in(s, 8); i++) {
		if (peers[i] % REF_GROUPS == ref % REF_GROUPS) {
			return peers[i];
		}
	}
	return any_domain(s);
}

u32 any_ref(struct side *s)
{
	if (one_in(s, 16)) {
		return (u32)draw(s);
	}
	if (one_in(s, 4)) {
		return below(s, REF_FIRST + REFS + 2);
	}
	return REF_FIRST + below(s, REFS / REF_GROUPS) * REF_GROUPS +
	       s->domid % REF_GROUPS;
}

u32 any_port(struct side *s)
{
	switch (below(s, 16)) {
	case 0:
		return (u32)draw(s);
	case 1:
		return below(s, 1100);
	default:
		return below(s, 64);
	}
}

/* RAM that comes and goes, and places where none ever is. */
u64 any_gfn(struct side *s)
{
	static const u64 odd[] = {
		0xfeffc,    0xfffffff,	      0x10000000, ~0ull,
		1ull << 52, 0xffffffffull,    0xfc000,	  0xd0000,
		0xd0100,    (1ull << 28) - 1, 0xe0000000, 0
	};

	if (one_in(s, 16)) {
		return odd[below(s, sizeof(odd) / sizeof(odd[0]))];
	}
	if (one_in(s, 32)) {
		return SPARSE + (draw(s) & 0xffffff) * 512;
	}
	return ARENA + below(s, ARENA_PAGES);
}

/* What is written there may go on into the next page: of the arena, too. */
u64 arena_address(struct side *s)
{
	return (ARENA + below(s, ARENA_PAGES - 1)) * PAGE + below(s, PAGE);
}

/* Nothing the core may write to by mistake is ever behind these. */
u64 wild_pointer(struct side *s)
{
	static const u64 odd[] = { 0xfffffffffffff000,
				   0x800000000000,
				   ~0ull,
				   ~7ull,
				   0x100000000,
				   0xfffffffc,
				   0x7fffffffffff,
				   0xffff800000000000,
				   HOLE * PAGE,
				   (HOLE + 256) * PAGE };

	if (one_in(s, 2)) {
		return odd[below(s, sizeof(odd) / sizeof(odd[0]))];
	}
	return arena_address(s);
}

/* Room for an argument: at times it crosses into the next page, or comes to
 * lie on what the last calls left. */
void *room(struct side *s, u32 bytes)
{
	u8 *at = pages[s->cpu][below(s, SIDE_PAGES - 2)];

	if (one_in(s, 8)) {
		at += PAGE - 1 - below(s, bytes);
	} else {
		at += below(s, (PAGE - bytes) / 8) * 8;
	}
	memset(at, 0, bytes);
	return at;
}

/* ---- pages shared with nobody ---------------------------------------- */

static long adjust(u32 op, u64 gfn)
{
	struct xen_memory_reservation r = { .nr_extents = 1,
					    .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, &gfn);
	return memory_call(op, &r);
}

static void check_page(struct side *s, u32 i, const char *what)
{
	const volatile u64 *page = (void *)((s->own_first + i) * PAGE);
	u64 word = s->own_word[i];
	u32 n;

	for (n = 0; n < PAGE / 8; n++) {
		if (page[n] != (word == 0 ? 0 : word + n)) {
			fail("%s: word %u of page %u is %l, not %l", what, n, i,
			     page[n], word == 0 ? 0 : word + n);
		}
	}
}

/* Give one up, or take one and fill it. */
static void play_own(struct side *s)
{
	u32 i = below(s, OWN_PAGES);
	volatile u64 *page = (void *)((s->own_first + i) * PAGE);
	u32 n;

	if (s->own_word[i] != 0) {
		check_page(s, i, "changed by nobody I know");
		s->own_word[i] = 0;
		CHECK_IS(adjust(XENMEM_decrease_reservation, s->own_first + i),
			 1);
	} else if (adjust(XENMEM_populate_physmap, s->own_first + i) == 1) {
		check_page(s, i, "a new page is not empty");
		s->own_word[i] = draw(s) | 1;
		for (n = 0; n < PAGE / 8; n++) {
			page[n] = s->own_word[i] + n;
		}
	}
}

/* ---- grants ------------------------------------------------------------ */

static long place_table(void *at)
{
	struct xen_add_to_physmap op = { .domid = DOMID_SELF,
					 .space = XENMAPSPACE_grant_table,
					 .gpfn = gfn_of(at) };

	return memory_call(XENMEM_add_to_physmap, &op);
}

/* The table moves between two places; where it was is nothing until it is
 * populated again. */
static void move_table(void)
{
	u8 *from = (u8 *)entries;
	u8 *to = from == places[0] ? places[1] : places[0];

	if (adjust(XENMEM_populate_physmap, gfn_of(to)) >= 0 &&
	    place_table(to) == 0) {
		entries = (void *)to;
	}
}

void permit_something(struct side *s)
{
	u32 ref = REF_FIRST + below(s, REFS);
	struct grant_entry_v1 *e = (struct grant_entry_v1 *)entries + ref;

	if (s->cpu != 0) {
		return; /* the table's place is the first side's business */
	}
	__atomic_store_n(&e->flags, 0, __ATOMIC_SEQ_CST);
	e->domid = grantee(s, ref);
	e->frame = (u32)any_gfn(s);
	__atomic_store_n(&e->flags,
			 one_in(s, 8)	? (u16)draw(s)
			 : one_in(s, 4) ? GTF_permit_access | GTF_readonly
					: GTF_permit_access,
			 __ATOMIC_SEQ_CST);
	if (one_in(s, 256)) {
		move_table();
	}
}

/* ---- the calls ----------------------------------------------------------- */

/* Some bits of the argument change. */
static void flip(struct side *s, const struct op *op, const struct call *c)
{
	u32 n = 1 + below(s, 3);

	while (n-- > 0) {
		c->arg[below(s, op->bytes)] ^= (u8)(1u << below(s, 8));
	}
}

static void mutate(struct side *s, const struct op *op, struct call *c)
{
	switch (below(s, 12)) {
	case 0:
		if (op->pointer != 0) {
			c->r[op->pointer] = wild_pointer(s);
			c->is_moved = true;
		}
		break;
	case 1:
		if (op->may_flip && c->arg != NULL) {
			flip(s, op, c);
		}
		break;
	default:
		break;
	}
}

static bool take_turn(struct side *s)
{
	if (__atomic_fetch_add(&issued, 1, __ATOMIC_SEQ_CST) >= total) {
		return false;
	}
	s->calls += 1;
	return true;
}

static void count(struct side *s, u32 i, long rc)
{
	if (rc >= 0) {
		s->ok += 1;
		succeeded[i] = 1;
	} else if (rc == E_PERM) {
		s->refused += 1;
	} else if (rc == E_FAULT) {
		s->faults += 1;
	} else {
		s->other += 1;
	}
}

static bool call_once(struct side *s)
{
	u32 i = op_any(s);
	const struct op *op = &ops[i];
	struct call c = { .number = op->number, .r = { op->sub } };
	long rc;

	op->make(s, op, &c);
	mutate(s, op, &c);
	if (!take_turn(s)) {
		return false;
	}
	rc = hypercall(c.number, c.r[0], c.r[1], c.r[2], 0, 0);
	count(s, i, rc);
	if (op->done != NULL && !c.is_moved) {
		op->done(s, &c, rc);
	}
	return true;
}

/* Interrupts are let in here and nowhere else; trap_is_mine() ends it. */
static void window(void)
{
	__asm__ volatile("sti; nop; nop; cli" ::: "memory");
}

bool trap_is_mine(struct trap *t)
{
	if (t->vector < 32) {
		return false;
	}
	if (t->vector == IPI_VECTOR) {
		(void)try_wrmsr(0x80b, 0);
	}
	t->rflags &= ~0x200ull; /* an upcall is due until somebody clears it */
	return true;
}

/* An interrupt that is due would wake it again and again: it is let in. */
static void __attribute__((noreturn)) rest(void)
{
	for (;;) {
		window();
		(void)sched_call(SCHEDOP_block, NULL);
	}
}

static void side_run(struct side *s)
{
	u32 n = 0;

	while (call_once(s)) {
		n += 1;
		if (n % 16 == 0) {
			play_own(s);
		}
		if (n % 64 == 0) {
			/* Wakes the other side if it blocked. */
			(void)try_wrmsr(0x830, (u64)(2 * (1 - s->cpu)) << 32 |
						       IPI_VECTOR);
			window();
		}
		if (s->cpu == 0 && s->calls % (total / 16 + 1) == 0) {
			say("calls %u", (u32)issued);
		}
	}
}

static void side_init(u32 cpu)
{
	struct side *s = &sides[cpu];
	u32 i;

	s->cpu = cpu;
	s->domid = (u16)own_domid();
	s->random = option("seed", 1) * 0x9e3779b97f4a7c15ull + cpu * 77 + 1;
	s->hole_first = HOLE + cpu * HOLE_PAGES;
	s->own_first = OWN + cpu * OWN_PAGES;
	for (i = 0; i < OWN_PAGES; i++) {
		CHECK_IS(adjust(XENMEM_decrease_reservation, s->own_first + i),
			 1);
	}
	/* The page tables for what is mapped, before they are spent. */
	CHECK_IS(adjust(XENMEM_populate_physmap, s->hole_first), 1);
	CHECK_IS(adjust(XENMEM_decrease_reservation, s->hole_first), 1);
	for (i = 0; i < 32; i++) {
		(void)draw(s);
	}
}

void ap_main(u32 index)
{
	(void)index;
	load_tables();
	/* Its first calls may move the page that start_aps() reads time from. */
	while (may_begin == 0) {
		__asm__ volatile("pause");
	}
	side_run(&sides[1]);
	sides_done = 1;
	rest();
}

/* ---- the end --------------------------------------------------------------- */

/* The core reads an argument from there: it is RAM of ours, and no hole. */
static bool is_ram(u64 gfn)
{
	struct evtchn_send *op = (void *)(gfn * PAGE);

	return event_call(EVTCHNOP_send, op) != E_FAULT;
}

static u32 search(void)
{
	u32 side, i, mapped = 0;
	u64 gfn;

	for (gfn = 0; gfn < ARENA + ARENA_PAGES; gfn++) {
		if (is_ram(gfn)) {
			page_check((void *)(gfn * PAGE));
		}
	}
	for (side = 0; side < SIDES; side++) {
		for (i = 0; i < HOLE_PAGES; i++) {
			if (sides[side].is_mapped[i]) {
				page_check(
					(void *)((sides[side].hole_first + i) *
						 PAGE));
				mapped += 1;
			}
		}
		for (i = 0; i < OWN_PAGES; i++) {
			if (sides[side].own_word[i] != 0) {
				check_page(&sides[side], i, "changed at last");
			}
		}
	}
	return mapped;
}

static void report(void)
{
	const struct side *a = &sides[0], *b = &sides[1];
	u32 i;

	for (i = 0; i < op_count; i++) {
		if (succeeded[i] == 0) {
			say("never %s", ops[i].name);
		}
	}
	say("calls %u ok %u refused %u faults %u other %u",
	    (u32)(a->calls + b->calls), a->ok + b->ok, a->refused + b->refused,
	    a->faults + b->faults, a->other + b->other);
	say("mapped %u unmapped %u copied %u", a->mapped + b->mapped,
	    a->unmapped + b->unmapped, a->copied + b->copied);
}

void claim(void)
{
	u64 port = 0;

	total = option("calls", 1000);
	CHECK_IS(hvm_get(HVM_PARAM_CONSOLE_EVTCHN, &port), 0);
	console_port = (u32)port;
	CHECK_IS(place_table(places[0]), 0);
	entries = (void *)places[0];
	find_peers();
	side_init(0);
	side_init(1);
	start_aps(1);
	say("domain %u, seed %u, %u calls", own_domid(), (u32)option("seed", 1),
	    (u32)total);
	may_begin = 1;
	side_run(&sides[0]);
	while (sides_done == 0) {
		(void)try_wrmsr(0x830, (2ull << 32) | IPI_VECTOR);
		(void)sched_call(SCHEDOP_yield, NULL);
	}
	(void)hvm_set(HVM_PARAM_CALLBACK_IRQ, 0);
	say("%u granted pages held", search());
	report();
	say("DONE %s", claim_name);
	rest();
}
