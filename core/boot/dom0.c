/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dom0 is direct-mapped: guest frame number = machine frame number.
 *
 *   0     640K   1M      16M                                   end
 *   | RAM | zero | (core)| kernel | initrd | start_info | ... | ACPI |
 *
 * "zero": the legacy area Linux scans, backed by other frames.
 */
#include "boot/boot.h"
#include "lib/acpi_tables.h"
#include "lib/checked.h"
#include "lib/mem.h"
#include "lib/print.h"
#include "refmon/refmon.h"
#include "vmm/control.h"
#include "vmm/hypercall.h"
#include "vmm/domain_make.h"
#include "vmm/frame_boot.h"
#include "vmm/p2m.h"
#include "vmm/vmm.h"

#include <xen/xen.h>
#include <xen/arch-x86/hvm/start_info.h>

#define E820_RAM XEN_HVM_MEMMAP_TYPE_RAM
#define E820_RESERVED XEN_HVM_MEMMAP_TYPE_RESERVED
#define E820_ACPI XEN_HVM_MEMMAP_TYPE_ACPI
#define DEVICES_START 0xfe000000ull
#define MAP_MAX 7u
/* Frames beyond dom0's RAM: the legacy area. */
#define EXTRA_FRAMES 256u

struct info_page { /* one page, at the guest's start_info address */
	struct hvm_start_info info;
	struct hvm_modlist_entry initrd;
	struct hvm_memmap_table_entry map[MAP_MAX];
	char cmdline[sizeof(boot.dom0_cmdline)];
};
_Static_assert(sizeof(struct info_page) <= PAGE_SIZE, "info page");

static void need(err_t e)
{
	if (e != 0) {
		panic("memory is too small for dom0's tables");
	}
}

static void each_frame(u32 type, u64 start, u64 end, void (*act)(mfn_t mfn))
{
	u32 i;

	for (i = 0; i < boot.range_count; i++) {
		const struct boot_range *r = &boot.ranges[i];
		u64 a = r->start > start ? r->start : start;

		for (; r->type == type && a < min64(r->end, end);
		     a += PAGE_SIZE) {
			act(a >> PAGE_SHIFT);
		}
	}
}

/* A frame of RAM becomes dom0's, where it is; cleared, for before a reset it
 * may have been a guest's. */
static void give_frame(mfn_t mfn)
{
	frame_boot_add(mfn, FRAME_OWNED, domains[0].id);
	memset(hw_frame(mfn), 0, PAGE_SIZE);
	need(p2m_set(&domains[0], mfn, mfn, P2M_RAM));
}

/* Whatever is still empty below 1 MiB gets a zeroed frame from elsewhere. */
static void fill_legacy(struct domain *d)
{
	gfn_t gfn;

	for (gfn = 0; gfn < LEGACY_END >> PAGE_SHIFT; gfn++) {
		if (p2m_kind_at(d, gfn) == P2M_NONE) {
			need(p2m_add_ram(d, gfn));
		}
	}
}

/* RAM that is not dom0's is reserved, so that Linux puts foreign mappings
 * into true holes. */
static u32 map_fill(struct info_page *p, u64 end)
{
	const struct boot_range rows[MAP_MAX] = {
		{ 0, LOW_END, E820_RAM },
		{ LEGACY_END, DOM0_START, E820_RESERVED },
		{ DOM0_START, end - ACPI_BYTES, E820_RAM },
		{ end - ACPI_BYTES, end, E820_ACPI },
		{ end, map_end(end, DEVICES_START), E820_RESERVED },
		{ DEVICES_START, FOUR_GIB, E820_RESERVED },
		{ FOUR_GIB, map_end(FOUR_GIB, ~0ull), E820_RESERVED },
	};
	u32 n = 0;
	u32 i;

	for (i = 0; i < MAP_MAX; i++) {
		if (rows[i].start < rows[i].end) {
			p->map[n].addr = rows[i].start;
			p->map[n].size = rows[i].end - rows[i].start;
			p->map[n].type = rows[i].type;
			n++;
		}
	}
	return n;
}

