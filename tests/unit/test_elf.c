/* SPDX-License-Identifier: Apache-2.0 */
/* dom0's kernel as a file: whatever its bytes say, nothing outside them is
 * read (the file ends where ASan's red zone begins), and what passes can be
 * loaded without touching anything but its own range. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>

#include "boot/boot.h"
#include "fake_hw.h"

#include <cmocka.h>

#define BASE 0x100000ull /* where its segments go; memory ends at 32 MiB */
#define NOTE_AT 0x200u
#define CODE_AT 0x400u
#define FILE_BYTES 0x900u
#define ROUNDS 60000u

static u8 file[FILE_BYTES];

static Elf64_Ehdr *header(void)
{
	return (void *)file;
}

static Elf64_Phdr *segment(u32 i)
{
	return (Elf64_Phdr *)(void *)(file + sizeof(Elf64_Ehdr)) + i;
}

static void put_note(u32 bytes, u64 entry)
{
	Elf64_Nhdr *n = (void *)(file + NOTE_AT);

	n->n_namesz = 4;
	n->n_descsz = bytes;
	n->n_type = 18;
	memcpy(file + NOTE_AT + 12, "Xen", 4);
	memcpy(file + NOTE_AT + 16, &entry, bytes);
	segment(2)->p_filesz = segment(2)->p_memsz = 16 + bytes;
}

static int setup(void **state)
{
	Elf64_Ehdr *h = header();
	u32 i;

	(void)state;
	fake_power_on();
	memset(file, 0, sizeof(file));
	memcpy(h->e_ident, ELFMAG "\2\1\1", 7);
	h->e_type = ET_EXEC;
	h->e_machine = EM_X86_64;
	h->e_version = 1;
	h->e_phoff = sizeof(*h);
	h->e_ehsize = sizeof(*h);
	h->e_phentsize = sizeof(Elf64_Phdr);
	h->e_phnum = 3;
	for (i = CODE_AT; i < FILE_BYTES; i++) {
		file[i] = (u8)(i * 7u);
	}
	*segment(0) = (Elf64_Phdr){ PT_LOAD,	   5,	  CODE_AT, 0,
				    BASE + 0x1234, 0x300, 0x300,   0 };
	*segment(1) = (Elf64_Phdr){ PT_LOAD,	   6,	  0x700,  0,
				    BASE + 0x5000, 0x200, 0x2000, 0 };
	*segment(2) = (Elf64_Phdr){ PT_NOTE, 4, NOTE_AT, 0, BASE, 0, 0, 0 };
	put_note(8, BASE + 0x1300);
	return 0;
}

/* The check, on a copy that ends exactly with the file. */
static const char *check(struct elf_image *e, u32 bytes)
{
	static u8 *copy;

	free(copy);
	copy = malloc(bytes != 0 ? bytes : 1);
	assert_non_null(copy);
	memcpy(copy, file, bytes);
	return elf_check(e, copy, bytes);
}

static void accepted(void)
{
	struct elf_image e;

	assert_string_equal(check(&e, FILE_BYTES), "");
}

static void refused(const char *why)
{
	struct elf_image e;

	if (strstr(check(&e, FILE_BYTES), why) == NULL) {
		fail_msg("said '%s'", check(&e, FILE_BYTES));
	}
}

static void test_good(void **state)
{
	struct elf_image e;
	u8 *memory = fake_memory(BASE >> 12);

	(void)state;
	assert_string_equal(check(&e, FILE_BYTES), "");
	assert_int_equal(e.entry, BASE + 0x1300);
	assert_int_equal(e.low, BASE + 0x1234);
	assert_int_equal(e.high, BASE + 0x7000);
	elf_load(&e);
	assert_memory_equal(memory + 0x1234, file + CODE_AT, 0x300);
	assert_memory_equal(memory + 0x5000, file + 0x700, 0x200);
	assert_int_equal(memory[0x5200], 0); /* bss */
	assert_int_equal(memory[0x6fff], 0);
	assert_int_equal(memory[0x7000], FAKE_GARBAGE);
	assert_int_equal(memory[0x1233], FAKE_GARBAGE);
	assert_int_equal(memory[0x1534], FAKE_GARBAGE);
}

