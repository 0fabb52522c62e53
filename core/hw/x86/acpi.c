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
#define LAPIC_DEFAULT 0xfee00000ull

struct table {
	const u8 *at; /* NULL: absent */
	u32 bytes;
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

static struct table table_at(u64 address)
{
	struct table none = { NULL, 0 };
	const u8 *b = (const u8 *)address;
	u32 bytes;

	if (address == 0 ||
	    !range_within(address, HEADER_BYTES, MAPPED_BYTES)) {
		return none;
	}
	bytes = le_rd32(b, HEADER_BYTES, 4);
	if (bytes < HEADER_BYTES || bytes > TABLE_MAX_BYTES ||
	    !range_within(address, bytes, MAPPED_BYTES) ||
	    !sum_is_zero(b, bytes)) {
		return none;
	}
	return (struct table){ b, bytes };
}

/* The root table: XSDT with 8-byte entries, or RSDT with 4-byte ones. */
static struct table root_table(u64 rsdp, u32 *entry_bytes)
{
	const u8 *b = (const u8 *)rsdp;
	struct table none = { NULL, 0 };
	struct table t;

	if (rsdp == 0 || !range_within(rsdp, 36, MAPPED_BYTES) ||
	    memcmp(b, "RSD PTR ", 8) != 0 || !sum_is_zero(b, 20)) {
		return none;
	}
	if (b[15] >= 2u && sum_is_zero(b, 36)) {
		t = table_at(le_rd64(b, 36, 24));
		if (t.at != NULL && memcmp(t.at, "XSDT", 4) == 0) {
			*entry_bytes = 8;
			return t;
		}
	}
	t = table_at(le_rd32(b, 36, 16));
	*entry_bytes = 4;
	return t.at != NULL && memcmp(t.at, "RSDT", 4) == 0 ? t : none;
}

static struct table find_table(u64 rsdp, const char *signature)
{
	u32 size = 4;
	struct table root = root_table(rsdp, &size);
	struct table none = { NULL, 0 };
	u32 at;

	for (at = HEADER_BYTES; at + size <= root.bytes; at += size) {
		u64 address = size == 8u ? le_rd64(root.at, root.bytes, at)
					 : le_rd32(root.at, root.bytes, at);
		struct table t = table_at(address);

		if (t.at != NULL && memcmp(t.at, signature, 4) == 0) {
			return t;
		}
	}
	return none;
}

static void madt_processor(u32 id, u32 flags)
{
	u32 i;

	if ((flags & 1u) == 0) {
		return;
	}
	for (i = 0; i < acpi.cpu_count; i++) {
		if (acpi.cpu_ids[i] == id) {
			return;
		}
	}
	if (acpi.cpu_count == CASEMATE_MAX_CPUS) {
		acpi.cpus_ignored++;
		return;
	}
	acpi.cpu_ids[acpi.cpu_count] = id;
	acpi.cpu_count++;
}

static void madt_ioapic(u32 address, u32 gsi)
{
	if (acpi.ioapic == 0 || gsi == 0) {
		acpi.ioapic = address;
		acpi.ioapic_gsi = gsi;
	}
}

/* One MADT entry, complete within `bytes`. */
static void madt_entry(const u8 *e, u32 bytes)
{
	if (e[0] == 0 && bytes >= 8u) {
		madt_processor(e[3], le_rd32(e, bytes, 4));
	} else if (e[0] == 1u && bytes >= 12u) {
		madt_ioapic(le_rd32(e, bytes, 4), le_rd32(e, bytes, 8));
	} else if (e[0] == 2u && bytes >= 10u && e[3] == 4u) {
		acpi.uart_gsi = le_rd32(e, bytes, 4);
	} else if (e[0] == 5u && bytes >= 12u) {
		acpi.lapic = le_rd64(e, bytes, 4);
	} else if (e[0] == 9u && bytes >= 16u) {
		madt_processor(le_rd32(e, bytes, 4), le_rd32(e, bytes, 8));
	}
}

static void madt_read(struct table t)
{
	u32 at = 44;

	acpi.lapic = LAPIC_DEFAULT;
	acpi.uart_gsi = 4;
	if (t.bytes >= 44u) {
		acpi.lapic = le_rd32(t.at, t.bytes, 36);
	}
	while (at + 2u <= t.bytes) {
		u32 bytes = t.at[at + 1u];

		if (bytes < 2u || bytes > t.bytes - at) {
			break;
		}
		madt_entry(t.at + at, bytes);
		at += bytes;
	}
}

/* A generic address at `at`, when it is an I/O port. */
static u16 port_of(struct table t, u32 at)
{
	u64 address;

	if (at + 12u > t.bytes || t.at[at] != 1u) {
		return 0;
	}
	address = le_rd64(t.at, t.bytes, at + 4u);
	return address <= 0xffffu ? (u16)address : 0;
}

static void fadt_read(struct table t)
{
	if (t.bytes < 116u) {
		return;
	}
	acpi.pm1a_control = (u16)le_rd32(t.at, t.bytes, 64);
	acpi.pm_timer = (u16)le_rd32(t.at, t.bytes, 76);
	acpi.century = t.at[108];
	if (acpi.pm1a_control == 0) {
		acpi.pm1a_control = port_of(t, 172);
	}
	if (acpi.pm_timer == 0) {
		acpi.pm_timer = port_of(t, 208);
	}
	if (t.bytes >= 129u && (le_rd32(t.at, t.bytes, 112) & 1u << 10) != 0) {
		acpi.reset_port = port_of(t, 116);
		acpi.reset_value = t.at[128];
	}
}

void acpi_init(u64 rsdp)
{
	struct table fadt = find_table(rsdp, "FACP");

	madt_read(find_table(rsdp, "APIC"));
	if (acpi.cpu_count == 0) {
		acpi.cpu_count = 1; /* this one */
	}
	fadt_read(fadt);
	if (fadt.at == NULL || acpi.pm_timer == 0) {
		panic("the firmware's ACPI tables name no power management "
		      "timer");
	}
	if (acpi.lapic >= MAPPED_BYTES || (acpi.lapic & PAGE_MASK) != 0 ||
	    (acpi.ioapic & PAGE_MASK) != 0) {
		panic("the firmware's ACPI tables misplace an APIC");
	}
}
