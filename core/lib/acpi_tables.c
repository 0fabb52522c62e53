/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ACPI 5.0 tables, byte by byte: no packed structures, no allocation. Offsets
 * are those of the ACPI specification, 5.2 (chapter of each table named).
 */
#include "lib/acpi_tables.h"

#include "abi/control.h"
#include "lib/mem.h"

#define XSDT_AT 0x40u
#define FADT_AT 0x80u
#define DSDT_AT 0x1c0u
#define MADT_AT 0x200u

#define RSDP_BYTES 36u
#define HEADER_BYTES 36u
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

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

static void put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)v);
	put32(p + 4, (uint32_t)(v >> 32));
}

/* The byte that makes the sum of p[0 .. bytes) zero. */
static uint8_t checksum(const uint8_t *p, size_t bytes)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes; i++) {
		sum = (uint8_t)(sum + p[i]);
	}
	return (uint8_t)(0u - sum);
}

/* 5.2.6; the checksum is set by finish_table(). */
static void put_header(uint8_t *p, const char *signature, uint32_t bytes,
		       uint8_t revision)
{
	memcpy(p, signature, 4);
	put32(p + 4, bytes);
	p[8] = revision;
	memcpy(p + 10, "CASMAT", 6);
	memcpy(p + 16, "CASEMATE", 8);
	put32(p + 24, 1);
	memcpy(p + 28, "CSMT", 4);
	put32(p + 32, 1);
}

static void finish_table(uint8_t *p, uint32_t bytes)
{
	p[9] = 0;
	p[9] = checksum(p, bytes);
}

/* 5.2.5.3 */
static void put_rsdp(uint8_t *p, uint64_t gpa)
{
	memcpy(p, "RSD PTR ", 8);
	memcpy(p + 9, "CASMAT", 6);
	p[15] = 2;
	put32(p + 20, RSDP_BYTES);
	put64(p + 24, gpa + XSDT_AT);
	p[8] = checksum(p, 20);
	p[32] = checksum(p, RSDP_BYTES);
}

static void put_xsdt(uint8_t *p, uint64_t gpa)
{
	put_header(p, "XSDT", XSDT_BYTES, 1);
	put64(p + HEADER_BYTES, gpa + FADT_AT);
	put64(p + HEADER_BYTES + 8, gpa + MADT_AT);
	finish_table(p, XSDT_BYTES);
}

/* A generic address: one byte in I/O space (5.2.3.2). */
static void put_io_byte(uint8_t *p, uint64_t port)
{
	p[0] = GAS_SYSTEM_IO;
	p[1] = 8; /* register bits */
	p[2] = 0; /* bit offset */
	p[3] = 1; /* byte access */
	put64(p + 4, port);
}

/* 5.2.9. Hardware-reduced: no PM timer, no GPE, no SCI, FACS not needed. */
static void put_fadt(uint8_t *p, uint64_t gpa)
{
	put_header(p, "FACP", FADT_BYTES, 5);
	put32(p + 40, (uint32_t)(gpa + DSDT_AT));
	put16(p + 109, BOOT_NO_VGA | BOOT_NO_ASPM | BOOT_NO_CMOS_RTC);
	put32(p + 112, FADT_WBINVD | FADT_APIC_PHYSICAL | FADT_HW_REDUCED);
	p[131] = 1; /* minor version: 5.1 */
	put64(p + 140, gpa + DSDT_AT);
	put_io_byte(p + 244, CASEMATE_SLEEP_PORT); /* SLEEP_CONTROL_REG */
	put_io_byte(p + 256, CASEMATE_SLEEP_PORT); /* SLEEP_STATUS_REG */
	finish_table(p, FADT_BYTES);
}

static void put_dsdt(uint8_t *p)
{
	uint32_t bytes = HEADER_BYTES + sizeof(s5_aml);

	put_header(p, "DSDT", bytes, 2);
	memcpy(p + HEADER_BYTES, s5_aml, sizeof(s5_aml));
	finish_table(p, bytes);
}

/* 5.2.12. Linux takes the vCPU number from the processor UID. No I/O APIC and
 * no override: either makes Linux look for hardware that is not there. */
static void put_madt(uint8_t *p, uint32_t vcpus)
{
	put_header(p, "APIC", MADT_BYTES(vcpus), 3);
	put32(p + 36, LOCAL_APIC_GPA);
	for (uint32_t i = 0; i < vcpus; i++) {
		uint8_t *entry = p + HEADER_BYTES + 8 + i * 8;

		entry[0] = 0; /* processor local APIC */
		entry[1] = 8;
		entry[2] = (uint8_t)i;	     /* ACPI processor UID */
		entry[3] = (uint8_t)(2 * i); /* APIC id */
		put32(entry + 4, 1);	     /* enabled */
	}
	finish_table(p, MADT_BYTES(vcpus));
}

_Static_assert(XSDT_AT >= RSDP_BYTES && FADT_AT >= XSDT_AT + XSDT_BYTES &&
		       DSDT_AT >= FADT_AT + FADT_BYTES &&
		       MADT_AT >= DSDT_AT + HEADER_BYTES + sizeof(s5_aml),
	       "ACPI tables do not overlap");

size_t acpi_build(uint8_t *buf, size_t cap, uint64_t gpa, uint32_t vcpus)
{
	size_t bytes;

	if (vcpus == 0 || vcpus > ACPI_MAX_VCPUS) {
		return 0;
	}
	bytes = MADT_AT + MADT_BYTES(vcpus);
	if (cap < bytes) {
		return 0;
	}
	memset(buf, 0, bytes);
	put_rsdp(buf, gpa);
	put_xsdt(buf + XSDT_AT, gpa);
	put_fadt(buf + FADT_AT, gpa);
	put_dsdt(buf + DSDT_AT);
	put_madt(buf + MADT_AT, vcpus);
	return bytes;
}
