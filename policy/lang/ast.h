/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy source as it was written: statements whose parts are token indices
 * or spans of tokens. Nothing is looked up yet, so names may be used before
 * they are declared.
 */
#pragma once

#include "lex.h"

/* Tokens first .. end-1; marks inside are skipped by the reader. */
struct span {
	u32 first;
	u32 end;
};

struct ast_type {
	u32 name;
	bool is_domain;
	bool is_trusted;
	bool has_range;	 /* false: trusted, but an error was in the range */
	struct span low; /* a level: sensitivity, then compartments */
	struct span high;
	u32 because;
};

struct ast_typeset {
	u32 name;
	struct span members;
};

struct ast_label {
	struct span whole;
	u32 type;
	struct span low;
	struct span high;
};

struct ast_initial {
	u32 slot;
	struct ast_label label;
};

/* class { permissions } */
struct ast_grant {
	u32 cls;
	struct span perms;
};

struct ast_rule {
	u32 keyword;
	struct span subjects;
	struct span objects;
	bool is_self;
	bool is_expected_dead;
	u32 grant_first; /* grants first .. end-1 */
	u32 grant_end;
};

struct ast {
	const struct token *tokens;
	u32 policy; /* the token, or 0 and has_policy false */
	u32 name;
	u32 version;
	bool has_policy;
	bool has_levels;
	struct span levels;
	VEC(struct span) compartments;
	VEC(struct ast_type) types;
	VEC(struct ast_typeset) typesets;
	VEC(struct ast_label) labels;
	VEC(struct ast_initial) initials;
	VEC(struct ast_grant) grants; /* of rules and of strict statements */
	VEC(struct ast_rule) rules;
	VEC(struct span) stricts; /* of grants */
};

/* Reports every syntax error; what parsed is in the tree. */
void parse(const struct tokens *tokens, struct ast *out, struct diags *d);
void ast_free(struct ast *a);

/* Is it a word that begins a statement, or means something inside one? */
bool parse_is_keyword(const char *text);

/* The next word of a span at or after *i, or NULL; *i moves past it. */
const struct token *span_next(const struct ast *a, struct span s, u32 *i);
struct place span_place(const struct ast *a, struct span s);
