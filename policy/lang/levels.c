/* SPDX-License-Identifier: Apache-2.0 */
/* Sensitivities and compartments: declared names, and levels made of them. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define NAME_MAX_BYTES 63u

/* Words of our language, and what CIL would take for an operator. */
static bool is_reserved(const char *name)
{
	static const char *const cil[] = {
		"all", "any",  "and",	"or",	   "not",    "xor",
		"eq",  "neq",  "dom",	"domby",   "incomp", "range",
		"l1",  "l2",   "h1",	"h2",	   "t1",     "t2",
		"t3",  "r1",   "r2",	"r3",	   "u1",     "u2",
		"u3",  "true", "false", "notself", "other",
	};

	for (u32 i = 0; i < ARRAY_SIZE(cil); i++) {
		if (!strcmp(cil[i], name)) {
			return true;
		}
	}
	return parse_is_keyword(name);
}

bool check_name(struct checker *c, const struct token *name)
{
	struct diag *d;

	if (is_reserved(name->text)) {
		d = diag_error(c->diags, name->place, "'%s' is a reserved word",
			       name->text);
		diag_hint(d, "choose another name");
		return false;
	}
	if (strchr(name->text, '-') || name->text[0] == '_') {
		diag_error(c->diags, name->place,
			   "a name is a letter, then letters, digits and '_'");
		return false;
	}
	if (name->place.bytes > NAME_MAX_BYTES) {
		diag_error(c->diags, name->place,
			   "a name has at most %u characters", NAME_MAX_BYTES);
		return false;
	}
	return true;
}

static u32 name_find(const struct token *const *names, u32 n, const char *text)
{
	for (u32 i = 0; i < n; i++) {
		if (!strcmp(names[i]->text, text)) {
			return i;
		}
	}
	return n;
}

/* Add one declared name to a table of at most max. */
static void declare(struct checker *c, const struct token **names, u32 *n,
		    u32 max, const struct token *name)
{
	if (!check_name(c, name)) {
		return;
	}
	if (name_find(names, *n, name->text) < *n) {
		diag_error(c->diags, name->place, "'%s' is declared twice",
			   name->text);
	} else if (*n == max) {
		diag_error(c->diags, name->place, "more than %u of these", max);
	} else {
		names[(*n)++] = name;
	}
}

static int token_order(const void *a, const void *b)
{
	const struct token *const *x = a;
	const struct token *const *y = b;

	return strcmp((*x)->text, (*y)->text);
}

void check_levels(struct checker *c)
{
	struct model *m = c->model;
	const struct token *name;
	u32 i;

	if (!c->ast->has_levels) {
		diag_error(c->diags, (struct place){ 0, 1 },
			   "the policy declares no levels");
	}
	i = c->ast->levels.first;
	while ((name = span_next(c->ast, c->ast->levels, &i))) {
		declare(c, m->sens, &m->n_sens, POLICY_MAX_SENS, name);
	}
	for (u32 k = 0; k < c->ast->compartments.n; k++) {
		i = c->ast->compartments.at[k].first;
		while ((name = span_next(c->ast, c->ast->compartments.at[k],
					 &i))) {
			declare(c, m->cats, &m->n_cats, MODEL_MAX_CATS, name);
		}
	}
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	qsort(m->cats, m->n_cats, sizeof(m->cats[0]), token_order);
}

static bool unknown_compartment(struct checker *c, const struct token *name)
{
	struct guess g = { .wanted = name->text };
	struct diag *d = diag_error(c->diags, name->place,
				    "unknown compartment '%s'", name->text);

	for (u32 i = 0; i < c->model->n_cats; i++) {
		guess_offer(&g, c->model->cats[i]->text);
	}
	diag_did_you_mean(d, &g);
	return false;
}

static bool add_compartment(struct checker *c, const struct token *name,
			    struct level *out)
{
	struct model *m = c->model;
	u32 cat = name_find(m->cats, m->n_cats, name->text);

	if (cat == m->n_cats) {
		return unknown_compartment(c, name);
	}
	if (out->cat[cat / 64] >> (cat % 64) & 1) {
		diag_error(c->diags, name->place,
			   "compartment '%s' is named twice", name->text);
		return false;
	}
	out->cat[cat / 64] |= 1ull << (cat % 64);
	return true;
}

/* secret:all: every declared compartment. */
static bool add_all(struct checker *c, struct span s, struct level *out)
{
	if (s.end - s.first != 3) {
		diag_error(c->diags, span_place(c->ast, s),
			   "'all' names every compartment: no other with it");
		return false;
	}
	for (u32 i = 0; i < c->model->n_cats; i++) {
		out->cat[i / 64] |= 1ull << (i % 64);
	}
	return true;
}

