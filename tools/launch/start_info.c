/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page: hvm_start_info (56 bytes) | one module (32) | memory map (4 * 24)
 * | command line. Linux reads it through a map of the first GiB only, and
 * before it gives the page to anyone else.
 */
#include "launch/start_info.h"

#include <string.h>

#include <xen/xen.h>
#include <xen/arch-x86/hvm/start_info.h>

#define MODULE_AT 64u
#define MEMMAP_AT 96u
#define MEMMAP_ENTRIES 4u
#define CMDLINE_AT 192u

#define LOW_RAM_END 0xa0000ull
#define HIGH_RAM_START 0x100000ull
/* xenstore and console pages, in Xen's own place for special pages. */
#define SPECIAL_GPA 0xfeff8000ull
#define SPECIAL_BYTES 0x8000ull

_Static_assert(sizeof(struct hvm_start_info) <= MODULE_AT &&
		       sizeof(struct hvm_modlist_entry) <=
			       MEMMAP_AT - MODULE_AT &&
		       MEMMAP_ENTRIES * sizeof(struct hvm_memmap_table_entry) <=
			       CMDLINE_AT - MEMMAP_AT &&
		       CMDLINE_AT + START_INFO_CMDLINE_MAX < START_INFO_BYTES,
	       "the boot block fits its page");

static void put_memmap(uint8_t *page, const struct start_info_input *in)
{
	const struct hvm_memmap_table_entry map[MEMMAP_ENTRIES] = {
		{ 0, LOW_RAM_END, XEN_HVM_MEMMAP_TYPE_RAM, 0 },
		{ HIGH_RAM_START, in->ram_bytes - HIGH_RAM_START,
		  XEN_HVM_MEMMAP_TYPE_RAM, 0 },
		{ in->acpi_gpa, in->acpi_bytes, XEN_HVM_MEMMAP_TYPE_ACPI, 0 },
		{ SPECIAL_GPA, SPECIAL_BYTES, XEN_HVM_MEMMAP_TYPE_RESERVED, 0 },
	};

	memcpy(page + MEMMAP_AT, map, sizeof(map));
}

static void put_module(uint8_t *page, const struct start_info_input *in)
{
	const struct hvm_modlist_entry module = { .paddr = in->ramdisk_gpa,
						  .size = in->ramdisk_bytes };

	if (in->ramdisk_bytes != 0) {
		memcpy(page + MODULE_AT, &module, sizeof(module));
	}
}

int start_info_build(uint8_t page[START_INFO_BYTES],
		     const struct start_info_input *in, struct fail *fail)
{
	size_t bytes = strlen(in->cmdline);
	const struct hvm_start_info info = {
		.magic = XEN_HVM_START_MAGIC_VALUE,
		.version = 1,
		.nr_modules = in->ramdisk_bytes != 0 ? 1 : 0,
		.modlist_paddr = in->ramdisk_bytes != 0 ? in->gpa + MODULE_AT
							: 0,
		.cmdline_paddr = in->gpa + CMDLINE_AT,
		.rsdp_paddr = in->acpi_gpa,
		.memmap_paddr = in->gpa + MEMMAP_AT,
		.memmap_entries = MEMMAP_ENTRIES,
	};

	if (bytes > START_INFO_CMDLINE_MAX) {
		return fail_set(fail,
				"cmdline has %zu bytes, at most %u reach a "
				"Linux kernel; shorten it",
				bytes, START_INFO_CMDLINE_MAX);
	}
	memset(page, 0, START_INFO_BYTES);
	memcpy(page, &info, sizeof(info));
	put_module(page, in);
	put_memmap(page, in);
	memcpy(page + CMDLINE_AT, in->cmdline, bytes);
	return 0;
}
