/* SPDX-License-Identifier: Apache-2.0 */
/* What a loader hands over, right and wrong. The information ends where a page
 * that may not be touched begins; what is refused ends in one line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include "boot/boot.h"
#include "fake_hw.h"

#include <cmocka.h>

#define ROOM (16u * PAGE_SIZE)
#define ROUNDS 40000u

/* In place of boot/map.c. */
static u32 map_entries;
static struct {
	u64 start, bytes;
	u32 type;
} last_entry;

void map_add(u64 start, u64 bytes, u32 e820_type)
{
	map_entries += 1;
	last_entry.start = start;
	last_entry.bytes = bytes;
	last_entry.type = e820_type;
}

u64 map_covered(u64 start, u64 end)
{
	(void)start;
	return end;
}

void map_paint(u64 start, u64 end, u32 type)
{
	(void)start;
	(void)end;
	(void)type;
}

u64 boot_claim(u64 bytes, u64 limit)
{
	(void)bytes;
	(void)limit;
	fail_msg("nothing is moved here");
	return 0;
}

/* As before the loader was read: boot, with its defaults. */
static void boot_reset(void)
{
	static struct boot_info initial;
	static bool is_saved;

	if (!is_saved) {
		initial = boot;
		is_saved = true;
	}
	boot = initial;
}

static u8 *low; /* ROOM bytes below 4 GiB, then a page out of reach */
static u8 text[ROOM];
static u32 used;

