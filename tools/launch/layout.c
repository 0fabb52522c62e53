/* SPDX-License-Identifier: Apache-2.0 */
/* From a guest file to a launch plan. See layout.h for the order and map. */
#include "launch/layout.h"

#include <stdbool.h>
#include <string.h>

#include "lib/acpi_tables.h"
#include "launch/kernel.h"

#define MIB (1ull << 20)
#define BOOT_BLOCK_GPA MIB
#define LOW_RAM_END 0xa0000ull
/* Linux reads the boot block through a map of the first GiB. */
#define BOOT_BLOCK_LIMIT (1ull << 30)

_Static_assert(ELF_MAX_SEGMENTS + 7u <= PLAN_MAX_STEPS, "every step fits");

static uint64_t page_up(uint64_t n)
{
	return (n + PLAN_PAGE - 1) / PLAN_PAGE * PLAN_PAGE;
}

static unsigned long long to_mib(uint64_t bytes)
{
	return (bytes + MIB - 1) / MIB;
}

static void add_chunk(struct plan *plan, uint64_t gpa, const uint8_t *data,
		      uint64_t bytes)
{
	plan->chunks[plan->chunk_count++] = (struct plan_chunk){ gpa, bytes,
								 data };
}

static void add_step(struct plan *plan, uint32_t op, uint32_t kind,
		     uint64_t gfn, uint64_t count)
{
	plan->steps[plan->step_count++] = (struct plan_step){ op, kind, gfn,
							      count };
}

/* One load per run of adjoining pages: segments may share a page. */
static void add_kernel(struct plan *plan, const struct elf_kernel *elf)
{
	uint64_t next = 0; /* first gfn behind the open run */
	struct plan_step *run = NULL;

	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *s = &elf->segments[i];
		uint64_t first = s->gpa / PLAN_PAGE;
		uint64_t end = page_up(s->gpa + s->file_bytes) / PLAN_PAGE;

		if (s->file_bytes == 0) {
			continue;
		}
		add_chunk(plan, s->gpa, s->data, s->file_bytes);
		if (run == NULL || first > next) {
			add_step(plan, LAUNCH_PAGE, KIND_KERNEL, first, 0);
			run = &plan->steps[plan->step_count - 1];
		}
		next = end;
		run->count = next - run->gfn;
	}
}

struct places {
	uint64_t ram;
	uint64_t boot_block;
	uint64_t ramdisk;
	uint64_t end; /* of everything the guest is given */
};

static void choose_places(const struct elf_kernel *elf, uint64_t ramdisk_bytes,
			  struct places *at)
{
	uint64_t free = page_up(elf->end);

	if (free < BOOT_BLOCK_GPA) {
		free = BOOT_BLOCK_GPA;
	}
	if (elf->start >= BOOT_BLOCK_GPA + START_INFO_BYTES) {
		at->boot_block = BOOT_BLOCK_GPA;
	} else {
		at->boot_block = free;
		free += START_INFO_BYTES;
	}
	at->ramdisk = free;
	at->end = free + page_up(ramdisk_bytes);
}

/* Is every segment in what the memory map calls RAM? The end is checked with
 * that of the ramdisk. */
static int check_kernel(const struct elf_kernel *elf, const char *path,
			struct fail *fail)
{
	for (uint32_t i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *s = &elf->segments[i];

		if (s->gpa < MIB && s->gpa + s->memory_bytes > LOW_RAM_END) {
			return fail_set(fail,
					"kernel %s: it loads at 0x%llx, into "
					"the hole at 0xa0000-0xfffff; link it "
					"at 1 MiB or above",
					path, (unsigned long long)s->gpa);
		}
	}
	return 0;
}

static int check_places(const struct guest *guest, const struct elf_kernel *elf,
			const struct plan *plan, const struct places *at,
			struct fail *fail)
{
	if (at->end > at->ram) {
		return fail_set(
			fail,
			"memory = %u MiB is too small: kernel %s ends at %llu "
			"MiB and the ramdisk takes %llu MiB; give memory = "
			"%llu at the very least, unpacking needs more",
			guest->memory_mib, guest->kernel, to_mib(elf->end),
			to_mib(plan->ramdisk.bytes), to_mib(at->end));
	}
	if (at->boot_block + START_INFO_BYTES > BOOT_BLOCK_LIMIT) {
		return fail_set(fail,
				"kernel %s: it leaves no page free below 1 GiB "
				"for the boot block; link it lower",
				guest->kernel);
	}
	return check_kernel(elf, guest->kernel, fail);
}

