/* SPDX-License-Identifier: Apache-2.0 */
/* Measures what guests pay for the hypervisor: ticks of the time stamp counter,
 * which under QEMU's -icount shift=0 are executed instructions, the
 * hypervisor's included. A line each: BENCH name median least most. */
#include "bench.h"

const char claim_name[] = "bench";

#define SAMPLES 51u
#define WARM_UP 4u
#define HOLE 0xd0000ull /* gfn of an empty place */
#define REF_SELF 10u
#define LOOP 100000u
#define FREE_GFN 0xc00ull /* RAM that nobody uses, EXTENTS pages */
#define EXTENTS 128u

static volatile struct control *control = (void *)(HOLE * PAGE);
static u32 peer, port;
static u32 samples[SAMPLES];

/* ---- one instruction, timed ----------------------------------------- */

struct args {
	u64 ax, di, si, dx, cx;
};

/* The ticks from one RDTSC to the other around the instruction, with four
 * instructions of ours in between. */
#define TIMED(name, instruction)                                               \
	static u32 name(struct args *a)                                        \
	{                                                                      \
		u64 di = a->di, si = a->si, cx = a->cx, dx = a->dx;            \
		register u64 ax __asm__("r13") = a->ax;                        \
		u64 ticks;                                                     \
                                                                               \
		__asm__ volatile("mov %%rdx, %%r14\n\trdtsc\n\t"               \
				 "mov %%eax, %%r12d\n\tmov %%r13, %%rax\n\t"   \
				 "mov %%r14, %%rdx\n\t" instruction "\n\t"     \
				 "mov %%rax, %%r13\n\trdtsc\n\t"               \
				 "sub %%r12d, %%eax"                           \
				 : "=&a"(ticks), "+D"(di), "+S"(si), "+d"(dx), \
				   "+c"(cx), "+r"(ax)                          \
				 :                                             \
				 : "rbx", "r8", "r9", "r10", "r11", "r12",     \
				   "r14", "memory", "cc");                     \
		a->ax = ax;                                                    \
		return (u32)ticks;                                             \
	}
TIMED(timed_nop, "nop")
TIMED(timed_vmmcall, "vmmcall")
TIMED(timed_cpuid, "cpuid")
TIMED(timed_rdmsr, "rdmsr")

static u32 overhead; /* of TIMED alone */

/* A hypercall: its ticks, its VMMCALL included. The answer must be `wanted`. */
static u32 call(u64 number, u64 a, u64 b, u64 c, long wanted)
{
	struct args args = { number, a, b, c, 0 };
	u32 ticks = timed_vmmcall(&args) - overhead;

	CHECK_IS(args.ax, wanted);
	return ticks;
}

static u32 call_event(u32 op, void *arg)
{
	return call(__HYPERVISOR_event_channel_op, op, (u64)arg, 0, 0);
}

static u32 call_grant(u32 op, void *arg)
{
	return call(__HYPERVISOR_grant_table_op, op, (u64)arg, 1, 0);
}

/* ---- statistics ----------------------------------------------------- */

static void report(const char *name)
{
	sort(samples, SAMPLES);
	say("BENCH %s %u %u %u", name, samples[SAMPLES / 2], samples[0],
	    samples[SAMPLES - 1]);
}

static void measure(const char *name, u32 (*once)(void))
{
	u32 i;

	for (i = 0; i < WARM_UP; i++) {
		(void)once();
	}
	for (i = 0; i < SAMPLES; i++) {
		samples[i] = once();
	}
	report(name);
}

/* ---- the clock ------------------------------------------------------ */

/* 2 * LOOP + 1 instructions, for whoever reads the results. */
static u32 loop_once(void)
{
	u64 start = rdtsc();
	u32 n = LOOP;

	__asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(n));
	return (u32)(rdtsc() - start);
}

/* Ticks a second, from the clock's scale. */
static u64 tick_khz(void)
{
	const volatile struct vcpu_time_info *t = &info[0]->time;
	u64 khz = ((1000000ull << 32) / t->tsc_to_system_mul);

	return t->tsc_shift < 0 ? khz << -t->tsc_shift : khz >> t->tsc_shift;
}

