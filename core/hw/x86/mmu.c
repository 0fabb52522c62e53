/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core's final page tables, an identity map:
 *
 *   page 0              not mapped
 *   RAM                 read-write, no execute
 *   image: text         read-execute        (core.lds)
 *   image: rodata       read
 *   image: data, bss    read-write, no execute; guard pages not mapped
 *   local and IO-APIC   read-write, no execute, uncached
 *
 * Nothing else is mapped; nothing is both writable and executable.
 */
#include "hw/x86/x86.h"
#include "lib/print.h"

#define P 0x1ull
#define W 0x2ull
#define UNCACHED 0x18ull
#define AD 0x60ull
#define LARGE 0x80ull
#define NX (1ull << 63)
#define ADDRESS 0x000ffffffffff000ull

#define RAM_FLAGS (P | W | AD | NX)
#define READ_FLAGS (P | AD | NX)
#define TEXT_FLAGS (P | AD)
#define DEVICE_FLAGS (P | W | AD | NX | UNCACHED)

#define LARGE_BYTES 0x200000ull
#define LARGE_SHIFT 21u
#define FIXED_TABLES 32u

/* core.lds */
extern u8 image_start[], image_text_end[], image_rodata_end[], image_end[];

u64 mmu_root[512] __attribute__((aligned(PAGE_SIZE)));
static u64 pool_next;
static u64 pool_end;

/* The table below an entry; made, or split from a large page, if need be. */
static u64 *table_below(u64 *entry)
{
	u64 old = *entry;
	u64 *table;
	u32 i;

	if ((old & P) != 0 && (old & LARGE) == 0) {
		return (u64 *)(old & ADDRESS);
	}
	table = (u64 *)pool_next;
	pool_next += PAGE_SIZE;
	if (pool_next > pool_end) {
		panic("the page-table estimate was too small");
	}
	for (i = 0; (old & P) != 0 && i < 512u; i++) {
		table[i] = (old & ~LARGE) + (u64)i * PAGE_SIZE;
	}
	*entry = (u64)table | P | W;
	return table;
}

static u64 *directory_entry(u64 address)
{
	u64 *t = mmu_root;

	t = table_below(&t[address >> 39 & 511u]);
	t = table_below(&t[address >> 30 & 511u]);
	return &t[address >> LARGE_SHIFT & 511u];
}

static u64 *page_entry(u64 address)
{
	u64 *t = table_below(directory_entry(address));

	return &t[address >> PAGE_SHIFT & 511u];
}

/* The ranges do not overlap and come first: no table is below a large page. */
static void map_ram(const struct boot_range *r)
{
	u64 at = r->start;

	while (at < r->end) {
		if ((at & (LARGE_BYTES - 1u)) == 0 &&
		    r->end - at >= LARGE_BYTES) {
			*directory_entry(at) = at | RAM_FLAGS | LARGE;
			at += LARGE_BYTES;
		} else {
			*page_entry(at) = at | RAM_FLAGS;
			at += PAGE_SIZE;
		}
	}
}

/* The other processors' stacks come out of the pool. */
static void map_stacks(void)
{
	u32 i, j;

	for (i = 0; i < acpi.cpu_count; i++) {
		if (i != 0) {
			cpus[i].stacks = (struct stack *)pool_next;
			pool_next += CPU_STACKS * sizeof(struct stack);
		}
		for (j = 0; j < CPU_STACKS; j++) {
			*page_entry((u64)cpus[i].stacks[j].guard) = 0;
		}
	}
}

static void map_image(void)
{
	u64 at;

	for (at = (u64)image_start; at < (u64)image_end; at += PAGE_SIZE) {
		u64 flags = RAM_FLAGS;

		if (at < (u64)image_text_end) {
			flags = TEXT_FLAGS;
		} else if (at < (u64)image_rodata_end) {
			flags = READ_FLAGS;
		}
		*page_entry(at) = at | flags;
	}
}

static void map_device(u64 address)
{
	*page_entry(address) = (address & ~(u64)PAGE_MASK) | DEVICE_FLAGS;
}

/* Per range at most: two edge tables and two that it may begin; the other
 * directories and level-3 tables lie in ranges that do not overlap. */
u64 mmu_pool_bytes(u32 ranges, u64 top)
{
	u64 stacks = acpi.cpu_count * CPU_STACKS * sizeof(struct stack);

	return stacks + PAGE_SIZE * (FIXED_TABLES + 4u * ranges + (top >> 30) +
				     (top >> 39));
}

void mmu_init(const struct boot_info *boot, u64 pool, u64 pool_bytes)
{
	u32 i;

	pool_next = pool;
	pool_end = pool + pool_bytes;
	for (i = 0; i < boot->range_count; i++) {
		if (boot->ranges[i].type != BOOT_RESERVED) {
			map_ram(&boot->ranges[i]);
		}
	}
	map_image();
	map_stacks();
	map_device(acpi.lapic);
	map_device(acpi.ioapic);
	*page_entry(0) = 0;
	__asm__ volatile("mov %0, %%cr3" : : "r"(mmu_root) : "memory");
}
