/* SPDX-License-Identifier: Apache-2.0 */
#include "attack.h"

#include <xen/arch-x86/hvm/start_info.h>

extern u32 start_info;
extern u8 kernel_end[];

const u64 wild[] = {
	0,
	1,
	2,
	7,
	63,
	64,
	511,
	512,
	1023,
	1024,
	2047,
	2048,
	0x7fef,
	0x7ff0,
	0x7ff1,
	0x7ff4,
	0x7fff,
	0x8000,
	0xffff,
	0x10000,
	0x7fffffff,
	0x80000000,
	0xfffffffe,
	0xffffffff,
	0x100000000,
	0x7fffffffffff,
	0x800000000000,
	0xfffffffffff,
	0xffff800000000000,
	0x7fffffffffffffff,
	0x8000000000000000,
	0xfffffffffffff000,
	0xfffffffffffffff8,
	0xffffffffffffffff,
};
const u32 wild_count = COUNT(wild);

u64 random64(void)
{
	static u64 state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* ---- command line --------------------------------------------------- */

static const struct hvm_start_info *info_block(void)
{
	return (const void *)(u64)start_info;
}

const char *variant(void)
{
	const char *line = (const char *)info_block()->cmdline_paddr;

	while (line != NULL && *line != 0 && *line != ' ') {
		line += 1;
	}
	return line != NULL && *line == ' ' ? line + 1 : "";
}

bool is_variant(const char *name)
{
	const char *is = variant();

	while (*name != 0 && *name == *is) {
		name += 1;
		is += 1;
	}
	return *name == 0 && (*is == 0 || *is == ' ');
}

void open_if_told(void)
{
	if (option("open", 0) != 0) {
		sti();
	}
}

/* ---- secrets -------------------------------------------------------- */

/* Not in the image as such: the attacks look through their own RAM, too. */
static volatile u64 secret_not = ~0x5ec2e7c0ffee0000ull;

u64 secret_word(u64 address)
{
	return ~secret_not | (address / 8 & 0xffff);
}

bool is_secret(u64 word)
{
	return (word & ~0xffffull) == ~secret_not;
}

void page_check(const void *page)
{
	const volatile u64 *words = page;
	u64 tag = ~secret_not;
	u32 i;

	for (i = 0; i < PAGE / 8; i++) {
		if ((words[i] & ~0xffffull) == tag) {
			fail("a secret at %l", (u64)&words[i]);
		}
	}
}

void zero_check(const void *page)
{
	const volatile u64 *words = page;
	u32 i;

	for (i = 0; i < PAGE / 8; i++) {
		if (words[i] != 0) {
			fail("%l at %l is not zero", words[i], (u64)&words[i]);
		}
	}
}

u64 ram_end(void)
{
	struct {
		u64 start, bytes;
		u32 type;
	} __attribute__((packed)) e[4];
	struct xen_memory_map m = { .nr_entries = 4 };

	set_xen_guest_handle(m.buffer, (void *)e);
	CHECK_IS(memory_call(XENMEM_memory_map, &m), 0);
	CHECK_IS(e[1].type, 1);
	return e[1].start + e[1].bytes;
}

static void range_check(u64 from, u64 to, void (*check)(const void *page))
{
	for (; from < to; from += PAGE) {
		check((const void *)from);
	}
}

void start_check(void)
{
	u64 boot = (u64)start_info & ~(u64)(PAGE - 1);
	u64 kernel = 2u << 20;
	u64 behind = ((u64)kernel_end + PAGE - 1) & ~(u64)(PAGE - 1);

	range_check(PAGE, boot < kernel ? boot : kernel, zero_check);
	if (boot < kernel) {
		range_check(boot + PAGE, kernel, zero_check);
	} else {
		behind = boot + PAGE;
	}
	range_check(behind, ram_end(), zero_check);
}

/* Every domain's first references: whatever can be mapped is looked at. */
static void grants_check(void)
{
	u32 self = own_domid();
	u32 domid, ref, handle;

	for (domid = 0; domid < GUESTS; domid++) {
		for (ref = 0; ref < 16 && domid != self; ref++) {
			if (map_from(domid, ref,
				     GNTMAP_host_map | GNTMAP_readonly,
				     HOLE - 1, &handle) == GNTST_okay) {
				page_check((void *)((HOLE - 1) * PAGE));
				CHECK_IS(unmap(handle, HOLE - 1), GNTST_okay);
			}
		}
	}
}

void reach_check(void)
{
	/* ACPI tables, xenstore ring, console ring. */
	static const u64 others[] = { 0xfc000000, 0xfeffc000, 0xfefff000 };
	u32 i;

	range_check(0, ram_end(), page_check);
	for (i = 0; i < COUNT(others); i++) {
		page_check((const void *)others[i]);
	}
	grants_check();
}

/* ---- grants --------------------------------------------------------- */

static u8 table_pages[GRANTS * 8 / PAGE][PAGE] __attribute__((aligned(4096)));
volatile struct grant_entry_v1 *const table = (void *)table_pages;

void grants_setup(void)
{
	struct xen_add_to_physmap op = { .domid = DOMID_SELF,
					 .space = XENMAPSPACE_grant_table };
	u32 i;

	for (i = 0; i < COUNT(table_pages); i++) {
		op.idx = i;
		op.gpfn = gfn_of(table_pages[i]);
		CHECK_IS(memory_call(XENMEM_add_to_physmap, &op), 0);
	}
}

void permit(u32 ref, u16 flags, u32 domid, u64 gfn)
{
	table[ref].flags = 0;
	table[ref].domid = (u16)domid;
	table[ref].frame = (u32)gfn;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	table[ref].flags = flags;
}

int map_from(u32 domid, u32 ref, u32 flags, u64 gfn, u32 *handle)
{
	struct gnttab_map_grant_ref op = { .host_addr = gfn * PAGE,
					   .flags = flags,
					   .ref = ref,
					   .dom = (u16)domid };

	CHECK_IS(grant_call(GNTTABOP_map_grant_ref, &op, 1), 0);
	*handle = op.handle;
	return op.status;
}

int unmap(u32 handle, u64 gfn)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = gfn * PAGE,
					     .handle = handle };

	CHECK_IS(grant_call(GNTTABOP_unmap_grant_ref, &op, 1), 0);
	return op.status;
}

/* ---- memory --------------------------------------------------------- */

static long reserve(u32 op, u64 gfn)
{
	struct xen_memory_reservation r = { .domid = DOMID_SELF,
					    .nr_extents = 1 };

	set_xen_guest_handle(r.extent_start, &gfn);
	return memory_call(op, &r);
}

long populate(u64 gfn)
{
	return reserve(XENMEM_populate_physmap, gfn);
}

long give_up(u64 gfn)
{
	return reserve(XENMEM_decrease_reservation, gfn);
}

long frames_held(void)
{
	return memory_call(XENMEM_current_reservation, NULL);
}
