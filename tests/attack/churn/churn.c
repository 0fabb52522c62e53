/* SPDX-License-Identifier: Apache-2.0 */
/* Does one thing for ever on every processor it has, so that it can be ended
 * in the middle of it: the second word of the command line says what. Its
 * peers are the domains with the numbers around its own, and dom0. */
#include "attack.h"

const char claim_name[] = "churn";

#define ARENA 0x800ull /* gfns of RAM that comes and goes */
#define REF 8u
#define REFS 64u
#define ARRAY 512u
#define PEERS 4 /* to each side */

static struct {
	struct gnttab_map_grant_ref map[ARRAY];
	struct gnttab_unmap_grant_ref unmap[ARRAY];
	struct gnttab_copy copy[ARRAY];
	u64 gfns[ARRAY];
	u32 ports[ARRAY];
} of[CPUS];
static u8 target[CPUS][PAGE] __attribute__((aligned(4096)));

static u32 self;

static u16 peer(u32 i)
{
	return (u16)(self + i % (2 * PEERS + 1) - PEERS);
}

/* ---- what there is to do ------------------------------------------------ */

static void spin(u32 cpu)
{
	(void)cpu;
	__asm__ volatile("pause");
}

static void block(u32 cpu)
{
	(void)cpu;
	(void)sched_call(SCHEDOP_block, NULL);
}

/* Never sent to, and no time-out. */
static void poll(u32 cpu)
{
	u32 port = 1000 + cpu;
	struct sched_poll op = { .nr_ports = 1 };

	set_xen_guest_handle(op.ports, &port);
	(void)sched_call(SCHEDOP_poll, &op);
}

static void timer(u32 cpu)
{
	struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = 1 };

	(void)vcpu_call(VCPUOP_set_singleshot_timer, cpu, &op);
}

static long adjust(u32 op, u64 *gfns, u32 count)
{
	struct xen_memory_reservation r = { .nr_extents = count,
					    .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, gfns);
	return memory_call(op, &r);
}

/* Each processor a range; sixteen continuations a call. */
static void memory(u32 cpu)
{
	u32 i;

	for (i = 0; i < ARRAY; i++) {
		of[cpu].gfns[i] = ARENA + cpu * ARRAY + i;
	}
	(void)adjust(XENMEM_decrease_reservation, of[cpu].gfns, ARRAY);
	(void)adjust(XENMEM_populate_physmap, of[cpu].gfns, ARRAY);
}

static void offer(u32 cpu, u32 i)
{
	struct evtchn_alloc_unbound op = {
		.dom = DOMID_SELF, .remote_dom = i % 16 == 0 ? 0 : peer(i)
	};

	of[cpu].ports[i] = event_call(EVTCHNOP_alloc_unbound, &op) == 0
				   ? op.port
				   : 0;
}

static void bind(u32 cpu, u32 i)
{
	struct evtchn_bind_interdomain op = { .remote_dom = peer(i),
					      .remote_port = 3 + i };
	struct evtchn_send send;

	if (event_call(EVTCHNOP_bind_interdomain, &op) == 0) {
		of[cpu].ports[i] = op.local_port;
		send.port = op.local_port;
		(void)event_call(EVTCHNOP_send, &send);
	}
}

static void ports_open(u32 cpu)
{
	u32 i;

	for (i = 0; i < ARRAY / 2; i++) {
		offer(cpu, i);
	}
	for (; i < ARRAY; i++) {
		bind(cpu, i);
	}
}

static void event(u32 cpu)
{
	u32 i;

	ports_open(cpu);
	for (i = 0; i < ARRAY; i++) {
		struct evtchn_close op = { of[cpu].ports[i] };

		(void)event_call(EVTCHNOP_close, &op);
		of[cpu].ports[i] = 0;
	}
}

