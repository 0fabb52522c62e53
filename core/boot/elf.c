/* SPDX-License-Identifier: Apache-2.0 */
/* Just enough ELF64 for a PVH kernel: program headers and the entry note. All
 * is copied from the module and checked before use. */
#include "boot/boot.h"

#include "lib/checked.h"
#include "lib/mem.h"

#define MAX_SEGMENTS 32u
#define MACHINE_X86_64 62u
#define PT_LOAD 1u
#define PT_NOTE 4u
#define NOTE_PHYS32_ENTRY 18u

struct header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum;
	u16 shentsize, shnum, shstrndx;
};

struct segment {
	u32 type, flags;
	u64 offset, vaddr, paddr, filesz, memsz, align;
};

struct note {
	u32 name, desc, type; /* lengths, type; name and descriptor follow */
};

static bool header_read(struct elf_image *e)
{
	struct header h;

	if (e->size < sizeof(h)) {
		return false;
	}
	memcpy(&h, e->bytes, sizeof(h));
	e->phoff = h.phoff;
	e->phnum = h.phnum;
	return memcmp(h.ident, "\177ELF\2\1", 6) == 0 &&
	       h.machine == MACHINE_X86_64 &&
	       h.phentsize == sizeof(struct segment) && h.phnum >= 1 &&
	       h.phnum <= MAX_SEGMENTS &&
	       range_within(h.phoff, h.phnum * sizeof(struct segment), e->size);
}

/* The program header after those before `i` of a type we use; false: none. */
static bool segment_next(const struct elf_image *e, u32 *i, struct segment *s)
{
	for (; *i < e->phnum; (*i)++) {
		memcpy(s, e->bytes + e->phoff + *i * sizeof(*s), sizeof(*s));
		if (s->type == PT_LOAD || s->type == PT_NOTE) {
			(*i)++;
			return true;
		}
	}
	return false;
}

static bool is_segment_ok(const struct elf_image *e, const struct segment *s)
{
	return range_within(s->offset, s->filesz, e->size) &&
	       s->filesz <= s->memsz && s->paddr < FOUR_GIB &&
	       range_within(s->paddr, s->memsz, FOUR_GIB);
}

static u64 align4(u64 x)
{
	return (x + 3) & ~3ull;
}

/* Ours is "Xen", 18, with a 4- or 8-byte physical address. */
static void note_scan(struct elf_image *e, const u8 *p, u64 bytes)
{
	struct note n;
	u64 total;

	for (; bytes >= sizeof(n); p += total, bytes -= total) {
		memcpy(&n, p, sizeof(n));
		total = sizeof(n) + align4(n.name) + align4(n.desc);
		if (total > bytes) {
			return;
		}
		if (n.type == NOTE_PHYS32_ENTRY && n.name == 4 &&
		    memcmp(p + sizeof(n), "Xen", 4) == 0 &&
		    (n.desc == 4 || n.desc == 8)) {
			u64 entry = 0;

			memcpy(&entry, p + sizeof(n) + 4, n.desc);
			e->entry = entry < FOUR_GIB ? (u32)entry : 0;
		}
	}
}

const char *elf_check(struct elf_image *e, const u8 *bytes, u64 size)
{
	struct segment s;
	u32 i = 0;

	*e = (struct elf_image){ bytes, size, 0, FOUR_GIB, 0, 0, 0 };
	if (!header_read(e)) {
		return "not an x86-64 ELF file (unpacked vmlinux expected)";
	}
	while (segment_next(e, &i, &s)) {
		if (!is_segment_ok(e, &s)) {
			return "a segment lies outside the file (truncated?)";
		}
		if (s.type == PT_NOTE) {
			note_scan(e, bytes + s.offset, s.filesz);
		} else if (s.memsz != 0) {
			e->low = min64(e->low, s.paddr);
			if (s.paddr + s.memsz > e->high) {
				e->high = s.paddr + s.memsz;
			}
		}
	}
	if (e->entry < e->low || e->entry >= e->high) {
		return "no PVH entry note (CONFIG_PVH)";
	}
	return "";
}

void elf_load(const struct elf_image *e)
{
	struct segment s;
	u32 i = 0;

	while (segment_next(e, &i, &s)) {
		if (s.type == PT_LOAD && s.memsz != 0) {
			u8 *to = hw_frame(s.paddr >> PAGE_SHIFT);

			to += s.paddr & PAGE_MASK;
			memcpy(to, e->bytes + s.offset, s.filesz);
			memset(to + s.filesz, 0, s.memsz - s.filesz);
		}
	}
}
