/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: whatever the caller's page tables say, arguments come from and go to
 * its own RAM only. Structures that cross into nothing at every byte, at the
 * canonical hole and around the end of the address space; tables in places
 * that are no RAM, in granted pages and in themselves; answers to read-only
 * pages, after which nothing has happened. */
#include "attack.h"

const char claim_name[] = "pointers";

#define P 1ull
#define W 2ull
#define PS 0x80ull
#define REF 8u
#define AREA (1ull << 39) /* slot 1 of the top table */

static u64 top[512] __attribute__((aligned(4096)));
static u64 directory[3][512] __attribute__((aligned(4096)));
#define LEAVES directory[2]

/* How much is read: of event calls the answer's words are not. */
static const struct {
	u8 call, op, bytes;
	bool is_third;
} calls[] = {
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, 4, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, 8, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, 8, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, 4, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_bind_vcpu, 8, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_close, 4, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_send, 4, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_status, 8, 0 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_unmask, 4, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 32, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, 24, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_copy, 40, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, 24, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_query_size, 16, 0 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_get_version, 8, 0 },
	{ __HYPERVISOR_memory_op, XENMEM_decrease_reservation, 24, 0 },
	{ __HYPERVISOR_memory_op, XENMEM_populate_physmap, 24, 0 },
	{ __HYPERVISOR_memory_op, XENMEM_memory_map, 16, 0 },
	{ __HYPERVISOR_memory_op, XENMEM_add_to_physmap, 24, 0 },
	{ __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, 16, 0 },
	{ __HYPERVISOR_sched_op, SCHEDOP_poll, 24, 0 },
	{ __HYPERVISOR_sched_op, SCHEDOP_shutdown, 4, 0 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 48, 1 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 8, 1 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 16, 1 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 16, 1 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_time_memory_area, 8, 1 },
	{ __HYPERVISOR_hvm_op, HVMOP_get_param, 16, 0 },
	{ __HYPERVISOR_hvm_op, HVMOP_set_param, 16, 0 },
};

static void set_cr3(const void *tables)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(tables) : "memory");
}

/* The boot tables' identity map, and below AREA a page table of ours. */
static void tables_build(void)
{
	const u64 *boot;

	__asm__ volatile("mov %%cr3, %0" : "=r"(boot));
	memcpy(top, boot, PAGE);
	top[1] = (u64)directory[0] | P | W;
	top[255] = top[511] = top[1];
	directory[0][0] = directory[0][511] = (u64)directory[1] | P | W;
	directory[1][0] = directory[1][511] = (u64)LEAVES | P | W;
	set_cr3(top);
}

static void leaf(u32 slot, u64 entry)
{
	LEAVES[slot] = entry;
	set_cr3(top);
}

static long try(u32 i, u64 address)
{
	u64 second = calls[i].is_third ? 0 : address;
	u64 third = calls[i].is_third ? address : 1;

	return hypercall(calls[i].call, calls[i].op, second, third, 0, 0);
}

static void must_fault(u64 end)
{
	u32 i, k;

	for (i = 0; i < COUNT(calls); i++) {
		for (k = 1; k < calls[i].bytes; k++) {
			long rc = try(i, end - k);

			if (rc != E_FAULT) {
				fail("call %u op %u, %u bytes of %u: %d",
				     calls[i].call, calls[i].op, k,
				     calls[i].bytes, rc);
			}
		}
	}
}

/* The first byte that is missing may be any. */
static void check_crossing(void)
{
	memset(spare[0], 0, PAGE);
	leaf(0, (u64)spare[0] | P | W);
	leaf(1, 0);
	must_fault(AREA + PAGE);
	leaf(511, (u64)spare[0] | P | W);
	must_fault(1ull << 47); /* below: mapped; above: not canonical */
}

/* Around the end: the last page and page 0 are both mapped, or only one. */
static void check_wrap(void)
{
	u32 i;

	leaf(511, (u64)spare[0] | P | W);
	for (i = 0; i < COUNT(calls); i++) {
		if (calls[i].op != SCHEDOP_shutdown ||
		    calls[i].call != __HYPERVISOR_sched_op) {
			(void)try(i, ~0ull - 2);
		}
	}
	directory[0][511] = 0;
	must_fault(0);
	directory[0][511] = (u64)directory[1] | P | W;
	leaf(511, 0);
}

