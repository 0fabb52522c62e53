/* SPDX-License-Identifier: Apache-2.0 */
/* Boot log and fatal messages; each call is one write, so lines stay whole. */
#include "lib/print.h"

#include <stdarg.h>

#include "hw/hw.h"

#define LINE_BYTES 512u
#define CALLS_MAX 16u

struct line {
	u32 used;
	char text[LINE_BYTES];
};

static bool is_defect;

static void put(struct line *l, char c)
{
	if (l->used < LINE_BYTES) {
		l->text[l->used] = c;
		l->used++;
	}
}

static void put_text(struct line *l, const char *s)
{
	for (; *s != '\0'; s++) {
		put(l, *s);
	}
}

static void put_number(struct line *l, u64 v, u64 base)
{
	char digits[20];
	u32 n = 0;

	do {
		digits[n] = "0123456789abcdef"[v % base];
		v /= base;
		n++;
	} while (v != 0);
	while (n > 0) {
		n--;
		put(l, digits[n]);
	}
}

static void put_format(struct line *l, const char *f, va_list *args)
{
	for (; *f != '\0'; f++) {
		bool is_long = f[0] == '%' && f[1] == 'l';

		if (*f != '%') {
			put(l, *f);
			continue;
		}
		f += is_long ? 2 : 1;
		if (*f == 's') {
			put_text(l, va_arg(*args, const char *));
		} else {
			put_number(l,
				   is_long ? va_arg(*args, u64)
					   : va_arg(*args, u32),
				   *f == 'u' ? 10u : 16u);
		}
	}
}

void print(const char *format, ...)
{
	struct line l;
	va_list args;

	l.used = 0;
	va_start(args, format);
	put_format(&l, format, &args);
	va_end(args);
	hw_uart_write(l.text, l.used);
}

void panic_is_defect(void)
{
	is_defect = true;
}

/* For tools/debug/decode. */
static void put_record(struct line *l, const void *frame)
{
	u64 calls[CALLS_MAX];
	u32 n = hw_stack_calls(frame, calls, CALLS_MAX);
	u32 i;

	put_text(l, "casemate: crash: processor ");
	put_number(l, hw_cpu(), 10);
	put_text(l, ", text ");
	put_number(l, hw_text_sum(), 16);
	put_text(l, ", stack");
	for (i = 0; i < n; i++) {
		put(l, ' ');
		put_number(l, calls[i], 16);
	}
	put(l, '\n');
}

void panic(const char *format, ...)
{
	struct line l;
	va_list args;

	hw_stop_others();
	l.used = 0;
	put_text(&l, "casemate: ");
	va_start(args, format);
	put_format(&l, format, &args);
	va_end(args);
	put_text(&l, "; halted\n");
	hw_uart_write(l.text, l.used);
	if (is_defect) { /* else a refusal to start */
		l.used = 0;
		put_record(&l, __builtin_frame_address(0));
		hw_uart_write(l.text, l.used);
	}
	hw_halt();
}