static void info_fill(u64 at, u64 initrd, u64 end)
{
	struct info_page *p = hw_frame(at >> PAGE_SHIFT);

	memset(p, 0, PAGE_SIZE);
	p->info.magic = XEN_HVM_START_MAGIC_VALUE;
	p->info.version = 1;
	p->info.flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
	p->info.cmdline_paddr = at +
				__builtin_offsetof(struct info_page, cmdline);
	p->info.rsdp_paddr = end - ACPI_BYTES;
	p->info.memmap_paddr = at + __builtin_offsetof(struct info_page, map);
	p->info.memmap_entries = map_fill(p, end);
	p->info.nr_modules = 1;
	p->info.modlist_paddr = at +
				__builtin_offsetof(struct info_page, initrd);
	p->initrd.paddr = initrd;
	p->initrd.size = boot.dom0_initrd.bytes;
	memcpy(p->cmdline, boot.dom0_cmdline, sizeof(p->cmdline));
}

static void kernel_load(struct elf_image *e, u64 end)
{
	const u8 *file = hw_frame(boot.dom0_kernel.start >> PAGE_SHIFT);
	const char *why = elf_check(e, file, boot.dom0_kernel.bytes);

	if (why[0] != '\0') {
		panic("boot module 'dom0-kernel': %s", why);
	}
	if (e->low < DOM0_START || e->high > end) {
		panic("boot module 'dom0-kernel' needs memory up to %lu MiB: "
		      "raise dom0_mem",
		      e->high >> 20);
	}
	elf_load(e);
}

static void dom0_build(void)
{
	struct domain *d = &domains[0];
	u64 end = DOM0_START + boot.dom0_bytes;
	u64 tables = end - ACPI_BYTES;
	struct elf_image kernel;
	u64 initrd, info;
	u64 frames = (boot.dom0_bytes + LOW_END) / PAGE_SIZE + EXTRA_FRAMES;

	need(domain_make(0, refmon_initial(POLICY_INITIAL_DOM0),
			 boot.dom0_vcpus, frames));
	/* Not frame 0: the core does not map it, and Linux would follow what
	 * firmware left there. */
	each_frame(BOOT_RAM, PAGE_SIZE, LOW_END, give_frame);
	each_frame(BOOT_RAM, DOM0_START, end, give_frame);
	fill_legacy(d);
	kernel_load(&kernel, tables);
	initrd = page_up(kernel.high);
	info = page_up(initrd + boot.dom0_initrd.bytes);
	if (info + PAGE_SIZE > tables) {
		panic("dom0_mem is too small for its kernel and initrd: at "
		      "least %lu MiB are needed",
		      ((info + PAGE_SIZE - DOM0_START) >> 20) + 64);
	}
	memcpy(hw_frame(initrd >> PAGE_SHIFT),
	       hw_frame(boot.dom0_initrd.start >> PAGE_SHIFT),
	       boot.dom0_initrd.bytes);
	info_fill(info, initrd, end);
	acpi_build(hw_frame(tables >> PAGE_SHIFT), tables, boot.dom0_vcpus);
	domain_start(d, kernel.entry, (u32)info, false);
}

/* ---- memory changes hands ----------------------------------------------- */

static void add_core(mfn_t mfn)
{
	frame_boot_add(mfn, FRAME_CORE, DOMID_NOBODY);
}

static void add_free(mfn_t mfn)
{
	frame_boot_add(mfn, FRAME_FREE, DOMID_NOBODY);
}

/* The modules' frames are nobody's until dom0 has been made of them; dom0's own
 * are added as it gets them. */
void handover(void)
{
	u64 limit = map_end(0, FRAMES_END);
	u64 bytes = frame_table_bytes(limit >> PAGE_SHIFT);
	u64 table = boot_claim(bytes, ADDRESS_END);
	struct frame *frames = hw_frame(table >> PAGE_SHIFT);

	frame_table_init(frames, (void *)(frames + (limit >> PAGE_SHIFT)),
			 limit >> PAGE_SHIFT);
	each_frame(BOOT_CORE, 0, limit, add_core);
	each_frame(BOOT_RAM, LOW_END, DOM0_START, add_free);
	each_frame(BOOT_RAM, DOM0_START + boot.dom0_bytes, limit, add_free);
	dom0_build();
	each_frame(BOOT_MODULE, 0, limit, add_free);
}
