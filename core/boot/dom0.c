/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dom0 is direct-mapped: guest frame number = machine frame number.
 *
 *   0     640K   1M      16M                                   end
 *   | RAM | zero | (core)| kernel | initrd | start_info | ... | ACPI |
 *
 * "zero": the legacy area Linux scans, backed by other frames.
 */
#include "boot/dom0.h"

#include "lib/acpi_tables.h"
#include "boot/elf.h"
#include "lib/mem.h"
#include "lib/print.h"
#include "refmon/refmon.h"
#include "vmm/domain_make.h"
#include "vmm/frame_boot.h"
#include "vmm/p2m.h"

#include <xen/xen.h>
#include <xen/arch-x86/hvm/start_info.h>

#define LOW_END 0xa0000ull
#define LEGACY_END 0x100000ull
#define MAIN_START ((u64)0x1000000)
#define ACPI_BYTES 0x4000u
#define E820_RAM XEN_HVM_MEMMAP_TYPE_RAM
#define E820_RESERVED XEN_HVM_MEMMAP_TYPE_RESERVED
#define E820_ACPI XEN_HVM_MEMMAP_TYPE_ACPI
#define FOUR_GIB 0x100000000ull
#define DEVICES_START 0xfe000000ull
#define MAP_MAX 8u
#define COMMAND_LINE_AT 1024u
/* Frames beyond dom0's RAM: the legacy area. */
#define EXTRA_FRAMES 256u

struct info_page { /* one page, at the guest's start_info address */
	struct hvm_start_info info;
	struct hvm_modlist_entry initrd;
	struct hvm_memmap_table_entry map[MAP_MAX];
};
_Static_assert(sizeof(struct info_page) <= COMMAND_LINE_AT, "info page");

static void map_page(struct domain *d, gfn_t gfn, mfn_t mfn)
{
	if (p2m_set(d, gfn, mfn, P2M_RAM) != 0) {
		panic("memory too small: no frame for dom0's page tables");
	}
}

/* Frames of [start, end) that are RAM now belong to dom0, where they are;
 * cleared, for before a reset they may have been a guest's. Not frame 0: the
 * core does not map it, and Linux would follow what firmware left there. */
static void give_ram(struct domain *d, const struct boot_info *boot, u64 start,
		     u64 end)
{
	u32 i;

	for (i = 0; i < boot->range_count; i++) {
		const struct boot_range *r = &boot->ranges[i];
		u64 a = r->start > start ? r->start : start;
		u64 b = r->end < end ? r->end : end;

		for (; r->type == BOOT_RAM && a < b; a += PAGE_SIZE) {
			frame_boot_add(a >> PAGE_SHIFT, FRAME_OWNED, d->id);
			d->frames += 1;
			memset(hw_frame(a >> PAGE_SHIFT), 0, PAGE_SIZE);
			map_page(d, a >> PAGE_SHIFT, a >> PAGE_SHIFT);
		}
	}
}

/* Whatever is still empty below 1 MiB gets a zeroed frame from elsewhere. */
static void fill_legacy(struct domain *d)
{
	gfn_t gfn;
	mfn_t mfn;

	for (gfn = 0; gfn < LEGACY_END >> PAGE_SHIFT; gfn++) {
		if (p2m_get(d, gfn).kind != P2M_NONE) {
			continue;
		}
		if (frame_alloc(d->id, FRAME_OWNED, &mfn) != 0) {
			panic("memory too small: no frame for dom0");
		}
		map_page(d, gfn, mfn);
	}
}

static u64 page_up(u64 x)
{
	return (x + PAGE_MASK) & ~(u64)PAGE_MASK;
}

/* End of the RAM the machine has in [from, to), whoever uses it. */
static u64 ram_end(const struct boot_info *boot, u64 from, u64 to)
{
	u64 end = from;
	u32 i;

	for (i = 0; i < boot->range_count; i++) {
		const struct boot_range *r = &boot->ranges[i];

		if (r->type != BOOT_RESERVED && r->start >= from &&
		    r->end <= to && r->end > end) {
			end = r->end;
		}
	}
	return end;
}

static u32 map_entry(struct info_page *p, u32 n, u64 start, u64 end, u32 type)
{
	if (start >= end) {
		return n;
	}
	p->map[n].addr = start;
	p->map[n].size = end - start;
	p->map[n].type = type;
	return n + 1;
}

