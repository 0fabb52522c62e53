/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain 0 of one page, for machines too slow for Linux: starts the guests
 * of its initrd (pack.h) one after the other and says what became of each:
 *
 *     @NAME digest HEX
 *     NAME| a line of the guest's console
 *     @NAME runs                   now and then: the machine has not stopped
 *     @NAME end poweroff|reboot|suspend|crash|said|alone|hung frames N
 *
 * "said" is one that was to be destroyed after a word, "alone" one that let
 * those that stay not answer until then, "hung" one that did not come to its
 * end in time; N is what was free before and is not any more. Then
 * each guest that stays is asked, and its answer printed, or
 *
 *     @NAME silent
 */
#include "../guest/lib.h"

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/io/console.h>

#include "../../core/abi/control.h"
#include "pack.h"

const char claim_name[] = "dom0";

#define CONSOLE_REF 0u
#define RINGS_GFN 0xd0000ull /* a hole: mapped consoles, one page a guest */
#define GUESTS 4u	     /* at a time: peers, and the one that counts */
#define LINE_BYTES 160u
#define OUT_BYTES 2048u
#define IN_BYTES 1024u
#define TICK (20 * MS)
#define GO_ON_TICKS 5u
#define BEAT (5000 * MS)
#define LIMIT (300000 * MS)
#define ANSWER "answer"

/* The first word of lib.c's entry code. */
extern u32 start_info;

struct run {
	const struct pack_guest *guest;
	u32 domid;
	u32 port;				 /* ours */
	u32 handle;				 /* of the console's mapping */
	volatile struct xencons_interface *ring; /* NULL: destroyed */
	u32 fill;
	char line[LINE_BYTES + 1];
	u32 answers;
	bool has_said; /* the word it was to say */
};
/* Those that stay come first. */
static struct run runs[GUESTS];
static u32 run_count, stay_count;

/* ---- the control interface ------------------------------------------ */

static long control(u32 op, void *arg)
{
	return hypercall(CASEMATE_HYPERCALL, op, (u64)arg, 0, 0, 0);
}

static bool is_same(const char *a, const char *b)
{
	while (*a == *b && *a != 0) {
		a++;
		b++;
	}
	return *a == *b;
}

static bool begins_with(const char *s, const char *with)
{
	while (*with != 0 && *s == *with) {
		s++;
		with++;
	}
	return *with == 0;
}

static u32 label_find(const char *name)
{
	struct ctl_label l = { 0 };

	while (control(CTL_LABEL, &l) == 0) {
		if (is_same(l.name, name)) {
			return l.label;
		}
		l.label++;
	}
	fail("the policy has no label %s", name);
}

static u64 free_frames(void)
{
	struct ctl_info i;

	CHECK_IS(control(CTL_INFO, &i), 0);
	return i.free_frames;
}

/* ---- one guest ------------------------------------------------------ */

static void console_open(struct run *r, u32 remote_port)
{
	u64 gfn = RINGS_GFN + (u64)(r - runs);
	struct evtchn_bind_interdomain bind = { .remote_dom = (u16)r->domid,
						.remote_port = remote_port };
	struct gnttab_map_grant_ref map = { .host_addr = gfn * PAGE,
					    .flags = GNTMAP_host_map,
					    .ref = CONSOLE_REF,
					    .dom = (u16)r->domid };

	CHECK_IS(event_call(EVTCHNOP_bind_interdomain, &bind), 0);
	CHECK_IS(grant_call(GNTTABOP_map_grant_ref, &map, 1), 0);
	CHECK_IS(map.status, GNTST_okay);
	r->port = bind.local_port;
	r->handle = map.handle;
	r->ring = (void *)(gfn * PAGE);
}

static void console_close(struct run *r)
{
	struct evtchn_close close = { r->port };
	struct gnttab_unmap_grant_ref unmap = { .host_addr = (u64)r->ring,
						.handle = r->handle };

	CHECK_IS(grant_call(GNTTABOP_unmap_grant_ref, &unmap, 1), 0);
	CHECK_IS(unmap.status, GNTST_okay);
	CHECK_IS(event_call(EVTCHNOP_close, &close), 0);
	r->ring = NULL;
}

