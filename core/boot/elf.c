/* SPDX-License-Identifier: Apache-2.0 */
/* Just enough ELF64 for a PVH kernel: program headers and the entry note. All
 * fields are read bytewise from the module and checked before use. */
#include "boot/elf.h"

#include "hw/hw.h"
#include "lib/mem.h"

#define MAX_SEGMENTS 32u
#define PT_LOAD 1u
#define PT_NOTE 4u
#define NOTE_PHYS32_ENTRY 18u
#define PHYSICAL_END 0x100000000ull

struct segment {
	u32 type;
	u64 offset, paddr, filesz, memsz;
};

static u64 field(const u8 *p, u32 bytes)
{
	u64 x = 0;

	while (bytes > 0) {
		bytes -= 1;
		x = (x << 8) | p[bytes];
	}
	return x;
}

static struct segment segment_at(const struct elf_image *e, u32 i)
{
	const u8 *p = e->bytes + field(e->bytes + 32, 8) + (u64)i * 56;
	struct segment s = { (u32)field(p, 4), field(p + 8, 8),
			     field(p + 24, 8), field(p + 32, 8),
			     field(p + 40, 8) };

	return s;
}

static u32 segment_count(const struct elf_image *e)
{
	return (u32)field(e->bytes + 56, 2);
}

static bool is_header_ok(const u8 *b, u64 size)
{
	u64 phoff, phnum;

	if (size < 64 || b[0] != 0x7f || b[1] != 'E' || b[2] != 'L' ||
	    b[3] != 'F' || b[4] != 2 || b[5] != 1 || field(b + 18, 2) != 62 ||
	    field(b + 54, 2) != 56) {
		return false;
	}
	phoff = field(b + 32, 8);
	phnum = field(b + 56, 2);
	return phnum >= 1 && phnum <= MAX_SEGMENTS && phoff <= size &&
	       phnum * 56 <= size - phoff;
}

static bool is_segment_ok(const struct elf_image *e, const struct segment *s)
{
	return s->offset <= e->size && s->filesz <= e->size - s->offset &&
	       s->filesz <= s->memsz && s->paddr < PHYSICAL_END &&
	       s->memsz <= PHYSICAL_END - s->paddr;
}

static u64 align4(u64 x)
{
	return (x + 3) & ~3ull;
}

/* Notes: {name size, descriptor size, type, name, descriptor}, each padded to
 * four bytes. Ours is "Xen", 18, with a 4- or 8-byte physical address. */
static void note_scan(struct elf_image *e, const struct segment *s)
{
	const u8 *p = e->bytes + s->offset;
	u64 at = 0;

	while (s->filesz - at >= 12) {
		u64 name = field(p + at, 4), desc = field(p + at + 4, 4);
		u64 total = 12 + align4(name) + align4(desc);

		if (total > s->filesz - at) {
			return;
		}
		if (field(p + at + 8, 4) == NOTE_PHYS32_ENTRY && name == 4 &&
		    memcmp(p + at + 12, "Xen", 4) == 0 &&
		    (desc == 4 || desc == 8)) {
			u64 entry = field(p + at + 16, (u32)desc);

			e->entry = entry < PHYSICAL_END ? (u32)entry : 0;
		}
		at += total;
	}
}

static const char *segments_scan(struct elf_image *e)
{
	u32 i;

	for (i = 0; i < segment_count(e); i++) {
		struct segment s = segment_at(e, i);

		if (s.type != PT_LOAD && s.type != PT_NOTE) {
			continue;
		}
		if (!is_segment_ok(e, &s)) {
			return "a segment lies outside the file (truncated?)";
		}
		if (s.type == PT_NOTE) {
			note_scan(e, &s);
		} else if (s.memsz != 0) {
			e->low = s.paddr < e->low ? s.paddr : e->low;
			e->high = s.paddr + s.memsz > e->high
					  ? s.paddr + s.memsz
					  : e->high;
		}
	}
	return "";
}

const char *elf_check(struct elf_image *e, const u8 *bytes, u64 size)
{
	const char *why;

	e->bytes = bytes;
	e->size = size;
	e->entry = 0;
	e->low = PHYSICAL_END;
	e->high = 0;
	if (!is_header_ok(bytes, size)) {
		return "not an x86-64 ELF file (unpacked vmlinux expected)";
	}
	why = segments_scan(e);
	if (why[0] != '\0') {
		return why;
	}
	if (e->entry < e->low || e->entry >= e->high) {
		return "no PVH entry note (CONFIG_PVH)";
	}
	return "";
}

static u8 *physical(u64 address)
{
	return (u8 *)hw_frame(address >> PAGE_SHIFT) + (address & PAGE_MASK);
}

void elf_load(const struct elf_image *e)
{
	u32 i;

	for (i = 0; i < segment_count(e); i++) {
		struct segment s = segment_at(e, i);

		if (s.type == PT_LOAD && s.memsz != 0) {
			memcpy(physical(s.paddr), e->bytes + s.offset,
			       s.filesz);
			memset(physical(s.paddr) + s.filesz, 0,
			       s.memsz - s.filesz);
		}
	}
}
