/* SPDX-License-Identifier: Apache-2.0 */
/* From the names of types, levels, ranges and vms to sets of labels. */
#include <string.h>

#include "check.h"

static void add_type_labels(const struct model *m, u32 type,
			    struct label_set *out)
{
	for (u32 i = m->types[type].label_first; i < m->types[type].label_end;
	     i++) {
		label_set_add(out, i);
	}
}

static void add_types_labels(const struct model *m,
			     const struct type_set *types,
			     struct label_set *out)
{
	for (u32 i = 0; i < m->n_types; i++) {
		if (type_set_has(types, i)) {
			add_type_labels(m, i, out);
		}
	}
}

static void add_all(const struct model *m, struct label_set *out)
{
	for (u32 i = 0; i < m->n_labels; i++) {
		label_set_add(out, i);
	}
}

/* Those of a set that lie within a range, whole. */
static void keep_range(const struct model *m, const struct level_range *range,
		       struct label_set *set)
{
	for (u32 i = 0; i < m->n_labels; i++) {
		struct level_range own = { m->labels[i].low,
					   m->labels[i].high };

		if (!range_within(&own, range)) {
			set->bits[i / 64] &= ~(1ull << (i % 64));
		}
	}
}

static bool is_empty(const struct label_set *set)
{
	for (u32 i = 0; i < LABEL_WORDS; i++) {
		if (set->bits[i]) {
			return false;
		}
	}
	return true;
}

/* A claim on nothing holds and says nothing: most likely a mistake. After
 * another error labels may be missing, and this would only follow from it. */
static void check_not_empty(struct checker *c, const struct ast_party *at,
			    const struct label_set *set)
{
	struct diag *d;

	if (is_empty(set) && c->is_complete) {
		d = diag_error(c->diags, span_place(c->ast, at->whole),
			       "no listed label is meant by this");
		diag_hint(d, "list the label, or correct the level");
	}
}

static void limit(struct checker *c, const struct ast_party *at,
		  struct label_set *out)
{
	struct level_range range;

	if (at->has_range && check_range(c, &at->range, &range) &&
	    check_range_order(c, &at->range, &range)) {
		keep_range(c->model, &range, out);
		check_not_empty(c, at, out);
	}
}

void party_labels(struct checker *c, const struct ast_party *at,
		  const struct type_set *types, struct label_set *out)
{
	memset(out, 0, sizeof(*out));
	add_types_labels(c->model, types, out);
	limit(c, at, out);
}

/* ---- one word that may name a level, a range, a type, a typeset or a vm */

static void unknown_end(struct checker *c, const struct token *name)
{
	struct guess g = { .wanted = name->text };
	struct diag *d = diag_error(c->diags, name->place,
				    "no level, range, type or vm is called "
				    "'%s'",
				    name->text);

	level_guess(c, &g);
	type_guess(c->model, &g);
	for (u32 i = 0; i < c->model->vms.n; i++) {
		guess_offer(&g, c->model->vms.at[i].name->text);
	}
	diag_did_you_mean(d, &g);
}

static bool is_type_name(const struct model *m, const char *name)
{
	return type_find(m, name) < POLICY_MAX_TYPES || typeset_find(m, name);
}

/* Exactly one kind of thing is called so. */
static bool check_one_meaning(struct checker *c, const struct token *name)
{
	int n = check_level_is_name(c, name->text) +
		is_type_name(c->model, name->text) +
		(vm_find(c->model, name->text) != NULL);

	if (n == 0) {
		unknown_end(c, name);
	} else if (n > 1) {
		diag_error(c->diags, name->place,
			   "'%s' names several things: levels, types and vms "
			   "need different names here",
			   name->text);
	}
	return n == 1;
}

static bool add_named(struct checker *c, const struct ast_party *at,
		      struct label_set *out)
{
	const struct token *name = &c->ast->tokens[at->names.first];
	struct ast_range level = { .low = at->names, .high = at->names };
	struct type_set types = { { 0 } };
	struct level_range range;

	if (!check_one_meaning(c, name)) {
		return false;
	}
	if (vm_find(c->model, name->text)) {
		label_set_add(out, vm_find(c->model, name->text)->label);
		return true;
	}
	if (is_type_name(c->model, name->text)) {
		check_type_set(c, at->names, &types);
		add_types_labels(c->model, &types, out);
		return true;
	}
	add_all(c->model, out);
	check_range(c, &level, &range);
	keep_range(c->model, &range, out);
	return true;
}

void check_end(struct checker *c, const struct ast_party *at,
	       struct label_set *out)
{
	struct type_set types = { { 0 } };

	memset(out, 0, sizeof(*out));
	if (at->names.end == at->names.first) {
		add_all(c->model, out);
		limit(c, at, out);
	} else if (at->has_range) {
		if (check_type_set(c, at->names, &types)) {
			party_labels(c, at, &types, out);
		}
	} else if (add_named(c, at, out)) {
		check_not_empty(c, at, out);
	}
}
