/* SPDX-License-Identifier: Apache-2.0 */
/* The Multiboot2 information structure (specification 2.0, section 3.6): every
 * tag is checked against the whole, nothing is read beyond it. */
#include "boot/multiboot2.h"

#include "boot/cmdline.h"
#include "boot/main.h"
#include "boot/map.h"
#include "boot/module.h"
#include "lib/checked.h"
#include "lib/le.h"
#include "lib/print.h"

#define INFO_MAX_BYTES (1u << 20)
#define INFO_END (1ull << 32)
#define TAG_END 0u
#define TAG_CMDLINE 1u
#define TAG_MODULE 3u
#define TAG_MAP 6u
#define TAG_RSDP_OLD 14u
#define TAG_RSDP_NEW 15u

static void tag_module(const u8 *tag, u32 bytes)
{
	u32 start;
	u32 end;

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
	u32 entry_bytes;
	u32 at;

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
	switch (le_rd32(tag, bytes, 0)) {
	case TAG_CMDLINE:
		cmdline_set((const char *)tag + 8, bytes - 8u);
		break;
	case TAG_MODULE:
		tag_module(tag, bytes);
		break;
	case TAG_MAP:
		tag_map(tag, bytes);
		break;
	case TAG_RSDP_OLD:
	case TAG_RSDP_NEW:
		boot_set_rsdp(tag + 8, bytes - 8u);
		break;
	default:
		break;
	}
}

void multiboot2_read(u64 info)
{
	const u8 *b = (const u8 *)info;
	u32 total;
	u32 at = 8;

	if (!range_within(info, INFO_MAX_BYTES, INFO_END)) {
		panic("the loader's information lies too high");
	}
	total = le_rd32(b, 8, 0);
	if (total > INFO_MAX_BYTES) {
		panic("the loader's information is longer than 1 MiB");
	}
	while (range_within(at, 8, total)) {
		u32 type = le_rd32(b, total, at);
		u32 bytes = le_rd32(b, total, at + 4u);

		if (type == TAG_END) {
			break;
		}
		if (bytes < 8u || !range_within(at, bytes, total)) {
			panic("the loader's information is malformed");
		}
		tag_read(b + at, bytes);
		at = round_up8(at + bytes);
	}
}
