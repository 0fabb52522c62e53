/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory map of start-up, boot.ranges[]:
 *
 *   0        640K  1M   2M      image_end  16M        16M + dom0_bytes   top
 *   | dom0    |....|RAM | CORE  | RAM      | dom0's RAM | RAM ... claims |
 *
 * Claims grow down from the top and never reach into dom0's range.
 */
#pragma once

#include "lib/types.h"

#define MAP_DOM0_START ((u64)16 << 20)
#define MAP_DOM0_LOW_END 0xa0000ull

/* One entry of the loader's map; E820 type 1 is RAM. */
void map_add(u64 start, u64 bytes, u32 e820_type);
/* All entries are in: make boot.ranges[], with the image as BOOT_CORE. */
void map_build(void);
/* Give [start, end) a type whatever it was; both are page aligned. */
void map_paint(u64 start, u64 end, u32 type);
/* First address of [start, end) whose type is none of the two. */
u64 map_covered(u64 start, u64 end, u32 type1, u32 type2);
u64 map_bytes(u32 type);
/* Panics unless dom0's range is RAM (or modules, which will move). */
void map_check_dom0(void);
/* The final page tables are on: claims may lie above 4 GiB. */
void map_lift_limit(void);
/* A page below 1 MiB for the start of processors. */
u64 map_take_trampoline(void);

/* A zeroed, page-aligned physical address, outside everything dom0 will own
 * and recorded as BOOT_CORE. Panics with one line when memory is too small. */
u64 boot_claim(u64 bytes);
