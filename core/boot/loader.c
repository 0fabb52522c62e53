/* SPDX-License-Identifier: Apache-2.0 */
/* What the two boot protocols hand over; nothing is read beyond it. */
#include "boot/boot.h"

#include <xen/arch-x86/hvm/start_info.h>

#include "lib/checked.h"
#include "lib/le.h"
#include "lib/mem.h"
#include "lib/print.h"

#define INFO_MAX_BYTES (1u << 20)
#define TAG_END 0u
#define TAG_CMDLINE 1u
#define TAG_MODULE 3u
#define TAG_MAP 6u
#define TAG_RSDP_OLD 14u
#define TAG_RSDP_NEW 15u

/* Only the first 4 GiB are mapped yet. */
static const void *info_at(u64 address, u64 bytes)
{
	if (address == 0 || !range_within(address, bytes, FOUR_GIB)) {
		panic("the loader's information is malformed");
	}
	return (const void *)address;
}

/* ---- Multiboot 2 (specification 2.0, section 3.6) ---------------------- */

static void tag_module(const u8 *tag, u32 bytes)
{
	u32 start, end;

	if (bytes < 17u) {
		panic("a boot module's description is cut short");
	}
	start = le_rd32(tag, bytes, 8);
	end = le_rd32(tag, bytes, 12);
	module_add((const char *)tag + 16, bytes - 16u, start,
		   end > start ? end - start : 0);
}

static void tag_map(const u8 *tag, u32 bytes)
{
	u32 entry_bytes, at;

	if (bytes < 16u || le_rd32(tag, bytes, 8) < 24u) {
		panic("the loader's memory map is malformed");
	}
	entry_bytes = le_rd32(tag, bytes, 8);
	for (at = 16; range_within(at, entry_bytes, bytes); at += entry_bytes) {
		map_add(le_rd64(tag, bytes, at), le_rd64(tag, bytes, at + 8u),
			le_rd32(tag, bytes, at + 16u));
	}
}

/* One tag, complete within its `bytes` >= 8. */
static void tag_read(const u8 *tag, u32 bytes)
{
	u32 type = le_rd32(tag, bytes, 0);

	if (type == TAG_CMDLINE) {
		(void)cmdline_parse((const char *)tag + 8, bytes - 8u);
	} else if (type == TAG_MODULE) {
		tag_module(tag, bytes);
	} else if (type == TAG_MAP) {
		tag_map(tag, bytes);
	} else if (type == TAG_RSDP_OLD || type == TAG_RSDP_NEW) {
		memcpy(boot.rsdp, tag + 8,
		       min64(bytes - 8u, sizeof(boot.rsdp)));
	}
}

void multiboot2_read(u64 info)
{
	const u8 *b = info_at(info, INFO_MAX_BYTES);
	u32 total = le_rd32(b, 8, 0);
	u32 at = 8;

	if (total > INFO_MAX_BYTES) {
		panic("the loader's information is malformed");
	}
	while (range_within(at, 8, total) && le_rd32(b, total, at) != TAG_END) {
		u32 bytes = le_rd32(b, total, at + 4u);

		if (bytes < 8u || !range_within(at, bytes, total)) {
			panic("the loader's information is malformed");
		}
		tag_read(b + at, bytes);
		at = round_up8(at + bytes);
	}
}

/* ---- PVH: struct hvm_start_info, version 1 ----------------------------- */

void pvh_read(u64 info)
{
	struct hvm_start_info s;
	struct hvm_memmap_table_entry e;
	struct hvm_modlist_entry m;
	const char *list = "";
	const u8 *table;
	u32 i;

	memcpy(&s, info_at(info, sizeof(s)), sizeof(s));
	if (s.magic != XEN_HVM_START_MAGIC_VALUE) {
		panic("started by an unknown loader");
	}
	if (s.version < 1u || s.memmap_entries > BOOT_MAX_RANGES) {
		panic("the loader gives no memory map, or too large a one");
	}
	table = info_at(s.memmap_paddr, s.memmap_entries * sizeof(e));
	for (i = 0; i < s.memmap_entries; i++) {
		memcpy(&e, table + i * sizeof(e), sizeof(e));
		map_add(e.addr, e.size, e.type);
	}
	if (s.cmdline_paddr != 0) {
		list = cmdline_parse(
			info_at(s.cmdline_paddr, sizeof(boot.cmdline)),
			sizeof(boot.cmdline));
	}
	if (s.rsdp_paddr != 0) {
		memcpy(boot.rsdp, info_at(s.rsdp_paddr, sizeof(boot.rsdp)),
		       sizeof(boot.rsdp));
	}
	if (s.nr_modules != 0) {
		memcpy(&m, info_at(s.modlist_paddr, sizeof(m)), sizeof(m));
		(void)info_at(m.paddr, m.size);
		module_add_joined(list, m.paddr, m.size);
	}
}
