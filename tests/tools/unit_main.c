/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the launch library: the parts whose output a guest reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <xen/xen.h>
#include <xen/arch-x86/hvm/start_info.h>

#include "abi/control.h"
#include "abi/limits.h"
#include "casemate/keys.h"
#include "lib/acpi_tables.h"
#include "launch/digest.h"
#include "launch/start_info.h"

#define GPA 0xfc000000ull

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void assert_sum_is_zero(const uint8_t *p, size_t bytes)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes; i++) {
		sum = (uint8_t)(sum + p[i]);
	}
	assert_int_equal(sum, 0);
}

/* Follow a pointer of the tables, and check signature and check sum. */
static const uint8_t *table(const uint8_t *buf, size_t bytes, uint64_t gpa,
			    const char *signature)
{
	const uint8_t *p;

	assert_in_range(gpa, GPA, GPA + bytes - 36);
	p = buf + (gpa - GPA);
	assert_memory_equal(p, signature, 4);
	assert_true(get32(p + 4) <= bytes - (gpa - GPA));
	assert_sum_is_zero(p, get32(p + 4));
	return p;
}

static void test_acpi_tables(void **state)
{
	uint8_t buf[ACPI_BYTES];
	size_t bytes = sizeof(buf);
	const uint8_t *xsdt, *fadt, *madt, *dsdt;

	(void)state;
	acpi_build(buf, GPA, 4);
	assert_memory_equal(buf, "RSD PTR ", 8);
	assert_int_equal(buf[15], 2);
	assert_sum_is_zero(buf, 20);
	assert_sum_is_zero(buf, 36);
	xsdt = table(buf, bytes, get64(buf + 24), "XSDT");
	assert_int_equal(get32(xsdt + 4), 36 + 16);
	fadt = table(buf, bytes, get64(xsdt + 36), "FACP");
	madt = table(buf, bytes, get64(xsdt + 44), "APIC");
	dsdt = table(buf, bytes, get64(fadt + 140), "DSDT");
	assert_int_equal(get32(fadt + 40), get64(fadt + 140));
	assert_int_equal(get32(fadt + 112), 1u << 20 | 1u << 19 | 1);
	assert_int_equal(fadt[109] | fadt[110] << 8, 0x34);
	assert_int_equal(fadt[244], 1); /* system I/O */
	assert_int_equal(get64(fadt + 248), CASEMATE_SLEEP_PORT);
	assert_int_equal(get64(fadt + 260), CASEMATE_SLEEP_PORT);
	assert_int_equal(get32(madt + 36), 0xfee00000);
	assert_memory_equal(dsdt + 36, "\x08\\_S5_\x12\x07\x04\x0a\x05", 11);
}

static void test_acpi_vcpus(void **state)
{
	uint8_t buf[ACPI_BYTES];
	const uint8_t *madt;

	(void)state;
	for (uint32_t vcpus = 1; vcpus <= CASEMATE_MAX_VCPUS; vcpus++) {
		acpi_build(buf, GPA, vcpus);
		madt = table(buf, sizeof(buf), get64(buf + 0x40 + 44), "APIC");
		assert_int_equal(get32(madt + 4), 44 + 8 * vcpus);
		for (uint32_t i = 0; i < vcpus; i++) {
			const uint8_t *entry = madt + 44 + 8 * i;

			assert_int_equal(entry[0], 0);
			assert_int_equal(entry[1], 8);
			assert_int_equal(entry[2], i);
			assert_int_equal(entry[3], 2 * i);
			assert_int_equal(get32(entry + 4), 1);
		}
	}
}

static struct start_info_input input(const char *cmdline)
{
	return (struct start_info_input){ .gpa = 0x100000,
					  .ram_bytes = 64 << 20,
					  .ramdisk_gpa = 0x200000,
					  .ramdisk_bytes = 12345,
					  .acpi_gpa = GPA,
					  .acpi_bytes = 4096,
					  .cmdline = cmdline };
}

