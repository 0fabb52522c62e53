/* SPDX-License-Identifier: Apache-2.0 */
/* Stop, switch off, start again. ACPI bytecode is never read: the sleep type
 * of S5 is taken to be 0, as on the machines of QEMU. */
#include "hw/x86/x86.h"

#define SLEEP_ENABLE 0x2000u
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
		__asm__ volatile("outw %w0, %w1"
				 :
				 : "a"(SLEEP_ENABLE), "d"(acpi.pm1a_control));
	}
	hw_halt();
}

void hw_reboot(void)
{
	struct table_pointer none = { 0, 0 };

	outb(RESET_CONTROL, 0x02);
	outb(RESET_CONTROL, 0x06);
	time_delay_us(10000);
	/* no table: the next exception is a triple fault */
	__asm__ volatile("lidt %0" : : "m"(none) : "memory");
	__builtin_trap();
}
