/* SPDX-License-Identifier: Apache-2.0 */
/* ELF64 validation. The image is hostile: offsets and sizes are used only
 * after they were found to lie inside it, with arithmetic that cannot wrap. */
#include "launch/elf.h"

#include <elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <xen/elfnote.h>

/* Guest RAM lies below 4 GiB and so must a 32-bit entry point. */
#define GPA_LIMIT (1ull << 32)
#define MAX_HEADERS 128u

struct input {
	const struct blob *image;
	const char *path;
	struct fail *fail;
};

static int refuse(const struct input *in, const char *what)
{
	return fail_set(in->fail,
			"kernel %s: %s; use a complete x86-64 kernel with PVH "
			"support (CONFIG_PVH)",
			in->path, what);
}

static bool has_range(const struct blob *image, uint64_t offset, uint64_t bytes)
{
	return offset <= image->bytes && bytes <= image->bytes - offset;
}

static int check_header(const struct input *in, Elf64_Ehdr *header)
{
	if (!has_range(in->image, 0, sizeof(*header))) {
		return refuse(in, "ELF file shorter than its header");
	}
	memcpy(header, in->image->data, sizeof(*header));
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
		return refuse(in, "not an ELF file after unpacking");
	}
	if (header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_machine != EM_X86_64) {
		return refuse(in, "ELF file is not for 64-bit x86");
	}
	if (header->e_type != ET_EXEC) {
		return refuse(in, "ELF file is not an executable (ET_EXEC)");
	}
	if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 ||
	    header->e_phnum > MAX_HEADERS) {
		return refuse(in, "ELF program header table is malformed");
	}
	if (!has_range(in->image, header->e_phoff,
		       (uint64_t)header->e_phnum * sizeof(Elf64_Phdr))) {
		return refuse(in, "ELF program headers lie outside the file");
	}
	return 0;
}

static void get_phdr(const struct input *in, const Elf64_Ehdr *header,
		     uint32_t i, Elf64_Phdr *phdr)
{
	memcpy(phdr, in->image->data + header->e_phoff + i * sizeof(*phdr),
	       sizeof(*phdr));
}

static int add_segment(const struct input *in, const Elf64_Phdr *phdr,
		       struct elf_kernel *kernel)
{
	if (phdr->p_memsz == 0) {
		return 0;
	}
	if (kernel->segment_count == ELF_MAX_SEGMENTS) {
		return refuse(in, "ELF file has more than 16 segments to load");
	}
	if (!has_range(in->image, phdr->p_offset, phdr->p_filesz)) {
		return refuse(in, "ELF file is truncated: a segment's bytes "
				  "lie outside it");
	}
	if (phdr->p_filesz > phdr->p_memsz) {
		return refuse(in, "ELF segment larger in the file than in "
				  "memory");
	}
	if (phdr->p_paddr >= GPA_LIMIT ||
	    phdr->p_memsz > GPA_LIMIT - phdr->p_paddr) {
		return refuse(in, "ELF segment does not lie below 4 GiB");
	}
	kernel->segments[kernel->segment_count++] = (struct elf_segment){
		.gpa = phdr->p_paddr,
		.file_bytes = phdr->p_filesz,
		.memory_bytes = phdr->p_memsz,
		.data = in->image->data + phdr->p_offset,
	};
	return 0;
}

static uint64_t align4(uint64_t n)
{
	return (n + 3) & ~3ull;
}

/* Take PHYS32_ENTRY from one note segment; *entry stays 0 without one. Name
 * and descriptor sizes are 32-bit, so the sums below fit 64 bits. */
static int scan_notes(const struct input *in, const Elf64_Phdr *phdr,
		      uint64_t *entry)
{
	const uint8_t *at;
	uint64_t left = phdr->p_filesz;

	if (!has_range(in->image, phdr->p_offset, left)) {
		return refuse(in, "ELF notes lie outside the file");
	}
	at = in->image->data + phdr->p_offset;
	while (left >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		uint64_t name, total;

		memcpy(&note, at, sizeof(note));
		name = sizeof(note) + align4(note.n_namesz);
		total = name + align4(note.n_descsz);
		if (name + note.n_descsz > left) {
			return refuse(in, "ELF note is truncated");
		}
		if (note.n_type == XEN_ELFNOTE_PHYS32_ENTRY &&
		    note.n_namesz == 4 &&
		    memcmp(at + sizeof(note), "Xen", 4) == 0) {
			if (note.n_descsz != 4 && note.n_descsz != 8) {
				return refuse(in, "Xen entry note has an odd "
						  "size");
			}
			*entry = 0;
			memcpy(entry, at + name, note.n_descsz);
		}
		/* The last descriptor may lack its padding. */
		total = total > left ? left : total;
		at += total;
		left -= total;
	}
	return 0;
}

static int scan_headers(const struct input *in, struct elf_kernel *kernel,
			uint64_t *entry)
{
	Elf64_Ehdr header;
	Elf64_Phdr phdr;
	int rc = check_header(in, &header);

	for (uint32_t i = 0; rc == 0 && i < header.e_phnum; i++) {
		get_phdr(in, &header, i, &phdr);
		if (phdr.p_type == PT_LOAD) {
			rc = add_segment(in, &phdr, kernel);
		} else if (phdr.p_type == PT_NOTE) {
			rc = scan_notes(in, &phdr, entry);
		}
	}
	return rc;
}

static int by_address(const void *left, const void *right)
{
	const struct elf_segment *a = left;
	const struct elf_segment *b = right;

	return (a->gpa > b->gpa) - (a->gpa < b->gpa);
}

static int check_segments(const struct input *in, struct elf_kernel *kernel)
{
	const struct elf_segment *s = kernel->segments;

	if (kernel->segment_count == 0) {
		return refuse(in, "ELF file has nothing to load");
	}
	qsort(kernel->segments, kernel->segment_count, sizeof(*s), by_address);
	kernel->start = s[0].gpa;
	kernel->end = s[0].gpa + s[0].memory_bytes;
	for (uint32_t i = 1; i < kernel->segment_count; i++) {
		if (s[i].gpa < kernel->end) {
			return refuse(in, "ELF segments overlap in memory");
		}
		kernel->end = s[i].gpa + s[i].memory_bytes;
	}
	return 0;
}

static int check_entry(const struct input *in, struct elf_kernel *kernel,
		       uint64_t entry)
{
	const struct elf_segment *s = kernel->segments;

	if (entry == 0) {
		return refuse(in, "no Xen PVH entry note (PHYS32_ENTRY)");
	}
	for (uint32_t i = 0; i < kernel->segment_count; i++) {
		if (entry >= s[i].gpa && entry - s[i].gpa < s[i].memory_bytes) {
			kernel->entry = (uint32_t)entry;
			return 0;
		}
	}
	return refuse(in, "PVH entry point lies outside the loaded segments");
}

int elf_parse(const struct blob *image, struct elf_kernel *kernel,
	      const char *path, struct fail *fail)
{
	struct input in = { image, path, fail };
	uint64_t entry = 0;

	memset(kernel, 0, sizeof(*kernel));
	if (scan_headers(&in, kernel, &entry) != 0 ||
	    check_segments(&in, kernel) != 0) {
		return -1;
	}
	return check_entry(&in, kernel, entry);
}
