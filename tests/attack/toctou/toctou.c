/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: what another vCPU does to arguments, page tables and grant entries
 * while the core works on them changes nothing but the outcome: one of the
 * answers that some fixed content would have given, and no byte elsewhere. */
#include "attack.h"

const char claim_name[] = "toctou";

#define REF 8u
#define AREA (1ull << 39)
#define P 1ull
#define W 2ull

static u64 top[512] __attribute__((aligned(4096)));
static u64 directory[3][512] __attribute__((aligned(4096)));
static volatile u32 phase, ready;
static u32 rounds;
static volatile struct gnttab_copy *copy = (void *)spare[8];
static volatile u64 *extents = (void *)spare[9];
static volatile u32 *ports = (void *)spare[10];

/* The other vCPU: nothing stays what it is. */
void ap_main(u32 index)
{
	u16 self = (u16)own_domid();
	u32 i;

	(void)index;
	load_tables();
	open_if_told();
	ready = 1;
	for (i = 0;; i++) {
		copy->len = (i & 1) ? 0xffff : 16;
		copy->dest.offset = (i & 2) ? 0xfff0 : 0;
		copy->source.domid = (u16)((i & 4) ? 0xfff0 : DOMID_SELF);
		copy->dest.u.gmfn = (i & 8) ? ~0ull : gfn_of(spare[21]);
		extents[i & 63] = (i & 1) ? random64() : HOLE + (i & 63);
		ports[0] = (i & 1) ? (u32)random64() : i & 1023;
		directory[2][0] = (i & 1)   ? HOLE * PAGE | P | W
				  : (i & 2) ? (u64)spare[8] | P | W
				  : (i & 4) ? 0
					    : (u64)shared | P | W;
		table[REF].flags = (i & 1) ? 0 : GTF_permit_access;
		table[REF].frame = (u32)((i & 2) ? random64()
						 : gfn_of(spare[20]));
		/* Asking is an exit, where most changes of vCPU are: half of
		 * them here, half when the entry is whole. */
		table[REF].domid = (u16)((i & 4)    ? i
					 : (i & 16) ? self
						    : own_domid());
		table[REF].flags = (u16)i;
		if ((i & 20) == 16) {
			(void)own_domid();
		}
		__asm__ volatile("pause");
	}
}

static void tables_build(void)
{
	const u64 *boot;

	__asm__ volatile("mov %%cr3, %0" : "=r"(boot));
	memcpy(top, boot, PAGE);
	top[1] = (u64)directory[0] | P | W;
	directory[0][0] = (u64)directory[1] | P | W;
	directory[1][0] = (u64)directory[2] | P | W;
	__asm__ volatile("mov %0, %%cr3" ::"r"(top) : "memory");
}

static void guards_check(void)
{
	u32 page, i;

	for (page = 19; page <= 23; page++) {
		for (i = 0; i < PAGE && page != 21; i++) {
			CHECK_IS(spare[page][i], 0x77);
		}
	}
}

static void attack_copy(void)
{
	u32 i;

	memset(spare[19], 0x77, 5 * PAGE);
	for (i = 0; i < rounds; i++) {
		copy->flags = (i & 1) ? GNTCOPY_source_gref : 0;
		copy->source.u.gmfn = (i & 1) ? REF : gfn_of(spare[20]);
		copy->source.offset = 0;
		copy->dest.domid = DOMID_SELF;
		(void)grant_call(GNTTABOP_copy, (void *)spare[8], 1);
		(void)grant_call(GNTTABOP_copy, (void *)AREA, 1);
	}
	guards_check();
}

static void attack_map(void)
{
	u32 i, handle, mapped = 0;

	for (i = 0; i < rounds; i++) {
		if (map_from(DOMID_SELF, REF, GNTMAP_host_map, HOLE + 100,
			     &handle) == GNTST_okay) {
			mapped += 1;
			CHECK_IS(unmap(handle, HOLE + 100), GNTST_okay);
		}
		if ((i & 15) == 0) {
			__asm__ volatile("pause");
		}
	}
	say("mapped %u times of %u", mapped, i);
}

static void attack_memory(void)
{
	struct xen_memory_reservation r = { .domid = DOMID_SELF,
					    .nr_extents = 64 };
	u32 i;

	set_xen_guest_handle(r.extent_start, (xen_pfn_t *)spare[9]);
	for (i = 0; i < rounds / 20; i++) {
		(void)memory_call(XENMEM_populate_physmap, &r);
		(void)memory_call(XENMEM_decrease_reservation, &r);
		__asm__ volatile("pause");
	}
	for (i = 0; i < 64; i++) {
		(void)give_up(HOLE + i);
	}
}

static void attack_events(void)
{
	u32 own = bind_ipi(0), i;

	for (i = 0; i < rounds; i++) {
		(void)event_call(EVTCHNOP_send, (void *)spare[10]);
		(void)event_call(EVTCHNOP_unmask, (void *)spare[10]);
		(void)event_call(EVTCHNOP_send, (void *)AREA);
		(void)event_call(EVTCHNOP_bind_ipi, (void *)AREA);
	}
	clear_pending(own);
	event_send(own);
	CHECK(is_pending(own));
}

void claim(void)
{
	long held = frames_held();

	start_check();
	open_if_told();
	rounds = (u32)option("rounds", 15000);
	grants_setup();
	held = frames_held();
	tables_build();
	start_aps(1);
	CHECK(wait_for(&ready, 1, 5000 * MS));
	attack_copy();
	attack_map();
	attack_memory();
	attack_events();
	CHECK_IS(frames_held(), held);
	reach_check();
}
