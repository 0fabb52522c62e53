/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start-up: what its files share. The memory map boot.ranges[]:
 *
 *   0        640K  1M   2M      image_end  16M        16M + dom0_bytes   top
 *   | dom0    |....|RAM | CORE  | RAM      | dom0's RAM | RAM ... claims |
 *
 * Claims grow down from the top and never reach into dom0's range.
 */
#pragma once

#include "hw/hw.h"
#include "vmm/policy_load.h"

#define LOW_END 0xa0000ull
#define LEGACY_END 0x100000ull
#define DOM0_START ((u64)16 << 20)
#define FOUR_GIB (1ull << 32)
#define ADDRESS_END (1ull << 52)
#define MIB ((u64)1 << 20)

extern struct boot_info boot;
extern struct policy_keys boot_keys; /* policy-key= */
extern bool boot_coverage;	     /* coverage */

static inline u64 page_down(u64 a)
{
	return a & ~(u64)PAGE_MASK;
}

static inline u64 page_up(u64 a)
{
	return page_down(a + PAGE_MASK);
}

/* ---- main.c ------------------------------------------------------------ */

/* Called by hw/x86/boot.S on the boot processor with what the loader left in
 * EAX and EBX; paging covers 4 GiB. */
void __attribute__((noreturn)) boot_main(u32 magic, u64 info);

/* ---- loader.c: the two boot protocols ---------------------------------- */

/* GRUB's information structure into boot, the map and the modules. */
#define MULTIBOOT2_MAGIC 0x36d76289u
void multiboot2_read(u64 info);
/* The same of direct boot (QEMU -kernel): struct hvm_start_info, with one
 * module, split as modules= says. Panics if it is none of that. */
void pvh_read(u64 info);

/* ---- cmdline.c: dom0_mem=SIZE[M|G], dom0_vcpus=N, modules=...,
 * policy-key=HEX[,HEX], coverage ---- */

/* What follows the prefix that s begins with; NULL if it does not. */
const char *str_after(const char *s, const char *prefix);
/* Length of the word at s: up to a blank or the end. */
u32 str_word(const char *s);
/* Decimal digits at *s; moves *s past them. False: none, or more than `max`,
 * which is far below 2^60. */
bool str_number(const char **s, u64 max, u64 *value);
/* Text of at most `bytes` characters; panics if there is not room enough. */
void str_copy(char *to, u32 room, const char *from, u32 bytes);
/* The loader's text of at most `bytes` characters: options into boot; panics
 * on a malformed value. What follows " -- " is dom0's command line, unless its
 * module comes with one. Returns the value of modules=, "" if absent; it ends
 * at a blank or NUL. */
const char *cmdline_parse(const char *text, u32 bytes);

/* ---- map.c ------------------------------------------------------------- */

/* One entry of the loader's map into boot.ranges[]; E820 type 1 is RAM. */
void map_add(u64 start, u64 bytes, u32 e820_type);
/* Give [start, end) a type whatever it was; both are page aligned. */
void map_paint(u64 start, u64 end, u32 type);
/* First address of [start, end) that is neither RAM nor a module. */
u64 map_covered(u64 start, u64 end);
/* End of the memory there is in [from, to), whoever uses it; at least from. */
u64 map_end(u64 from, u64 to);
/* The highest RAM of so many bytes in [floor, limit), now BOOT_CORE. Panics
 * with one line if there is none. */
u64 map_take(u64 bytes, u64 floor, u64 limit);
/* The same outside everything dom0 will own, in pages and zeroed. */
u64 boot_claim(u64 bytes, u64 limit);

/* ---- module.c: dom0-kernel, dom0-initrd, policy ------------------------ */

/* One module of the loader; its line is "ROLE [rest]", at most `line_bytes`
 * characters. Panics if it is empty, there twice, or out of place. */
void module_add(const char *line, u32 line_bytes, u64 start, u64 bytes);
/* One module that holds several, each from a 4096-byte boundary, as the list
 * "ROLE:SIZE,ROLE:SIZE,..." says. */
void module_add_joined(const char *list, u64 start, u64 bytes);
/* Mark them BOOT_MODULE; panics if one does not lie in RAM, or with the remedy
 * if one is missing. */
void modules_paint(void);
/* Move them out of dom0's way. Final page tables only. */
void modules_move(void);

/* ---- dom0.c -------------------------------------------------------------- */

/* The policy is installed: memory goes to the frame table, domain 0 is built,
 * what is left of the modules is freed. Panics with one line on any defect of
 * the modules. */
void handover(void);

/* ---- elf.c: dom0's kernel, an ELF64 boot module -------------------------- */

struct elf_image {
	const u8 *bytes;
	u64 size;
	u32 entry; /* PVH entry point, physical */
	u64 low;   /* physical range of all segments */
	u64 high;
	u64 phoff; /* program headers */
	u32 phnum;
};
/* Everything is checked here; "" or what is wrong with the file. */
const char *elf_check(struct elf_image *e, const u8 *bytes, u64 size);
/* Copy the segments to their physical addresses (checked, in [low, high)). */
void elf_load(const struct elf_image *e);
