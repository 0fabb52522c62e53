/* SPDX-License-Identifier: Apache-2.0 */
/* CIL's text to a tree, with a stack of its own. */
#include "sexp.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	const struct source *source;
	struct sexps *out;
	struct diags *diags;
	u32 at;
	u32 words_used;
	u32 depth;
	u32 lists[SEXP_MAX_DEPTH + 1]; /* those still open; [0]: the whole */
	u32 lasts[SEXP_MAX_DEPTH + 1]; /* of each, the last element; 0: none */
};

static char look(const struct reader *r)
{
	return r->at < r->source->bytes ? r->source->text[r->at] : '\0';
}

static u32 add(struct reader *r, struct place place, const char *text)
{
	u32 *last = &r->lasts[r->depth];
	u32 index = r->out->list.n;
	struct sexp *one = VEC_PUSH(&r->out->list);

	one->place = place;
	one->text = text;
	if (*last) {
		r->out->list.at[*last].next = index;
	} else {
		r->out->list.at[r->lists[r->depth]].first = index;
	}
	*last = index;
	return index;
}

static void open_list(struct reader *r)
{
	struct place place = { r->at++, 1 };
	u32 index;

	if (r->depth == SEXP_MAX_DEPTH) {
		diag_error(r->diags, place, "nested deeper than %u lists",
			   SEXP_MAX_DEPTH);
		r->at = r->source->bytes;
		r->depth = 0;
		return;
	}
	index = add(r, place, NULL);
	r->depth++;
	r->lists[r->depth] = index;
	r->lasts[r->depth] = 0;
}

static void close_list(struct reader *r)
{
	struct place place = { r->at++, 1 };

	if (r->depth) {
		r->depth--;
	} else {
		diag_error(r->diags, place, "')' closes nothing");
	}
}

static void add_text(struct reader *r, u32 from, u32 skip)
{
	u32 bytes = r->at - from - 2 * skip;
	char *text = r->out->words + r->words_used;

	memcpy(text, r->source->text + from + skip, bytes);
	text[bytes] = '\0';
	r->words_used += bytes + 1;
	add(r, (struct place){ from, r->at - from }, text);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_word(char c)
{
	return c > ' ' && c < 0x7f && !strchr("();\"", c);
}

static void read_word(struct reader *r)
{
	u32 from = r->at;

	while (is_word(look(r))) {
		r->at++;
	}
	add_text(r, from, 0);
}

static void read_string(struct reader *r)
{
	u32 from = r->at++;

	while (r->at < r->source->bytes && look(r) != '"' && look(r) != '\n') {
		r->at++;
	}
	if (look(r) != '"') {
		diag_error(r->diags, (struct place){ from, r->at - from },
			   "text is not closed before the end of its line");
		return;
	}
	r->at++;
	add_text(r, from, 1);
}

static void read_comment(struct reader *r)
{
	while (r->at < r->source->bytes && look(r) != '\n') {
		r->at++;
	}
}

/* A file of another kind has many: the first is enough. */
static void unknown_byte(struct reader *r)
{
	diag_error(r->diags, (struct place){ r->at, 1 },
		   "unexpected byte 0x%02x: this is not CIL",
		   (unsigned char)look(r));
	r->at = r->source->bytes;
	r->depth = 0;
}

static void read_one(struct reader *r)
{
	char c = look(r);

	if (is_blank(c)) {
		r->at++;
	} else if (c == ';') {
		read_comment(r);
	} else if (c == '(') {
		open_list(r);
	} else if (c == ')') {
		close_list(r);
	} else if (c == '"') {
		read_string(r);
	} else if (is_word(c)) {
		read_word(r);
	} else {
		unknown_byte(r);
	}
}

void sexp_read(const struct source *source, struct sexps *out, struct diags *d)
{
	struct reader r = { .source = source, .out = out, .diags = d };

	VEC_PUSH(&out->list)->place = (struct place){ 0, 0 };
	out->words = zalloc(2 * (size_t)source->bytes + 2);
	while (r.at < source->bytes) {
		read_one(&r);
	}
	if (r.depth) {
		diag_error(d, out->list.at[r.lists[r.depth]].place,
			   "this list is not closed");
	}
}

void sexp_free(struct sexps *x)
{
	VEC_FREE(&x->list);
	free(x->words);
	x->words = NULL;
}

const struct sexp *sexp_first(const struct sexps *x, const struct sexp *list)
{
	return list->first ? &x->list.at[list->first] : NULL;
}

const struct sexp *sexp_next(const struct sexps *x, const struct sexp *at)
{
	return at->next ? &x->list.at[at->next] : NULL;
}

const struct sexp *sexp_nth(const struct sexps *x, const struct sexp *list,
			    u32 n)
{
	const struct sexp *at = sexp_first(x, list);

	while (at && n--) {
		at = sexp_next(x, at);
	}
	return at;
}

u32 sexp_count(const struct sexps *x, const struct sexp *list)
{
	const struct sexp *at;
	u32 n = 0;

	for (at = sexp_first(x, list); at; at = sexp_next(x, at)) {
		n++;
	}
	return n;
}

bool sexp_is(const struct sexp *at, const char *word)
{
	return at && at->text && !strcmp(at->text, word);
}