static int build_tables(struct plan *plan, const struct guest *guest,
			const struct places *at, struct fail *fail)
{
	const struct start_info_input in = {
		.gpa = at->boot_block,
		.ram_bytes = at->ram,
		.ramdisk_gpa = at->ramdisk,
		.ramdisk_bytes = plan->ramdisk.bytes,
		.acpi_gpa = CASEMATE_ACPI_GFN * PLAN_PAGE,
		.acpi_bytes = sizeof(plan->acpi),
		.cmdline = guest->cmdline,
	};

	acpi_build(plan->acpi, in.acpi_gpa, guest->vcpus);
	return start_info_build(plan->boot_block, &in, fail);
}

static void add_steps(struct plan *plan, const struct elf_kernel *elf,
		      const struct places *at)
{
	uint64_t ramdisk_pages = page_up(plan->ramdisk.bytes) / PLAN_PAGE;

	add_step(plan, LAUNCH_CREATE, 0, 0, 0);
	add_step(plan, LAUNCH_POPULATE, 0, 0, at->ram / PLAN_PAGE);
	add_step(plan, LAUNCH_POPULATE, 0, CASEMATE_ACPI_GFN, PLAN_ACPI_PAGES);
	add_kernel(plan, elf);
	if (ramdisk_pages != 0) {
		add_chunk(plan, at->ramdisk, plan->ramdisk.data,
			  plan->ramdisk.bytes);
		add_step(plan, LAUNCH_PAGE, KIND_RAMDISK,
			 at->ramdisk / PLAN_PAGE, ramdisk_pages);
	}
	add_chunk(plan, at->boot_block, plan->boot_block, START_INFO_BYTES);
	add_step(plan, LAUNCH_PAGE, KIND_START_INFO, at->boot_block / PLAN_PAGE,
		 1);
	add_chunk(plan, CASEMATE_ACPI_GFN * PLAN_PAGE, plan->acpi,
		  sizeof(plan->acpi));
	add_step(plan, LAUNCH_PAGE, KIND_ACPI, CASEMATE_ACPI_GFN,
		 PLAN_ACPI_PAGES);
	add_step(plan, LAUNCH_START, 0, 0, 0);
}

static int read_files(struct plan *plan, const struct guest *guest,
		      struct fail *fail)
{
	struct blob file = { 0 };

	if (blob_read(&file, guest->kernel, KERNEL_FILE_LIMIT, "kernel",
		      fail) != 0 ||
	    kernel_unpack(&file, &plan->kernel, guest->kernel, fail) != 0) {
		return -1;
	}
	if (guest->ramdisk == NULL) {
		return 0;
	}
	return blob_read(&plan->ramdisk, guest->ramdisk, PLAN_RAMDISK_LIMIT,
			 "ramdisk", fail);
}

int plan_make(struct plan *plan, const struct guest *guest, struct fail *fail)
{
	struct elf_kernel elf;
	struct places at = { .ram = guest->memory_mib * MIB };

	memset(plan, 0, sizeof(*plan));
	memcpy(plan->label, guest->label, sizeof(plan->label));
	plan->vcpus = guest->vcpus;
	if (read_files(plan, guest, fail) != 0 ||
	    elf_parse(&plan->kernel, &elf, guest->kernel, fail) != 0) {
		return -1;
	}
	choose_places(&elf, plan->ramdisk.bytes, &at);
	if (check_places(guest, &elf, plan, &at, fail) != 0 ||
	    build_tables(plan, guest, &at, fail) != 0) {
		return -1;
	}
	plan->entry = elf.entry;
	plan->start_info = (uint32_t)at.boot_block;
	plan->max_frames = at.ram / PLAN_PAGE + CASEMATE_OVERHEAD_FRAMES +
			   PLAN_ACPI_PAGES;
	add_steps(plan, &elf, &at);
	return 0;
}

void plan_free(struct plan *plan)
{
	blob_free(&plan->kernel);
	blob_free(&plan->ramdisk);
	plan->chunk_count = 0;
	plan->step_count = 0;
}