static void test_start_info(void **state)
{
	struct start_info_input in = input("console=hvc0");
	uint8_t page[START_INFO_BYTES];
	struct hvm_start_info info;
	struct hvm_modlist_entry module;
	struct fail fail = { 0 };

	(void)state;
	assert_int_equal(start_info_build(page, &in, &fail), 0);
	memcpy(&info, page, sizeof(info));
	assert_int_equal(info.magic, 0x336ec578);
	assert_int_equal(info.version, 1);
	assert_int_equal(info.flags, 0);
	assert_int_equal(info.nr_modules, 1);
	assert_int_equal(info.rsdp_paddr, GPA);
	memcpy(&module, page + (info.modlist_paddr - in.gpa), sizeof(module));
	assert_int_equal(module.paddr, 0x200000);
	assert_int_equal(module.size, 12345);
	assert_string_equal((char *)page + (info.cmdline_paddr - in.gpa),
			    "console=hvc0");
}

static void test_memory_map(void **state)
{
	static const struct hvm_memmap_table_entry want[] = {
		{ 0, 0xa0000, 1, 0 },
		{ 0x100000, (64 << 20) - 0x100000, 1, 0 },
		{ GPA, 4096, 3, 0 },
		{ 0xfeff8000, 0x8000, 2, 0 },
	};
	struct start_info_input in = input("");
	uint8_t page[START_INFO_BYTES];
	struct hvm_start_info info;
	struct fail fail = { 0 };

	(void)state;
	assert_int_equal(start_info_build(page, &in, &fail), 0);
	memcpy(&info, page, sizeof(info));
	assert_int_equal(info.memmap_entries, 4);
	assert_memory_equal(page + (info.memmap_paddr - in.gpa), want,
			    sizeof(want));
}

static void test_no_ramdisk(void **state)
{
	struct start_info_input in = input("");
	uint8_t page[START_INFO_BYTES];
	struct hvm_start_info info;
	struct fail fail = { 0 };

	(void)state;
	in.ramdisk_bytes = 0;
	assert_int_equal(start_info_build(page, &in, &fail), 0);
	memcpy(&info, page, sizeof(info));
	assert_int_equal(info.nr_modules, 0);
	assert_int_equal(info.modlist_paddr, 0);
}

/* FIPS 180 has no vector of this form: these first bytes come from
 * Python's hashlib over 48 zero bytes and 128 zero bytes. */
static void test_digest_extend(void **state)
{
	static const uint8_t want[4] = { 0xf5, 0x18, 0x3d, 0xc5 };
	const struct launch_record r = { 0 };
	uint8_t value[DIGEST_BYTES] = { 0 };

	(void)state;
	assert_int_equal(digest_extend(value, &r), 0);
	assert_memory_equal(value, want, sizeof(want));
}

/* The first error is the one that is told. */
static void test_first_error_stays(void **state)
{
	struct fail fail = { 0 };

	(void)state;
	assert_int_equal(fail_set(&fail, "one %d", 1), -1);
	assert_int_equal(fail_set(&fail, "two"), -1);
	assert_string_equal(fail.text, "one 1");
}

static void test_keys(void **state)
{
	static const char text[] = "# a = 1\nb = \"x\ny;c = 1\"; d=[1,\n"
				   "'e = 2' # f = 3\n]\nb = 2";
	struct keys keys;

	(void)state;
	keys_scan(&keys, text, sizeof(text) - 1);
	assert_int_equal(keys.count, 3);
	assert_int_equal(keys_line(&keys, "b"), 6);
	assert_int_equal(keys_line(&keys, "d"), 3);
	assert_int_equal(keys_line(&keys, "e"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_acpi_tables),
		cmocka_unit_test(test_acpi_vcpus),
		cmocka_unit_test(test_start_info),
		cmocka_unit_test(test_memory_map),
		cmocka_unit_test(test_no_ramdisk),
		cmocka_unit_test(test_digest_extend),
		cmocka_unit_test(test_first_error_stays),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