static void test_note_of_4(void **state)
{
	struct elf_image e;

	(void)state;
	put_note(4, BASE + 0x1400);
	assert_string_equal(check(&e, FILE_BYTES), "");
	assert_int_equal(e.entry, BASE + 0x1400);
}

/* Other notes before it, with names and descriptors that need padding. */
static void test_notes_before(void **state)
{
	static const u8 other[] = {
		5,   0,	  0,   0,   3, 0, 0, 0, 18, 0, 0, 0,
		'L', 'i', 'n', 'u', 0, 0, 0, 0, 1,  2, 3, 0
	};
	struct elf_image e;

	(void)state;
	put_note(8, BASE + 0x1300);
	memmove(file + NOTE_AT + sizeof(other), file + NOTE_AT, 24);
	memcpy(file + NOTE_AT, other, sizeof(other));
	segment(2)->p_filesz = segment(2)->p_memsz = 24 + sizeof(other);
	assert_string_equal(check(&e, FILE_BYTES), "");
	assert_int_equal(e.entry, BASE + 0x1300);
}

static void test_no_note(void **state)
{
	(void)state;
	segment(2)->p_type = PT_NULL;
	refused("CONFIG_PVH");
	(void)setup(state);
	file[NOTE_AT + 8] = 17; /* another type */
	refused("CONFIG_PVH");
	(void)setup(state);
	file[NOTE_AT + 12] = 'x'; /* another name */
	refused("CONFIG_PVH");
	(void)setup(state);
	put_note(8, BASE + 0x1233); /* outside its segments */
	refused("CONFIG_PVH");
	put_note(8, BASE + 0x7000);
	refused("CONFIG_PVH");
	put_note(8, 0);
	refused("CONFIG_PVH");
}

/* An entry beyond 4 GiB is not the one its low half names. */
static void test_entry_not_cut(void **state)
{
	(void)state;
	put_note(8, (1ull << 32) + BASE + 0x1300);
	refused("CONFIG_PVH");
}

static void test_wrong_file(void **state)
{
	static const u8 at[] = { 0, 1, 2, 3, 4, 5, 18, 19, 54, 55 };
	u32 i;

	for (i = 0; i < sizeof(at); i++) {
		(void)setup(state);
		file[at[i]] ^= 3;
		refused("not an x86-64 ELF file");
	}
	(void)setup(state);
	header()->e_phnum = 0;
	refused("not an x86-64 ELF file");
	header()->e_phnum = 33;
	refused("not an x86-64 ELF file");
	header()->e_phnum = 0xffff;
	refused("not an x86-64 ELF file");
	header()->e_phnum = 3;
	header()->e_phoff = ~0ull - 55;
	refused("not an x86-64 ELF file");
	header()->e_phoff = FILE_BYTES - 167; /* one byte too far */
	refused("not an x86-64 ELF file");
}

static void test_wild_segments(void **state)
{
	static const struct {
		u64 offset, paddr, filesz, memsz;
	} wild[] = {
		{ FILE_BYTES + 1, BASE, 0, 16 },
		{ ~0ull, BASE, 1, 16 },
		{ FILE_BYTES - 15, BASE, 16, 16 },
		{ 0, BASE, ~0ull, ~0ull },
		{ 1, BASE, ~0ull, ~0ull },
		{ 0, BASE, 16, 15 },
		{ 0, 1ull << 32, 0, 1 },
		{ 0, 0xffffffff, 2, 2 },
		{ 0, BASE, 16, 1ull << 32 },
		{ 0, ~0ull, 1, 1 },
		{ 0, BASE, 16, ~0ull },
		{ 0, 1ull << 63, 16, 16 },
	};
	u32 i;

	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		(void)setup(state);
		segment(1)->p_offset = wild[i].offset;
		segment(1)->p_paddr = wild[i].paddr;
		segment(1)->p_filesz = wild[i].filesz;
		segment(1)->p_memsz = wild[i].memsz;
		refused("outside the file");
		segment(1)->p_type = PT_NOTE;
		refused("outside the file");
		segment(1)->p_type = 0x6474e551; /* GNU_STACK: nobody cares */
		accepted();
	}
}

