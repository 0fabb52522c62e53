/* SPDX-License-Identifier: Apache-2.0 */
/* never, assert and conflict: whom they are about. Whether they hold is
 * verify.c's question. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "classes.h"

static void never_access(struct checker *c, const struct ast_never *at,
			 struct access *out)
{
	u32 cls;

	for (u32 i = 0; i < POLICY_CLASSES && at->is_any; i++) {
		out->av[i] = class_masks(i).perms;
	}
	for (u32 i = at->grant_first; i < at->grant_end; i++) {
		u32 av = grant_perms(c, &c->ast->grants.at[i], &cls);

		if (cls != CLASS_NONE) {
			out->av[cls] |= av;
		}
	}
}

/* Is there room for n more? */
static bool is_room(struct checker *c, u32 have, u32 n, struct place at)
{
	if (have + n > MODEL_MAX_CLAIMS) {
		diag_error(c->diags, at, "more than %u claims of this kind",
			   MODEL_MAX_CLAIMS);
		return false;
	}
	return true;
}

static void check_never(struct checker *c, const struct ast_never *at)
{
	struct model_never *n = VEC_PUSH(&c->model->nevers);
	struct type_set subjects = { { 0 } };
	struct type_set objects = { { 0 } };

	n->place = c->ast->tokens[at->keyword].place;
	n->is_self = at->is_self;
	check_type_set(c, at->subjects.names, &subjects);
	party_labels(c, &at->subjects, &subjects, &n->subjects);
	if (at->is_self) {
		n->objects = n->subjects;
	} else {
		check_type_set(c, at->objects.names, &objects);
		party_labels(c, &at->objects, &objects, &n->objects);
	}
	never_access(c, at, &n->access);
}

/* Is a label on both sides? Then nothing can keep the sides apart. */
static void check_apart(struct checker *c, const struct model_assert *a)
{
	char *text;

	for (u32 i = 0; i < c->model->n_labels && c->is_complete; i++) {
		if (label_set_has(&a->from, i) && label_set_has(&a->to, i)) {
			text = label_text(c->model, &c->model->labels[i]);
			diag_error(c->diags, a->place, "'%s' is on both sides",
				   text);
			free(text);
			return;
		}
	}
}

static void check_assert(struct checker *c, const struct ast_assert *at)
{
	struct model_assert a;

	memset(&a, 0, sizeof(a));
	a.place = span_place(c->ast, at->whole);
	a.from_place = span_place(c->ast, at->from.whole);
	a.to_place = span_place(c->ast, at->to.whole);
	check_end(c, &at->from, &a.from);
	check_end(c, &at->to, &a.to);
	check_type_set(c, at->via, &a.via);
	check_apart(c, &a);
	*VEC_PUSH(&c->model->asserts) = a;
}

/* ---- conflict: no flow between any two of the sets, either way */

struct conflict_set {
	struct place place;
	struct label_set labels;
};

/* dom0 always runs: what is in conflict with it never could. */
static void check_without_dom0(struct checker *c,
			       const struct conflict_set *set)
{
	u32 dom0 = c->model->initial[POLICY_INITIAL_DOM0];

	if (c->is_complete && label_set_has(&set->labels, dom0)) {
		diag_error(c->diags, set->place,
			   "dom0's label is in the set, and dom0 always runs");
	}
}

static void check_set(struct checker *c, u32 index, struct conflict_set *out)
{
	struct span s = c->ast->sets.at[index];
	const struct ast_party *members = c->ast->members.at;
	struct span whole = { members[s.first].whole.first,
			      members[s.end - 1].whole.end };

	memset(out, 0, sizeof(*out));
	out->place = span_place(c->ast, whole);
	for (u32 i = s.first; i < s.end; i++) {
		struct label_set one;

		check_end(c, &members[i], &one);
		for (u32 k = 0; k < LABEL_WORDS; k++) {
			out->labels.bits[k] |= one.bits[k];
		}
	}
	check_without_dom0(c, out);
}

static void add_conflict(struct checker *c, struct model_assert *a,
			 const struct conflict_set *x,
			 const struct conflict_set *y)
{
	a->from = x->labels;
	a->from_place = x->place;
	a->to = y->labels;
	a->to_place = y->place;
	*VEC_PUSH(&c->model->asserts) = *a;
}

/* Every set and every other, both ways. */
static void add_conflicts(struct checker *c, struct model_assert *a,
			  const struct conflict_set *sets, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		for (u32 k = i + 1; k < n; k++) {
			add_conflict(c, a, &sets[i], &sets[k]);
			check_apart(c, a);
			add_conflict(c, a, &sets[k], &sets[i]);
		}
	}
}

static void check_conflict(struct checker *c, const struct ast_conflict *at)
{
	struct conflict_set sets[MODEL_MAX_SETS];
	u32 n = at->set_end - at->set_first;
	struct model_assert a;

	memset(&a, 0, sizeof(a));
	a.is_conflict = true;
	a.place = span_place(c->ast, at->whole);
	if (n > MODEL_MAX_SETS) {
		diag_error(c->diags, a.place, "more than %u sets",
			   MODEL_MAX_SETS);
		return;
	}
	check_type_set(c, at->via, &a.via);
	for (u32 i = 0; i < n; i++) {
		check_set(c, at->set_first + i, &sets[i]);
	}
	add_conflicts(c, &a, sets, n);
}

static void check_nevers(struct checker *c)
{
	for (u32 i = 0; i < c->ast->nevers.n; i++) {
		const struct ast_never *at = &c->ast->nevers.at[i];

		if (!is_room(c, c->model->nevers.n, 1,
			     c->ast->tokens[at->keyword].place)) {
			return;
		}
		check_never(c, at);
	}
}

static void check_asserts(struct checker *c)
{
	for (u32 i = 0; i < c->ast->asserts.n; i++) {
		const struct ast_assert *at = &c->ast->asserts.at[i];

		if (!is_room(c, c->model->asserts.n, 1,
			     span_place(c->ast, at->whole))) {
			return;
		}
		check_assert(c, at);
	}
}

static void check_conflicts(struct checker *c)
{
	for (u32 i = 0; i < c->ast->conflicts.n; i++) {
		const struct ast_conflict *at = &c->ast->conflicts.at[i];
		u32 n = at->set_end - at->set_first;

		n = n > MODEL_MAX_SETS ? 0 : n * (n - 1);
		if (!is_room(c, c->model->asserts.n, n,
			     span_place(c->ast, at->whole))) {
			return;
		}
		check_conflict(c, at);
	}
}

void check_claims(struct checker *c)
{
	check_nevers(c);
	check_asserts(c);
	check_conflicts(c);
}