static void clock_init(void)
{
	struct args none = { 0 };

	(void)timed_nop(&none);
	overhead = timed_nop(&none) - 1; /* the NOP stands for VMMCALL */
	say("BENCH clock khz=%u overhead=%u", (u32)tick_khz(), overhead);
	measure("loop_of_200001", loop_once);
}

/* ---- exits ---------------------------------------------------------- */

/* XENVER_version. */
static u32 null_once(void)
{
	struct args a = { .ax = __HYPERVISOR_xen_version };
	u32 ticks = timed_vmmcall(&a) - overhead;

	CHECK((a.ax >> 16) == 4);
	return ticks;
}

static u32 cpuid_once(void)
{
	struct args a = { .ax = 1 };

	return timed_cpuid(&a) - overhead;
}

static u32 rdmsr_once(void)
{
	struct args a = { .cx = 0x1b };

	return timed_rdmsr(&a) - overhead;
}

static u32 timer_once(void)
{
	struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = time_ns() +
								  100000 * MS };

	return call(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0,
		    (u64)&op, 0);
}

/* ---- events --------------------------------------------------------- */

static void tell(u32 command)
{
	control->command = command;
	while (control->seen != command) {
		(void)sched_call(SCHEDOP_yield, NULL);
	}
}

static u32 send_once(void)
{
	struct evtchn_send op = { port };
	u32 before = control->cleared;
	u32 ticks = call_event(EVTCHNOP_send, &op);

	while (control->cleared == before) {
		(void)sched_call(SCHEDOP_yield, NULL);
	}
	return ticks;
}

static u32 life_once(void)
{
	struct evtchn_alloc_unbound offer = { .dom = DOMID_SELF,
					      .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF };
	struct evtchn_close close;
	u32 ticks = call_event(EVTCHNOP_alloc_unbound, &offer);

	bind.remote_port = offer.port;
	ticks += call_event(EVTCHNOP_bind_interdomain, &bind);
	close.port = bind.local_port;
	ticks += call_event(EVTCHNOP_close, &close);
	close.port = offer.port;
	return ticks + call_event(EVTCHNOP_close, &close);
}

/* There and back: both guests' halts, upcalls and handlers included. */
static u32 ping_once(void)
{
	struct evtchn_send op = { port };
	u64 start = rdtsc();

	(void)event_call(EVTCHNOP_send, &op);
	while (!is_pending(port)) {
		halt();
	}
	clear_selectors();
	clear_pending(port);
	return (u32)(rdtsc() - start);
}

static void bind_peer(void)
{
	struct evtchn_bind_interdomain bind = { .remote_dom = (u16)peer,
						.remote_port = control->port };

	CHECK_IS(event_call(EVTCHNOP_bind_interdomain, &bind), 0);
	port = bind.local_port;
}

static void measure_events(void)
{
	bind_peer();
	tell(COMMAND_SPIN);
	measure("event_send", send_once);
	tell(COMMAND_ANSWER);
	measure("event_ping_pong", ping_once);
	control->command = COMMAND_NONE;
	(void)ping_once(); /* so that it looks */
	measure("event_alloc_bind_close", life_once);
}

/* ---- grants --------------------------------------------------------- */

static u32 map_ticks(u32 domid, u32 ref, u64 gfn, u32 *handle, u32 *ticks)
{
	struct gnttab_map_grant_ref op = { .host_addr = gfn * PAGE,
					   .flags = GNTMAP_host_map,
					   .ref = ref,
					   .dom = (u16)domid };

	*ticks = call_grant(GNTTABOP_map_grant_ref, &op);
	*handle = op.handle;
	return (u32)op.status;
}

static u32 unmap_ticks(u32 handle, u64 gfn)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = gfn * PAGE,
					     .handle = handle };
	u32 ticks = call_grant(GNTTABOP_unmap_grant_ref, &op);

	CHECK_IS(op.status, GNTST_okay);
	return ticks;
}

static u32 map_once(void)
{
	u32 handle, ticks;

	CHECK_IS(map_ticks(peer, REF_DATA, HOLE + 1, &handle, &ticks),
		 GNTST_okay);
	(void)unmap_ticks(handle, HOLE + 1);
	return ticks;
}

static u32 unmap_once(void)
{
	u32 handle, ticks;

	CHECK_IS(map_ticks(peer, REF_DATA, HOLE + 1, &handle, &ticks),
		 GNTST_okay);
	return unmap_ticks(handle, HOLE + 1);
}

