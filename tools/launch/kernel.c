/* SPDX-License-Identifier: Apache-2.0 */
/* Unpack a kernel. Linux's boot protocol (Documentation/arch/x86/boot.rst):
 *
 *   0 .. (setup_sects + 1) * 512     real-mode code with the setup header
 *   then protected-mode code; payload_offset counts from its start;
 *   the payload ends with its uncompressed size, a 32-bit word.
 *
 * The file is hostile: every number in it is checked against the file. */
#include "launch/kernel.h"

#include <inttypes.h>
#include <string.h>

#include "launch/decompress.h"

#define SETUP_SECTS 0x1f1u
#define SETUP_MAGIC 0x202u
#define SETUP_VERSION 0x206u
#define SETUP_PAYLOAD_OFFSET 0x248u
#define SETUP_PAYLOAD_LENGTH 0x24cu
#define SETUP_END 0x268u
/* payload_offset exists since protocol 2.08 (Linux 2.6.26). */
#define PAYLOAD_VERSION 0x208u

static uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) | get16(p + 2) << 16;
}

static int is_bzimage(const struct blob *file)
{
	return file->bytes >= SETUP_END &&
	       memcmp(file->data + SETUP_MAGIC, "HdrS", 4) == 0;
}

/* Where is the payload, and does the file hold all of it? */
static int find_payload(const struct blob *file, struct blob *payload,
			const char *path, struct fail *fail)
{
	uint64_t sects = file->data[SETUP_SECTS];
	uint64_t start, length;

	if (get16(file->data + SETUP_VERSION) < PAYLOAD_VERSION) {
		return fail_set(fail,
				"kernel %s: bzImage of boot protocol before "
				"2.08; use Linux 2.6.26 or later",
				path);
	}
	if (sects == 0) {
		sects = 4;
	}
	start = (sects + 1) * 512 + get32(file->data + SETUP_PAYLOAD_OFFSET);
	length = get32(file->data + SETUP_PAYLOAD_LENGTH);
	if (start + length > file->bytes) {
		return fail_set(fail,
				"kernel %s: bzImage is truncated: its payload "
				"ends at byte %" PRIu64
				", the file has %zu; copy "
				"the kernel again",
				path, start + length, file->bytes);
	}
	if (length < 8) {
		return fail_set(fail,
				"kernel %s: bzImage with an empty payload; "
				"copy the kernel again",
				path);
	}
	payload->data = file->data + start;
	payload->bytes = (size_t)length;
	return 0;
}

static int no_decompressor(const struct blob *payload, const char *path,
			   struct fail *fail)
{
	const char *name = decompressor_unsupported(payload);

	if (name != NULL) {
		return fail_set(fail,
				"kernel %s: bzImage compressed with %s, which "
				"is not supported; use xz, gzip, zstd or lz4, "
				"or give the vmlinux",
				path, name);
	}
	return fail_set(fail,
			"kernel %s: bzImage payload starts with %02x %02x %02x "
			"%02x: no known compression; the file is corrupt, copy "
			"it again",
			path, payload->data[0], payload->data[1],
			payload->data[2], payload->data[3]);
}

static int unpack_payload(struct blob *payload, struct blob *elf,
			  const char *path, struct fail *fail)
{
	const struct decompressor *d = decompressor_find(payload);
	uint32_t bytes = get32(payload->data + payload->bytes - 4);
	const char *why = NULL;

	if (d == NULL) {
		return no_decompressor(payload, path, fail);
	}
	if (bytes == 0 || bytes > KERNEL_ELF_LIMIT) {
		return fail_set(fail,
				"kernel %s: bzImage (%s) promises %u bytes "
				"unpacked; 1 to %llu are accepted; the file is "
				"corrupt, copy it again",
				path, d->name, bytes, KERNEL_ELF_LIMIT);
	}
	if (d->has_size_appended) {
		payload->bytes -= 4;
	}
	if (blob_alloc(elf, bytes, path, fail) != 0) {
		return -1;
	}
	if (d->run(payload, elf, &why) != 0) {
		blob_free(elf);
		return fail_set(fail,
				"kernel %s: bzImage, %s payload: %s; the file "
				"is corrupt, copy it again",
				path, d->name, why);
	}
	return 0;
}

int kernel_unpack(struct blob *file, struct blob *elf, const char *path,
		  struct fail *fail)
{
	struct blob payload;
	int rc;

	if (file->bytes >= 4 && memcmp(file->data, "\177ELF", 4) == 0) {
		*elf = *file;
		*file = (struct blob){ 0 };
		return 0;
	}
	if (!is_bzimage(file)) {
		rc = fail_set(fail,
			      "kernel %s: neither a bzImage nor an ELF file; "
			      "name a vmlinuz or vmlinux for x86-64",
			      path);
	} else {
		rc = find_payload(file, &payload, path, fail);
	}
	if (rc == 0) {
		rc = unpack_payload(&payload, elf, path, fail);
	}
	blob_free(file);
	return rc;
}