static void line_end(struct run *r)
{
	r->line[r->fill] = 0;
	say("%s| %s", r->guest->name, r->line);
	r->has_said = r->has_said || (r->guest->until[0] != 0 &&
				      begins_with(r->line, r->guest->until));
	r->answers += begins_with(r->line, ANSWER) ? 1 : 0;
	r->fill = 0;
}

static void console_char(struct run *r, char c)
{
	if (c == '\n' || r->fill == LINE_BYTES) {
		line_end(r);
	}
	if (c >= ' ' && c <= '~') {
		r->line[r->fill++] = c;
	}
}

/* One ring's worth at most: its producer is a guest. Who wrote hears of it. */
static void console_read(struct run *r)
{
	u32 from = r->ring->out_cons;
	u32 to = r->ring->out_prod;

	if (from == to) {
		return;
	}
	if (to - from > OUT_BYTES) {
		to = from + OUT_BYTES;
	}
	while (from != to) {
		console_char(r, r->ring->out[from++ % OUT_BYTES]);
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	r->ring->out_cons = to;
	event_send(r->port);
}

static void console_write(struct run *r, const char *s)
{
	for (; *s != 0; s++) {
		r->ring->in[r->ring->in_prod % IN_BYTES] = *s;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		r->ring->in_prod += 1;
	}
	event_send(r->port);
}

static void populate(const struct run *r, const struct pack_step *s)
{
	struct ctl_populate p = { .domid = r->domid,
				  .gfn = s->gfn,
				  .count = s->count };

	CHECK_IS(control(CTL_POPULATE, &p), 0);
}

static const u8 *load(const struct run *r, const struct pack_step *s,
		      const u8 *pages)
{
	struct ctl_load l = { .domid = r->domid,
			      .kind = s->kind,
			      .gfn = s->gfn,
			      .count = s->count,
			      .buffer = (u64)pages };

	CHECK_IS(control(CTL_LOAD, &l), 0);
	return pages + s->count * PACK_PAGE;
}

static void start(const struct run *r)
{
	struct ctl_start s = { .domid = r->domid,
			       .entry = r->guest->entry,
			       .start_info = r->guest->start_info };
	char hex[2 * sizeof(s.digest) + 1];
	u32 i;

	CHECK_IS(control(CTL_START, &s), 0);
	for (i = 0; i < sizeof(s.digest); i++) {
		hex[2 * i] = "0123456789abcdef"[s.digest[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[s.digest[i] & 15];
	}
	hex[2 * i] = 0;
	say("@%s digest %s", r->guest->name, hex);
}

static void launch(const struct pack_guest *g)
{
	struct run *r = &runs[run_count++];
	const u8 *pages = (const u8 *)g + PACK_PAGE;
	struct ctl_create c = { .label = label_find(g->label),
				.vcpu_count = g->vcpus,
				.max_frames = g->max_frames };
	u32 i;

	CHECK_IS(control(CTL_CREATE, &c), 0);
	*r = (struct run){ .guest = g, .domid = c.domid };
	console_open(r, c.console_port);
	for (i = 0; i < g->step_count; i++) {
		const struct pack_step *s = &g->steps[i];

		if (s->op == LAUNCH_POPULATE) {
			populate(r, s);
		} else if (s->op == LAUNCH_PAGE) {
			pages = load(r, s, pages);
		}
	}
	start(r);
}

static struct ctl_getinfo info_of(const struct run *r)
{
	struct ctl_getinfo i = { .domid = r->domid };

	CHECK_IS(control(CTL_GETINFO, &i), 0);
	CHECK_IS(i.domid, r->domid);
	return i;
}

static void console_read_all(void)
{
	u32 i;

	for (i = 0; i < run_count; i++) {
		if (runs[i].ring != NULL) {
			clear_pending(runs[i].port);
			console_read(&runs[i]);
		}
	}
}

/* Until it spoke, or a tick went by. */
static void pause(const struct run *r)
{
	evtchn_port_t port = r->port;
	struct sched_poll p = { .nr_ports = 1, .timeout = time_ns() + TICK };

	set_xen_guest_handle(p.ports, &port);
	/* An upcall that nobody takes would end each poll at once. */
	clear_selectors();
	info[0]->evtchn_upcall_pending = 0;
	CHECK_IS(sched_call(SCHEDOP_poll, &p), 0);
}

/* Whether it answers in time. */
static bool ask(struct run *r)
{
	u64 end = time_ns() + LIMIT;
	u32 before = r->answers;

	console_write(r, "q\n");
	while (r->answers == before && time_ns() < end) {
		pause(r);
		console_read_all();
	}
	return r->answers != before;
}

/* What it does behind its word must not stop anybody, either. */
static const char *let_go_on(const struct run *r)
{
	u32 i;

	for (i = 0; i < GO_ON_TICKS; i++) {
		pause(r);
		console_read_all();
	}
	for (i = 0; i < stay_count; i++) {
		if (!ask(&runs[i])) {
			return "alone";
		}
	}
	return "said";
}

static void destroy(struct run *r)
{
	struct ctl_domain d = { .domid = r->domid };

	if (r->fill != 0) {
		line_end(r);
	}
	console_close(r);
	CHECK_IS(control(CTL_DESTROY, &d), 0);
}

/* Peers that ended by themselves go at once, as with the real tools: others may
 * wait for just that. */
static void destroy_ended(const struct run *but)
{
	u32 i;

	for (i = stay_count; i < run_count; i++) {
		struct run *r = &runs[i];

		if (r != but && r->ring != NULL &&
		    info_of(r).state == STATE_SHUTDOWN) {
			console_read(r);
			destroy(r);
		}
	}
}

/* It has ended, or said its word, or the time is over. */
static const char *wait_end(const struct run *r)
{
	static const char *const reasons[] = { "poweroff", "reboot", "suspend",
					       "crash" };
	u64 end = time_ns() + LIMIT, beat = time_ns() + BEAT;
	struct ctl_getinfo i;

	do {
		pause(r);
		if (time_ns() > beat) {
			say("@%s runs", r->guest->name);
			beat += BEAT;
		}
		i = info_of(r);
		console_read_all(); /* what it said before it ended, too */
		destroy_ended(r);
		if (r->has_said) {
			return let_go_on(r);
		}
	} while (i.state == STATE_RUNNING && time_ns() < end);
	if (i.state == STATE_RUNNING) {
		return "hung";
	}
	CHECK_IS(i.state, STATE_SHUTDOWN);
	CHECK(i.shutdown_reason < sizeof(reasons) / sizeof(reasons[0]));
	return reasons[i.shutdown_reason];
}

/* ---- all ------------------------------------------------------------ */

static void finish(u64 free_before)
{
	struct run *last = &runs[run_count - 1];
	const struct pack_guest *g = last->guest;
	const char *how = wait_end(last);
	u32 i;

	if (g->role == ROLE_STAY) {
		stay_count = run_count;
		return;
	}
	while (run_count > stay_count) {
		run_count -= 1;
		if (runs[run_count].ring != NULL) {
			destroy(&runs[run_count]);
		}
	}
	say("@%s end %s frames %d", g->name, how,
	    (long)(free_before - free_frames()));
	for (i = 0; i < stay_count; i++) {
		if (!ask(&runs[i])) {
			say("@%s silent", runs[i].guest->name);
		}
	}
}

void claim(void)
{
	const struct hvm_start_info *s = (void *)(u64)start_info;
	const struct hvm_modlist_entry *m = (void *)s->modlist_paddr;
	const struct pack_guest *g = (void *)m->paddr;
	u64 before = 0;

	while (g->name[0] != 0) {
		CHECK(run_count < GUESTS);
		if (run_count == stay_count) {
			before = free_frames();
		}
		launch(g);
		if (g->role != ROLE_PEER) {
			finish(before);
		}
		g = (const void *)((const u8 *)g +
				   (1ul + g->page_count) * PACK_PAGE);
	}
}