static u32 copy_once(void)
{
	struct gnttab_copy op = { .flags = GNTCOPY_source_gref, .len = PAGE };
	u32 ticks;

	op.source.u.ref = REF_DATA;
	op.source.domid = (u16)peer;
	op.dest.u.gmfn = gfn_of(spare[3]);
	op.dest.domid = DOMID_SELF;
	ticks = call_grant(GNTTABOP_copy, &op);
	CHECK_IS(op.status, GNTST_okay);
	return ticks;
}

/* ---- memory --------------------------------------------------------- */

static u32 adjust(u32 op, void *page)
{
	u64 gfn = gfn_of(page);
	struct xen_memory_reservation r = { .nr_extents = 1,
					    .domid = DOMID_SELF };

	r.extent_start.p = (void *)&gfn;
	return call(__HYPERVISOR_memory_op, op, (u64)&r, 0, 1);
}

static u32 populate_once(void)
{
	(void)adjust(XENMEM_decrease_reservation, spare[4]);
	return adjust(XENMEM_populate_physmap, spare[4]);
}

static u32 decrease_once(void)
{
	u32 ticks = adjust(XENMEM_decrease_reservation, spare[4]);

	(void)adjust(XENMEM_populate_physmap, spare[4]);
	return ticks;
}

/* A page that is mapped elsewhere as well is only scrubbed once that ends:
 * so this is the price without the scrubbing. */
static u32 decrease_held_once(void)
{
	u32 handle, ticks;

	grant_page(REF_SELF, own_domid(), spare[4]);
	CHECK_IS(map_ticks(own_domid(), REF_SELF, HOLE + 2, &handle, &ticks),
		 GNTST_okay);
	ticks = adjust(XENMEM_decrease_reservation, spare[4]);
	(void)unmap_ticks(handle, HOLE + 2);
	(void)adjust(XENMEM_populate_physmap, spare[4]);
	return ticks;
}

/* Long calls on one's own memory; three times, for domain 0 may have run in the
 * middle of one. */
static void hold_adjust(const char *name, u32 op, u32 order)
{
	static u64 gfns[EXTENTS];
	struct xen_memory_reservation r = { .nr_extents = EXTENTS >> order,
					    .extent_order = order,
					    .domid = DOMID_SELF };
	u32 i;

	for (i = 0; i < EXTENTS >> order; i++) {
		gfns[i] = FREE_GFN + ((u64)i << order);
	}
	r.extent_start.p = gfns;
	hold_begin();
	CHECK_IS(memory_call(op, &r), EXTENTS >> order);
	hold_end(name);
}

static void hold_memory(void)
{
	u32 i;

	for (i = 0; i < 3; i++) {
		hold_adjust("decrease", XENMEM_decrease_reservation, 0);
		hold_adjust("increase", XENMEM_populate_physmap, 0);
		hold_adjust("decrease_64k", XENMEM_decrease_reservation, 4);
		hold_adjust("increase_64k", XENMEM_populate_physmap, 4);
	}
}

/* ---- the peer ------------------------------------------------------- */

static void find_peer(void)
{
	u64 end = time_ns() + 60000 * MS;
	u32 handle, ticks;

	peer = (u32)option("peer", 0);
	CHECK(peer != 0);
	while (map_ticks(peer, REF_CONTROL, HOLE, &handle, &ticks) !=
	       GNTST_okay) {
		(void)sched_call(SCHEDOP_yield, NULL);
		CHECK(time_ns() < end);
	}
	while (control->is_ready == 0) {
		(void)sched_call(SCHEDOP_yield, NULL);
		CHECK(time_ns() < end);
	}
}

void claim(void)
{
	clock_init();
	measure("null_hypercall", null_once);
	measure("cpuid", cpuid_once);
	measure("rdmsr", rdmsr_once);
	grants_init();
	find_peer();
	measure_events();
	measure("grant_map", map_once);
	measure("grant_unmap", unmap_once);
	measure("grant_copy_4k", copy_once);
	measure("set_timer", timer_once);
	measure("populate_4k", populate_once);
	measure("decrease_4k_scrub", decrease_once);
	if (option("scrubs", 0) != 0) {
		measure("decrease_4k", decrease_held_once);
	}
	tell(COMMAND_STOP);
	if (option("hold", 0) != 0) {
		hold_memory();
	}
}
