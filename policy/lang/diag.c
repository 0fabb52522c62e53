/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: file:line:column, the source line, a caret, a suggestion. */
#include "diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define GUESS_MAX_BYTES 63u

/* A source may hold terminal escapes: only text reaches the terminal. */
static char tame(char c)
{
	return (c >= ' ' && c != 0x7f) || (c & 0x80) || c == '\t' ? c : '?';
}

static void tame_text(char *text)
{
	for (char *c = text; *c; c++) {
		*c = tame(*c);
	}
}

static struct diag *diag_add(struct diags *d, enum severity severity,
			     struct place where, const char *format,
			     va_list args)
{
	struct diag *one = VEC_PUSH(&d->list);

	one->severity = severity;
	one->place = where;
	one->serial = d->list.n;
	one->note_first = one->note_end = d->notes.n;
	vsnprintf(one->message, sizeof(one->message), format, args);
	tame_text(one->message);
	return one;
}

struct diag *diag_error(struct diags *d, struct place where, const char *format,
			...)
{
	struct diag *one;
	va_list args;

	va_start(args, format);
	one = diag_add(d, SEVERITY_ERROR, where, format, args);
	va_end(args);
	d->n_errors++;
	return one;
}

struct diag *diag_warning(struct diags *d, struct place where,
			  const char *format, ...)
{
	struct diag *one;
	va_list args;

	va_start(args, format);
	one = diag_add(d, SEVERITY_WARNING, where, format, args);
	va_end(args);
	d->n_warnings++;
	return one;
}

void diag_hint(struct diag *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->hint, sizeof(d->hint), format, args);
	va_end(args);
}

void diag_note(struct diags *d, struct place where, const char *format, ...)
{
	struct note *note = VEC_PUSH(&d->notes);
	va_list args;

	note->place = where;
	va_start(args, format);
	if (vasprintf(&note->text, format, args) < 0) {
		note->text = zalloc(1);
	}
	va_end(args);
	tame_text(note->text);
	d->list.at[d->list.n - 1].note_end = d->notes.n;
}

static u32 min3(u32 a, u32 b, u32 c)
{
	u32 least = a < b ? a : b;

	return least < c ? least : c;
}

/* Edit distance (Levenshtein), one row at a time. */
static u32 edit_distance(const char *a, const char *b)
{
	u32 row[GUESS_MAX_BYTES + 1];
	u32 n = (u32)strlen(b);
	u32 corner, above;

	for (u32 j = 0; j <= n; j++) {
		row[j] = j;
	}
	for (u32 i = 0; a[i]; i++) {
		corner = row[0];
		row[0] = i + 1;
		for (u32 j = 0; j < n; j++) {
			above = row[j + 1];
			row[j + 1] = min3(above + 1, row[j] + 1,
					  corner + (a[i] != b[j]));
			corner = above;
		}
	}
	return row[n];
}

void guess_offer(struct guess *g, const char *name)
{
	u32 distance;

	if (strlen(name) > GUESS_MAX_BYTES ||
	    strlen(g->wanted) > GUESS_MAX_BYTES) {
		return;
	}
	distance = edit_distance(g->wanted, name);
	if (!g->best || distance < g->distance) {
		g->best = name;
		g->distance = distance;
	}
}

bool guess_is_near(const struct guess *g)
{
	size_t bytes = strlen(g->wanted);

	return g->best && g->distance < bytes && g->distance <= 1 + bytes / 4;
}

void diag_did_you_mean(struct diag *d, const struct guess *g)
{
	if (guess_is_near(g)) {
		diag_hint(d, "did you mean '%s'?", g->best);
	}
}

static int diag_order(const void *a, const void *b)
{
	const struct diag *x = a;
	const struct diag *y = b;

	if (x->place.at != y->place.at) {
		return x->place.at < y->place.at ? -1 : 1;
	}
	return x->serial < y->serial ? -1 : 1;
}

void diag_sort(struct diags *d)
{
	if (d->list.n > 1) {
		qsort(d->list.at, d->list.n, sizeof(*d->list.at), diag_order);
	}
}

static const char *severity_word(enum severity severity)
{
	return severity == SEVERITY_ERROR ? "error" : "warning";
}

void source_index(struct source *s)
{
	*VEC_PUSH(&s->lines) = 0;
	for (u32 i = 0; i < s->bytes; i++) {
		if (s->text[i] == '\n') {
			*VEC_PUSH(&s->lines) = i + 1;
		}
	}
}

void source_free(struct source *s)
{
	VEC_FREE(&s->lines);
}

/* Where is a byte of the source, and where does its line begin? */
static void locate(const struct source *s, u32 at, u32 *line, u32 *start)
{
	u32 first = 0, end = s->lines.n;

	while (end - first > 1) {
		u32 middle = first + (end - first) / 2;

		if (s->lines.at[middle] <= at) {
			first = middle;
		} else {
			end = middle;
		}
	}
	*line = first + 1;
	*start = s->lines.at[first];
}

