/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ACPI 5.0 tables, byte by byte: no packed structures, no allocation. Offsets
 * are those of the ACPI specification, 5.2 (chapter of each table named).
 */
#include "lib/acpi_tables.h"

#include "abi/control.h"
#include "abi/limits.h"
#include "lib/mem.h"

#define XSDT_AT 0x40u
#define FADT_AT 0x80u
#define DSDT_AT 0x1c0u
#define MADT_AT 0x200u

#define RSDP_BYTES 36u
#define HEADER_BYTES 36u
#define SUM_AT 9u
#define XSDT_BYTES (HEADER_BYTES + 2 * 8u)
#define FADT_BYTES 268u
#define MADT_BYTES(vcpus) (HEADER_BYTES + 8u + (vcpus)*8u)

/* FADT flags (5.2.9, table 5-35) and boot architecture flags (5.2.9.3). */
#define FADT_WBINVD (1u << 0)
#define FADT_APIC_PHYSICAL (1u << 19)
#define FADT_HW_REDUCED (1u << 20)
#define BOOT_NO_VGA 0x04u
#define BOOT_NO_ASPM 0x10u
#define BOOT_NO_CMOS_RTC 0x20u

#define GAS_SYSTEM_IO 1u
#define LOCAL_APIC_GPA 0xfee00000u

/* AML: Name (\_S5, Package () { 5, 0, 0, 0 }). SLP_TYP 5 is what the guest
 * writes to the sleep control register, shifted by two, with SLP_EN. */
static const uint8_t s5_aml[] = {
	0x08, '\\', '_',  'S',	'5',  '_', /* NameOp, NameString */
	0x12, 0x07, 0x04, 0x0a, 0x05,	   /* PackageOp, length, 4: 5, */
	0x00, 0x00, 0x00		   /* 0, 0, 0 */
};

/* A field of so many bytes. */
static void put(uint8_t *p, uint32_t bytes, uint64_t v)
{
	for (; bytes > 0; bytes--, v >>= 8) {
		*p++ = (uint8_t)v;
	}
}

/* The byte at `sum_at`, zero so far, makes the sum of p[0 .. bytes) zero. */
static void put_checksum(uint8_t *p, uint32_t bytes, uint32_t sum_at)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < bytes; i++) {
		sum = (uint8_t)(sum + p[i]);
	}
	p[sum_at] = (uint8_t)(0u - sum);
}

/* 5.2.6; the checksum comes last. */
static void put_header(uint8_t *p, const char *signature, uint32_t bytes,
		       uint8_t revision)
{
	memcpy(p, signature, 4);
	put(p + 4, 4, bytes);
	p[8] = revision;
	memcpy(p + 10, "CASMAT", 6);
	memcpy(p + 16, "CASEMATE", 8);
	put(p + 24, 4, 1);
	memcpy(p + 28, "CSMT", 4);
	put(p + 32, 4, 1);
}

/* 5.2.5.3 */
static void put_rsdp(uint8_t *p, uint64_t gpa)
{
	memcpy(p, "RSD PTR ", 8);
	memcpy(p + 9, "CASMAT", 6);
	p[15] = 2;
	put(p + 20, 4, RSDP_BYTES);
	put(p + 24, 8, gpa + XSDT_AT);
	put_checksum(p, 20, 8);
	put_checksum(p, RSDP_BYTES, 32);
}

static void put_xsdt(uint8_t *p, uint64_t gpa)
{
	put_header(p, "XSDT", XSDT_BYTES, 1);
	put(p + HEADER_BYTES, 8, gpa + FADT_AT);
	put(p + HEADER_BYTES + 8, 8, gpa + MADT_AT);
	put_checksum(p, XSDT_BYTES, SUM_AT);
}

/* A generic address: one byte in I/O space (5.2.3.2). */
static void put_io_byte(uint8_t *p, uint64_t port)
{
	p[0] = GAS_SYSTEM_IO;
	p[1] = 8; /* register bits */
	p[3] = 1; /* byte access */
	put(p + 4, 8, port);
}

/* 5.2.9. Hardware-reduced: no PM timer, no GPE, no SCI, FACS not needed. */
static void put_fadt(uint8_t *p, uint64_t gpa)
{
	put_header(p, "FACP", FADT_BYTES, 5);
	put(p + 40, 4, (uint32_t)(gpa + DSDT_AT));
	put(p + 109, 2, BOOT_NO_VGA | BOOT_NO_ASPM | BOOT_NO_CMOS_RTC);
	put(p + 112, 4, FADT_WBINVD | FADT_APIC_PHYSICAL | FADT_HW_REDUCED);
	p[131] = 1; /* minor version: 5.1 */
	put(p + 140, 8, gpa + DSDT_AT);
	put_io_byte(p + 244, CASEMATE_SLEEP_PORT); /* SLEEP_CONTROL_REG */
	put_io_byte(p + 256, CASEMATE_SLEEP_PORT); /* SLEEP_STATUS_REG */
	put_checksum(p, FADT_BYTES, SUM_AT);
}

static void put_dsdt(uint8_t *p)
{
	uint32_t bytes = HEADER_BYTES + sizeof(s5_aml);

	put_header(p, "DSDT", bytes, 2);
	memcpy(p + HEADER_BYTES, s5_aml, sizeof(s5_aml));
	put_checksum(p, bytes, SUM_AT);
}

/* 5.2.12. Linux takes the vCPU number from the processor UID. No I/O APIC and
 * no override: either makes Linux look for hardware that is not there. */
static void put_madt(uint8_t *p, uint32_t vcpus)
{
	put_header(p, "APIC", MADT_BYTES(vcpus), 3);
	put(p + 36, 4, LOCAL_APIC_GPA);
	for (uint32_t i = 0; i < vcpus; i++) {
		uint8_t *entry = p + HEADER_BYTES + 8 + i * 8;

		entry[1] = 8;	       /* and type 0: processor local APIC */
		entry[2] = (uint8_t)i; /* ACPI processor UID */
		entry[3] = (uint8_t)(2 * i); /* APIC id */
		put(entry + 4, 4, 1);	     /* enabled */
	}
	put_checksum(p, MADT_BYTES(vcpus), SUM_AT);
}

_Static_assert(XSDT_AT >= RSDP_BYTES && FADT_AT >= XSDT_AT + XSDT_BYTES &&
		       DSDT_AT >= FADT_AT + FADT_BYTES &&
		       MADT_AT >= DSDT_AT + HEADER_BYTES + sizeof(s5_aml) &&
		       ACPI_BYTES >= MADT_AT + MADT_BYTES(CASEMATE_MAX_VCPUS),
	       "ACPI tables fit and do not overlap");

void acpi_build(uint8_t buf[ACPI_BYTES], uint64_t gpa, uint32_t vcpus)
{
	memset(buf, 0, ACPI_BYTES);
	put_rsdp(buf, gpa);
	put_xsdt(buf + XSDT_AT, gpa);
	put_fadt(buf + FADT_AT, gpa);
	put_dsdt(buf + DSDT_AT);
	put_madt(buf + MADT_AT, vcpus);
}