static int setup(void **state)
{
	(void)state;
	fake_power_on();
	if (low == NULL) {
		low = mmap(NULL, ROOM + PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
		assert_true(low != MAP_FAILED);
		assert_int_equal(mprotect(low + ROOM, PAGE_SIZE, PROT_NONE), 0);
	}
	boot_reset();
	memset(text, 0, sizeof(text));
	map_entries = 0;
	used = 8;
	return 0;
}

static void tag(u32 type, const void *body, u32 bytes)
{
	u32 size = 8 + bytes;

	memcpy(text + used, &type, 4);
	memcpy(text + used + 4, &size, 4);
	memcpy(text + used + 8, body, bytes);
	used += (size + 7) / 8 * 8;
}

static void tag_module(u32 start, u32 end, const char *line)
{
	u8 body[256];

	memcpy(body, &start, 4);
	memcpy(body + 4, &end, 4);
	strcpy((char *)body + 8, line);
	tag(3, body, 9 + (u32)strlen(line));
}

static void tag_map(u32 entry_bytes, u32 n)
{
	u8 body[1024] = { 0 };
	u32 i, version = 0;

	memcpy(body, &entry_bytes, 4);
	memcpy(body + 4, &version, 4);
	for (i = 0; i < n; i++) {
		u64 start = 0x100000ull * i, bytes = 0x80000;
		u32 type = 1;

		memcpy(body + 8 + i * entry_bytes, &start, 8);
		memcpy(body + 16 + i * entry_bytes, &bytes, 8);
		memcpy(body + 24 + i * entry_bytes, &type, 4);
	}
	tag(6, body, 8 + n * entry_bytes);
}

/* Everything a good loader says. */
static void sample(void)
{
	tag(1, "dom0_mem=512M dom0_vcpus=3 -- quiet", 36);
	tag_module(0x2000000, 0x2100000, "dom0-kernel console=hvc0");
	tag_module(0x2100000, 0x2100001, "dom0-initrd");
	tag_module(0x2200000, 0x2201234, "policy");
	tag_map(24, 5);
	tag(14, "RSD PTR old.........", 20);
	tag(15, "RSD PTR new.........................", 36);
	tag(99, "unknown", 8);
}

/* Read `bytes` of it, claimed to be `total`; FAKE_HALTED if refused. */
static int read_as(u32 bytes, u32 total)
{
	u8 *at = low + ROOM - (bytes + 7) / 8 * 8;
	int result;

	memcpy(at, text, bytes);
	memcpy(at, &total, bytes < 4 ? bytes : 4);
	fake_uart_used = 0;
	result = setjmp(fake_stop);
	if (result == 0) {
		multiboot2_read((u64)at);
	}
	return result;
}

static int read_all(void)
{
	tag(0, "", 0);
	return read_as(used, used);
}

static void refused(const char *why)
{
	assert_int_equal(read_all(), FAKE_HALTED);
	fake_uart[fake_uart_used < FAKE_UART ? fake_uart_used : FAKE_UART - 1] =
		'\0';
	if (strstr(fake_uart, why) == NULL) {
		fail_msg("said '%s'", fake_uart);
	}
	/* one line, and one only */
	assert_ptr_equal(strchr(fake_uart, '\n'),
			 fake_uart + fake_uart_used - 1);
}

static void test_good(void **state)
{
	(void)state;
	sample();
	assert_int_equal(read_all(), FAKE_RUNS);
	assert_int_equal(boot.dom0_kernel.start, 0x2000000);
	assert_int_equal(boot.dom0_kernel.bytes, 0x100000);
	assert_int_equal(boot.dom0_initrd.bytes, 1);
	assert_int_equal(boot.policy.bytes, 0x1234);
	assert_string_equal(boot.dom0_cmdline, "console=hvc0");
	assert_int_equal(map_entries, 5);
	assert_int_equal(last_entry.start, 0x400000);
	assert_int_equal(last_entry.bytes, 0x80000);
	assert_int_equal(last_entry.type, 1);
	assert_memory_equal(boot.rsdp, "RSD PTR new.........................",
			    36);
	assert_string_equal(boot.cmdline, "dom0_mem=512M dom0_vcpus=3");
	assert_int_equal(boot.dom0_bytes, 512ull << 20);
	assert_int_equal(boot.dom0_vcpus, 3);
	assert_string_equal(boot.dom0_cmdline, "console=hvc0");
	modules_paint();
}

/* Whatever comes first, a module's own line wins; the tags' order is free. */
static void test_dom0_line(void **state)
{
	(void)state;
	tag_module(0x1000, 0x2000, "dom0-kernel own");
	tag(1, "-- x -- of the core", 20);
	tag(15, "RSD PTR new.........................", 36);
	tag(14, "RSD PTR old.........", 20);
	assert_int_equal(read_all(), FAKE_RUNS);
	assert_string_equal(boot.dom0_cmdline, "own");
	assert_memory_equal(boot.rsdp, "RSD PTR old.........", 20);
	(void)setup(state);
	tag(1, "dom0_vcpus=1 -- of the core", 28);
	tag_module(0x1000, 0x2000, "dom0-kernel");
	assert_int_equal(read_all(), FAKE_RUNS);
	assert_string_equal(boot.dom0_cmdline, "of the core");
	(void)setup(state);
	tag(1, "dom0_vcpus=1 -- of the core", 28);
	tag_module(0x1000, 0x2000, "dom0-kernel own");
	assert_int_equal(read_all(), FAKE_RUNS);
	assert_string_equal(boot.dom0_cmdline, "own");
}

static void test_wide_map_entries(void **state)
{
	(void)state;
	tag_map(40, 3); /* a later version of the format */
	assert_int_equal(read_all(), FAKE_RUNS);
	assert_int_equal(map_entries, 3);
	assert_int_equal(last_entry.start, 0x200000);
}

static void test_malformed(void **state)
{
	static const u32 sizes[] = { 0, 1, 7, 0x7fffffff, 0xfffffff8, ~0u };
	u32 i, size;

	for (i = 0; i < 6; i++) {
		(void)setup(state);
		sample();
		memcpy(text + 12, &sizes[i], 4);
		refused("malformed");
	}
	(void)setup(state);
	tag_map(23, 1);
	refused("malformed");
	(void)setup(state);
	tag(6, "1234567", 7); /* no room for its own header */
	refused("malformed");
	(void)setup(state);
	tag(3, "12345678", 8); /* a module without a line */
	refused("cut short");
	(void)setup(state);
	sample();
	size = used + 4096; /* the last tag leads out */
	memcpy(text + used - 12, &size, 4);
	refused("malformed");
}

static void test_modules(void **state)
{
	(void)state;
	tag_module(0x1000, 0x2000, "policy");
	tag_module(0x3000, 0x4000, "policy");
	refused("twice");
	(void)setup(state);
	tag_module(0x1000, 0x1000, "policy");
	refused("empty");
	(void)setup(state);
	tag_module(0x2000, 0x1000, "policy"); /* ends before it begins */
	refused("empty");
	(void)setup(state);
	tag_module(0x1000, 0x2000, "policies"); /* no role: a warning */
	assert_int_equal(read_all(), FAKE_RUNS);
	assert_int_equal(boot.policy.bytes, 0);
	assert_int_equal(setjmp(fake_stop) == 0 && (modules_paint(), true),
			 false);
	fake_uart[fake_uart_used] = '\0';
	assert_non_null(strstr(fake_uart, "ignored"));
	assert_non_null(strstr(fake_uart, "dom0-kernel' is missing"));
	assert_non_null(strstr(fake_uart, "module2 /boot/vmlinux"));
}

static void test_long_lines(void **state)
{
	static char line[2000];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	tag(1, line, 1023);
	assert_int_equal(read_all(), FAKE_RUNS);
	assert_int_equal(strlen(boot.cmdline), 1023);
	(void)setup(state);
	tag(1, line, 1024);
	refused("longer than 1023");
	(void)setup(state);
	memcpy(line, "\0\0\0\0\0\1\0\0policy ", 15);
	tag(3, line, 1999);
	refused("longer than");
}

static void test_place(void **state)
{
	int result;

	(void)state;
	result = setjmp(fake_stop);
	if (result == 0) {
		multiboot2_read(0xfff00001ull); /* no room below 4 GiB */
	}
	assert_int_equal(result, FAKE_HALTED);
	sample();
	assert_int_equal(read_as(used, (1u << 20) + 1), FAKE_HALTED);
	assert_int_equal(read_as(used, ~0u), FAKE_HALTED);
	assert_int_equal(read_as(used, 0), FAKE_RUNS); /* nothing in it */
	assert_int_equal(boot.dom0_kernel.bytes, 0);
}

/* Cut at every byte: refused, or read up to a tag's end; never beyond. */
static void test_truncated(void **state)
{
	u32 whole, n, refusals = 0;

	(void)state;
	sample();
	tag(0, "", 0);
	whole = used;
	for (n = 8; n < whole; n++) {
		boot_reset();
		refusals += read_as(n, n) == FAKE_HALTED;
	}
	assert_true(refusals > whole / 2);
}

static void test_fuzz(void **state)
{
	static u8 saved[ROOM];
	u32 whole, i, j, ran = 0;

	(void)state;
	sample();
	tag(0, "", 0);
	whole = used;
	memcpy(saved, text, sizeof(saved));
	srand(31);
	for (i = 0; i < ROUNDS; i++) {
		memcpy(text, saved, whole);
		for (j = 0; j < 1u + (u32)rand() % 6u; j++) {
			u32 at = 8 + (u32)rand() % (whole - 8);

			text[at] = rand() % 2 == 0 ? (u8)rand()
						   : (u8)(text[at] + 1);
		}
		boot_reset();
		if (read_as(whole, whole) == FAKE_RUNS) {
			ran += 1;
			assert_true(memchr(boot.cmdline, 0,
					   sizeof(boot.cmdline)) != NULL);
			assert_true(memchr(boot.dom0_cmdline, 0,
					   sizeof(boot.dom0_cmdline)) != NULL);
			assert_true(boot.policy.start + boot.policy.bytes <=
				    1ull << 32);
		}
	}
	assert_true(ran > ROUNDS / 10 && ran < ROUNDS);
}

/* ---- the command line --------------------------------------------------- */

static int parse(const char *line)
{
	int result;

	boot_reset();
	fake_uart_used = 0;
	result = setjmp(fake_stop);
	if (result == 0) {
		(void)cmdline_parse(line, (u32)strlen(line));
	}
	return result;
}

static void test_options(void **state)
{
	static const struct {
		const char *line;
		u64 mib;
	} good[] = { { "", 640 },
		     { "dom0_mem=64", 64 },
		     { "dom0_mem=2G", 2048 },
		     { "  dom0_mem=128M  ", 128 },
		     { "dom0_mem=1024G", 1048576 } };
	static const char *const bad[] = { "dom0_mem=",
					   "dom0_mem=63M",
					   "dom0_mem=M",
					   "dom0_mem=64K",
					   "dom0_mem=1025G",
					   "dom0_mem=18446744073709551616",
					   "dom0_mem=99999999999999999999999M",
					   "dom0_mem=64MM",
					   "dom0_mem=-64M",
					   "dom0_vcpus=0",
					   "dom0_vcpus=5",
					   "dom0_vcpus=4294967297",
					   "dom0_vcpus=2x",
					   "dom0_vcpus=" };
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(parse(good[i].line), FAKE_RUNS);
		assert_int_equal(boot.dom0_bytes, good[i].mib << 20);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(bad[i]) != FAKE_HALTED) {
			fail_msg("accepted '%s'", bad[i]);
		}
	}
	assert_int_equal(parse("foo dom0_vcpus=4 -- a -- b"), FAKE_RUNS);
	assert_int_equal(boot.dom0_vcpus, 4);
	assert_string_equal(boot.dom0_cmdline, "a -- b");
	assert_string_equal(boot.cmdline, "foo dom0_vcpus=4");
}

