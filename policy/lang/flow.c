/* SPDX-License-Identifier: Apache-2.0 */
/* The flow graph, shortest paths in it, and the rules behind a step. */
#include "flow.h"

#include <string.h>

#include "classes.h"
#include "refmon/refmon.h"

/* ---- the graph */

struct pair_query {
	u32 subject;
	u32 object;
	bool reads;  /* found: object -> subject */
	bool writes; /* found: subject -> object */
};

/* Bits of an access vector that could still say something new. */
static u32 open_perms(const struct pair_query *q, u32 av,
		      const struct policy_class *masks)
{
	return av & ((q->reads ? 0 : masks->reads) |
		     (q->writes ? 0 : masks->writes));
}

static void ask_class(struct pair_query *q, u32 cls, u32 av,
		      const struct policy_class *masks)
{
	u32 left = open_perms(q, av, masks);

	while (left) {
		u32 perm = (u32)__builtin_ctz(left);

		if (refmon_decide(q->subject, q->object, false, cls, perm) ==
		    REFMON_PERMIT) {
			q->reads |= masks->reads >> perm & 1;
			q->writes |= masks->writes >> perm & 1;
		}
		av &= ~(1u << perm);
		left = open_perms(q, av, masks);
	}
}

static void add_edge(struct flow_graph *g, u32 from, u32 to)
{
	g->to[from][to / 64] |= 1ull << (to % 64);
}

static void ask_pair(struct flow_graph *g, u32 s, u32 o,
		     const struct access *access,
		     const struct policy_class *masks)
{
	struct pair_query q = { .subject = s, .object = o };

	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		ask_class(&q, cls, access->av[cls], &masks[cls]);
	}
	if (q.reads) {
		add_edge(g, o, s);
	}
	if (q.writes) {
		add_edge(g, s, o);
	}
}

static bool is_nothing(const struct access *access)
{
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		if (access->av[cls]) {
			return false;
		}
	}
	return true;
}

static void ask_types(const struct model *m, struct flow_graph *g, u32 st,
		      u32 ot, const struct policy_class *masks)
{
	const struct model_type *s = &m->types[st];
	const struct model_type *o = &m->types[ot];

	if (is_nothing(&m->pair[st][ot])) {
		return;
	}
	for (u32 i = s->label_first; i < s->label_end; i++) {
		for (u32 k = o->label_first; k < o->label_end; k++) {
			ask_pair(g, i, k, &m->pair[st][ot], masks);
		}
	}
}

void flow_build(const struct model *m, struct flow_graph *out)
{
	struct policy_class masks[POLICY_CLASSES];

	memset(out, 0, sizeof(*out));
	out->n = m->n_labels;
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		masks[cls] = class_masks(cls);
	}
	for (u32 s = 0; s < m->n_types; s++) {
		for (u32 o = 0; o < m->n_types; o++) {
			ask_types(m, out, s, o, masks);
		}
	}
}

/* ---- the shortest path, breadth first */

struct search {
	struct label_set seen; /* reached, or forbidden */
	u16 queue[POLICY_MAX_LABELS];
	u16 before[POLICY_MAX_LABELS]; /* itself: the search began here */
	u32 n;
};

static void reach(struct search *s, u32 label, u32 before)
{
	if (!label_set_has(&s->seen, label)) {
		label_set_add(&s->seen, label);
		s->before[label] = (u16)before;
		s->queue[s->n++] = (u16)label;
	}
}

static void search_begin(const struct model *m, const struct label_set *from,
			 const struct type_set *via, struct search *s)
{
	memset(s, 0, sizeof(*s));
	for (u32 i = 0; i < m->n_labels; i++) {
		if (type_set_has(via, m->labels[i].type)) {
			label_set_add(&s->seen, i);
		} else if (label_set_has(from, i)) {
			reach(s, i, i);
		}
	}
}

static void walk_back(const struct search *s, u32 label, struct flow_path *out)
{
	u32 n = 1, at = label;

	while (s->before[at] != at) {
		at = s->before[at];
		n++;
	}
	out->n = n;
	while (n-- > 0) {
		out->label[n] = label;
		label = s->before[label];
	}
}

void flow_search(const struct model *m, const struct flow_graph *g,
		 const struct label_set *from, const struct label_set *to,
		 const struct type_set *via, struct flow_path *out)
{
	struct search s;

	out->n = 0;
	search_begin(m, from, via, &s);
	for (u32 i = 0; i < s.n; i++) {
		u32 label = s.queue[i];

		if (label_set_has(to, label)) {
			walk_back(&s, label, out);
			return;
		}
		for (u32 next = 0; next < g->n; next++) {
			if (flow_has(g, label, next)) {
				reach(&s, next, label);
			}
		}
	}
}

/* ---- the rule behind a step */

/* What of a class carries information the way the step goes. */
static u32 step_perms(const struct flow_step *step, u32 cls)
{
	struct policy_class masks = class_masks(cls);

	return step->subject == step->from ? masks.writes : masks.reads;
}

static bool rule_permits(const struct model *m, const struct model_rule *r,
			 struct flow_step *step)
{
	if (r->is_self || !model_rule_is_active(m, r) ||
	    !type_set_has(&r->subjects, m->labels[step->subject].type) ||
	    !type_set_has(&r->objects, m->labels[step->object].type)) {
		return false;
	}
	for (step->cls = 0; step->cls < POLICY_CLASSES; step->cls++) {
		u32 av = r->access.av[step->cls];

		av = av ? av & step_perms(step, step->cls) : 0;
		for (step->perm = 0; step->perm < POLICY_PERMS; step->perm++) {
			if (av >> step->perm & 1 &&
			    refmon_decide(step->subject, step->object, false,
					  step->cls,
					  step->perm) == REFMON_PERMIT) {
				return true;
			}
		}
	}
	return false;
}

static void try_rules(const struct model *m, u32 subject, u32 object,
		      struct flow_step *out)
{
	struct flow_step step = *out;

	step.subject = subject;
	step.object = object;
	for (u32 i = 0; i < m->rules.n; i++) {
		step.rule = &m->rules.at[i];
		if (out->rule && out->rule->place.at <= step.rule->place.at) {
			continue;
		}
		if (rule_permits(m, step.rule, &step)) {
			*out = step;
		}
	}
}

void flow_explain(const struct model *m, u32 from, u32 to,
		  struct flow_step *out)
{
	*out = (struct flow_step){ .from = from, .to = to };
	try_rules(m, from, to, out);
	try_rules(m, to, from, out);
}
