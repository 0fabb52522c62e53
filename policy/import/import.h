/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restricted CIL to a policy source that means the same, or the reasons why
 * there is none. What the core cannot do as the CIL says is refused; nothing
 * is left out in silence.
 *
 * A type T with (typetransition T T domain S) acts on itself as type S. A type
 * without one is the same to itself and to its like: its rules go to both.
 * Contexts and contexts of SIDs list the labels; those called as an initial
 * label (dom0, core_pub, ...) are these.
 */
#pragma once

#include "compile.h"
#include "sexp.h"

#define IMPORT_MAX_TYPES 512u /* a policy's, their selves, and some unused */
#define IMPORT_MAX_ATTRS 256u
#define IMPORT_MAX_CONSTRAINTS 256u
#define IMPORT_NONE (~0u)

struct import_set {
	u64 bits[IMPORT_MAX_TYPES / 64u];
};

/* Of a sensitivity or a category. */
struct import_name {
	const char *text;
};

struct import_names {
	struct import_name *at;
	u32 n;
	u32 room;
};

struct import_type {
	const struct sexp *name;
	u32 self;      /* type of itself as its own object, or its own number */
	bool is_self;  /* of another */
	bool has_kind; /* an attribute says it */
	bool is_wide;  /* a label of it spans levels */
	bool is_labelled; /* a context has it */
	enum type_kind kind;
	struct level_range bounds; /* around its labels */
	struct place wide;	   /* the first context that spans levels */
};

struct import_attr {
	const struct sexp *name;
	struct import_set members;
};

struct import_level {
	const struct sexp *name;
	struct level level;
};

struct import_label {
	u32 type;
	struct level_range range;
};

/* Expressions of constraints, flat: operands stand before their operator. */
enum import_op {
	OP_AND,
	OP_OR,
	OP_NOT,
	OP_DOM,
	OP_DOMBY,
	OP_EQ,
	OP_NEQ,
	OP_INCOMP,
	OP_TYPE,     /* subject (left 0) or object (left 1) in a set */
	OP_SAME_TYPE /* t1 eq t2 */
};

struct import_expr {
	enum import_op op;
	u32 left; /* an expression; of a level test, which of l1 h1 l2 h2 */
	u32 right;
	struct import_set set;
};

struct import_constraint {
	const struct sexp *at;
	u32 cls;
	u32 av;
	u32 expr;
};

/* A sentence about the whole, for people. */
struct import_note {
	char text[240];
};

struct import {
	struct source source; /* given; the rest is zero before */
	struct diags diags;
	struct sexps x;
	struct import_names sens; /* once ordered, lowest first */
	struct import_names cats;
	u64 has_cat[POLICY_MAX_SENS][POLICY_CAT_WORDS];
	bool has_order;
	VEC(struct import_type) types;
	VEC(struct import_attr) attrs;
	VEC(struct import_level) levels;
	VEC(struct import_label) labels;
	u32 initial[POLICY_INITIAL_COUNT]; /* a label and 1; 0: none */
	VEC(struct import_expr) exprs;
	VEC(struct import_constraint) constraints;
	VEC(struct import_note) notes;
	struct access *pair; /* [subject * IMPORT_MAX_TYPES + object] */
	struct access strict;
};

/* Reads, judges, and writes a source that compiles; false: there are errors,
 * and what was written is not to be used. */
bool import_cil(struct import *im, FILE *out);
void import_free(struct import *im);

/* ---- the parts of it */

void import_statements(struct import *im); /* statements.c */
void import_judge(struct import *im);	   /* judge.c */
void import_write(struct import *im, FILE *out);

void import_note(struct import *im, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Handlers of statements; the first element is the keyword. */
void import_sensitivity(struct import *im, const struct sexp *s);
void import_category(struct import *im, const struct sexp *s);
void import_sens_order(struct import *im, const struct sexp *s);
void import_sens_cats(struct import *im, const struct sexp *s);
void import_named_level(struct import *im, const struct sexp *s);
void import_context(struct import *im, const struct sexp *s);
void import_class(struct import *im, const struct sexp *s);
void import_type(struct import *im, const struct sexp *s);
void import_attr(struct import *im, const struct sexp *s);
void import_members(struct import *im, const struct sexp *s);
void import_transition(struct import *im, const struct sexp *s);
void import_allow(struct import *im, const struct sexp *s);
void import_constrain(struct import *im, const struct sexp *s);

/* NULL, after a message, if the statement has not this many elements. */
const struct sexp *import_arguments(struct import *im, const struct sexp *s,
				    u32 n);
/* A name; false: reported that it is none, or cannot be one of a policy. */
bool import_is_name(struct import *im, const struct sexp *at, const char *what);
u32 import_find_type(const struct import *im, const char *name);
/* A type, or an attribute; false: reported. */
bool import_types(struct import *im, const struct sexp *at,
		  struct import_set *out);
/* (CLASS (PERMISSION ...)); 0: reported. */
u32 import_perms(struct import *im, const struct sexp *at, u32 *cls);

bool import_eval(const struct import *im, u32 expr,
		 const struct import_label *subject,
		 const struct import_label *object);

/* Is this the answer for labels of any types at these levels? */
bool import_is_certain(const struct import *im, u32 expr,
		       const struct import_label *subject,
		       const struct import_label *object, bool answer);

/* "secret:crypto", "low..high" */
void import_level_text(const struct import *im, const struct level *level,
		       FILE *out);

static inline bool import_set_has(const struct import_set *s, u32 type)
{
	return s->bits[type / 64] >> (type % 64) & 1;
}

static inline void import_set_add(struct import_set *s, u32 type)
{
	s->bits[type / 64] |= 1ull << (type % 64);
}

static inline struct access *import_pair(const struct import *im, u32 s, u32 o)
{
	return &im->pair[s * IMPORT_MAX_TYPES + o];
}
