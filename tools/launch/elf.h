/* SPDX-License-Identifier: Apache-2.0 */
/* What of an ELF64 kernel matters for a PVH launch. */
#pragma once

#include "launch/blob.h"

#define ELF_MAX_SEGMENTS 16u

struct elf_segment {
	uint64_t gpa; /* p_paddr; never p_vaddr */
	uint64_t file_bytes;
	uint64_t memory_bytes; /* >= file_bytes */
	const uint8_t *data;   /* file_bytes of the image */
};

struct elf_kernel {
	struct elf_segment segments[ELF_MAX_SEGMENTS]; /* sorted, disjoint */
	uint32_t segment_count;			       /* >= 1 */
	uint32_t entry; /* Xen note PHYS32_ENTRY; inside a segment */
	uint64_t start; /* lowest guest-physical address loaded */
	uint64_t end;	/* first one after the highest segment */
};

/* Validate `image` and describe it; the result points into the image. */
int elf_parse(const struct blob *image, struct elf_kernel *kernel,
	      const char *path, struct fail *fail);
