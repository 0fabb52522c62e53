/* SPDX-License-Identifier: Apache-2.0 */
/* Rings, uses and diodes against the monitor: what they stand for can work,
 * reaches only the labels they name, and nothing comes back through a diode. */
#include "classes.h"
#include "flow.h"
#include "verify.h"

/* ---- macros: who may do what, by one of their rules */

struct macro_check {
	struct checker *c;
	const struct flow_graph *flows;
	const struct model_rule *rule;
	struct model_macro *macro;
	const struct label_set *subjects;
	const struct label_set *objects;
	u32 cls;
	u32 perm;
	u32 subject; /* the first pair that was refused, and why */
	u32 object;
	enum refmon_cause cause; /* REFMON_PERMIT: none was refused */
	bool is_alive;		 /* within the labels the statement is about */
};

static void report_wider(const struct macro_check *k, u32 s, u32 o)
{
	struct diag *d = diag_error(k->c->diags, k->rule->place,
				    "this would also let %s '%s %s' on %s",
				    refmon_label_name(s), class_name(k->cls),
				    perm_name(k->cls, k->perm),
				    refmon_label_name(o));

	diag_hint(d, "rules are about types: name the type without a level, "
		     "or give these labels a type of their own");
}

/* One pair of labels; true: reported, no more of this rule. */
static bool check_pair(struct macro_check *k, u32 s, u32 o)
{
	bool is_meant = label_set_has(k->subjects, s) &&
			label_set_has(k->objects, o);

	enum refmon_cause cause = refmon_decide(s, o, false, k->cls, k->perm);

	if (cause == REFMON_PERMIT && !is_meant) {
		report_wider(k, s, o);
		return true;
	}
	if (cause == REFMON_PERMIT) {
		k->is_alive = true;
	} else if (is_meant && k->cause == REFMON_PERMIT) {
		k->subject = s;
		k->object = o;
		k->cause = cause;
	}
	return false;
}

static bool check_perm(struct macro_check *k)
{
	const struct model *m = k->c->model;

	k->cause = REFMON_PERMIT;
	k->is_alive = false;
	for (u32 s = 0; s < m->n_labels; s++) {
		if (!type_set_has(&k->rule->subjects, m->labels[s].type)) {
			continue;
		}
		for (u32 o = 0; o < m->n_labels; o++) {
			if (type_set_has(&k->rule->objects,
					 m->labels[o].type) &&
			    check_pair(k, s, o)) {
				return true;
			}
		}
	}
	return false;
}

static void report_dead_macro(const struct macro_check *k)
{
	struct diag *d = diag_error(
		k->c->diags, k->rule->place,
		"this cannot work: '%s %s' is never permitted: %s %s %s",
		class_name(k->cls), perm_name(k->cls, k->perm),
		refmon_label_name(k->subject), verify_cause(k->cause),
		refmon_label_name(k->object));

	diag_hint(d, "the labels must let information pass: see the levels");
}

/* The first thing wrong with a macro's rule is enough. */
static void check_macro_rule(struct macro_check *k)
{
	for (k->cls = 0; k->cls < POLICY_CLASSES; k->cls++) {
		u32 av = k->rule->access.av[k->cls];

		for (k->perm = 0; av; k->perm++, av >>= 1) {
			if (!(av & 1)) {
				continue;
			}
			k->macro->is_broken = check_perm(k);
			if (!k->macro->is_broken && !k->is_alive &&
			    k->cause != REFMON_PERMIT) {
				k->macro->is_broken = true;
				report_dead_macro(k);
			}
			if (k->macro->is_broken) {
				return;
			}
		}
	}
}

static void report_return(const struct macro_check *k, u32 from, u32 to)
{
	char mode[VERIFY_MODE_ROOM];
	struct diag *d;

	d = diag_error(k->c->diags, k->rule->place,
		       "information also flows back through this diode%s",
		       verify_mode(k->c->model, mode, sizeof(mode)));
	diag_hint(d, "remove or narrow that rule");
	verify_note_step(k->c, "", from, to);
}

/* Between the labels of a diode everything goes one way. */
static void check_no_return(struct macro_check *k)
{
	for (u32 o = 0; o < k->flows->n; o++) {
		for (u32 s = 0; s < k->flows->n && !k->macro->is_broken; s++) {
			if (label_set_has(k->objects, o) &&
			    label_set_has(k->subjects, s) &&
			    flow_has(k->flows, o, s)) {
				k->macro->is_broken = true;
				report_return(k, o, s);
			}
		}
	}
}

static void verify_macro(struct checker *c, const struct flow_graph *flows,
			 const struct model_rule *rule)
{
	struct macro_check k = { .c = c, .flows = flows, .rule = rule };

	k.macro = &c->model->macros.at[rule->index];
	k.subjects = rule->is_back ? &k.macro->to : &k.macro->from;
	k.objects = rule->is_back ? &k.macro->from : &k.macro->to;
	if (rule->mode == c->model->mode && !k.macro->is_broken) {
		check_macro_rule(&k);
	}
	if (rule->origin == ORIGIN_DIODE &&
	    model_rule_is_active(c->model, rule)) {
		check_no_return(&k);
	}
}

void verify_macros(struct checker *c, const struct flow_graph *flows)
{
	for (u32 i = 0; i < c->model->rules.n; i++) {
		const struct model_rule *r = &c->model->rules.at[i];

		if (r->origin == ORIGIN_RING || r->origin == ORIGIN_USE ||
		    r->origin == ORIGIN_DIODE) {
			verify_macro(c, flows, r);
		}
	}
}
