/* SPDX-License-Identifier: Apache-2.0 */
/* Allow and strict statements to access vectors, and what is odd about them. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "classes.h"
#include "refmon/refmon.h"

static u32 unknown_perm(struct checker *c, const struct token *name, u32 cls)
{
	struct guess g = { .wanted = name->text };
	struct diag *d = diag_error(c->diags, name->place,
				    "class '%s' has no permission '%s'",
				    class_name(cls), name->text);

	perm_guess(&g, cls);
	diag_did_you_mean(d, &g);
	return 0;
}

static u32 unknown_class(struct checker *c, const struct token *name)
{
	struct guess g = { .wanted = name->text };
	struct diag *d = diag_error(c->diags, name->place, "unknown class '%s'",
				    name->text);

	class_guess(&g);
	diag_did_you_mean(d, &g);
	return 0;
}

u32 grant_perms(struct checker *c, const struct ast_grant *g, u32 *cls)
{
	const struct token *name = &c->ast->tokens[g->cls];
	u32 i = g->perms.first;
	u32 av = 0, perm;

	*cls = class_find(name->text);
	if (*cls == CLASS_NONE) {
		return unknown_class(c, name);
	}
	if (g->perms.first == g->perms.end) {
		diag_error(c->diags, name->place,
			   "class '%s' is given no permission", name->text);
	}
	while ((name = span_next(c->ast, g->perms, &i))) {
		perm = perm_find(*cls, name->text);
		if (perm == PERM_NONE) {
			unknown_perm(c, name, *cls);
		} else if (av >> perm & 1) {
			diag_warning(c->diags, name->place,
				     "'%s' is named twice", name->text);
		} else {
			av |= 1u << perm;
		}
	}
	return av;
}

static void check_subjects(struct checker *c, const struct ast_rule *rule,
			   const struct model_rule *given)
{
	for (u32 i = 0; i < c->model->n_types; i++) {
		if (type_set_has(&given->subjects, i) &&
		    c->model->types[i].kind != TYPE_DOMAIN) {
			diag_error(c->diags, span_place(c->ast, rule->subjects),
				   "'%s' is %s %s type: it cannot act",
				   c->model->types[i].name->text,
				   c->model->types[i].kind == TYPE_OBJECT ? "an"
									  : "a",
				   kind_name(c->model->types[i].kind));
		}
	}
}

/* Permissions about oneself make no sense on another. */
static void check_self_only(struct checker *c, const struct ast_grant *g,
			    u32 cls)
{
	const struct token *name;
	struct diag *d;
	u32 i = g->perms.first;
	u32 perm;

	while ((name = span_next(c->ast, g->perms, &i))) {
		perm = perm_find(cls, name->text);
		if (perm == PERM_NONE || perm_direction(cls, perm) != 'N') {
			continue;
		}
		d = diag_error(c->diags, name->place,
			       "'%s' exists on 'self' only", name->text);
		diag_hint(d, "allow TYPE self : %s { %s }", class_name(cls),
			  name->text);
	}
}

/* A core class on a domain, or the reverse: no one ever asks. */
static void check_kind(struct checker *c, const struct ast_grant *g, u32 cls,
		       const struct model_rule *given)
{
	const struct token *name = &c->ast->tokens[g->cls];

	for (u32 i = 0; i < c->model->n_types; i++) {
		const struct model_type *type = &c->model->types[i];

		if (type_set_has(&given->objects, i) &&
		    !class_fits(cls, type->kind)) {
			diag_warning(c->diags, name->place,
				     "class '%s' is never asked about %s "
				     "type '%s'",
				     class_name(cls), kind_name(type->kind),
				     type->name->text);
		}
	}
}

static void check_grants(struct checker *c, const struct ast_rule *rule,
			 struct model_rule *given)
{
	for (u32 i = rule->grant_first; i < rule->grant_end; i++) {
		const struct ast_grant *g = &c->ast->grants.at[i];
		u32 cls;
		u32 av = grant_perms(c, g, &cls);

		if (cls == CLASS_NONE) {
			continue;
		}
		given->access.av[cls] |= av;
		if (rule->is_self) {
			given->objects = given->subjects;
		} else {
			check_self_only(c, g, cls);
		}
		check_kind(c, g, cls, given);
	}
}

static void check_rule(struct checker *c, u32 index)
{
	const struct ast_rule *rule = &c->ast->rules.at[index];
	struct model_rule given = { .origin = ORIGIN_ALLOW };

	given.place = c->ast->tokens[rule->keyword].place;
	given.mode = rule->mode;
	given.index = index;
	given.is_self = rule->is_self;
	check_type_set(c, rule->subjects, &given.subjects);
	if (!rule->is_self) {
		check_type_set(c, rule->objects, &given.objects);
	}
	check_subjects(c, rule, &given);
	check_grants(c, rule, &given);
	*VEC_PUSH(&c->model->rules) = given;
}

static void check_strict(struct checker *c, struct span grants)
{
	u32 cls;

	for (u32 i = grants.first; i < grants.end; i++) {
		u32 av = grant_perms(c, &c->ast->grants.at[i], &cls);

		if (cls != CLASS_NONE) {
			c->model->strict.av[cls] |= av;
		}
	}
}

void check_rules(struct checker *c)
{
	for (u32 i = 0; i < c->ast->rules.n; i++) {
		check_rule(c, i);
	}
	for (u32 i = 0; i < c->ast->stricts.n; i++) {
		check_strict(c, c->ast->stricts.at[i]);
	}
}
