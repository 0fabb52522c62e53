/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CIL's text as a tree: lists of words, strings and lists. The reader does not
 * call itself, and what nests deeper than SEXP_MAX_DEPTH is an error, so that
 * whoever walks the tree may.
 */
#pragma once

#include "diag.h"

#define SEXP_MAX_DEPTH 64u

struct sexp {
	struct place place; /* of a list: its first parenthesis and word */
	const char *text;   /* NULL: a list */
	u32 first;	    /* of a list's elements; 0: it is empty */
	u32 next;	    /* in the same list; 0: the last */
};

struct sexps {
	VEC(struct sexp) list; /* list.at[0] is the list of all statements */
	char *words;
};

/* Reports every error; what could be read is in the tree. */
void sexp_read(const struct source *source, struct sexps *out, struct diags *d);
void sexp_free(struct sexps *x);

/* NULL: there is none. */
const struct sexp *sexp_first(const struct sexps *x, const struct sexp *list);
const struct sexp *sexp_next(const struct sexps *x, const struct sexp *at);
const struct sexp *sexp_nth(const struct sexps *x, const struct sexp *list,
			    u32 n);
u32 sexp_count(const struct sexps *x, const struct sexp *list);

bool sexp_is(const struct sexp *at, const char *word);
