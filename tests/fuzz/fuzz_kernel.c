/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's kernel: bzImage or ELF, as the tool reads it; and the same ELF as
 * the core reads dom0's. Refused with one line, or inside the file. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "launch/elf.h"
#include "launch/kernel.h"

#define GUEST_LIMIT (1ull << 32)

/* The core's reader has a header of the same name. */
struct elf_image;
int core_elf_check(const uint8_t *bytes, uint64_t size);

/* Every byte described is inside the image: ASan reads along. */
static void kernel_check(const struct elf_kernel *k, const struct blob *elf)
{
	uint64_t last = 0;
	uint32_t i, sum = 0;
	size_t n;
	int is_inside = 0;

	for (i = 0; i < k->segment_count; i++) {
		const struct elf_segment *s = &k->segments[i];

		if (s->gpa < last || s->memory_bytes > GUEST_LIMIT ||
		    s->gpa + s->memory_bytes > GUEST_LIMIT ||
		    s->file_bytes > s->memory_bytes || s->gpa < k->start ||
		    s->gpa + s->memory_bytes > k->end) {
			fuzz_fail("segment %u: %lx bytes at %lx", i,
				  s->memory_bytes, s->gpa);
		}
		if (s->file_bytes != 0 &&
		    (s->data < elf->data || s->file_bytes > elf->bytes ||
		     s->data > elf->data + (elf->bytes - s->file_bytes))) {
			fuzz_fail("segment %u lies outside of the image", i);
		}
		for (n = 0; n < s->file_bytes; n++) {
			sum += s->data[n];
		}
		is_inside |= k->entry >= s->gpa &&
			     k->entry < s->gpa + s->memory_bytes;
		last = s->gpa + s->memory_bytes;
	}
	if (k->segment_count == 0 || k->segment_count > ELF_MAX_SEGMENTS ||
	    !is_inside || sum == 0xffffffffu) {
		fuzz_fail("%u segments, entry %x", k->segment_count, k->entry);
	}
}

static void line_check(int rc, const struct fail *fail)
{
	if (rc != -1 || fail->text[0] == '\0' ||
	    strchr(fail->text, '\n') != NULL) {
		fuzz_fail("result %d, text '%s'", rc, fail->text);
	}
}

/* A bzImage that promises hundreds of MiB costs time and shows nothing. */
static int is_huge(const uint8_t *data, size_t bytes)
{
	uint32_t at, length, promised;

	if (bytes < 0x268 || memcmp(data + 0x202, "HdrS", 4) != 0) {
		return 0;
	}
	memcpy(&at, data + 0x248, 4);
	memcpy(&length, data + 0x24c, 4);
	at += (data[0x1f1] == 0 ? 5u : data[0x1f1] + 1u) * 512u;
	if (length < 4 || (uint64_t)at + length > bytes) {
		return 0;
	}
	memcpy(&promised, data + at + length - 4, 4);
	return promised > (1u << 20) && promised <= KERNEL_ELF_LIMIT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct blob file = { 0 }, elf = { 0 };
	struct elf_kernel kernel;
	struct fail fail = { "" };
	int rc;

	if (bytes == 0 || is_huge(data, bytes) ||
	    blob_alloc(&file, bytes, "kernel", &fail) != 0) {
		return 0;
	}
	memcpy(file.data, data, bytes);
	(void)core_elf_check(file.data, bytes);
	rc = kernel_unpack(&file, &elf, "k", &fail);
	if (rc == 0) {
		memset(&kernel, 0, sizeof(kernel));
		(void)core_elf_check(elf.data, elf.bytes);
		rc = elf_parse(&elf, &kernel, "k", &fail);
		if (rc == 0) {
			kernel_check(&kernel, &elf);
		}
	}
	if (rc != 0) {
		line_check(rc, &fail);
	}
	blob_free(&elf);
	if (file.data != NULL) {
		fuzz_fail("the file was not consumed");
	}
	return 0;
}
