/* SPDX-License-Identifier: Apache-2.0 */
/* The IO-APIC with every pin masked but the UART's. */
#include "hw/x86/x86.h"

#define SELECT 0x00u
#define WINDOW 0x10u
#define REG_VERSION 0x01u
#define REG_ENTRY 0x10u
#define ENTRY_MASKED (1u << 16)
#define UART_PIN 4u

static volatile u32 *ioapic(u32 reg)
{
	*mmio(acpi.ioapic + SELECT) = reg;
	return mmio(acpi.ioapic + WINDOW);
}

void ioapic_init(void)
{
	u32 pin, pins;

	pins = (*ioapic(REG_VERSION) >> 16 & 0xffu) + 1u;
	for (pin = 0; pin < pins; pin++) {
		*ioapic(REG_ENTRY + 2u * pin) = ENTRY_MASKED;
	}
	/* edge, active high, to processor 0 */
	*ioapic(REG_ENTRY + 2u * UART_PIN + 1u) = cpus[0].apic_id << 24;
	*ioapic(REG_ENTRY + 2u * UART_PIN) = VECTOR_UART;
}
