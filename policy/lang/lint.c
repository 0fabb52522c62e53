/* SPDX-License-Identifier: Apache-2.0 */
/* Names without use, rules that add nothing, trust without need, things without
 * what makes them safe. */
#include "lint.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"

/* ---- names */

/* How often the source has this word. */
static u32 uses_of(const struct job *j, const char *name)
{
	u32 n = 0;

	for (u32 i = 0; i < j->tokens.list.n; i++) {
		const struct token *t = &j->tokens.list.at[i];

		n += t->kind == TOKEN_WORD && !strcmp(t->text, name);
	}
	return n;
}

static void lint_name(struct job *j, const struct token *name, const char *what)
{
	struct diag *d;

	if (uses_of(j, name->text) == 1) {
		d = diag_warning(&j->diags, name->place,
				 "%s '%s' is never used", what, name->text);
		diag_hint(d, "remove it");
	}
}

static void lint_names(struct job *j)
{
	const struct model *m = j->model;

	for (u32 i = 0; i < m->n_sens; i++) {
		lint_name(j, m->sens[i], "level");
	}
	for (u32 i = 0; i < m->n_cats; i++) {
		lint_name(j, m->cats[i], "compartment");
	}
	for (u32 i = 0; i < m->n_ranges; i++) {
		lint_name(j, m->ranges[i].name, "range");
	}
	for (u32 i = 0; i < m->n_typesets; i++) {
		lint_name(j, m->typesets[i].name, "typeset");
	}
}

/* ---- rules */

/* Are the permissions of one pair of types given by other rules as well? */
static bool is_covered(const struct model *m, const struct model_rule *r,
		       const bool *is_out, u32 s, u32 o)
{
	struct access left = r->access;

	for (u32 i = 0; i < m->rules.n; i++) {
		const struct model_rule *other = &m->rules.at[i];

		if (other == r || is_out[i] || other->is_self != r->is_self ||
		    (other->mode && other->mode != r->mode) ||
		    !type_set_has(&other->subjects, s) ||
		    (!r->is_self && !type_set_has(&other->objects, o))) {
			continue;
		}
		for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
			left.av[cls] &= ~other->access.av[cls];
		}
	}
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		if (left.av[cls]) {
			return false;
		}
	}
	return true;
}

static bool is_subsumed(const struct model *m, const struct model_rule *r,
			const bool *is_out)
{
	for (u32 s = 0; s < m->n_types; s++) {
		for (u32 o = 0; o < m->n_types; o++) {
			if (type_set_has(&r->subjects, s) &&
			    (r->is_self ? o == s
					: type_set_has(&r->objects, o)) &&
			    !is_covered(m, r, is_out, s, o)) {
				return false;
			}
		}
	}
	return true;
}

/* From the end, and what was found does not count any more: of two equal
 * rules the later one is reported. */
static void lint_rules(struct job *j)
{
	const struct model *m = j->model;
	bool *is_out = zalloc(m->rules.n + 1);
	struct diag *d;

	for (u32 i = m->rules.n; i-- > 0;) {
		const struct model_rule *r = &m->rules.at[i];

		if (r->origin == ORIGIN_ALLOW &&
		    !j->ast.rules.at[r->index].is_expected_dead &&
		    is_subsumed(m, r, is_out)) {
			is_out[i] = true;
			d = diag_warning(&j->diags, r->place,
					 "other rules give all that this one "
					 "gives");
			diag_hint(d, "remove it");
		}
	}
	free(is_out);
}

/* ---- trust */

/* Would every flow of the label be permitted as well if it had one level? */
static bool fits_level(const struct model *m, const struct flow_graph *g,
		       u32 label, const struct level *level)
{
	for (u32 i = 0; i < m->n_labels; i++) {
		if ((i != label && flow_has(g, i, label) &&
		     !level_dominates(level, &m->labels[i].low)) ||
		    (i != label && flow_has(g, label, i) &&
		     !level_dominates(&m->labels[i].high, level))) {
			return false;
		}
	}
	return true;
}

static bool needs_trust(const struct model *m, const struct flow_graph *g,
			const struct model_type *t)
{
	for (u32 i = t->label_first; i < t->label_end; i++) {
		const struct model_label *l = &m->labels[i];

		if (level_compare(&l->low, &l->high) &&
		    !fits_level(m, g, i, &l->low) &&
		    !fits_level(m, g, i, &l->high)) {
			return true;
		}
	}
	return false;
}

static void lint_trust(struct job *j)
{
	const struct model *m = j->model;
	struct flow_graph *g = zalloc(sizeof(*g));
	struct diag *d;

	flow_build(m, g);
	for (u32 i = 0; i < m->n_types; i++) {
		if (m->types[i].is_trusted && m->types[i].has_label &&
		    !needs_trust(m, g, &m->types[i])) {
			d = diag_warning(&j->diags, m->types[i].name->place,
					 "'%s' is trusted, and no flow that is "
					 "permitted needs it",
					 m->types[i].name->text);
			diag_hint(d, "give it one level");
		}
	}
	free(g);
}

/* ---- things */

static void lint_things(struct job *j)
{
	const struct model *m = j->model;
	struct diag *d;

	for (u32 i = 0; i < m->vms.n; i++) {
		if (!m->vms.at[i].image) {
			d = diag_warning(&j->diags, m->vms.at[i].name->place,
					 "vm '%s' may start with any image",
					 m->vms.at[i].name->text);
			diag_hint(d, "pin it: image sha384:DIGEST, as casemate "
				     "measure prints it");
		}
	}
	for (u32 i = 0; i < m->devices.n; i++) {
		if (!m->devices.at[i].reset) {
			d = diag_warning(&j->diags, m->devices.at[i].place,
					 "device %s keeps what the last domain "
					 "left in it",
					 m->devices.at[i].address);
			diag_hint(d, "say how it is reset: reset flr");
		}
	}
}

static bool has_vm(const struct model *m, const struct label_set *labels)
{
	for (u32 i = 0; i < m->vms.n; i++) {
		if (label_set_has(labels, m->vms.at[i].label)) {
			return true;
		}
	}
	return false;
}

/* Only where the policy lists vms at all. */
static void lint_rings(struct job *j)
{
	const struct model *m = j->model;
	struct diag *d;

	for (u32 i = 0; i < m->macros.n && m->vms.n; i++) {
		if (m->macros.at[i].origin == ORIGIN_RING &&
		    !has_vm(m, &m->macros.at[i].to)) {
			d = diag_warning(
				&j->diags,
				span_place(&j->ast, j->ast.macros.at[i].whole),
				"no vm is the second party of this "
				"ring");
			diag_hint(d, "list the vm that serves it");
		}
	}
}

/* What the core does not keep yet, whoever writes the policy. */
static void drop_caveats(struct diags *d)
{
	u32 n = 0;

	for (u32 i = 0; i < d->list.n; i++) {
		if (d->list.at[i].is_caveat) {
			d->n_warnings--;
		} else {
			d->list.at[n++] = d->list.at[i];
		}
	}
	d->list.n = n;
}

void lint(struct job *j)
{
	drop_caveats(&j->diags);
	lint_names(j);
	lint_rules(j);
	lint_trust(j);
	lint_things(j);
	lint_rings(j);
	diag_sort(&j->diags);
}
