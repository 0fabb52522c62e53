/* SPDX-License-Identifier: Apache-2.0 */
/* How the demo programs report: one line per attempt, read by people and by
 * the demo driver. Header only; nothing here decides anything. */
#pragma once

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xentoollog.h>

/* Opens of Xen devices use this form everywhere here. */
#define MUST(pointer, what)                                                    \
	do {                                                                   \
		if (!(pointer)) {                                              \
			fprintf(stderr, "cannot open %s: %s\n", (what),        \
				strerror(errno));                              \
			exit(2);                                               \
		}                                                              \
	} while (0)

/* Refusals are what we want: the libraries need not complain about them. */
static inline xentoollog_logger *quiet(void)
{
	static xentoollog_logger_stdiostream *logger;

	if (!logger) {
		logger = xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);
	}
	return (xentoollog_logger *)logger;
}

static inline void try_refused(const char *what, unsigned int object,
			       const char *code)
{
	printf("TRY %s object=%u result=refused code=%s\n", what, object, code);
	fflush(stdout);
}

static inline void try_errno(const char *what, unsigned int object)
{
	const char *name = strerrorname_np(errno);

	try_refused(what, object, name ? name : "unknown");
}

__attribute__((format(printf, 3, 4))) static inline void try_done(
	const char *what, unsigned int object, const char *detail, ...)
{
	va_list args;

	printf("TRY %s object=%u result=done ", what, object);
	va_start(args, detail);
	vprintf(detail, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* A number argument; ends the program when it is none. */
static inline unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "not a number: %s\n", text);
		exit(2);
	}
	return value;
}
