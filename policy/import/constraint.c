/* SPDX-License-Identifier: Apache-2.0 */
/* Constraints: CIL's expressions, and what they say of two labels. */
#include <string.h>

#include "import.h"

/* Operands of level tests, in the order of struct import_expr. */
static const char *const operands[] = { "l1", "h1", "l2", "h2" };

static const struct {
	const char *word;
	enum import_op op;
} operators[] = {
	{ "and", OP_AND },     { "or", OP_OR },		{ "not", OP_NOT },
	{ "dom", OP_DOM },     { "eq", OP_EQ },		{ "neq", OP_NEQ },
	{ "domby", OP_DOMBY }, { "incomp", OP_INCOMP },
};

static u32 read_expr(struct import *im, const struct sexp *at);

static u32 add_expr(struct import *im, enum import_op op, u32 left, u32 right)
{
	struct import_expr *e;

	if (left == IMPORT_NONE || right == IMPORT_NONE) {
		return IMPORT_NONE;
	}
	e = VEC_PUSH(&im->exprs);
	e->op = op;
	e->left = left;
	e->right = right;
	return im->exprs.n - 1;
}

static u32 operand(const struct sexp *at)
{
	for (u32 i = 0; i < ARRAY_SIZE(operands); i++) {
		if (sexp_is(at, operands[i])) {
			return i;
		}
	}
	return IMPORT_NONE;
}

/* A type, an attribute, or a list of them. */
static bool read_set(struct import *im, const struct sexp *at,
		     struct import_set *out)
{
	const struct sexp *one;

	if (at->text) {
		return import_types(im, at, out);
	}
	for (one = sexp_first(&im->x, at); one; one = sexp_next(&im->x, one)) {
		if (!import_types(im, one, out)) {
			return false;
		}
	}
	return true;
}

/* (eq t1 TYPES), (eq t1 t2); with neq, the reverse. */
static u32 read_type_test(struct import *im, const struct sexp *left,
			  const struct sexp *right, enum import_op op)
{
	struct import_set set = { { 0 } };
	u32 e;

	if (sexp_is(left, "t1") && sexp_is(right, "t2")) {
		e = add_expr(im, OP_SAME_TYPE, 0, 0);
	} else if (read_set(im, right, &set)) {
		e = add_expr(im, OP_TYPE, sexp_is(left, "t2"), 0);
		im->exprs.at[e].set = set;
	} else {
		return IMPORT_NONE;
	}
	return op == OP_NEQ ? add_expr(im, OP_NOT, e, 0) : e;
}

static u32 refuse_expr(struct import *im, const struct sexp *at)
{
	struct diag *d = diag_error(&im->diags, at->place,
				    "this test cannot be imported");

	diag_hint(d, "and, or, not; dom, domby, eq, neq, incomp of l1 h1 l2 "
		     "h2; eq, neq of t1 or t2 and types");
	return IMPORT_NONE;
}

/* (OPERATOR LEFT RIGHT) about levels or types. */
static u32 read_test(struct import *im, const struct sexp *at,
		     enum import_op op)
{
	const struct sexp *left = sexp_nth(&im->x, at, 1);
	const struct sexp *right = left ? sexp_next(&im->x, left) : NULL;

	if (!right || right->next) {
		return refuse_expr(im, at);
	}
	if ((op == OP_EQ || op == OP_NEQ) &&
	    (sexp_is(left, "t1") || sexp_is(left, "t2"))) {
		return read_type_test(im, left, right, op);
	}
	if (operand(left) == IMPORT_NONE || operand(right) == IMPORT_NONE) {
		return refuse_expr(im, at);
	}
	return add_expr(im, op, operand(left), operand(right));
}

static u32 read_operator(struct import *im, const struct sexp *at,
			 enum import_op op)
{
	const struct sexp *left = sexp_nth(&im->x, at, 1);
	u32 l, r;

	if (op > OP_NOT) {
		return read_test(im, at, op);
	}
	if (sexp_count(&im->x, at) != (op == OP_NOT ? 2 : 3)) {
		return refuse_expr(im, at);
	}
	l = read_expr(im, left);
	r = op == OP_NOT ? 0 : read_expr(im, sexp_next(&im->x, left));
	return add_expr(im, op, l, r);
}

/* Calls itself no deeper than the reader lets lists nest. */
static u32 read_expr(struct import *im, const struct sexp *at)
{
	const struct sexp *word = at->text ? NULL : sexp_first(&im->x, at);

	for (u32 i = 0; i < ARRAY_SIZE(operators); i++) {
		if (sexp_is(word, operators[i].word)) {
			return read_operator(im, at, operators[i].op);
		}
	}
	return refuse_expr(im, at);
}

/* (mlsconstrain (CLASS (PERMISSION ...)) EXPRESSION) */
void import_constrain(struct import *im, const struct sexp *s)
{
	const struct sexp *perms = import_arguments(im, s, 2);
	struct import_constraint c = { .at = s };

	if (!perms) {
		return;
	}
	c.av = import_perms(im, perms, &c.cls);
	c.expr = read_expr(im, sexp_next(&im->x, perms));
	if (im->constraints.n == IMPORT_MAX_CONSTRAINTS) {
		diag_error(&im->diags, s->place, "more than %u constraints",
			   IMPORT_MAX_CONSTRAINTS);
	} else if (c.av && c.expr != IMPORT_NONE) {
		*VEC_PUSH(&im->constraints) = c;
	}
}

static bool test_levels(enum import_op op, const struct level *a,
			const struct level *b)
{
	bool is_above = level_dominates(a, b);
	bool is_below = level_dominates(b, a);

	switch (op) {
	case OP_DOM:
		return is_above;
	case OP_DOMBY:
		return is_below;
	case OP_EQ:
		return is_above && is_below;
	case OP_NEQ:
		return !is_above || !is_below;
	default:
		return !is_above && !is_below;
	}
}

static bool test(const struct import_expr *e,
		 const struct import_label *subject,
		 const struct import_label *object)
{
	const struct level *levels[] = { &subject->range.low,
					 &subject->range.high,
					 &object->range.low,
					 &object->range.high };

	return test_levels(e->op, levels[e->left], levels[e->right]);
}

bool import_eval(const struct import *im, u32 expr,
		 const struct import_label *subject,
		 const struct import_label *object)
{
	const struct import_expr *e = &im->exprs.at[expr];

	switch (e->op) {
	case OP_AND:
		return import_eval(im, e->left, subject, object) &&
		       import_eval(im, e->right, subject, object);
	case OP_OR:
		return import_eval(im, e->left, subject, object) ||
		       import_eval(im, e->right, subject, object);
	case OP_NOT:
		return !import_eval(im, e->left, subject, object);
	case OP_TYPE:
		return import_set_has(&e->set,
				      e->left ? object->type : subject->type);
	case OP_SAME_TYPE:
		return subject->type == object->type;
	default:
		return test(e, subject, object);
	}
}

bool import_is_certain(const struct import *im, u32 expr,
		       const struct import_label *subject,
		       const struct import_label *object, bool answer)
{
	const struct import_expr *e = &im->exprs.at[expr];
	bool left, right;

	if (e->op >= OP_TYPE) {
		return false;
	}
	if (e->op > OP_NOT) {
		return test(e, subject, object) == answer;
	}
	if (e->op == OP_NOT) {
		return import_is_certain(im, e->left, subject, object, !answer);
	}
	left = import_is_certain(im, e->left, subject, object, answer);
	right = import_is_certain(im, e->right, subject, object, answer);
	return (e->op == OP_AND) == answer ? left && right : left || right;
}
