/* SPDX-License-Identifier: Apache-2.0 */
/* never, assert and conflict against everything the monitor permits. */
#include "verify.h"

#include "classes.h"

const char *verify_mode(const struct model *m, char *out, size_t room)
{
	out[0] = '\0';
	if (m->mode) {
		snprintf(out, room, " in mode '%s'",
			 m->modes[m->mode - 1]->text);
	}
	return out;
}

/* ---- never */

struct offence {
	u32 subject;
	u32 object;
	u32 cls;
	u32 perm;
};

/* Does this pair have one of the permissions of a class by this rule? */
static bool has_perm(const struct model_never *n, const struct model_rule *r,
		     struct offence *o)
{
	for (o->cls = 0; o->cls < POLICY_CLASSES; o->cls++) {
		u32 av = n->access.av[o->cls] & r->access.av[o->cls];

		for (o->perm = 0; av; o->perm++, av >>= 1) {
			if (av & 1 &&
			    refmon_decide(o->subject, o->object, n->is_self,
					  o->cls, o->perm) == REFMON_PERMIT) {
				return true;
			}
		}
	}
	return false;
}

static bool subject_offends(const struct model *m, const struct model_never *n,
			    const struct model_rule *r, struct offence *o)
{
	for (o->object = 0; o->object < m->n_labels; o->object++) {
		if (n->is_self
			    ? o->object == o->subject
			    : label_set_has(&n->objects, o->object) &&
				      type_set_has(&r->objects,
						   m->labels[o->object].type)) {
			if (has_perm(n, r, o)) {
				return true;
			}
		}
	}
	return false;
}

static bool rule_offends(const struct model *m, const struct model_never *n,
			 const struct model_rule *r, struct offence *o)
{
	if (r->is_self != n->is_self || !model_rule_is_active(m, r)) {
		return false;
	}
	for (o->subject = 0; o->subject < m->n_labels; o->subject++) {
		if (label_set_has(&n->subjects, o->subject) &&
		    type_set_has(&r->subjects, m->labels[o->subject].type) &&
		    subject_offends(m, n, r, o)) {
			return true;
		}
	}
	return false;
}

/* A ring is two rules in one place: said once. */
static bool is_noted(const struct diags *d, const struct model_rule *r)
{
	return d->notes.n &&
	       d->notes.at[d->notes.n - 1].place.at == r->place.at;
}

static void report_offence(struct checker *c, struct model_never *n,
			   const struct model_rule *r, const struct offence *o)
{
	const char *object = n->is_self ? "itself"
					: refmon_label_name(o->object);
	char mode[VERIFY_MODE_ROOM];
	struct diag *d;

	if (!n->is_broken) {
		n->is_broken = true;
		d = diag_error(c->diags, n->place,
			       "this is permitted%s: %s may '%s %s' on %s",
			       verify_mode(c->model, mode, sizeof(mode)),
			       refmon_label_name(o->subject),
			       class_name(o->cls), perm_name(o->cls, o->perm),
			       object);
		diag_hint(d, "remove or narrow the rules, or this statement");
	} else if (is_noted(c->diags, r)) {
		return;
	}
	diag_note(c->diags, r->place, "%s may '%s %s' on %s",
		  refmon_label_name(o->subject), class_name(o->cls),
		  perm_name(o->cls, o->perm), object);
}

static void verify_never(struct checker *c, struct model_never *n)
{
	struct offence o;

	if (n->is_broken) {
		return;
	}
	for (u32 i = 0; i < c->model->rules.n; i++) {
		const struct model_rule *r = &c->model->rules.at[i];

		if (rule_offends(c->model, n, r, &o)) {
			report_offence(c, n, r, &o);
		}
	}
}

/* ---- assert and conflict */

/* The types besides the path's ends that are trusted: what could be named
 * as the exception. */
static void list_trusted(const struct model *m, const struct flow_path *p,
			 char *out, size_t room)
{
	struct type_set seen = { { 0 } };
	size_t used = 0;

	out[0] = '\0';
	for (u32 i = 1; i + 1 < p->n; i++) {
		u32 type = m->labels[p->label[i]].type;

		if (m->types[type].is_trusted && !type_set_has(&seen, type) &&
		    used < room) {
			used += (size_t)snprintf(out + used, room - used,
						 "%s%s", used ? ", " : "",
						 m->types[type].name->text);
			type_set_add(&seen, type);
		}
	}
}

void verify_note_step(struct checker *c, const char *lead, u32 from, u32 to)
{
	struct flow_step s;

	flow_explain(c->model, from, to, &s);
	diag_note(c->diags, s.rule->place, "%s%s -> %s: %s has '%s %s' on %s",
		  lead, refmon_label_name(from), refmon_label_name(to),
		  refmon_label_name(s.subject), class_name(s.cls),
		  perm_name(s.cls, s.perm), refmon_label_name(s.object));
}

static void report_path(struct checker *c, const struct model_assert *a,
			const struct flow_path *p)
{
	const char *text = c->diags->source->text;
	char mode[VERIFY_MODE_ROOM], trusted[100], lead[20];
	struct diag *d;

	d = diag_error(
		c->diags, a->place,
		"information flows from '%.*s' to '%.*s' in %u step%s%s",
		(int)(a->from_place.bytes > 60 ? 60 : a->from_place.bytes),
		text + a->from_place.at,
		(int)(a->to_place.bytes > 60 ? 60 : a->to_place.bytes),
		text + a->to_place.at, p->n - 1, p->n == 2 ? "" : "s",
		verify_mode(c->model, mode, sizeof(mode)));
	list_trusted(c->model, p, trusted, sizeof(trusted));
	if (trusted[0]) {
		diag_hint(d, "is it meant to pass there: except via %s",
			  trusted);
	} else {
		diag_hint(d, "remove or narrow the rule of one step");
	}
	for (u32 i = 0; i + 1 < p->n; i++) {
		snprintf(lead, sizeof(lead), "step %u: ", i + 1);
		verify_note_step(c, lead, p->label[i], p->label[i + 1]);
	}
}

static void verify_assert(struct checker *c, const struct flow_graph *g,
			  struct model_assert *a)
{
	struct flow_path path;

	if (a->is_broken) {
		return;
	}
	flow_search(c->model, g, &a->from, &a->to, &a->via, &path);
	if (path.n) {
		a->is_broken = true;
		report_path(c, a, &path);
	}
}

void verify_claims(struct checker *c, const struct flow_graph *flows)
{
	for (u32 i = 0; i < c->model->nevers.n; i++) {
		verify_never(c, &c->model->nevers.at[i]);
	}
	for (u32 i = 0; i < c->model->asserts.n; i++) {
		verify_assert(c, flows, &c->model->asserts.at[i]);
	}
}
