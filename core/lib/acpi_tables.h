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

#include <stddef.h>
#include <stdint.h>

#define ACPI_MAX_VCPUS 32u

/* Write the tables for `vcpus` vCPUs, to be seen by the guest at `gpa` (16-byte
 * aligned, below 4 GiB). Returns the bytes used, or 0 when `cap` is too small
 * or vcpus is 0 or above ACPI_MAX_VCPUS; nothing is written then. */
size_t acpi_build(uint8_t *buf, size_t cap, uint64_t gpa, uint32_t vcpus);
