/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <xen/arch-x86/hvm/start_info.h>

extern u32 start_info;

static struct grant_entry_v1 *table = (void *)spare[0];

u32 peer_domid(void)
{
	static const char key[] = "peer=";
	const struct hvm_start_info *si = (void *)(u64)start_info;
	const char *s = (const char *)si->cmdline_paddr;
	u32 at = 0, n = 0;

	while (s != NULL && *s != 0 && key[at] != 0) {
		at = *s == key[at] ? at + 1 : 0;
		s++;
	}
	while (s != NULL && *s >= '0' && *s <= '9') {
		n = n * 10 + (u32)(*s++ - '0');
	}
	return n;
}

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
