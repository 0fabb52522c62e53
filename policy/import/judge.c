/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constraints against the core's one rule, information flows X -> Y only if
 * high(Y) dominates low(X). What a permission's constraints say together is
 * compared with it for every pair of listed labels that a rule is about:
 *
 *   the same                     the core does that anyway
 *   the same, of equal levels    the permission is strict
 *   more, whatever the types     the core is stricter: a note
 *   nothing, for two types       the rule is left out: a note
 *   anything else                cannot be enforced: refused, with the pair
 */
#include <stdlib.h>

#include "import.h"
#include "classes.h"

/* Two labels that show what is different. */
struct example {
	bool is_found;
	struct import_label subject;
	struct import_label object;
};

struct judgement {
	struct import *im;
	u32 cls;
	u32 perm;
	struct example core;   /* not what the core would say */
	struct example strict; /* not what it would say if strict */
	struct example more;   /* let through, but not by the core: a type is
				* excepted */
	struct example less;   /* the reverse */
};

/* What one pair of types makes of the permission. */
struct tally {
	u32 n_source; /* pairs of labels the constraints let through */
	u32 n_core;
};

typedef void visit(struct judgement *j, const struct import_label *subject,
		   const struct import_label *object, struct tally *t);

static bool covers(const struct judgement *j, const struct import_constraint *c)
{
	return c->cls == j->cls && c->av >> j->perm & 1;
}

/* The first constraint that refuses; NULL: all let it through. */
static const struct import_constraint *refusing(const struct judgement *j,
						const struct import_label *s,
						const struct import_label *o)
{
	for (u32 i = 0; i < j->im->constraints.n; i++) {
		const struct import_constraint *c = &j->im->constraints.at[i];

		if (covers(j, c) && !import_eval(j->im, c->expr, s, o)) {
			return c;
		}
	}
	return NULL;
}

/* The first that would not let every two types at these levels through. */
static const struct import_constraint *excepting(const struct judgement *j,
						 const struct import_label *s,
						 const struct import_label *o)
{
	for (u32 i = 0; i < j->im->constraints.n; i++) {
		const struct import_constraint *c = &j->im->constraints.at[i];

		if (covers(j, c) &&
		    !import_is_certain(j->im, c->expr, s, o, true)) {
			return c;
		}
	}
	return NULL;
}

static bool core_permits(const struct judgement *j,
			 const struct import_label *s,
			 const struct import_label *o)
{
	char way = perm_direction(j->cls, j->perm);
	bool is_read = way == 'R' || way == 'B';
	bool is_write = way == 'W' || way == 'B';

	return (!is_read || level_dominates(&s->range.high, &o->range.low)) &&
	       (!is_write || level_dominates(&o->range.high, &s->range.low));
}

static void keep(struct example *e, bool is_one, const struct import_label *s,
		 const struct import_label *o)
{
	if (is_one && !e->is_found) {
		e->is_found = true;
		e->subject = *s;
		e->object = *o;
	}
}

static void compare(struct judgement *j, const struct import_label *s,
		    const struct import_label *o, struct tally *t)
{
	bool source = !refusing(j, s, o);
	bool core = core_permits(j, s, o);
	bool is_equal = !level_compare(&s->range.low, &o->range.low);

	(void)t;
	keep(&j->core, source != core, s, o);
	keep(&j->strict, source != (core && is_equal), s, o);
	keep(&j->more, source && !core && excepting(j, s, o), s, o);
	keep(&j->less, !source && core, s, o);
}

static void count(struct judgement *j, const struct import_label *s,
		  const struct import_label *o, struct tally *t)
{
	t->n_source += !refusing(j, s, o);
	t->n_core += core_permits(j, s, o);
}

/* Every pair of labels that a rule for these types is about. */
static void for_labels(struct judgement *j, u32 s, u32 o, visit *each,
		       struct tally *t)
{
	const struct import *im = j->im;
	bool is_self = im->types.at[o].is_self ||
		       perm_direction(j->cls, j->perm) == 'N';

	for (u32 i = 0; i < im->labels.n; i++) {
		struct import_label self = im->labels.at[i];

		if (self.type != s) {
			continue;
		}
		self.type = o;
		if (is_self) {
			each(j, &im->labels.at[i], &self, t);
			continue;
		}
		for (u32 k = 0; k < im->labels.n; k++) {
			if (im->labels.at[k].type == o) {
				each(j, &im->labels.at[i], &im->labels.at[k],
				     t);
			}
		}
	}
}

