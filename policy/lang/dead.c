/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that the levels never let through, found by asking the core's own
 * monitor about every listed pair of labels. */
#include "classes.h"
#include "refmon/refmon.h"
#include "verify.h"

/* One permission of one rule, and the first denial as an example. */
struct query {
	const struct model_rule *rule;
	u32 cls;
	u32 perm;
	u32 subject; /* labels of the example */
	u32 object;
	enum refmon_cause cause;
	u32 n_pairs;
};

static bool is_permitted(struct query *q, u32 s, u32 o)
{
	enum refmon_cause cause = refmon_decide(s, o, q->rule->is_self, q->cls,
						q->perm);

	if (q->n_pairs++ == 0) {
		q->subject = s;
		q->object = o;
		q->cause = cause;
	}
	return cause == REFMON_PERMIT;
}

static bool is_alive_on(struct query *q, u32 s, const struct model_type *object)
{
	for (u32 o = object->label_first; o < object->label_end; o++) {
		if (is_permitted(q, s, o)) {
			return true;
		}
	}
	return false;
}

static bool is_alive_for(const struct model *m, struct query *q, u32 s)
{
	if (q->rule->is_self) {
		return is_permitted(q, s, s);
	}
	for (u32 i = 0; i < m->n_types; i++) {
		if (type_set_has(&q->rule->objects, i) &&
		    is_alive_on(q, s, &m->types[i])) {
			return true;
		}
	}
	return false;
}

/* Does any pair of labels pass? */
static bool is_alive(const struct model *m, struct query *q)
{
	q->n_pairs = 0;
	for (u32 s = 0; s < m->n_labels; s++) {
		if (type_set_has(&q->rule->subjects, m->labels[s].type) &&
		    is_alive_for(m, q, s)) {
			return true;
		}
	}
	return false;
}

const char *verify_cause(enum refmon_cause cause)
{
	switch (cause) {
	case REFMON_READ_UP:
		return "would read up from";
	case REFMON_WRITE_DOWN:
		return "would write down to";
	case REFMON_STRICT:
		return "has another level (the permission is strict) than";
	default:
		return "is refused on";
	}
}

static void report_dead(struct checker *c, const struct token *perm,
			const struct query *q)
{
	struct diag *d = diag_warning(
		c->diags, perm->place,
		"dead rule: '%s %s' can never be permitted: %s %s %s",
		class_name(q->cls), perm->text, refmon_label_name(q->subject),
		verify_cause(q->cause), refmon_label_name(q->object));

	diag_hint(d, "remove it, or end the rule with expect-dead");
}

static void report_alive(struct checker *c, const struct token *perm,
			 const struct query *q)
{
	diag_error(c->diags, perm->place,
		   "marked expect-dead, but '%s %s' can be permitted",
		   class_name(q->cls), perm->text);
}

static void query_grant(struct checker *c, const struct ast_grant *g,
			bool is_expected_dead, struct query *q)
{
	const struct token *perm;
	u32 i = g->perms.first;
	bool alive;

	q->cls = class_find(c->ast->tokens[g->cls].text);
	while ((perm = span_next(c->ast, g->perms, &i))) {
		q->perm = perm_find(q->cls, perm->text);
		alive = is_alive(c->model, q);
		if (alive && is_expected_dead) {
			report_alive(c, perm, q);
		}
		/* No label at all has its own warning. */
		if (!alive && !is_expected_dead && q->n_pairs) {
			report_dead(c, perm, q);
		}
	}
}

void verify_rules(struct checker *c)
{
	for (u32 i = 0; i < c->model->rules.n; i++) {
		struct query q = { .rule = &c->model->rules.at[i] };
		const struct ast_rule *rule;

		if (q.rule->origin != ORIGIN_ALLOW ||
		    q.rule->mode != c->model->mode) {
			continue;
		}
		rule = &c->ast->rules.at[q.rule->index];
		for (u32 k = rule->grant_first; k < rule->grant_end; k++) {
			query_grant(c, &c->ast->grants.at[k],
				    rule->is_expected_dead, &q);
		}
	}
}
