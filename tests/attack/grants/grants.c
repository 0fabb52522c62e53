/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: no reference, flag, handle, address or entry makes the grant calls
 * map, copy or unmap anything but what an entry grants right now; all handles
 * and all entries can be used up and come back; use counts never go wrong. */
#include "attack.h"

const char claim_name[] = "grants";

#define REF 8u

static const u32 RW = GNTMAP_host_map;
static const u32 RO = GNTMAP_host_map | GNTMAP_readonly;

static u8 *at(u64 gfn)
{
	return (u8 *)(gfn * PAGE);
}

/* The only entry type there is is permit_access of version 1. */
static void check_entries(void)
{
	u32 flags, handle, i;

	for (flags = 0; flags < 0x10000; flags += flags < 0x40 ? 1 : 0xfd) {
		int status;

		permit(REF, (u16)flags, own_domid(), gfn_of(spare[0]));
		status = map_from(DOMID_SELF, REF, RW, HOLE, &handle);
		if (status == GNTST_okay) {
			CHECK_IS(flags & GTF_type_mask, GTF_permit_access);
			CHECK_IS(flags & GTF_readonly, 0);
			CHECK_IS(unmap(handle, HOLE), GNTST_okay);
		}
	}
	for (i = 0; i < wild_count; i++) {
		u64 gfn = (u32)wild[i];

		permit(REF, GTF_permit_access, own_domid(), gfn);
		if (map_from(DOMID_SELF, REF, RO, HOLE, &handle) == 0) {
			CHECK(gfn * PAGE < ram_end());
			CHECK_IS(unmap(handle, HOLE), GNTST_okay);
		}
		(void)map_from(DOMID_SELF, (u32)wild[i], RW, HOLE, &handle);
		CHECK(map_from((u32)wild[i] | 0x8000, REF, RW, HOLE, &handle) <
		      0);
		permit(REF, GTF_permit_access, own_domid(), gfn_of(spare[0]));
		CHECK(wild[i] % PAGE == 0 ||
		      map_from(DOMID_SELF, REF, (u32)wild[i], HOLE, &handle) <
			      0 ||
		      unmap(handle, HOLE) == GNTST_okay);
		CHECK(unmap((u32)wild[i], HOLE) < 0);
	}
}

/* Neither shared nor granted pages nor the table itself can be granted, and
 * nothing is mapped where something is. */
static void check_places(void)
{
	const u64 not_ram[] = { gfn_of(shared), gfn_of((void *)table), HOLE,
				HOLE + 1, 0xfffffu };
	const u64 taken[] = { gfn_of(shared), gfn_of((void *)table), HOLE,
			      gfn_of(spare[1]), 0 };
	u32 handle, other, i;

	permit(REF, GTF_permit_access, own_domid(), gfn_of(spare[0]));
	CHECK_IS(map_from(DOMID_SELF, REF, RW, HOLE, &handle), GNTST_okay);
	for (i = 0; i < COUNT(not_ram); i++) {
		permit(REF + 1, GTF_permit_access, own_domid(), not_ram[i]);
		CHECK_IS(map_from(DOMID_SELF, REF + 1, RW, HOLE + 2, &other),
			 GNTST_bad_page);
	}
	permit(REF + 1, GTF_permit_access, own_domid(), gfn_of(spare[1]));
	for (i = 0; i < COUNT(taken); i++) {
		CHECK(map_from(DOMID_SELF, REF + 1, RW, taken[i], &other) < 0);
	}
	for (i = 0; i < wild_count; i++) {
		struct gnttab_map_grant_ref op = { .host_addr = wild[i] | 8,
						   .flags = RW,
						   .ref = REF,
						   .dom = DOMID_SELF };

		CHECK_IS(grant_call(GNTTABOP_map_grant_ref, &op, 1), 0);
		CHECK(op.status < 0); /* not page-aligned, whatever it is */
	}
	CHECK_IS(unmap(handle, HOLE), GNTST_okay);
}

/* One page mapped writable and read-only, the entry changed and taken back
 * meanwhile: the marks last as long as the last use. */
static void check_counts(void)
{
	u32 h[4], i;

	permit(REF, GTF_permit_access, own_domid(), gfn_of(spare[0]));
	for (i = 0; i < 4; i++) {
		CHECK_IS(map_from(DOMID_SELF, REF, (i & 1) ? RO : RW, HOLE + i,
				  &h[i]),
			 GNTST_okay);
	}
	/* Another frame under the same reference while it is in use. */
	table[REF].frame = (u32)gfn_of(spare[1]);
	CHECK_IS(map_from(DOMID_SELF, REF, RO, HOLE + 9, &i), GNTST_bad_gntref);
	CHECK_IS(unmap(h[0], HOLE), GNTST_okay);
	CHECK_IS(table[REF].flags & (GTF_reading | GTF_writing),
		 GTF_reading | GTF_writing); /* three are left, one writes */
	table[REF].flags = 0; /* taken back behind the core's back */
	CHECK_IS(unmap(h[0], HOLE), GNTST_bad_handle);
	CHECK_IS(unmap(h[1], HOLE), GNTST_bad_virt_addr);
	CHECK_IS(unmap(h[2], HOLE + 2), GNTST_okay);
	table[REF].flags = 0xffff;
	CHECK_IS(unmap(h[1], HOLE + 1), GNTST_okay);
	CHECK_IS(unmap(h[3], HOLE + 3), GNTST_okay);
	CHECK_IS(table[REF].flags, 0xffff & ~(GTF_reading | GTF_writing));
	permit(REF, GTF_permit_access, own_domid(), gfn_of(spare[0]));
}

