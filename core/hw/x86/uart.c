/* SPDX-License-Identifier: Apache-2.0 */
/* The 16550 at 0x3f8: 115200 8N1. Never waits without a bound; where there is
 * none, every register reads as all ones: always empty, nothing received. */
#include "hw/x86/x86.h"

#define DATA 0x3f8u
#define INTERRUPT_ENABLE 0x3f9u
#define FIFO_CONTROL 0x3fau
#define LINE_CONTROL 0x3fbu
#define MODEM_CONTROL 0x3fcu
#define LINE_STATUS 0x3fdu

#define LSR_DATA 0x01u
#define LSR_EMPTY 0x20u
#define LSR_ABSENT 0xffu
/* Sixteen characters take 1.4 ms; a port access about 1 us. */
#define EMPTY_POLLS 20000u
#define LOCK_TRIES 1000000u

static bool is_taken;

void uart_init(void)
{
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
	outb(INTERRUPT_ENABLE, 0x01);
}

static void uart_put(char c)
{
	u32 polls = EMPTY_POLLS;

	while ((inb(LINE_STATUS) & LSR_EMPTY) == 0 && polls-- > 0) {
	}
	outb(DATA, (u8)c);
}

void hw_uart_write(const char *s, u32 n)
{
	u32 tries = LOCK_TRIES;
	u32 i;

	/* In the end without the lock: a panic of its holder must be heard. */
	while (__atomic_exchange_n(&is_taken, true, __ATOMIC_ACQUIRE) &&
	       tries-- > 0) {
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
	u8 status = inb(LINE_STATUS);

	return (status & LSR_DATA) != 0 && status != LSR_ABSENT ? inb(DATA)
								: -1;
}
