/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that permit, and statements on what must stay impossible. */
#include <string.h>

#include "parse.h"

/* allow SUBJECTS OBJECTS|self : CLASS { ... } ... [ expect-dead ] */
bool parse_allow(struct parser *p)
{
	struct ast_rule rule = { .keyword = p->i - 1, .mode = p->mode };

	rule.grant_first = p->ast->grants.n;
	if (!take_names(p, TOKEN_COMMA, &rule.subjects, "a subject type")) {
		return false;
	}
	take_word_if(p, "other");
	if (!take_names(p, TOKEN_COMMA, &rule.objects, "an object type") ||
	    !take(p, TOKEN_COLON, "':'") || !take_grants(p)) {
		return false;
	}
	rule.is_self = rule.objects.end == rule.objects.first + 1 &&
		       !strcmp(p->t[rule.objects.first].text, "self");
	rule.grant_end = p->ast->grants.n;
	rule.is_expected_dead = take_word_if(p, "expect-dead");
	*VEC_PUSH(&p->ast->rules) = rule;
	return true;
}

/* strict CLASS { ... } ... */
bool parse_strict(struct parser *p)
{
	struct span s = { p->ast->grants.n, 0 };

	if (!take_grants(p)) {
		return false;
	}
	s.end = p->ast->grants.n;
	*VEC_PUSH(&p->ast->stricts) = s;
	return true;
}

static struct ast_macro macro_start(const struct parser *p,
				    enum macro_kind kind)
{
	struct ast_macro m = { .kind = kind, .mode = p->mode };

	m.keyword = p->i - 1;
	m.whole.first = m.keyword;
	return m;
}

static bool macro_end(struct parser *p, struct ast_macro *m)
{
	m->whole.end = p->i;
	*VEC_PUSH(&p->ast->macros) = *m;
	return true;
}

/* ring FRONT -> BACK */
bool parse_ring(struct parser *p)
{
	struct ast_macro m = macro_start(p, MACRO_RING);

	return take_party(p, &m.from, "the front end's type") &&
	       take(p, TOKEN_ARROW, "'->'") &&
	       take_party(p, &m.to, "the back end's type") && macro_end(p, &m);
}

/* use DRIVER DEVICE */
bool parse_use(struct parser *p)
{
	struct ast_macro m = macro_start(p, MACRO_USE);

	return take_party(p, &m.from, "the driver's type") &&
	       take_party(p, &m.to, "the device's type") && macro_end(p, &m);
}

/* diode LOW -> HIGH CLASS { , CLASS } */
bool parse_diode(struct parser *p)
{
	struct ast_macro m = macro_start(p, MACRO_DIODE);

	return take_party(p, &m.from, "the sender's type") &&
	       take(p, TOKEN_ARROW, "'->'") &&
	       take_party(p, &m.to, "the receiver's type") &&
	       take_names(p, TOKEN_COMMA, &m.carriers,
			  "what carries it, as 'message' or 'grant'") &&
	       macro_end(p, &m);
}

/* any | CLASS { ... } ... */
static bool never_grants(struct parser *p, struct ast_never *n)
{
	n->grant_first = p->ast->grants.n;
	n->is_any = is_word(p, "any") && after(p)->kind != TOKEN_OPEN;
	if (n->is_any) {
		p->i++;
	} else if (!take_grants(p)) {
		return false;
	}
	n->grant_end = p->ast->grants.n;
	return true;
}

/* never SUBJECTS [ other ] OBJECTS|self : any | GRANTS */
bool parse_never(struct parser *p)
{
	struct ast_never n = { .keyword = p->i - 1 };

	if (!take_party(p, &n.subjects, "a subject type")) {
		return false;
	}
	take_word_if(p, "other");
	n.is_self = is_word(p, "self");
	if (!take_party(p, &n.objects, "an object type") ||
	    !take(p, TOKEN_COLON, "':'") || !never_grants(p, &n)) {
		return false;
	}
	*VEC_PUSH(&p->ast->nevers) = n;
	return true;
}

/* assert separated END from END [ except via TYPES ] */
bool parse_assert(struct parser *p)
{
	struct ast_assert a = { .whole = { p->i - 1, 0 } };

	if (!take_word(p, "separated") || !take_end(p, &a.from) ||
	    !take_word(p, "from") || !take_end(p, &a.to) ||
	    !take_via(p, &a.via)) {
		return false;
	}
	a.whole.end = p->i;
	*VEC_PUSH(&p->ast->asserts) = a;
	return true;
}

/* { END ... } */
static bool take_set(struct parser *p)
{
	struct span s = { p->ast->members.n, 0 };
	struct ast_party member;

	if (!take(p, TOKEN_OPEN, "'{' and levels, labels, types or vms")) {
		return false;
	}
	do {
		memset(&member, 0, sizeof(member));
		if (!take_end(p, &member)) {
			return false;
		}
		*VEC_PUSH(&p->ast->members) = member;
	} while (!take_if(p, TOKEN_CLOSE));
	s.end = p->ast->members.n;
	*VEC_PUSH(&p->ast->sets) = s;
	return true;
}

/* conflict SET SET { SET } [ except via TYPES ] */
bool parse_conflict(struct parser *p)
{
	struct ast_conflict c = { .whole = { p->i - 1, 0 } };

	c.set_first = p->ast->sets.n;
	if (!take_set(p)) {
		return false;
	}
	do {
		if (!take_set(p)) {
			return false;
		}
	} while (now(p)->kind == TOKEN_OPEN);
	c.set_end = p->ast->sets.n;
	if (!take_via(p, &c.via)) {
		return false;
	}
	c.whole.end = p->i;
	*VEC_PUSH(&p->ast->conflicts) = c;
	return true;
}

/* The number of a mode; one that is named again is added to. */
static u32 mode_number(struct parser *p, u32 name)
{
	const struct ast *a = p->ast;

	for (u32 i = 0; i < a->modes.n; i++) {
		if (!strcmp(p->t[a->modes.at[i]].text, p->t[name].text)) {
			return i + 1;
		}
	}
	*VEC_PUSH(&p->ast->modes) = name;
	return p->ast->modes.n;
}

/* mode NAME adds { RULES }: the rules follow as statements, parse.c takes the
 * closing brace. */
bool parse_mode(struct parser *p)
{
	u32 name = p->i;

	if (!take(p, TOKEN_WORD, "the mode's name") || !take_word(p, "adds") ||
	    !take(p, TOKEN_OPEN, "'{' and rules")) {
		return false;
	}
	p->mode = mode_number(p, name);
	return true;
}
