/* SPDX-License-Identifier: Apache-2.0 */
/* Types and sets of types: declared names, and where rules name them. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

u32 type_find(const struct model *m, const char *name)
{
	for (u32 i = 0; i < m->n_types; i++) {
		if (!strcmp(m->types[i].name->text, name)) {
			return i;
		}
	}
	return POLICY_MAX_TYPES;
}

const struct model_typeset *typeset_find(const struct model *m,
					 const char *name)
{
	for (u32 i = 0; i < m->n_typesets; i++) {
		if (!strcmp(m->typesets[i].name->text, name)) {
			return &m->typesets[i];
		}
	}
	return NULL;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n >= k && !strcmp(text + n - k, end);
}

/* Is it a new name for a type or a set of types? */
static bool check_type_free(struct checker *c, const struct token *name)
{
	struct diag *d;

	if (!check_name(c, name)) {
		return false;
	}
	if (ends_with(name->text, "_self")) {
		d = diag_error(c->diags, name->place,
			       "the name of a type may not end in '_self'");
		diag_hint(d, "the CIL export uses such names itself");
		return false;
	}
	if (type_find(c->model, name->text) < POLICY_MAX_TYPES ||
	    typeset_find(c->model, name->text)) {
		diag_error(c->diags, name->place, "'%s' is declared twice",
			   name->text);
		return false;
	}
	return true;
}

static void check_trusted(struct checker *c, const struct ast_type *at,
			  struct model_type *type)
{
	if (!at->has_range) {
		/* no second error about its labels */
		memset(&type->range.high, 0xff, sizeof(type->range.high));
		return;
	}
	if (check_range(c, &at->range, &type->range) &&
	    check_range_order(c, &at->range, &type->range) &&
	    range_is_level(c, &at->range)) {
		diag_error(c->diags, range_place(c, &at->range),
			   "a trusted type has a range: LOW .. HIGH, or the "
			   "name of a range");
	}
	type->because = c->ast->tokens[at->because].text;
}

static void check_type(struct checker *c, const struct ast_type *at)
{
	const struct token *name = &c->ast->tokens[at->name];
	struct model_type *type;

	if (!check_type_free(c, name)) {
		return;
	}
	if (c->model->n_types == POLICY_MAX_TYPES) {
		diag_error(c->diags, name->place, "more than %u types",
			   POLICY_MAX_TYPES);
		return;
	}
	type = &c->model->types[c->model->n_types++];
	type->name = name;
	type->kind = at->kind;
	type->is_trusted = at->is_trusted;
	if (type->is_trusted) {
		check_trusted(c, at, type);
	}
}

static int type_order(const void *a, const void *b)
{
	const struct model_type *x = a;
	const struct model_type *y = b;

	return strcmp(x->name->text, y->name->text);
}

static void check_typesets(struct checker *c)
{
	struct model *m = c->model;
	struct type_set members;
	const struct token *name;

	for (u32 i = 0; i < c->ast->typesets.n; i++) {
		const struct ast_typeset *at = &c->ast->typesets.at[i];

		name = &c->ast->tokens[at->name];
		memset(&members, 0, sizeof(members));
		check_type_set(c, at->members, &members);
		if (!check_type_free(c, name)) {
			continue;
		}
		if (m->n_typesets == MODEL_MAX_TYPESETS) {
			diag_error(c->diags, name->place,
				   "more than %u typesets", MODEL_MAX_TYPESETS);
			continue;
		}
		m->typesets[m->n_typesets].name = name;
		m->typesets[m->n_typesets++].members = members;
	}
}

void check_types(struct checker *c)
{
	for (u32 i = 0; i < c->ast->types.n; i++) {
		check_type(c, &c->ast->types.at[i]);
	}
	qsort(c->model->types, c->model->n_types, sizeof(c->model->types[0]),
	      type_order);
	check_typesets(c);
}

void type_guess(const struct model *m, struct guess *g)
{
	for (u32 i = 0; i < m->n_types; i++) {
		guess_offer(g, m->types[i].name->text);
	}
	for (u32 i = 0; i < m->n_typesets; i++) {
		guess_offer(g, m->typesets[i].name->text);
	}
}

u32 check_type_name(struct checker *c, const struct token *name)
{
	struct guess g = { .wanted = name->text };
	u32 type = type_find(c->model, name->text);
	struct diag *d;

	if (type == POLICY_MAX_TYPES) {
		d = diag_error(c->diags, name->place, "unknown type '%s'",
			       name->text);
		type_guess(c->model, &g);
		diag_did_you_mean(d, &g);
	}
	return type;
}

static bool add_types(struct checker *c, const struct token *name,
		      struct type_set *out)
{
	const struct model_typeset *set = typeset_find(c->model, name->text);
	u32 type;

	if (set) {
		for (u32 i = 0; i < TYPE_WORDS; i++) {
			out->bits[i] |= set->members.bits[i];
		}
		return true;
	}
	type = check_type_name(c, name);
	if (type == POLICY_MAX_TYPES) {
		return false;
	}
	type_set_add(out, type);
	return true;
}

bool check_type_set(struct checker *c, struct span s, struct type_set *out)
{
	const struct token *name;
	u32 i = s.first;
	bool is_good = true;

	while ((name = span_next(c->ast, s, &i))) {
		is_good = add_types(c, name, out) && is_good;
	}
	return is_good;
}
