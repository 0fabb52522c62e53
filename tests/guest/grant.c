/* SPDX-License-Identifier: Apache-2.0 */
/* A grant to oneself maps the granted page, read-only where it says so, and
 * copies bytes; whatever is not granted is refused. */
#include "lib.h"

const char claim_name[] = "grant";

#define HOLE 0xd0000ull /* gfn of an empty place */
#define REF 8u

static volatile struct grant_entry_v1 *table = (void *)spare[0];

static void setup(void)
{
	struct xen_add_to_physmap op = { .domid = DOMID_SELF,
					 .space = XENMAPSPACE_grant_table,
					 .idx = 0,
					 .gpfn = gfn_of(spare[0]) };
	struct gnttab_query_size size = { .dom = DOMID_SELF };

	CHECK_IS(memory_call(XENMEM_add_to_physmap, &op), 0);
	CHECK_IS(grant_call(GNTTABOP_query_size, &size, 1), 0);
	CHECK_IS(size.status, GNTST_okay);
	CHECK(size.nr_frames >= 1 && size.max_nr_frames >= size.nr_frames);
	/* What the builder granted: console and store pages, to dom0. */
	CHECK_IS(table[0].flags & GTF_type_mask, GTF_permit_access);
	CHECK_IS(table[1].flags & GTF_type_mask, GTF_permit_access);
	CHECK_IS(table[0].domid, 0);
}

static void permit(u32 ref, u16 flags, void *page)
{
	table[ref].domid = (u16)own_domid();
	table[ref].frame = (u32)gfn_of(page);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	table[ref].flags = flags;
}

static int map(u32 ref, u32 flags, u64 gfn, u32 *handle)
{
	struct gnttab_map_grant_ref op = { .host_addr = gfn * PAGE,
					   .flags = flags,
					   .ref = ref,
					   .dom = DOMID_SELF };

	CHECK_IS(grant_call(GNTTABOP_map_grant_ref, &op, 1), 0);
	*handle = op.handle;
	return op.status;
}

static int unmap(u32 handle, u64 gfn)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = gfn * PAGE,
					     .handle = handle };

	CHECK_IS(grant_call(GNTTABOP_unmap_grant_ref, &op, 1), 0);
	return op.status;
}

static void check_map(void)
{
	volatile u32 *mapped = (void *)(HOLE * PAGE);
	volatile u32 *page = (void *)spare[1];
	u32 handle;

	page[5] = 0x1234;
	permit(REF, GTF_permit_access, spare[1]);
	CHECK_IS(map(REF, GNTMAP_host_map, HOLE, &handle), GNTST_okay);
	CHECK_IS(mapped[5], 0x1234);
	mapped[6] = 0x5678;
	CHECK_IS(page[6], 0x5678);
	CHECK_IS(table[REF].flags,
		 GTF_permit_access | GTF_reading | GTF_writing);
	CHECK_IS(unmap(handle + 1, HOLE), GNTST_bad_handle);
	CHECK_IS(unmap(handle, HOLE + 1), GNTST_bad_virt_addr);
	CHECK_IS(unmap(handle, HOLE), GNTST_okay);
	CHECK_IS(table[REF].flags, GTF_permit_access);
	CHECK_IS(unmap(handle, HOLE), GNTST_bad_handle);
}

static void check_refusals(void)
{
	u32 handle;

	permit(REF, GTF_permit_access | GTF_readonly, spare[1]);
	CHECK_IS(map(REF, GNTMAP_host_map, HOLE, &handle), GNTST_bad_gntref);
	permit(REF, 0, spare[1]);
	CHECK_IS(map(REF, GNTMAP_host_map, HOLE, &handle), GNTST_bad_gntref);
	permit(REF, GTF_permit_access, spare[1]);
	table[REF].domid = 0;
	CHECK_IS(map(REF, GNTMAP_host_map, HOLE, &handle), GNTST_bad_gntref);
	permit(REF, GTF_permit_access, (void *)(HOLE * PAGE));
	CHECK_IS(map(REF, GNTMAP_host_map, HOLE, &handle), GNTST_bad_page);
	permit(REF, GTF_permit_access, spare[1]);
	CHECK_IS(map(~0u, GNTMAP_host_map, HOLE, &handle), GNTST_bad_gntref);
	CHECK_IS(map(REF, GNTMAP_device_map, HOLE, &handle),
		 GNTST_general_error);
	CHECK(map(REF, GNTMAP_host_map, gfn_of(spare[2]), &handle) < 0);
	CHECK(map(REF, GNTMAP_host_map, 1ull << 40, &handle) < 0);
}

static void check_copy(void)
{
	struct gnttab_copy op = { .flags = GNTCOPY_source_gref, .len = 100 };

	memset(spare[1], 0x5a, PAGE);
	op.source.u.ref = REF;
	op.source.domid = DOMID_SELF;
	op.dest.u.gmfn = gfn_of(spare[3]);
	op.dest.domid = DOMID_SELF;
	op.dest.offset = 50;
	permit(REF, GTF_permit_access, spare[1]);
	CHECK_IS(grant_call(GNTTABOP_copy, &op, 1), 0);
	CHECK_IS(op.status, GNTST_okay);
	CHECK_IS(((volatile u8 *)spare[3])[49], 0);
	CHECK_IS(((volatile u8 *)spare[3])[50], 0x5a);
	CHECK_IS(((volatile u8 *)spare[3])[149], 0x5a);
	CHECK_IS(((volatile u8 *)spare[3])[150], 0);
	op.source.offset = 4000;
	CHECK_IS(grant_call(GNTTABOP_copy, &op, 1), 0);
	CHECK_IS(op.status, GNTST_bad_copy_arg);
}

/* More than the core does at one go: every entry has its answer. */
static void check_array(void)
{
	struct gnttab_map_grant_ref *ops = (void *)spare[2];
	u32 i;

	memset(ops, 0, PAGE);
	for (i = 0; i < 100; i++) {
		ops[i].host_addr = HOLE * PAGE;
		ops[i].flags = GNTMAP_host_map;
		ops[i].ref = 100 + i;
		ops[i].dom = DOMID_SELF;
	}
	CHECK_IS(grant_call(GNTTABOP_map_grant_ref, ops, 100), 0);
	for (i = 0; i < 100; i++) {
		CHECK_IS(ops[i].status, GNTST_bad_gntref);
	}
	CHECK_IS(ops[100].status, 0);
	ops = (void *)(HOLE * PAGE);
	CHECK_IS(grant_call(GNTTABOP_map_grant_ref, ops, 100000), E_FAULT);
}

void claim(void)
{
	setup();
	check_map();
	check_refusals();
	check_copy();
	check_array();
}