static const struct model_range *range_find(const struct model *m,
					    const char *name)
{
	for (u32 i = 0; i < m->n_ranges; i++) {
		if (!strcmp(m->ranges[i].name->text, name)) {
			return &m->ranges[i];
		}
	}
	return NULL;
}

bool check_level_is_name(const struct checker *c, const char *name)
{
	const struct model *m = c->model;

	return name_find(m->sens, m->n_sens, name) < m->n_sens ||
	       range_find(m, name);
}

void level_guess(const struct checker *c, struct guess *g)
{
	const struct model *m = c->model;

	for (u32 i = 0; i < m->n_sens; i++) {
		guess_offer(g, m->sens[i]->text);
	}
	for (u32 i = 0; i < m->n_ranges; i++) {
		guess_offer(g, m->ranges[i].name->text);
	}
}

static bool unknown_level(struct checker *c, const struct token *name)
{
	struct guess g = { .wanted = name->text };
	struct diag *d;

	if (range_find(c->model, name->text)) {
		diag_error(c->diags, name->place,
			   "'%s' is a range, here a level is needed",
			   name->text);
		return false;
	}
	d = diag_error(c->diags, name->place, "unknown level '%s'", name->text);
	level_guess(c, &g);
	diag_did_you_mean(d, &g);
	return false;
}

static bool check_level(struct checker *c, struct span s, struct level *out)
{
	struct model *m = c->model;
	u32 i = s.first;
	const struct token *name = span_next(c->ast, s, &i);
	bool is_good = true;

	memset(out, 0, sizeof(*out));
	out->sens = name_find(m->sens, m->n_sens, name->text);
	if (out->sens == m->n_sens) {
		is_good = unknown_level(c, name);
	}
	while ((name = span_next(c->ast, s, &i))) {
		if (!strcmp(name->text, "all")) {
			return add_all(c, s, out) && is_good;
		}
		is_good = add_compartment(c, name, out) && is_good;
	}
	return is_good;
}

/* The range a single name stands for, or NULL. */
static const struct model_range *named_range(const struct checker *c,
					     const struct ast_range *at)
{
	bool is_name = at->high.first == at->low.first &&
		       at->low.end == at->low.first + 1;

	return is_name ? range_find(c->model,
				    c->ast->tokens[at->low.first].text)
		       : NULL;
}

bool range_is_level(const struct checker *c, const struct ast_range *at)
{
	return at->high.first == at->low.first && !named_range(c, at);
}

bool check_range(struct checker *c, const struct ast_range *at,
		 struct level_range *out)
{
	const struct model_range *known = named_range(c, at);
	bool is_good;

	if (known) {
		*out = known->range;
		return true;
	}
	is_good = check_level(c, at->low, &out->low);
	out->high = out->low;
	if (at->high.first != at->low.first) {
		is_good = check_level(c, at->high, &out->high) && is_good;
	}
	return is_good;
}

struct place range_place(const struct checker *c, const struct ast_range *at)
{
	struct span whole = { at->low.first, at->high.end };

	return span_place(c->ast, whole);
}

bool check_range_order(struct checker *c, const struct ast_range *at,
		       const struct level_range *range)
{
	if (level_dominates(&range->high, &range->low)) {
		return true;
	}
	diag_error(c->diags, range_place(c, at),
		   "the high end of the range does not dominate the low end");
	return false;
}

static bool is_range_name_free(struct checker *c, const struct token *name)
{
	/* No level can be called 'all', a range can. */
	if (strcmp(name->text, "all") != 0 && !check_name(c, name)) {
		return false;
	}
	if (check_level_is_name(c, name->text)) {
		diag_error(c->diags, name->place, "'%s' is declared twice",
			   name->text);
		return false;
	}
	return true;
}

/* Ranges are made of levels: a range in a range is an unknown level. */
void check_ranges(struct checker *c)
{
	struct model *m = c->model;

	for (u32 i = 0; i < c->ast->ranges.n; i++) {
		const struct ast_range *at = &c->ast->ranges.at[i];
		const struct token *name = &c->ast->tokens[at->name];
		struct level_range range;

		if (check_range(c, at, &range)) {
			check_range_order(c, at, &range);
		}
		if (!is_range_name_free(c, name)) {
			continue;
		}
		if (m->n_ranges == MODEL_MAX_RANGES) {
			diag_error(c->diags, name->place, "more than %u ranges",
				   MODEL_MAX_RANGES);
			continue;
		}
		m->ranges[m->n_ranges].name = name;
		m->ranges[m->n_ranges++].range = range;
	}
}
