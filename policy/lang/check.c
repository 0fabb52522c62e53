/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations to tables, in the order in which they need each other. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80) {
		text++;
	}
	return !*text;
}

static void check_policy(struct checker *c)
{
	const struct token *name = &c->ast->tokens[c->ast->name];
	const struct token *version = &c->ast->tokens[c->ast->version];
	char *end;

	if (!c->ast->has_policy || name->kind != TOKEN_STRING ||
	    version->kind != TOKEN_NUMBER) {
		if (!c->ast->has_policy) {
			diag_error(c->diags, (struct place){ 0, 1 },
				   "no statement: policy \"name\" version N");
		}
		return;
	}
	if (strlen(name->text) >= sizeof(c->model->name) || !name->text[0] ||
	    !is_ascii(name->text)) {
		diag_error(c->diags, name->place,
			   "the policy's name has 1 to %zu ASCII characters",
			   sizeof(c->model->name) - 1);
	} else {
		snprintf(c->model->name, sizeof(c->model->name), "%s",
			 name->text);
	}
	errno = 0;
	c->model->version = strtoull(version->text, &end, 10);
	if (*end || errno) {
		diag_error(c->diags, version->place,
			   "a version is a whole number below 2^64");
	}
}

static bool spans_levels(const struct model *m, u32 type)
{
	for (u32 i = 0; i < m->n_labels; i++) {
		if (m->labels[i].type == type &&
		    level_compare(&m->labels[i].low, &m->labels[i].high)) {
			return true;
		}
	}
	return false;
}

static void warn_unused(struct checker *c)
{
	struct model *m = c->model;

	for (u32 i = 0; i < m->n_types; i++) {
		if (!m->types[i].has_label) {
			diag_warning(c->diags, m->types[i].name->place,
				     "no label has type '%s'",
				     m->types[i].name->text);
		} else if (m->types[i].is_trusted && !spans_levels(m, i)) {
			diag_warning(c->diags, m->types[i].name->place,
				     "'%s' is trusted, but none of its labels "
				     "spans levels",
				     m->types[i].name->text);
		}
	}
}

static void warn_pins(struct checker *c)
{
	struct diag *d;

	for (u32 i = 0; i < c->model->vms.n; i++) {
		const struct model_vm *vm = &c->model->vms.at[i];

		if (vm->image) {
			d = diag_warning(c->diags, vm->name->place,
					 "the core does not compare the image "
					 "of '%s'",
					 vm->name->text);
			diag_hint(d, "compare it with casemate measure");
			d->is_caveat = true;
		}
	}
}

static void warn_conflicts(struct checker *c)
{
	struct diag *d;

	for (u32 i = 0; i < c->ast->conflicts.n; i++) {
		d = diag_warning(
			c->diags,
			span_place(c->ast, c->ast->conflicts.at[i].whole),
			"the core does not keep these from running at the same "
			"time");
		diag_hint(d, "what is checked: no information flows between "
			     "them");
		d->is_caveat = true;
	}
}

void check(const struct ast *ast, struct model *out, struct diags *d)
{
	struct checker c = { .ast = ast, .model = out, .diags = d };

	check_policy(&c);
	check_levels(&c);
	check_ranges(&c);
	check_types(&c);
	check_labels(&c);
	check_things(&c);
	c.is_complete = !d->n_errors;
	check_rules(&c);
	check_macros(&c);
	check_claims(&c);
	if (!d->n_errors) {
		warn_unused(&c);
		warn_pins(&c);
		warn_conflicts(&c);
	}
}
