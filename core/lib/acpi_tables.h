/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ACPI tables of a PVH domain: RSDP (rev 2), XSDT, hardware-reduced FADT,
 * MADT, and a DSDT that holds \_S5 and nothing else. Freestanding: the core
 * compiles this file for domain 0, the launch library for guests.
 *
 *   gpa + 0x000  RSDP      + 0x040  XSDT      + 0x080  FADT
 *       + 0x1c0  DSDT      + 0x200  MADT
 */
#pragma once

#include <stdint.h>

#define ACPI_BYTES 4096u

/* Fill `buf` with the tables for 1 to CASEMATE_MAX_VCPUS vCPUs, and zeros behind
 * them, to be seen by the guest at `gpa` (16-byte aligned, below 4 GiB). */
void acpi_build(uint8_t buf[ACPI_BYTES], uint64_t gpa, uint32_t vcpus);
