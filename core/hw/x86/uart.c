/* SPDX-License-Identifier: Apache-2.0 */
/* The 16550 at 0x3f8: 115200 8N1. Never waits without a bound. */
#include "hw/x86/x86.h"

#define DATA 0x3f8u
#define INTERRUPT_ENABLE 0x3f9u
#define FIFO_CONTROL 0x3fau
#define LINE_CONTROL 0x3fbu
#define MODEM_CONTROL 0x3fcu
#define LINE_STATUS 0x3fdu
#define SCRATCH 0x3ffu

#define LSR_DATA 0x01u
#define LSR_EMPTY 0x20u
/* Sixteen characters take 1.4 ms; a port access about 1 us. */
#define EMPTY_POLLS 20000u
#define LOCK_POLLS 1000000u

static bool is_present;
static bool is_taken;

void uart_init(void)
{
	outb(SCRATCH, 0x5a);
	is_present = inb(SCRATCH) == 0x5a;
	if (!is_present) {
		return;
	}
	outb(LINE_CONTROL, 0x80); /* divisor latch */
	outb(DATA, 1);
	outb(INTERRUPT_ENABLE, 0);
	outb(LINE_CONTROL, 0x03);
	outb(INTERRUPT_ENABLE, 0);
	outb(FIFO_CONTROL, 0x07);  /* on, both emptied, trigger at 1 */
	outb(MODEM_CONTROL, 0x0b); /* DTR, RTS, OUT2 = interrupt line */
}

void uart_interrupt_on(void)
{
	if (is_present) {
		outb(INTERRUPT_ENABLE, 0x01);
	}
}

static void uart_put(char c)
{
	u32 i;

	for (i = 0; i < EMPTY_POLLS; i++) {
		if ((inb(LINE_STATUS) & LSR_EMPTY) != 0) {
			break;
		}
	}
	outb(DATA, (u8)c);
}

void hw_uart_write(const char *s, u32 n)
{
	u32 i;

	if (!is_present) {
		return;
	}
	/* In the end without the lock: a panic of its holder must be heard. */
	for (i = 0; i < LOCK_POLLS; i++) {
		if (!__atomic_exchange_n(&is_taken, true, __ATOMIC_ACQUIRE)) {
			break;
		}
		hw_pause();
	}
	for (i = 0; i < n; i++) {
		if (s[i] == '\n') {
			uart_put('\r');
		}
		uart_put(s[i]);
	}
	__atomic_store_n(&is_taken, false, __ATOMIC_RELEASE);
}

int hw_uart_read(void)
{
	if (!is_present || (inb(LINE_STATUS) & LSR_DATA) == 0) {
		return -1;
	}
	return inb(DATA);
}
