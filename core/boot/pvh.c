/* SPDX-License-Identifier: Apache-2.0 */
/* struct hvm_start_info (xen/arch-x86/hvm/start_info.h), version 1. */
#include "boot/pvh.h"

#include <xen/arch-x86/hvm/start_info.h>

#include "boot/cmdline.h"
#include "boot/main.h"
#include "boot/map.h"
#include "boot/module.h"
#include "lib/checked.h"
#include "lib/mem.h"
#include "lib/print.h"
#include "lib/str.h"

#define INFO_END (1ull << 32)
#define RSDP_BYTES 36u
#define MAX_ENTRIES 256u

static struct hvm_modlist_entry module; /* size 0: absent */

/* Only the first 4 GiB are mapped yet. */
static const void *info_at(u64 address, u64 bytes)
{
	if (address == 0 || !range_within(address, bytes, INFO_END)) {
		panic("the loader's information is malformed");
	}
	return (const void *)address;
}

static void read_map(u64 address, u32 entries)
{
	struct hvm_memmap_table_entry e;
	const u8 *table;
	u32 i;

	if (entries == 0 || entries > MAX_ENTRIES) {
		panic("the loader's memory map has %u entries", entries);
	}
	table = info_at(address, entries * sizeof(e));
	for (i = 0; i < entries; i++) {
		memcpy(&e, table + i * sizeof(e), sizeof(e));
		map_add(e.addr, e.size, e.type);
	}
}

void pvh_read(u64 info)
{
	struct hvm_start_info s;

	memcpy(&s, info_at(info, sizeof(s)), sizeof(s));
	if (s.version < 1u) {
		panic("the loader gives no memory map");
	}
	read_map(s.memmap_paddr, s.memmap_entries);
	if (s.cmdline_paddr != 0) {
		cmdline_set(info_at(s.cmdline_paddr, sizeof(boot.cmdline)),
			    sizeof(boot.cmdline));
	}
	if (s.rsdp_paddr != 0) {
		boot_set_rsdp(info_at(s.rsdp_paddr, RSDP_BYTES), RSDP_BYTES);
	}
	if (s.nr_modules != 0) {
		memcpy(&module, info_at(s.modlist_paddr, sizeof(module)),
		       sizeof(module));
	}
}

void pvh_read_modules(void)
{
	u64 size = module.size;

	if (size != 0) {
		(void)info_at(module.paddr, size);
		module_add_joined(cmdline_modules(), module.paddr, size);
	}
}