/* What may stand in an entry that is no RAM of one's own. */
static void check_targets(void)
{
	u32 handle, i, level;
	u64 bad[] = { HOLE * PAGE, (HOLE + 1) * PAGE,	(u64)shared, (u64)table,
		      1ull << 40,  (1ull << 52) - PAGE, 0xfee00000,  0xfffff000,
		      1ull << 36,  0xfffff00000 };

	permit(REF, GTF_permit_access, own_domid(), gfn_of(spare[2]));
	CHECK_IS(map_from(DOMID_SELF, REF, GNTMAP_host_map, HOLE, &handle), 0);
	for (i = 0; i < COUNT(bad); i++) {
		for (level = 0; level < 4; level++) {
			u64 *slot = level == 0	 ? &LEAVES[0]
				    : level == 3 ? &top[1]
						 : &directory[2 - level][0];
			u64 good = *slot;

			*slot = bad[i] | P | W;
			set_cr3(top);
			must_fault(AREA + 64);
			*slot = good;
			set_cr3(top);
		}
	}
	CHECK_IS(unmap(handle, HOLE), 0);
}

/* A table that is its own leaf, and large pages where none can be: any answer
 * will do, and the machine goes on. */
static void check_strange_tables(void)
{
	static const u64 strange[] = { P | W | PS, P | PS, P | W | 0xf00, ~0ull,
				       1ull << 63 | P | W };
	u32 i, k;

	leaf(0, (u64)LEAVES | P | W);
	for (i = 0; i < COUNT(calls); i++) {
		if (calls[i].call == __HYPERVISOR_event_channel_op) {
			(void)try(i, AREA + 2048);
		}
	}
	for (i = 0; i < COUNT(strange); i++) {
		u64 *slots[] = { &top[1], &directory[0][0], &directory[1][0] };

		for (k = 0; k < COUNT(slots); k++) {
			u64 good = *slots[k];
			struct evtchn_status *s = (void *)AREA;

			*slots[k] = (good & ~0xfffull) | strange[i];
			(void)event_call(EVTCHNOP_status, s);
			(void)event_call(EVTCHNOP_unmask, s);
			*slots[k] = good;
			set_cr3(top);
		}
	}
	leaf(0, (u64)spare[0] | P | W);
}

static u32 ports_open(void)
{
	u32 port, n = 0;

	for (port = 1; port < 1024; port++) {
		struct evtchn_status s = { .dom = DOMID_SELF, .port = port };

		CHECK_IS(event_call(EVTCHNOP_status, &s), 0);
		n += s.status != EVTCHNSTAT_closed ? 1 : 0;
	}
	return n;
}

/* An answer that cannot be given: nothing was done. */
static void check_read_only(void)
{
	struct evtchn_alloc_unbound alloc = { DOMID_SELF, 0, 0 };
	struct evtchn_bind_ipi ipi = { 0, 0 };
	struct gnttab_map_grant_ref map = { .host_addr = HOLE * PAGE,
					    .flags = GNTMAP_host_map,
					    .ref = REF,
					    .dom = DOMID_SELF };
	u32 before = ports_open(), handle, i;

	leaf(0, (u64)spare[0] | P);
	for (i = 0; i < 2000; i++) {
		memcpy(spare[0], &alloc, sizeof(alloc));
		CHECK_IS(event_call(EVTCHNOP_alloc_unbound, (void *)AREA),
			 E_FAULT);
		memcpy(spare[0], &ipi, sizeof(ipi));
		CHECK_IS(event_call(EVTCHNOP_bind_ipi, (void *)AREA), E_FAULT);
		memcpy(spare[0], &map, sizeof(map));
		CHECK_IS(grant_call(GNTTABOP_map_grant_ref, (void *)AREA, 1),
			 E_FAULT);
	}
	CHECK_IS(ports_open(), before);
	CHECK_IS(table[REF].flags, GTF_permit_access); /* not in use */
	CHECK_IS(map_from(DOMID_SELF, REF, GNTMAP_host_map, HOLE, &handle), 0);
	CHECK_IS(unmap(handle, HOLE), 0);
}

void claim(void)
{
	start_check();
	grants_setup();
	tables_build();
	check_crossing();
	check_wrap();
	check_targets();
	check_strange_tables();
	check_read_only();
	reach_check();
}