/* RAM that is not dom0's is reserved, so that Linux puts foreign mappings
 * into true holes. */
static u32 map_fill(struct info_page *p, const struct boot_info *boot, u64 end)
{
	u32 n = 0;

	n = map_entry(p, n, 0, LOW_END, E820_RAM);
	n = map_entry(p, n, LEGACY_END, MAIN_START, E820_RESERVED);
	n = map_entry(p, n, MAIN_START, end - ACPI_BYTES, E820_RAM);
	n = map_entry(p, n, end - ACPI_BYTES, end, E820_ACPI);
	n = map_entry(p, n, end, ram_end(boot, end, DEVICES_START),
		      E820_RESERVED);
	n = map_entry(p, n, DEVICES_START, FOUR_GIB, E820_RESERVED);
	return map_entry(p, n, FOUR_GIB, ram_end(boot, FOUR_GIB, ~0ull),
			 E820_RESERVED);
}

static void info_fill(const struct boot_info *boot, u64 at, u64 initrd, u64 end)
{
	struct info_page *p = hw_frame(at >> PAGE_SHIFT);

	memset(p, 0, PAGE_SIZE);
	p->info.magic = XEN_HVM_START_MAGIC_VALUE;
	p->info.version = 1;
	p->info.flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
	p->info.cmdline_paddr = at + COMMAND_LINE_AT;
	p->info.rsdp_paddr = end - ACPI_BYTES;
	p->info.memmap_paddr = at + __builtin_offsetof(struct info_page, map);
	p->info.memmap_entries = map_fill(p, boot, end);
	if (boot->dom0_initrd.bytes != 0) {
		p->info.nr_modules = 1;
		p->info.modlist_paddr =
			at + __builtin_offsetof(struct info_page, initrd);
		p->initrd.paddr = initrd;
		p->initrd.size = boot->dom0_initrd.bytes;
	}
	memcpy((u8 *)p + COMMAND_LINE_AT, boot->dom0_cmdline,
	       sizeof(boot->dom0_cmdline));
}

static void module_copy(u64 to, const struct boot_module *m)
{
	memcpy(hw_frame(to >> PAGE_SHIFT), hw_frame(m->start >> PAGE_SHIFT),
	       m->bytes);
}

static void kernel_load(const struct boot_info *boot, struct elf_image *e,
			u64 end)
{
	const u8 *file = hw_frame(boot->dom0_kernel.start >> PAGE_SHIFT);
	const char *why = elf_check(e, file, boot->dom0_kernel.bytes);

	if (why[0] != '\0') {
		panic("boot module 'dom0-kernel': %s", why);
	}
	if (e->low < MAIN_START || e->high > end) {
		panic("boot module 'dom0-kernel' needs memory up to %lu MiB: "
		      "raise dom0_mem",
		      e->high >> 20);
	}
	elf_load(e);
}

void dom0_build(const struct boot_info *boot)
{
	struct domain *d = &domains[0];
	struct elf_image kernel;
	u64 end = MAIN_START + boot->dom0_bytes;
	u64 initrd, info;

	if (domain_make(0, refmon_initial(POLICY_INITIAL_DOM0),
			boot->dom0_vcpus,
			(boot->dom0_bytes + LOW_END) / PAGE_SIZE +
				EXTRA_FRAMES) != 0) {
		panic("memory too small: no frame for dom0's tables");
	}
	give_ram(d, boot, PAGE_SIZE, LOW_END);
	give_ram(d, boot, MAIN_START, end);
	fill_legacy(d);
	kernel_load(boot, &kernel, end - ACPI_BYTES);
	initrd = page_up(kernel.high);
	info = page_up(initrd + boot->dom0_initrd.bytes);
	if (info + PAGE_SIZE > end - ACPI_BYTES) {
		panic("dom0_mem is too small for its kernel and initrd: at "
		      "least %lu MiB are needed",
		      ((info + PAGE_SIZE - MAIN_START) >> 20) + 64);
	}
	module_copy(initrd, &boot->dom0_initrd);
	info_fill(boot, info, initrd, end);
	if (acpi_build(hw_frame((end - ACPI_BYTES) >> PAGE_SHIFT), ACPI_BYTES,
		       end - ACPI_BYTES, boot->dom0_vcpus) == 0) {
		panic("dom0's ACPI tables do not fit");
	}
	domain_start(d, kernel.entry, (u32)info, false);
}
