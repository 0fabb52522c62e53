/* SPDX-License-Identifier: Apache-2.0 */
/* The order of start-up, and what the two boot protocols fill in. */
#pragma once

#include "hw/hw.h"

#define BOOT_MULTIBOOT2 1u
#define BOOT_PVH 2u

extern struct boot_info boot;

/* Called by hw/x86/boot.S on the boot processor; paging covers 4 GiB. */
void __attribute__((noreturn)) boot_main(u32 protocol, u64 info);
/* Keep a copy of the root pointer of ACPI: the loader's may be overwritten. */
void boot_set_rsdp(const u8 *rsdp, u32 bytes);
