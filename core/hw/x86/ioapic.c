/* SPDX-License-Identifier: Apache-2.0 */
/* The IO-APIC with every pin masked but the UART's. */
#include "hw/x86/x86.h"

#define SELECT 0x00u
#define WINDOW 0x10u
#define REG_VERSION 0x01u
#define REG_ENTRY 0x10u
#define ENTRY_MASKED (1u << 16)
#define UART_GSI 4u

static u32 ioapic_read(u32 reg)
{
	mmio_write(acpi.ioapic + SELECT, reg);
	return mmio_read(acpi.ioapic + WINDOW);
}

static void ioapic_write(u32 reg, u32 v)
{
	mmio_write(acpi.ioapic + SELECT, reg);
	mmio_write(acpi.ioapic + WINDOW, v);
}

void ioapic_init(void)
{
	u32 pins;
	u32 pin;

	if (acpi.ioapic == 0) {
		return;
	}
	pins = (ioapic_read(REG_VERSION) >> 16 & 0xffu) + 1u;
	for (pin = 0; pin < pins; pin++) {
		ioapic_write(REG_ENTRY + 2u * pin, ENTRY_MASKED);
	}
	pin = UART_GSI;
	if (pin < pins) { /* edge, active high, to processor 0 */
		ioapic_write(REG_ENTRY + 2u * pin + 1u, cpus[0].apic_id << 24);
		ioapic_write(REG_ENTRY + 2u * pin, VECTOR_UART);
	}
}
