/* SPDX-License-Identifier: Apache-2.0 */
/* Boot log and fatal messages; each call is one write, so lines stay whole. */
#include "lib/print.h"

#include <stdarg.h>

#include "hw/hw.h"

#define LINE_BYTES 512u

/* From hw/x86/power.c: no other processor runs a guest after a panic. */
void hw_stop_others(void);

struct line {
	u32 used;
	char text[LINE_BYTES];
};

static bool is_quiet;

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

/* One conversion; returns the format's next character to look at. */
static const char *put_one(struct line *l, const char *f, va_list *args)
{
	bool is_long = *f == 'l';
	u64 v;

	if (is_long) {
		f++;
	}
	switch (*f) {
	case 's':
		put_text(l, va_arg(*args, const char *));
		break;
	case 'u':
	case 'x':
		v = is_long ? va_arg(*args, u64) : va_arg(*args, u32);
		put_number(l, v, *f == 'u' ? 10u : 16u);
		break;
	case '\0':
		return f;
	default:
		put(l, *f);
		break;
	}
	return f + 1;
}

static void put_format(struct line *l, const char *f, va_list *args)
{
	while (*f != '\0') {
		if (*f == '%') {
			f = put_one(l, f + 1, args);
		} else {
			put(l, *f);
			f++;
		}
	}
}

void print(const char *format, ...)
{
	struct line l;
	va_list args;

	if (is_quiet) {
		return;
	}
	l.used = 0;
	va_start(args, format);
	put_format(&l, format, &args);
	va_end(args);
	hw_uart_write(l.text, l.used);
}

void print_quiet(void)
{
	is_quiet = true;
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
	hw_halt();
}
