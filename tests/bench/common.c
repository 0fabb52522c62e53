/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

static struct grant_entry_v1 *table = (void *)spare[0];

void grants_init(void)
{
	struct xen_add_to_physmap op = { .domid = DOMID_SELF,
					 .space = XENMAPSPACE_grant_table,
					 .idx = 0,
					 .gpfn = gfn_of(spare[0]) };

	CHECK_IS(memory_call(XENMEM_add_to_physmap, &op), 0);
}

void grant_page(u32 ref, u32 domid, void *page)
{
	table[ref].domid = (u16)domid;
	table[ref].frame = (u32)gfn_of(page);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&table[ref].flags, (u16)GTF_permit_access,
			 __ATOMIC_SEQ_CST);
}

static volatile u64 hold_last;
static volatile u32 hold_worst, hold_pieces;
static volatile bool is_holding;

bool trap_is_mine(struct trap *t)
{
	u32 ticks = (u32)(rdtsc() - hold_last);

	if (t->vector != UPCALL_VECTOR || !is_holding) {
		return false;
	}
	if (ticks > hold_worst) {
		hold_worst = ticks;
	}
	hold_pieces += 1;
	hold_last = rdtsc();
	return true;
}

void hold_begin(void)
{
	hold_worst = 0;
	hold_pieces = 0;
	is_holding = true;
	__atomic_store_n(&info[0]->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
	hold_last = rdtsc();
	sti();
}

void hold_end(const char *name)
{
	cli();
	__atomic_store_n(&info[0]->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	is_holding = false;
	CHECK(hold_pieces != 0);
	say("HOLD %s %u %u", name, hold_worst, hold_pieces);
}
