/* SPDX-License-Identifier: Apache-2.0 */
/* What was imported as a policy source. */
#include <string.h>

#include "import.h"
#include "classes.h"
#include "dump.h"

/* It acts, or is what only a domain can be; a device is asked about as such;
 * what is left belongs to the core. */
static enum type_kind kind_of(const struct import *im, u32 type)
{
	bool is_device = false;

	if (im->types.at[type].has_kind) {
		return im->types.at[type].kind;
	}
	for (u32 i = 0; i < im->types.n; i++) {
		for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
			if (import_pair(im, type, i)->av[cls]) {
				return TYPE_DOMAIN;
			}
			if (!import_pair(im, i, type)->av[cls]) {
				continue;
			}
			if (!class_fits(cls, TYPE_OBJECT) &&
			    class_fits(cls, TYPE_DOMAIN)) {
				return TYPE_DOMAIN;
			}
			is_device |= !class_fits(cls, TYPE_OBJECT);
		}
	}
	return is_device ? TYPE_DEVICE : TYPE_OBJECT;
}

static void write_range(const struct import *im,
			const struct level_range *range, const char *between,
			FILE *out)
{
	import_level_text(im, &range->low, out);
	if (level_compare(&range->low, &range->high) || between[0] == ' ') {
		fputs(between, out);
		import_level_text(im, &range->high, out);
	}
}

/* A file's name may hold what a policy's text may not. */
static void write_because(const struct import *im, struct place where,
			  FILE *out)
{
	u32 line, column;

	source_locate(&im->source, where.at, &line, &column);
	fputs("\n\tbecause \"imported: ", out);
	for (const char *c = im->source.path; *c; c++) {
		fputc(*c < ' ' || *c == '"' || *c == 0x7f ? '?' : *c, out);
	}
	fprintf(out, ":%u\"", line);
}

static void write_type(struct import *im, const struct import_type *type,
		       FILE *out)
{
	struct diag *d;

	fprintf(out, "type %s %s", type->name->text,
		kind_name(kind_of(im, (u32)(type - im->types.at))));
	if (type->is_wide) {
		fputs(" trusted ", out);
		write_range(im, &type->bounds, " .. ", out);
		write_because(im, type->wide, out);
		d = diag_warning(&im->diags, type->wide,
				 "'%s' spans levels and becomes trusted",
				 type->name->text);
		diag_hint(d, "say by hand why it may be: its 'because'");
	}
	fputc('\n', out);
}

static void write_label(const struct import *im, u32 label, FILE *out)
{
	const struct import_label *l = &im->labels.at[label];

	fprintf(out, "%s@", im->types.at[l->type].name->text);
	write_range(im, &l->range, "..", out);
	fputc('\n', out);
}

static void write_labels(struct import *im, FILE *out)
{
	for (u32 i = 0; i < im->types.n; i++) {
		if (im->types.at[i].is_labelled) {
			write_type(im, &im->types.at[i], out);
		}
	}
	for (u32 i = 0; i < im->labels.n; i++) {
		fputs("label ", out);
		write_label(im, i, out);
	}
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		fprintf(out, "initial %s ", initial_names[i]);
		write_label(im, im->initial[i] - 1, out);
	}
}

static void write_levels(const struct import *im, FILE *out)
{
	for (u32 i = 0; i < im->sens.n; i++) {
		fprintf(out, "%s%s", i ? " < " : "levels ",
			im->sens.at[i].text);
	}
	for (u32 i = 0; i < im->cats.n; i++) {
		fprintf(out, "%s%s", i ? " " : "\ncompartments ",
			im->cats.at[i].text);
	}
	fputc('\n', out);
}

static bool is_empty(const struct access *a)
{
	const struct access none = { { 0 } };

	return !memcmp(a, &none, sizeof(none));
}

/* What one type may do to others: some exists on itself only. */
static struct access on_others(const struct import *im, u32 s, u32 o)
{
	struct access some = *import_pair(im, s, o);

	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		some.av[cls] &= ~class_masks(cls).self;
	}
	return some;
}

/* One rule for all objects from the first on that it is the same for. */
static void write_rule(const struct import *im, u32 s, u32 first,
		       struct import_set *done, FILE *out)
{
	struct access given = on_others(im, s, first), other;
	const char *gap = " ";

	fprintf(out, "allow %s", im->types.at[s].name->text);
	for (u32 o = first; o < im->types.n; o++) {
		other = on_others(im, s, o);
		if (im->types.at[o].is_labelled && !import_set_has(done, o) &&
		    !memcmp(&given, &other, sizeof(given))) {
			fprintf(out, "%s%s", gap, im->types.at[o].name->text);
			import_set_add(done, o);
			gap = ", ";
		}
	}
	fputs(" :", out);
	dump_access(given.av, out);
}

static void write_rules_of(const struct import *im, u32 s, FILE *out)
{
	const struct import_type *type = &im->types.at[s];
	const struct access *self = import_pair(im, s, type->self);
	struct import_set done = { { 0 } };
	struct access given;

	if (!is_empty(self)) {
		fprintf(out, "allow %s self :", type->name->text);
		dump_access(self->av, out);
	}
	for (u32 o = 0; o < im->types.n; o++) {
		given = on_others(im, s, o);
		if (im->types.at[o].is_labelled && !import_set_has(&done, o) &&
		    !is_empty(&given)) {
			write_rule(im, s, o, &done, out);
		}
	}
}

static void write_rules(const struct import *im, FILE *out)
{
	for (u32 s = 0; s < im->types.n; s++) {
		if (im->types.at[s].is_labelled) {
			write_rules_of(im, s, out);
		}
	}
	if (!is_empty(&im->strict)) {
		fputs("strict", out);
		dump_access(im->strict.av, out);
	}
}

void import_write(struct import *im, FILE *out)
{
	fputs("policy \"imported\" version 1\n", out);
	write_levels(im, out);
	write_labels(im, out);
	write_rules(im, out);
}
