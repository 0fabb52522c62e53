/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few facts the core needs from the fixed ACPI tables: MADT and FADT.
 * Never bytecode. Runs on the temporary page tables, which map 4 GiB; every
 * address and length is checked against that.
 */
#include "hw/x86/x86.h"
#include "lib/checked.h"
#include "lib/le.h"
#include "lib/mem.h"
#include "lib/print.h"

#define MAPPED_BYTES (1ull << 32)
#define HEADER_BYTES 36u
#define TABLE_MAX_BYTES 65536u
#define APIC_ADDRESS 0x000ffffffffff000ull

struct table {
	const u8 *at;
	u32 bytes; /* 0: absent */
};

struct acpi_facts acpi;

static bool sum_is_zero(const u8 *b, u32 bytes)
{
	u8 sum = 0;
	u32 i;

	for (i = 0; i < bytes; i++) {
		sum = (u8)(sum + b[i]);
	}
	return sum == 0;
}

/* The table at an address, if it is one, whole, and has that signature. */
static struct table table_at(u64 address, const char *signature)
{
	struct table t = { (const u8 *)address, 0 };
	u32 bytes;

	if (address == 0 ||
	    !range_within(address, HEADER_BYTES, MAPPED_BYTES)) {
		return t;
	}
	bytes = le_rd32(t.at, HEADER_BYTES, 4);
	if (bytes >= HEADER_BYTES && bytes <= TABLE_MAX_BYTES &&
	    range_within(address, bytes, MAPPED_BYTES) &&
	    memcmp(t.at, signature, 4) == 0 && sum_is_zero(t.at, bytes)) {
		t.bytes = bytes;
	}
	return t;
}

/* By the root table: XSDT with 8-byte entries, or RSDT with 4-byte ones. */
static struct table find_table(const u8 *rsdp, const char *signature)
{
	u64 xsdt = rsdp[15] >= 2u ? le_rd64(rsdp, 36, 24) : 0;
	u32 size = xsdt != 0 ? 8 : 4;
	struct table root = table_at(xsdt, "XSDT");
	struct table t = { NULL, 0 };
	u32 at;

	if (xsdt == 0) {
		root = table_at(le_rd32(rsdp, 36, 16), "RSDT");
	}
	for (at = HEADER_BYTES; t.bytes == 0 && at + size <= root.bytes;
	     at += size) {
		t = table_at(size == 8u ? le_rd64(root.at, root.bytes, at)
					: le_rd32(root.at, root.bytes, at),
			     signature);
	}
	return t;
}

static void madt_processor(u32 id, u32 flags)
{
	u32 i;

	for (i = 0; i < acpi.cpu_count && acpi.cpu_ids[i] != id; i++) {
	}
	if ((flags & 1u) == 0 || i < acpi.cpu_count) {
		return;
	}
	if (acpi.cpu_count == CASEMATE_MAX_CPUS) {
		print("casemate: warning: the processor with APIC id %u is "
		      "ignored: %u are there\n",
		      id, CASEMATE_MAX_CPUS);
		return;
	}
	acpi.cpu_ids[acpi.cpu_count] = id;
	acpi.cpu_count++;
}

static void madt_read(struct table t)
{
	u32 at, bytes;

	for (at = 44; at + 2u <= t.bytes; at += bytes) {
		const u8 *e = t.at + at;

		bytes = e[1];
		if (bytes < 2u || bytes > t.bytes - at) {
			break;
		}
		if (e[0] == 0 && bytes >= 8u) {
			madt_processor(e[3], le_rd32(e, bytes, 4));
		} else if (e[0] == 9u && bytes >= 16u) {
			madt_processor(le_rd32(e, bytes, 4),
				       le_rd32(e, bytes, 8));
		} else if (e[0] == 1u && bytes >= 12u &&
			   le_rd32(e, bytes, 8) == 0) {
			acpi.ioapic = le_rd32(e, bytes, 4);
		}
	}
}

void acpi_init(const u8 rsdp[36])
{
	struct table fadt = { NULL, 0 };

	if (memcmp(rsdp, "RSD PTR ", 8) == 0 && sum_is_zero(rsdp, 20)) {
		fadt = find_table(rsdp, "FACP");
		madt_read(find_table(rsdp, "APIC"));
	}
	acpi.lapic = rdmsr(MSR_APIC_BASE) & APIC_ADDRESS;
	if (fadt.bytes >= 80u) {
		acpi.pm1a_control = (u16)le_rd32(fadt.at, fadt.bytes, 64);
		acpi.pm_timer = (u16)le_rd32(fadt.at, fadt.bytes, 76);
	}
	if (acpi.pm_timer == 0 || acpi.ioapic == 0 || acpi.cpu_count == 0) {
		panic("the firmware's ACPI tables lack the processors, the "
		      "IO-APIC or the power management timer");
	}
}
