/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fewest trusted types that together stand on every way. Each cut has a
 * type of any one way, so only those on a way found are tried; and it has at
 * least as many as there are ways without a type in common, so less is not
 * tried. Both make it quick where the answer is plain. For policies where it is
 * not, the number of searches is limited, and the answer says so.
 */
#include "question.h"

#define MAX_SEARCHES 50000u

struct cutter {
	const struct question *q;
	struct type_set open; /* what a cut may have */
	u32 searches;
};

static struct type_set both(const struct type_set *a, const struct type_set *b)
{
	struct type_set out;

	for (u32 i = 0; i < TYPE_WORDS; i++) {
		out.bits[i] = a->bits[i] | b->bits[i];
	}
	return out;
}

static void remove_type(struct type_set *s, u32 type)
{
	s->bits[type / 64] &= ~(1ull << type % 64);
}

static bool find_way(struct cutter *c, const struct type_set *cut,
		     struct flow_path *way)
{
	struct type_set except = both(cut, &c->q->via);

	c->searches++;
	question_search(c->q, &except, way);
	return way->n != 0;
}

/* Trusted, not excepted already, and neither where a way begins nor ends. */
static void find_open(struct cutter *c)
{
	const struct model *m = c->q->m;

	for (u32 i = 0; i < m->n_types; i++) {
		if (m->types[i].is_trusted && !type_set_has(&c->q->via, i)) {
			type_set_add(&c->open, i);
		}
	}
	for (u32 i = 0; i < m->n_labels; i++) {
		if (label_set_has(&c->q->from, i) ||
		    label_set_has(&c->q->to, i)) {
			remove_type(&c->open, m->labels[i].type);
		}
	}
}

/* Ways that have none of the types a cut may have in common. */
static u32 count_ways(struct cutter *c, struct type_set cut)
{
	struct flow_path way;
	u32 n = 0;

	while (find_way(c, &cut, &way)) {
		for (u32 i = 0; i < way.n; i++) {
			u32 type = c->q->m->labels[way.label[i]].type;

			if (type_set_has(&c->open, type)) {
				type_set_add(&cut, type);
			}
		}
		n++;
	}
	return n;
}

/* Can it become a cut with at most `left` types more? */
static bool extend(struct cutter *c, u32 left, struct type_set *cut)
{
	struct flow_path way;

	if (!find_way(c, cut, &way)) {
		return true;
	}
	if (c->searches > MAX_SEARCHES || count_ways(c, *cut) > left) {
		return false;
	}
	for (u32 i = 0; i < way.n; i++) {
		u32 type = c->q->m->labels[way.label[i]].type;
		struct type_set more = *cut;

		type_set_add(&more, type);
		if (type_set_has(&c->open, type) &&
		    extend(c, left - 1, &more)) {
			*cut = more;
			return true;
		}
	}
	return false;
}

/* All of them, less each that is not needed beside the others. */
static void leave_out(struct cutter *c, struct type_set *cut)
{
	struct flow_path way;

	*cut = c->open;
	for (u32 i = 0; i < c->q->m->n_types; i++) {
		struct type_set less = *cut;

		remove_type(&less, i);
		if (!find_way(c, &less, &way)) {
			*cut = less;
		}
	}
}

void cut_find(const struct question *q, struct cut *out)
{
	struct cutter c = { .q = q };
	struct flow_path way;
	u32 n;

	*out = (struct cut){ .is_any = false };
	find_open(&c);
	out->is_any = !find_way(&c, &c.open, &way);
	if (!out->is_any) {
		return;
	}
	n = count_ways(&c, out->types);
	while (c.searches <= MAX_SEARCHES && !out->is_fewest) {
		out->types = (struct type_set){ { 0 } };
		out->is_fewest = extend(&c, n++, &out->types);
	}
	if (!out->is_fewest) {
		leave_out(&c, &out->types);
	}
}
