/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launch plan: everything that makes a guest's memory, in the one order
 * that the launch digest is defined over.
 *
 *   1 create    label, vCPUs, frame quota
 *   2 populate  [0, memory), the hole at 0xa0000 included
 *   3 populate  the ACPI pages at CASEMATE_ACPI_GFN
 *   4 load      kernel: every page that holds a byte of a segment's file part,
 *               ascending; bytes of such a page that no segment sets are zero
 *   5 load      ramdisk, if there is one
 *   6 load      the boot block (start_info.h), one page
 *   7 load      the ACPI tables
 *   8 start     PVH entry point, address of the boot block
 *
 *   0        1M                kernel              ramdisk        memory
 *   |--RAM---|-boot block-|....|XXXXXXXXXX(bss)....|rrrrrrrr|......|
 *
 * The boot block is at 1 MiB when the kernel leaves that page free, else right
 * behind the kernel; the ramdisk is on the next page boundary behind both.
 */
#pragma once

#include "abi/control.h"
#include "launch/blob.h"
#include "launch/elf.h"
#include "launch/guest.h"
#include "launch/start_info.h"

#define PLAN_PAGE 4096u
#define PLAN_ACPI_PAGES 1u
#define PLAN_MAX_CHUNKS (ELF_MAX_SEGMENTS + 3u)
#define PLAN_MAX_STEPS (PLAN_MAX_CHUNKS + 4u)
#define PLAN_RAMDISK_LIMIT (2ull << 30)

/* Bytes that go to a guest-physical address. */
struct plan_chunk {
	uint64_t gpa;
	uint64_t bytes;
	const uint8_t *data;
};

struct plan_step {
	uint32_t op;   /* enum casemate_launch */
	uint32_t kind; /* enum casemate_kind; LAUNCH_PAGE only */
	uint64_t gfn;  /* LAUNCH_POPULATE and LAUNCH_PAGE */
	uint64_t count;
};

struct plan {
	char label[GUEST_LABEL_MAX + 1];
	uint32_t vcpus;
	uint32_t entry;
	uint32_t start_info;
	uint64_t max_frames;
	struct plan_step steps[PLAN_MAX_STEPS];
	uint32_t step_count;
	struct plan_chunk chunks[PLAN_MAX_CHUNKS];
	uint32_t chunk_count;
	struct blob kernel; /* the chunks point into these */
	struct blob ramdisk;
	uint8_t boot_block[START_INFO_BYTES];
	uint8_t acpi[PLAN_ACPI_PAGES * PLAN_PAGE];
};

/* Who carries a plan out: the core (create), or a hash (measure). Each member
 * returns 0, or -1 with the plan_run's fail set. */
struct plan_sink {
	int (*create)(void *self, const struct plan *plan, struct fail *fail);
	int (*populate)(void *self, uint64_t gfn, uint64_t count,
			struct fail *fail);
	/* `buffer` holds the count pages to load. */
	int (*load)(void *self, uint32_t kind, uint64_t gfn, uint32_t count,
		    struct fail *fail);
	int (*start)(void *self, uint32_t entry, uint32_t start_info,
		     struct fail *fail);
};

/* Read the guest's files and lay it out. plan_free() in either case. */
int plan_make(struct plan *plan, const struct guest *guest, struct fail *fail);
void plan_free(struct plan *plan);

/* The contents of `count` pages at gfn, as the plan loads them. */
void plan_fill(const struct plan *plan, uint64_t gfn, uint32_t count,
	       uint8_t *buffer);

/* Do the steps in order, loading at most buffer_pages pages at a time. */
int plan_run(const struct plan *plan, const struct plan_sink *sink, void *self,
	     uint8_t *buffer, uint32_t buffer_pages, struct fail *fail);
