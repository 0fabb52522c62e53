/* SPDX-License-Identifier: Apache-2.0 */
/* The PVH boot block: hvm_start_info, module list, memory map and command line
 * in one page. */
#pragma once

#include "launch/fail.h"

#include <stdint.h>

#define START_INFO_BYTES 4096u
/* Linux keeps 2048 bytes with the NUL, and cuts the rest without a word. */
#define START_INFO_CMDLINE_MAX 2047u

struct start_info_input {
	uint64_t gpa;	    /* where the page will be */
	uint64_t ram_bytes; /* > 1 MiB */
	uint64_t ramdisk_gpa;
	uint64_t ramdisk_bytes; /* 0: no ramdisk */
	uint64_t acpi_gpa;	/* RSDP */
	uint64_t acpi_bytes;	/* whole pages */
	const char *cmdline;
};

/* Fills the whole page; start_info itself is at its offset 0. */
int start_info_build(uint8_t page[START_INFO_BYTES],
		     const struct start_info_input *in, struct fail *fail);