/* Of every pair of types with a rule. Returns how many of them were left out
 * because the constraints let no pair of labels through. */
static u32 for_types(struct judgement *j, bool leaves_out)
{
	u32 n_left_out = 0;

	for (u32 s = 0; s < j->im->types.n; s++) {
		for (u32 o = 0; o < j->im->types.n; o++) {
			u32 *av = &import_pair(j->im, s, o)->av[j->cls];
			struct tally t = { 0, 0 };

			if (!(*av >> j->perm & 1)) {
				continue;
			}
			for_labels(j, s, o, count, &t);
			if (leaves_out && !t.n_source && t.n_core) {
				*av &= ~(1u << j->perm);
				n_left_out++;
			} else {
				for_labels(j, s, o, compare, NULL);
			}
		}
	}
	return n_left_out;
}

static void range_text(const struct import *im, const struct level_range *range,
		       u32 number, FILE *out)
{
	fprintf(out, "l%u=", number);
	import_level_text(im, &range->low, out);
	if (level_compare(&range->low, &range->high)) {
		fprintf(out, ", h%u=", number);
		import_level_text(im, &range->high, out);
	}
}

static char *example_text(const struct judgement *j, const struct example *e)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	fprintf(out, "%s.%s for (%s,%s); with ", class_name(j->cls),
		perm_name(j->cls, j->perm),
		j->im->types.at[e->subject.type].name->text,
		j->im->types.at[e->object.type].name->text);
	range_text(j->im, &e->subject.range, 1, out);
	fputs(", ", out);
	range_text(j->im, &e->object.range, 2, out);
	fclose(out);
	return text;
}

static void refuse(const struct judgement *j, const struct example *e,
		   const struct import_constraint *c, const char *what)
{
	char *text = example_text(j, e);
	struct diag *d;
	u32 line, column;

	source_locate(&j->im->source, c->at->place.at, &line, &column);
	d = diag_error(&j->im->diags, c->at->place,
		       "constraint at %s:%u cannot be enforced: %.140s it %s",
		       j->im->source.path, line, text, what);
	diag_hint(d,
		  "mark %s trusted over a range, split the type, or make it "
		  "equality",
		  j->im->types.at[e->subject.type].name->text);
	free(text);
}

/* True: the core is stricter than the source, for a note. */
static bool judge(const struct judgement *j)
{
	if (!j->core.is_found) {
		return false;
	}
	if (!j->strict.is_found) {
		j->im->strict.av[j->cls] |= 1u << j->perm;
		return false;
	}
	if (j->less.is_found) {
		refuse(j, &j->less,
		       refusing(j, &j->less.subject, &j->less.object),
		       "denies what the core would allow");
		return false;
	}
	if (j->more.is_found) {
		refuse(j, &j->more,
		       excepting(j, &j->more.subject, &j->more.object),
		       "relies on a downward flow");
		return false;
	}
	return true;
}

/* Rules are left out only if nothing else explains the constraints. */
static u32 examine(struct judgement *j)
{
	const struct example none = { .is_found = false };

	for_types(j, false);
	if (!j->core.is_found || !j->strict.is_found) {
		return 0;
	}
	j->core = j->strict = j->more = j->less = none;
	return for_types(j, true);
}

static void note_stricter(struct import *im, u32 n, const char *first)
{
	if (n) {
		import_note(im,
			    "the core's levels are stricter than the source's "
			    "on %u permission%s: %s%s",
			    n, n == 1 ? "" : "s", first,
			    n == 1 ? "" : " and others");
	}
}

void import_judge(struct import *im)
{
	u32 n_stricter = 0, n_left_out = 0;
	char first[80] = "";

	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		for (u32 perm = 0; perm < POLICY_PERMS; perm++) {
			struct judgement j = { .im = im,
					       .cls = cls,
					       .perm = perm };

			if (!perm_name(cls, perm)) {
				continue;
			}
			n_left_out += examine(&j);
			if (judge(&j) && !n_stricter++) {
				snprintf(first, sizeof(first), "%s.%s",
					 class_name(cls), perm_name(cls, perm));
			}
		}
	}
	note_stricter(im, n_stricter, first);
	if (n_left_out) {
		import_note(im,
			    "%u permission%s left out that constraints "
			    "refuse for every listed pair of labels",
			    n_left_out, n_left_out == 1 ? "" : "s");
	}
}