static void test_wild_notes(void **state)
{
	static const u32 sizes[] = { 0,		 5,	     25,
				     0x7fffffff, 0x80000000, 0xfffffff0,
				     0xfffffffd, 0xffffffff };
	u32 i;

	for (i = 0; i < 8; i++) {
		(void)setup(state);
		memcpy(file + NOTE_AT, &sizes[i], 4);
		refused("CONFIG_PVH");
		(void)setup(state);
		memcpy(file + NOTE_AT + 4, &sizes[i], 4);
		refused("CONFIG_PVH");
	}
	for (i = 0; i < 24; i++) { /* cut short within its segment */
		(void)setup(state);
		segment(2)->p_filesz = i;
		refused("CONFIG_PVH");
	}
}

/* The file ends anywhere: never accepted before its last segment is whole. */
static void test_truncated(void **state)
{
	struct elf_image e;
	u32 n;

	(void)state;
	for (n = 0; n < FILE_BYTES; n++) {
		assert_string_not_equal(check(&e, n), "");
	}
	assert_string_equal(check(&e, FILE_BYTES), "");
}

/* A file that passed may be loaded where it says. */
static void load_if_small(const struct elf_image *e)
{
	if (e->low >= FAKE_FIRST << 12 && e->high <= (u64)FAKE_RAM << 12) {
		elf_load(e);
		assert_int_equal(fake_memory(0)[0], FAKE_GARBAGE);
	}
}

static void sane(const struct elf_image *e)
{
	assert_true(e->low < e->high && e->high <= 1ull << 32);
	assert_true(e->entry >= e->low && e->entry < e->high);
	load_if_small(e);
}

/* Every byte of the headers takes every value. */
static void test_every_byte(void **state)
{
	u32 at, value, ok = 0;

	(void)state;
	for (at = 0; at < NOTE_AT + 24; at++) {
		u8 was = file[at];

		for (value = 0; value < 256; value += 5) {
			struct elf_image e;

			file[at] = (u8)value;
			if (check(&e, FILE_BYTES)[0] == '\0') {
				assert_true(e.low < e.high);
				ok += 1;
			}
		}
		file[at] = was;
	}
	assert_true(ok > 1000);
}

static void test_random(void **state)
{
	u32 i, j, ok = 0;

	(void)state;
	srand(23);
	for (i = 0; i < ROUNDS; i++) {
		u8 saved[NOTE_AT + 24];
		struct elf_image e;

		memcpy(saved, file, sizeof(saved));
		for (j = 0; j < 1u + (u32)rand() % 4u; j++) {
			u32 at = (u32)rand() % sizeof(saved);

			file[at] = rand() % 3 == 0 ? 0xff : (u8)rand();
		}
		if (check(&e, FILE_BYTES)[0] == '\0') {
			sane(&e);
			ok += 1;
		}
		memcpy(file, saved, sizeof(saved));
	}
	assert_true(ok > ROUNDS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_good, setup),
		cmocka_unit_test_setup(test_note_of_4, setup),
		cmocka_unit_test_setup(test_notes_before, setup),
		cmocka_unit_test_setup(test_no_note, setup),
		cmocka_unit_test_setup(test_entry_not_cut, setup),
		cmocka_unit_test_setup(test_wrong_file, setup),
		cmocka_unit_test_setup(test_wild_segments, setup),
		cmocka_unit_test_setup(test_wild_notes, setup),
		cmocka_unit_test_setup(test_truncated, setup),
		cmocka_unit_test_setup(test_every_byte, setup),
		cmocka_unit_test_setup(test_random, setup),
	};

	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