static int joined(const char *list, u64 start, u64 bytes)
{
	int result;

	boot_reset();
	result = setjmp(fake_stop);
	if (result == 0) {
		module_add_joined(list, start, bytes);
	}
	return result;
}

static void test_joined(void **state)
{
	static const char *const bad[] = {
		"kernel:5",
		"dom0-kernel",
		"dom0-kernel:",
		"dom0-kernel:x",
		"dom0-kernel:0",
		"policy:10001",
		"policy:1,policy:1",
		"dom0-kernel:8193,policy:1000,dom0-initrd:9000",
		"policy:18446744073709551615",
		":5",
		",policy:5"
	};
	u32 i;

	(void)state;
	assert_int_equal(joined("dom0-kernel:5000,dom0-initrd:1,policy:4096 x",
				0x10000, 0x4000),
			 FAKE_RUNS);
	assert_int_equal(boot.dom0_kernel.start, 0x10000);
	assert_int_equal(boot.dom0_initrd.start, 0x12000);
	assert_int_equal(boot.policy.start, 0x13000);
	assert_int_equal(boot.policy.bytes, 4096);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (joined(bad[i], 0x10000, 10000) != FAKE_HALTED) {
			fail_msg("accepted '%s'", bad[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_good, setup),
		cmocka_unit_test_setup(test_dom0_line, setup),
		cmocka_unit_test_setup(test_wide_map_entries, setup),
		cmocka_unit_test_setup(test_malformed, setup),
		cmocka_unit_test_setup(test_modules, setup),
		cmocka_unit_test_setup(test_long_lines, setup),
		cmocka_unit_test_setup(test_place, setup),
		cmocka_unit_test_setup(test_truncated, setup),
		cmocka_unit_test_setup(test_fuzz, setup),
		cmocka_unit_test_setup(test_options, setup),
		cmocka_unit_test_setup(test_joined, setup),
	};

	return cmocka_run_group_tests_name("multiboot2", tests, NULL, NULL);
}
