/* SPDX-License-Identifier: Apache-2.0 */
/* Stop, switch off, start again. ACPI bytecode is never read: the sleep type
 * of S5 is taken to be 0, as on the machines of QEMU. */
#include "hw/x86/x86.h"

#define SLEEP_ENABLE 0x2000u
#define KEYBOARD_CONTROL 0x64u
#define RESET_CONTROL 0xcf9u

void hw_halt(void)
{
	for (;;) {
		__asm__ volatile("cli; hlt" : : : "memory");
	}
}

void hw_poweroff(void)
{
	if (acpi.pm1a_control != 0) {
		outw(acpi.pm1a_control, SLEEP_ENABLE);
	}
	hw_halt();
}

void hw_reboot(void)
{
	struct table_pointer none = { 0, 0 };

	if (acpi.reset_port != 0) {
		outb(acpi.reset_port, acpi.reset_value);
		time_delay_us(10000);
	}
	outb(RESET_CONTROL, 0x02);
	outb(RESET_CONTROL, 0x06);
	time_delay_us(10000);
	outb(KEYBOARD_CONTROL, 0xfe);
	time_delay_us(10000);
	lidt(&none); /* no table: the next exception is a triple fault */
	__builtin_trap();
}