void source_locate(const struct source *s, u32 at, u32 *line, u32 *column)
{
	u32 start;

	locate(s, at, line, &start);
	*column = at - start + 1;
}

static void print_line(const struct source *s, u32 line, u32 start, FILE *out)
{
	fprintf(out, "%5u | ", line);
	for (u32 i = start; i < s->bytes && s->text[i] != '\n'; i++) {
		fputc(tame(s->text[i]), out);
	}
	fputc('\n', out);
}

static void print_caret(const struct source *s, u32 start, struct place p,
			FILE *out)
{
	fputs("      | ", out);
	for (u32 i = start; i < p.at; i++) {
		fputc(s->text[i] == '\t' ? '\t' : ' ', out);
	}
	fputc('^', out);
	for (u32 i = 1; i < p.bytes && s->text[p.at + i] != '\n'; i++) {
		fputc('~', out);
	}
	fputc('\n', out);
}

static void print_notes(const struct diags *d, const struct diag *one,
			FILE *out)
{
	u32 line, column;

	for (u32 i = one->note_first; i < one->note_end; i++) {
		const struct note *note = &d->notes.at[i];

		source_locate(d->source, note->place.at, &line, &column);
		fprintf(out, "      = %s (%s:%u:%u)\n", note->text,
			d->source->path, line, column);
	}
}

static void print_one(const struct diags *all, const struct diag *d, FILE *out)
{
	const struct source *s = all->source;
	u32 line, start;

	locate(s, d->place.at, &line, &start);
	fprintf(out, "%s:%u:%u: %s: %s\n", s->path, line,
		d->place.at - start + 1, severity_word(d->severity),
		d->message);
	print_line(s, line, start, out);
	print_caret(s, start, d->place, out);
	print_notes(all, d, out);
	if (d->hint[0]) {
		fprintf(out, "      = %s\n", d->hint);
	}
}

void diag_print(const struct diags *d, FILE *out)
{
	for (u32 i = 0; i < d->list.n; i++) {
		print_one(d, &d->list.at[i], out);
	}
	if (d->list.n) {
		fprintf(out, "%s: %u error%s, %u warning%s\n", d->source->path,
			d->n_errors, d->n_errors == 1 ? "" : "s", d->n_warnings,
			d->n_warnings == 1 ? "" : "s");
	}
}

/* Bytes of the UTF-8 character here; 0: it is none. */
static u32 utf8_bytes(const unsigned char *c)
{
	u32 n = *c < 0x80   ? 1
		: *c < 0xc2 ? 0
		: *c < 0xe0 ? 2
		: *c < 0xf0 ? 3
		: *c < 0xf5 ? 4
			    : 0;

	for (u32 i = 1; i < n; i++) {
		if ((c[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	return n;
}

static u32 json_char(FILE *out, const unsigned char *c)
{
	u32 n = utf8_bytes(c);

	if (*c == '"' || *c == '\\') {
		fprintf(out, "\\%c", *c);
	} else if (*c < ' ' || *c == 0x7f) {
		fprintf(out, "\\u%04x", *c);
	} else if (n) {
		fwrite(c, 1, n, out);
	} else {
		fputs("\\ufffd", out);
	}
	return n ? n : 1;
}

void json_string(FILE *out, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	fputc('"', out);
	while (*c) {
		c += json_char(out, c);
	}
	fputc('"', out);
}

static void json_notes(const struct diags *d, const struct diag *one, FILE *out)
{
	u32 line, column;

	fputs(",\"notes\":[", out);
	for (u32 i = one->note_first; i < one->note_end; i++) {
		const struct note *note = &d->notes.at[i];

		source_locate(d->source, note->place.at, &line, &column);
		fprintf(out, "%s{\"line\":%u,\"column\":%u,\"message\":",
			i > one->note_first ? "," : "", line, column);
		json_string(out, note->text);
		fputc('}', out);
	}
	fputc(']', out);
}

static void json_one(const struct diags *all, const struct diag *d, FILE *out)
{
	const struct source *s = all->source;
	u32 line, column;

	source_locate(s, d->place.at, &line, &column);
	fprintf(out,
		"{\"severity\":\"%s\",\"file\":", severity_word(d->severity));
	json_string(out, s->path);
	fprintf(out,
		",\"line\":%u,\"column\":%u,\"length\":%u,\"message\":", line,
		column, d->place.bytes);
	json_string(out, d->message);
	fputs(",\"hint\":", out);
	json_string(out, d->hint);
	json_notes(all, d, out);
	fputc('}', out);
}

void diag_print_json(const struct diags *d, FILE *out)
{
	fputc('[', out);
	for (u32 i = 0; i < d->list.n; i++) {
		fputs(i ? ",\n" : "\n", out);
		json_one(d, &d->list.at[i], out);
	}
	fputs(d->list.n ? "\n]" : "]", out);
}

void diag_free(struct diags *d)
{
	for (u32 i = 0; i < d->notes.n; i++) {
		free(d->notes.at[i].text);
	}
	VEC_FREE(&d->notes);
	VEC_FREE(&d->list);
}
