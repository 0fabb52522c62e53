/* SPDX-License-Identifier: Apache-2.0 */
/* All pairs of labels, then the transitive closure. */
#include "reach.h"

#include "lang/classes.h"
#include "refmon/refmon.h"

static bool is_permitted(u32 s, u32 o, u32 cls, u32 av)
{
	for (u32 perm = 0; av; perm++, av >>= 1) {
		if (av & 1 &&
		    refmon_decide(s, o, false, cls, perm) == REFMON_PERMIT) {
			return true;
		}
	}
	return false;
}

static void add(struct reach *r, u32 from, u32 to)
{
	r->to[from][to / 64] |= 1ull << (to % 64);
}

static void ask_pair(const struct image_view *v, struct reach *r, u32 s, u32 o)
{
	u32 types = v->header->type_count;
	u32 row = v->pair[v->labels[s].type * types + v->labels[o].type];

	for (u32 cls = 0; row && cls < POLICY_CLASSES; cls++) {
		struct policy_class masks = class_masks(cls);
		u32 av = v->rows[row].av[cls];

		if (is_permitted(s, o, cls, av & masks.reads)) {
			add(r, o, s);
		}
		if (is_permitted(s, o, cls, av & masks.writes)) {
			add(r, s, o);
		}
	}
}

static void close_over(struct reach *r)
{
	for (u32 via = 0; via < r->n; via++) {
		for (u32 from = 0; from < r->n; from++) {
			if (!reach_has(r, from, via)) {
				continue;
			}
			for (u32 w = 0; w < LABEL_WORDS; w++) {
				r->to[from][w] |= r->to[via][w];
			}
		}
	}
}

void reach_build(const struct image_view *v, struct reach *out)
{
	out->n = v->header->label_count;
	for (u32 s = 0; s < out->n; s++) {
		for (u32 o = 0; o < out->n; o++) {
			ask_pair(v, out, s, o);
		}
	}
	close_over(out);
}

bool reach_dominates(const struct policy_level *a, const struct policy_level *b)
{
	for (u32 i = 0; i < POLICY_CAT_WORDS; i++) {
		if (b->cat[i] & ~a->cat[i]) {
			return false;
		}
	}
	return a->sens >= b->sens;
}

bool reach_is_down(const struct image_view *v, const struct reach *r, u32 from,
		   u32 to)
{
	return reach_has(r, from, to) &&
	       !reach_dominates(&v->levels[v->labels[to].high],
				&v->levels[v->labels[from].low]);
}
