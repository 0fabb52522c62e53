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

enum type_kind {
	TYPE_DOMAIN, /* runs and acts */
	TYPE_OBJECT, /* belongs to the core */
	TYPE_DEVICE  /* hardware a domain may be given */
};

/* LEVEL .. LEVEL, LEVEL, or the name of a range: high is low in both. */
struct ast_range {
	u32 name; /* of a range statement */
	struct span low;
	struct span high;
};

struct ast_type {
	u32 name;
	enum type_kind kind;
	bool is_trusted;
	bool has_range; /* false: trusted, but an error was in the range */
	struct ast_range range;
	u32 because;
};

struct ast_typeset {
	u32 name;
	struct span members;
};

struct ast_label {
	struct span whole;
	u32 type;
	struct ast_range range;
};

struct ast_initial {
	u32 slot;
	struct ast_label label;
};

/* Token 0 stands for "not given": no attribute's value begins a source. */
struct ast_vm {
	u32 name;
	struct ast_label label;
	u32 image;
	u32 cpus;
	u32 memory;
};

struct ast_device {
	struct span address;
	struct ast_label label;
	u32 reset;
};

/* class { permissions } */
struct ast_grant {
	u32 cls;
	struct span perms;
};

/* Whom a rule or a claim is about: types by name, labels of one type, or,
 * in claims on flows, whatever lies within levels. */
struct ast_party {
	struct span whole;
	struct span names; /* empty: a range of levels */
	bool has_range;
	struct ast_range range;
};

struct ast_rule {
	u32 keyword;
	u32 mode; /* 0: in every mode */
	struct span subjects;
	struct span objects;
	bool is_self;
	bool is_expected_dead;
	u32 grant_first; /* grants first .. end-1 */
	u32 grant_end;
};

/* The statements that stand for rules, besides vm. */
enum macro_kind {
	MACRO_RING,
	MACRO_USE,
	MACRO_DIODE
};

struct ast_macro {
	enum macro_kind kind;
	u32 keyword;
	u32 mode;
	struct ast_party from;
	struct ast_party to;
	struct span carriers; /* of a diode */
	struct span whole;
};

struct ast_never {
	u32 keyword;
	struct ast_party subjects;
	struct ast_party objects;
	bool is_self;
	bool is_any;
	u32 grant_first;
	u32 grant_end;
};

struct ast_assert {
	struct span whole;
	struct ast_party from;
	struct ast_party to;
	struct span via; /* empty: no exception */
};

struct ast_conflict {
	struct span whole;
	u32 set_first; /* sets first .. end-1 */
	u32 set_end;
	struct span via;
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
	VEC(struct ast_range) ranges;
	VEC(struct ast_type) types;
	VEC(struct ast_typeset) typesets;
	VEC(struct ast_label) labels;
	VEC(struct ast_initial) initials;
	VEC(struct ast_vm) vms;
	VEC(struct ast_device) devices;
	VEC(struct ast_grant) grants; /* of rules, never and strict */
	VEC(struct ast_rule) rules;
	VEC(struct ast_macro) macros;
	VEC(struct span) stricts; /* of grants */
	VEC(struct ast_never) nevers;
	VEC(struct ast_assert) asserts;
	VEC(struct ast_conflict) conflicts;
	VEC(struct ast_party) members; /* of the sets of conflicts */
	VEC(struct span) sets;	       /* of members */
	VEC(u32) modes;		       /* names; mode n is modes.at[n - 1] */
};

/* Reports every syntax error; what parsed is in the tree. */
void parse(const struct tokens *tokens, struct ast *out, struct diags *d);
void ast_free(struct ast *a);

/* Is it a word that begins a statement, or means something inside one? */
bool parse_is_keyword(const char *text);

/* The next word of a span at or after *i, or NULL; *i moves past it. */
const struct token *span_next(const struct ast *a, struct span s, u32 *i);
struct place span_place(const struct ast *a, struct span s);