/* Every handle; one more; and with the table full, copies still work. */
static void check_handles(void)
{
	static u32 h[HANDLES];
	u32 round, n, i, extra;

	for (i = 0; i < GRANTS - REF; i++) {
		permit(REF + i, GTF_permit_access, own_domid(),
		       gfn_of(spare[i % 64]));
	}
	for (round = 0; round < 6; round++) {
		for (n = 0; n < HANDLES; n++) {
			u32 ref = (round & 1) ? REF : REF + n;

			CHECK_IS(map_from(DOMID_SELF, ref, RW, HOLE + n, &h[n]),
				 GNTST_okay);
			CHECK(h[n] < HANDLES);
		}
		CHECK_IS(map_from(DOMID_SELF, REF, RW, HOLE + n, &extra),
			 GNTST_no_space);
		CHECK_IS(frames_held(),
			 memory_call(XENMEM_current_reservation, NULL));
		for (i = 0; i < n; i++) {
			u32 k = (round & 2) ? n - 1 - i : i;

			CHECK_IS(unmap(h[k], HOLE + k), GNTST_okay);
		}
		CHECK_IS(table[REF].flags, GTF_permit_access);
	}
}

static void check_copies(void)
{
	struct gnttab_copy op;
	u32 i, j;

	memset(spare[19], 0x77, 5 * PAGE);
	for (i = 0; i < wild_count; i++) {
		for (j = 0; j < wild_count; j++) {
			memset(&op, 0, sizeof(op));
			op.source.u.gmfn = gfn_of(spare[20]);
			op.dest.u.gmfn = gfn_of(spare[21]);
			op.source.domid = op.dest.domid = DOMID_SELF;
			op.source.offset = (u16)wild[i];
			op.dest.offset = (u16)wild[j];
			op.len = (u16)random64();
			op.flags = 0;
			CHECK_IS(grant_call(GNTTABOP_copy, &op, 1), 0);
			CHECK(op.status == GNTST_bad_copy_arg ||
			      (op.source.offset + op.len <= PAGE &&
			       op.dest.offset + op.len <= PAGE));
			op.source.offset = op.dest.offset = 0;
			op.len = 8;
			op.source.u.gmfn = wild[i];
			op.dest.u.gmfn = HOLE; /* nothing is there */
			op.dest.domid = (u16)wild[j];
			op.flags = (u16)random64();
			CHECK_IS(grant_call(GNTTABOP_copy, &op, 1), 0);
			CHECK(op.status < 0 ||
			      (op.flags & GNTCOPY_dest_gref) != 0);
		}
	}
	for (i = 0; i < PAGE; i++) {
		CHECK(spare[19][i] == 0x77 && spare[20][i] == 0x77);
		CHECK(spare[22][i] == 0x77 && spare[23][i] == 0x77);
	}
}

/* The table's frames moved about while entries are in use. */
static void check_table(void)
{
	struct xen_add_to_physmap op = { .domid = DOMID_SELF,
					 .space = XENMAPSPACE_grant_table };
	u64 home = gfn_of((void *)table);
	u32 handle, i;

	permit(REF, GTF_permit_access, own_domid(), gfn_of(spare[0]));
	CHECK_IS(map_from(DOMID_SELF, REF, RW, HOLE, &handle), GNTST_okay);
	for (i = 0; i < wild_count; i++) {
		op.idx = wild[i];
		op.gpfn = HOLE + 20;
		if (wild[i] > 3) {
			CHECK(memory_call(XENMEM_add_to_physmap, &op) < 0);
		}
		op.idx = 0;
		op.gpfn = wild[i];
		if (wild[i] >= 1ull << 28) {
			CHECK(memory_call(XENMEM_add_to_physmap, &op) < 0);
		}
	}
	op.gpfn = HOLE; /* onto a granted page */
	CHECK(memory_call(XENMEM_add_to_physmap, &op) < 0);
	for (i = 0; i < 1000; i++) {
		op.gpfn = HOLE + 20 + (i & 1);
		CHECK_IS(memory_call(XENMEM_add_to_physmap, &op), 0);
	}
	CHECK(give_up(HOLE + 20 + 1) != 1); /* it is no RAM */
	CHECK_IS(unmap(handle, HOLE), GNTST_okay);
	op.gpfn = home;
	CHECK_IS(populate(home), 1);
	CHECK_IS(memory_call(XENMEM_add_to_physmap, &op), 0);
	CHECK_IS(table[REF].flags, GTF_permit_access);
	CHECK(at(HOLE) != NULL);
}

void claim(void)
{
	start_check();
	grants_setup();
	check_entries();
	check_places();
	check_counts();
	check_handles();
	check_copies();
	check_table();
	reach_check();
}
