/* SPDX-License-Identifier: Apache-2.0 */
/* Source text to tokens. Names and strings are copied once, with a NUL. */
#include "lex.h"

#include <stdlib.h>
#include <string.h>

struct lexer {
	const struct source *source;
	struct tokens *out;
	struct diags *diags;
	u32 at;
	u32 pool_used;
	bool starts_line;
};

static char look(const struct lexer *l, u32 ahead)
{
	return l->at + ahead < l->source->bytes ? l->source->text[l->at + ahead]
						: '\0';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '-';
}

static bool is_arrow(const struct lexer *l)
{
	return look(l, 0) == '-' && look(l, 1) == '>';
}

static const char *keep(struct lexer *l, u32 from, u32 bytes)
{
	char *text = l->out->pool + l->pool_used;

	memcpy(text, l->source->text + from, bytes);
	text[bytes] = '\0';
	l->pool_used += bytes + 1;
	return text;
}

static void emit(struct lexer *l, enum token_kind kind, u32 from, u32 skip)
{
	struct token *t = VEC_PUSH(&l->out->list);

	t->kind = kind;
	t->starts_line = l->starts_line;
	t->place = (struct place){ from, l->at - from };
	t->text = keep(l, from + skip, l->at - from - 2 * skip);
	l->starts_line = false;
}

static void lex_blank(struct lexer *l)
{
	if (look(l, 0) == '\n') {
		l->starts_line = true;
	}
	l->at++;
}

static void lex_comment(struct lexer *l)
{
	while (l->at < l->source->bytes && look(l, 0) != '\n') {
		l->at++;
	}
}

static void lex_word(struct lexer *l)
{
	u32 from = l->at;
	enum token_kind kind = is_digit(look(l, 0)) ? TOKEN_NUMBER : TOKEN_WORD;

	while (is_word(look(l, 0)) && !is_arrow(l)) {
		l->at++;
	}
	emit(l, kind, from, 0);
}

/* Text reaches terminals and the boot log: no control characters. */
static void check_text(struct lexer *l, u32 from)
{
	for (u32 i = from; i < l->at; i++) {
		unsigned char c = (unsigned char)l->source->text[i];

		if (c < ' ' || c == 0x7f) {
			diag_error(l->diags, (struct place){ i, 1 },
				   "a control character in text");
			return;
		}
	}
}

static void lex_string(struct lexer *l)
{
	u32 from = l->at++;

	while (l->at < l->source->bytes && look(l, 0) != '"' &&
	       look(l, 0) != '\n') {
		l->at++;
	}
	if (look(l, 0) != '"') {
		diag_error(l->diags, (struct place){ from, l->at - from },
			   "text is not closed before the end of its line");
		return;
	}
	check_text(l, from);
	l->at++;
	emit(l, TOKEN_STRING, from, 1);
}

/* The marks of two characters. */
static bool lex_long_mark(struct lexer *l)
{
	bool is_range = look(l, 0) == '.' && look(l, 1) == '.';

	if (!is_range && !is_arrow(l)) {
		return false;
	}
	l->at += 2;
	emit(l, is_range ? TOKEN_RANGE : TOKEN_ARROW, l->at - 2, 0);
	return true;
}

static bool lex_mark(struct lexer *l)
{
	static const char marks[] = "@:,<={}.";
	static const enum token_kind kinds[] = {
		TOKEN_AT,     TOKEN_COLON, TOKEN_COMMA, TOKEN_LESS,
		TOKEN_EQUALS, TOKEN_OPEN,  TOKEN_CLOSE, TOKEN_DOT,
	};
	const char *mark = strchr(marks, look(l, 0));

	if (lex_long_mark(l)) {
		return true;
	}
	if (!look(l, 0) || !mark) {
		return false;
	}
	l->at++;
	emit(l, kinds[mark - marks], l->at - 1, 0);
	return true;
}

static void lex_unknown(struct lexer *l)
{
	unsigned char c = (unsigned char)look(l, 0);
	struct place where = { l->at++, 1 };

	if (c > ' ' && c < 0x7f) {
		diag_error(l->diags, where, "unexpected character '%c'", c);
	} else {
		diag_error(l->diags, where, "unexpected byte 0x%02x", c);
	}
}

static void lex_one(struct lexer *l)
{
	char c = look(l, 0);

	if (c == '\n' || c == ' ' || c == '\t' || c == '\r') {
		lex_blank(l);
	} else if (c == '#') {
		lex_comment(l);
	} else if (is_letter(c) || is_digit(c)) {
		lex_word(l);
	} else if (c == '"') {
		lex_string(l);
	} else if (!lex_mark(l)) {
		lex_unknown(l);
	}
}

void lex(const struct source *source, struct tokens *out, struct diags *d)
{
	struct lexer l = { .source = source, .out = out, .diags = d };

	l.starts_line = true;
	out->pool = zalloc(2 * (size_t)source->bytes + 2);
	while (l.at < source->bytes) {
		lex_one(&l);
	}
	l.starts_line = true;
	emit(&l, TOKEN_END, l.at, 0);
}

void lex_free(struct tokens *t)
{
	VEC_FREE(&t->list);
	free(t->pool);
	t->pool = NULL;
}
