/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a policy source. */
#pragma once

#include "diag.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_NUMBER,
	TOKEN_STRING, /* text without the quotes */
	TOKEN_AT,
	TOKEN_COLON,
	TOKEN_COMMA,
	TOKEN_LESS,
	TOKEN_EQUALS,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_RANGE, /* .. */
	TOKEN_ARROW, /* -> */
	TOKEN_DOT,
};

struct token {
	enum token_kind kind;
	bool starts_line;
	struct place place;
	const char *text; /* NUL-terminated */
};

struct tokens {
	VEC(struct token) list; /* the last one is TOKEN_END */
	char *pool;
};

/* Unreadable characters are reported and skipped. */
void lex(const struct source *source, struct tokens *out, struct diags *d);
void lex_free(struct tokens *t);