/* One array of what every peer might have granted. */
static void map_all(u32 cpu)
{
	u32 i;

	for (i = 0; i < ARRAY; i++) {
		of[cpu].map[i] = (struct gnttab_map_grant_ref){
			.host_addr = (HOLE + cpu * ARRAY + i) * PAGE,
			.flags = GNTMAP_host_map,
			.ref = REF + i / (2 * PEERS + 1),
			.dom = peer(i)
		};
	}
	(void)grant_call(GNTTABOP_map_grant_ref, of[cpu].map, ARRAY);
}

static void unmap_all(u32 cpu)
{
	u32 i, n = 0;

	for (i = 0; i < ARRAY; i++) {
		if (of[cpu].map[i].status == GNTST_okay) {
			of[cpu].unmap[n++] = (struct gnttab_unmap_grant_ref){
				.host_addr = of[cpu].map[i].host_addr,
				.handle = of[cpu].map[i].handle
			};
		}
	}
	if (n > 0) {
		(void)grant_call(GNTTABOP_unmap_grant_ref, of[cpu].unmap, n);
	}
}

/* The pages granted go and come, and so do the grants. */
static void revoke_all(void)
{
	u32 i;

	for (i = 0; i < REFS; i++) {
		table[REF + i].flags = 0;
		(void)give_up(ARENA + i);
		(void)populate(ARENA + i);
		permit(REF + i, GTF_permit_access, i % 8 == 0 ? 0 : peer(i),
		       ARENA + i);
	}
}

static void grant(u32 cpu)
{
	if (cpu == 1) {
		revoke_all();
		return;
	}
	map_all(cpu);
	unmap_all(cpu);
}

static void copy(u32 cpu)
{
	u32 i;

	if (cpu == 1) {
		revoke_all();
		return;
	}
	for (i = 0; i < ARRAY; i++) {
		struct gnttab_copy *c = &of[cpu].copy[i];

		*c = (struct gnttab_copy){ .len = PAGE,
					   .flags = GNTCOPY_source_gref };
		c->source.u.ref = REF + i / (2 * PEERS + 1);
		c->source.domid = peer(i);
		c->dest.u.gmfn = gfn_of(target[cpu]);
		c->dest.domid = DOMID_SELF;
	}
	(void)grant_call(GNTTABOP_copy, of[cpu].copy, ARRAY);
}

/* Keeps all it got, and goes to sleep: others end while it holds on. */
static void hold(u32 cpu)
{
	static u32 rounds;

	if (cpu == 0 && rounds < 20) {
		rounds += 1;
		ports_open(cpu);
		map_all(cpu);
	} else {
		block(cpu);
	}
}

/* ---- which ------------------------------------------------------------------ */

static const struct {
	const char *name;
	void (*once)(u32 cpu);
} modes[] = { { "spin", spin },	  { "block", block },	{ "poll", poll },
	      { "timer", timer }, { "memory", memory }, { "event", event },
	      { "grant", grant }, { "copy", copy },	{ "hold", hold } };
static void (*once)(u32 cpu);

void ap_main(u32 index)
{
	(void)index;
	load_tables();
	for (;;) {
		once(cpu_id());
	}
}

void claim(void)
{
	u32 count = 0, i;

	for (i = 0; i < COUNT(modes); i++) {
		if (is_variant(modes[i].name)) {
			once = modes[i].once;
		}
	}
	if (once == NULL) {
		fail("nothing is called '%s'", variant());
	}
	self = own_domid();
	grants_setup();
	for (i = 0; i < REFS; i++) {
		permit(REF + i, GTF_permit_access, i % 8 == 0 ? 0 : peer(i),
		       ARENA + i);
	}
	while (count + 1 < CPUS &&
	       vcpu_call(VCPUOP_is_up, count + 1, NULL) >= 0) {
		count += 1;
	}
	start_aps(count);
	mask(1);
	mask(2);
	(void)hvm_set(HVM_PARAM_CALLBACK_IRQ, 0);
	if (once != block && once != poll && once != spin) {
		once(0);
	}
	say("churning");
	for (;;) {
		once(0);
	}
}
