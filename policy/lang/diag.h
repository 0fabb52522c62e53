/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: collected in any order, printed in source order, for people
 * (source line, caret, suggestion) or as JSON. */
#pragma once

#include "util.h"

struct source {
	const char *path;
	const char *text;
	u32 bytes;
	VEC(u32) lines; /* where each begins: source_index() */
};

/* A piece of the source. */
struct place {
	u32 at;
	u32 bytes;
};

enum severity {
	SEVERITY_WARNING,
	SEVERITY_ERROR
};

/* More about a diagnostic, and where. */
struct note {
	struct place place;
	char *text;
};

struct diag {
	enum severity severity;
	struct place place;
	u32 serial; /* keeps the order of two at one place */
	char message[240];
	char hint[160]; /* what to do about it, or "" */
	bool is_caveat; /* of this version of the core, not of the policy */
	u32 note_first; /* notes first .. end-1 */
	u32 note_end;
};

struct diags {
	const struct source *source;
	VEC(struct diag) list;
	VEC(struct note) notes;
	u32 n_errors;
	u32 n_warnings;
};

/* The record is valid until the next call. */
struct diag *diag_error(struct diags *d, struct place where, const char *format,
			...) __attribute__((format(printf, 3, 4)));
struct diag *diag_warning(struct diags *d, struct place where,
			  const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void diag_hint(struct diag *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One more note to the last diagnostic. */
void diag_note(struct diags *d, struct place where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Line and column, from 1, of a byte of an indexed source. */
void source_index(struct source *s);
void source_free(struct source *s);
void source_locate(const struct source *s, u32 at, u32 *line, u32 *column);

/* The nearest of many names: offer each, then put "did you mean". */
struct guess {
	const char *wanted;
	const char *best;
	u32 distance;
};
void guess_offer(struct guess *g, const char *name);
bool guess_is_near(const struct guess *g);
void diag_did_you_mean(struct diag *d, const struct guess *g);

void diag_sort(struct diags *d);
void diag_print(const struct diags *d, FILE *out);
void diag_print_json(const struct diags *d, FILE *out); /* a JSON array */
void diag_free(struct diags *d);

void json_string(FILE *out, const char *text);
