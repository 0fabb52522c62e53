/* SPDX-License-Identifier: Apache-2.0 */
/* The ACPI tables of a domain, followed the way a guest does: from the root
 * pointer, by addresses and lengths, with every checksum. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include "abi/control.h"
#include "abi/limits.h"
#include "lib/acpi_tables.h"

#include <cmocka.h>

#define GPA 0xfc000000ull

static uint8_t buffer[ACPI_BYTES + 1];

static uint64_t field(const uint8_t *p, uint32_t bytes)
{
	uint64_t x = 0;

	while (bytes > 0) {
		bytes -= 1;
		x = x << 8 | p[bytes];
	}
	return x;
}

static const uint8_t *at(uint64_t gpa, uint32_t bytes)
{
	assert_true(gpa >= GPA && gpa - GPA <= ACPI_BYTES &&
		    bytes <= ACPI_BYTES - (gpa - GPA));
	return buffer + (gpa - GPA);
}

static uint8_t sum(const uint8_t *p, uint32_t bytes)
{
	uint8_t s = 0;

	while (bytes > 0) {
		bytes -= 1;
		s = (uint8_t)(s + p[bytes]);
	}
	return s;
}

/* A table of this signature, checked as a whole; its length. */
static const uint8_t *table(uint64_t gpa, const char *signature,
			    uint32_t *bytes)
{
	const uint8_t *p = at(gpa, 36);

	assert_memory_equal(p, signature, 4);
	*bytes = (uint32_t)field(p + 4, 4);
	assert_true(*bytes >= 36);
	assert_int_equal(sum(at(gpa, *bytes), *bytes), 0);
	return p;
}

static const uint8_t *from_xsdt(const char *signature, uint32_t *bytes)
{
	const uint8_t *rsdp = at(GPA, 36), *xsdt;
	uint32_t n, i;

	assert_memory_equal(rsdp, "RSD PTR ", 8);
	assert_int_equal(sum(rsdp, 20), 0);
	assert_int_equal(sum(rsdp, 36), 0);
	assert_int_equal(rsdp[15], 2);
	xsdt = table(field(rsdp + 24, 8), "XSDT", &n);
	for (i = 36; i < n; i += 8) {
		uint64_t gpa = field(xsdt + i, 8);

		if (memcmp(at(gpa, 4), signature, 4) == 0) {
			return table(gpa, signature, bytes);
		}
	}
	fail_msg("no %s", signature);
	return NULL;
}

static void build(uint32_t vcpus)
{
	memset(buffer, 0xcc, sizeof(buffer));
	acpi_build(buffer, GPA, vcpus);
	assert_int_equal(buffer[ACPI_BYTES - 1], 0);
	assert_int_equal(buffer[ACPI_BYTES], 0xcc);
}

/* One entry a vCPU: UID = vCPU number, APIC id as the core gives it out. */
static void test_madt(void **state)
{
	uint32_t vcpus, i, bytes;

	(void)state;
	for (vcpus = 1; vcpus <= CASEMATE_MAX_VCPUS; vcpus++) {
		const uint8_t *madt;

		build(vcpus);
		madt = from_xsdt("APIC", &bytes);
		assert_int_equal(bytes, 44 + 8 * vcpus);
		for (i = 0; i < vcpus; i++) {
			const uint8_t *e = madt + 44 + 8 * i;

			assert_int_equal(e[0], 0);
			assert_int_equal(e[1], 8);
			assert_int_equal(e[2], i);
			assert_int_equal(e[3], 2 * i);
			assert_int_equal(field(e + 4, 4), 1);
		}
	}
}

/* Hardware-reduced, and switched off through the one port the core answers. */
static void test_fadt(void **state)
{
	const uint8_t *fadt;
	uint32_t bytes;

	(void)state;
	build(2);
	fadt = from_xsdt("FACP", &bytes);
	assert_true((field(fadt + 112, 4) >> 20 & 1) != 0);
	assert_int_equal(fadt[244], 1); /* I/O space */
	assert_int_equal(field(fadt + 248, 8), CASEMATE_SLEEP_PORT);
	(void)table(field(fadt + 140, 8), "DSDT", &bytes);
	assert_int_equal(field(fadt + 40, 4), field(fadt + 140, 8));
}

static void test_s5(void **state)
{
	const uint8_t *dsdt, *fadt;
	uint32_t bytes;

	(void)state;
	build(1);
	fadt = from_xsdt("FACP", &bytes);
	dsdt = table(field(fadt + 140, 8), "DSDT", &bytes);
	assert_int_equal(dsdt[36], 0x08); /* NameOp */
	assert_memory_equal(dsdt + 37, "\\_S5_", 5);
	assert_int_equal(dsdt[42], 0x12); /* PackageOp */
	assert_int_equal(36 + 6 + 1 + dsdt[43], bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_madt),
		cmocka_unit_test(test_fadt),
		cmocka_unit_test(test_s5),
	};

	return cmocka_run_group_tests_name("acpi", tests, NULL, NULL);
}
