/* SPDX-License-Identifier: Apache-2.0 */
/* From start-up to the running vmm: memory changes hands, dom0 is built. */
#include "abi/policy_image.h"
#include "boot/dom0.h"
#include "boot/map.h"
#include "lib/print.h"
#include "vmm/control.h"
#include "vmm/dispatch.h"
#include "vmm/frame_boot.h"
#include "vmm/time.h"
#include "vmm/vmm.h"

#define LOW_END 0xa0000ull
#define MAIN_START ((u64)0x1000000)

static u64 highest_frame(const struct boot_info *boot)
{
	u64 end = 0;
	u32 i;

	for (i = 0; i < boot->range_count; i++) {
		if (boot->ranges[i].type != BOOT_RESERVED &&
		    boot->ranges[i].end > end) {
			end = boot->ranges[i].end;
		}
	}
	return end >> PAGE_SHIFT;
}

static bool is_dom0s(const struct boot_info *boot, u64 address)
{
	return address < LOW_END || (address >= MAIN_START &&
				     address < MAIN_START + boot->dom0_bytes);
}

static void add_range(const struct boot_info *boot, const struct boot_range *r)
{
	u64 a;

	for (a = r->start; a < r->end; a += PAGE_SIZE) {
		if (r->type == BOOT_RAM && !is_dom0s(boot, a)) {
			frame_boot_add(a >> PAGE_SHIFT, FRAME_FREE,
				       DOMID_NOBODY);
		} else if (r->type == BOOT_CORE || r->type == BOOT_MODULE) {
			frame_boot_add(a >> PAGE_SHIFT, FRAME_CORE,
				       DOMID_NOBODY);
		}
	}
}

static void modules_free(const struct boot_info *boot)
{
	u32 i;
	u64 a;

	for (i = 0; i < boot->range_count; i++) {
		const struct boot_range *r = &boot->ranges[i];

		for (a = r->start; r->type == BOOT_MODULE && a < r->end;
		     a += PAGE_SIZE) {
			frame_boot_free(a >> PAGE_SHIFT);
		}
	}
}

void vmm_init(const struct boot_info *boot)
{
	u64 limit = highest_frame(boot);
	u64 table = boot_claim(frame_table_bytes(limit));
	u32 i;

	frame_table_init(hw_frame(table >> PAGE_SHIFT), limit);
	for (i = 0; i < boot->range_count; i++) {
		add_range(boot, &boot->ranges[i]);
	}
	control_set_policy(hw_frame(boot->policy.start >> PAGE_SHIFT));
	dispatch_init();
	timers_init();
	dom0_build(boot);
	modules_free(boot);
}
