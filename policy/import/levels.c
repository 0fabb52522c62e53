/* SPDX-License-Identifier: Apache-2.0 */
/* Sensitivities, categories, levels, and the labels that contexts list. */
#include <string.h>

#include "import.h"
#include "check.h"

#define NAME_CHARS                                                             \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

bool import_is_name(struct import *im, const struct sexp *at, const char *what)
{
	struct checker c = { .diags = &im->diags };
	struct token name = { .place = at->place, .text = at->text };

	if (!at->text) {
		diag_error(&im->diags, at->place, "expected %s", what);
		return false;
	}
	if (at->text[strspn(at->text, NAME_CHARS)] ||
	    strchr("0123456789", at->text[0])) {
		diag_error(&im->diags, at->place,
			   "a name is a letter, then letters, digits and '_'");
		return false;
	}
	return check_name(&c, &name);
}

static u32 find(const struct import_name *names, u32 n, const char *text)
{
	for (u32 i = 0; text && i < n; i++) {
		if (!strcmp(names[i].text, text)) {
			return i;
		}
	}
	return IMPORT_NONE;
}

/* The place of a name among these; else reported. */
static u32 look_up(struct import *im, const struct import_names *names,
		   const struct sexp *at, const char *what)
{
	u32 found = find(names->at, names->n, at->text);
	struct guess g = { .wanted = at->text };
	struct diag *d;

	if (found != IMPORT_NONE) {
		return found;
	}
	if (!at->text) {
		diag_error(&im->diags, at->place, "expected a %s", what);
		return IMPORT_NONE;
	}
	d = diag_error(&im->diags, at->place, "unknown %s '%s'", what,
		       at->text);
	for (u32 i = 0; i < names->n; i++) {
		guess_offer(&g, names->at[i].text);
	}
	diag_did_you_mean(d, &g);
	return IMPORT_NONE;
}

static void declare(struct import *im, const struct sexp *s,
		    struct import_names *names, u32 most)
{
	const struct sexp *name = import_arguments(im, s, 1);

	if (!name || !import_is_name(im, name, "a name")) {
		return;
	}
	if (find(names->at, names->n, name->text) != IMPORT_NONE) {
		diag_error(&im->diags, name->place, "'%s' is declared twice",
			   name->text);
	} else if (names->n == most) {
		diag_error(&im->diags, name->place, "more than %u of these",
			   most);
	} else {
		VEC_PUSH(names)->text = name->text;
	}
}

void import_sensitivity(struct import *im, const struct sexp *s)
{
	declare(im, s, &im->sens, POLICY_MAX_SENS);
}

void import_category(struct import *im, const struct sexp *s)
{
	declare(im, s, &im->cats, MODEL_MAX_CATS);
}

/* (sensitivityorder (LOWEST ... HIGHEST)): all of them, once. */
void import_sens_order(struct import *im, const struct sexp *s)
{
	const struct sexp *list = import_arguments(im, s, 1);
	const struct sexp *at = list ? sexp_first(&im->x, list) : NULL;
	struct import_name names[POLICY_MAX_SENS];
	u32 n = 0;

	for (; at && n < POLICY_MAX_SENS; at = sexp_next(&im->x, at)) {
		if (look_up(im, &im->sens, at, "sensitivity") == IMPORT_NONE) {
			return;
		}
		if (find(names, n, at->text) == IMPORT_NONE) {
			names[n++].text = at->text;
		}
	}
	if (at || n != im->sens.n || im->has_order) {
		diag_error(&im->diags, s->place,
			   "one sensitivityorder of all %u sensitivities is "
			   "needed",
			   im->sens.n);
		return;
	}
	im->has_order = true;
	memcpy(im->sens.at, names, n * sizeof(names[0]));
}

/* A list of categories, or (all) of those in most. */
static bool read_cats(struct import *im, const struct sexp *list,
		      const u64 *most, u64 *out)
{
	const struct sexp *at = list->text ? list : sexp_first(&im->x, list);
	u32 cat;

	if (!list->text && sexp_is(at, "all") && !at->next) {
		memcpy(out, most, sizeof(u64) * POLICY_CAT_WORDS);
		return true;
	}
	for (; at; at = list->text ? NULL : sexp_next(&im->x, at)) {
		cat = look_up(im, &im->cats, at, "category");
		if (cat == IMPORT_NONE) {
			return false;
		}
		if (!(most[cat / 64] >> (cat % 64) & 1)) {
			diag_error(&im->diags, at->place,
				   "category '%s' is not listed for this "
				   "sensitivity: see sensitivitycategory",
				   at->text);
			return false;
		}
		out[cat / 64] |= 1ull << (cat % 64);
	}
	return true;
}

void import_sens_cats(struct import *im, const struct sexp *s)
{
	const struct sexp *name = import_arguments(im, s, 2);
	u64 all[POLICY_CAT_WORDS] = { 0 };
	u32 sens;

	for (u32 i = 0; i < im->cats.n; i++) {
		all[i / 64] |= 1ull << (i % 64);
	}
	if (name) {
		sens = look_up(im, &im->sens, name, "sensitivity");
		if (sens != IMPORT_NONE) {
			read_cats(im, sexp_next(&im->x, name), all,
				  im->has_cat[sens]);
		}
	}
}

static bool named_level(struct import *im, const struct sexp *at,
			struct level *out)
{
	struct diag *d;

	for (u32 i = 0; i < im->levels.n; i++) {
		if (sexp_is(at, im->levels.at[i].name->text)) {
			*out = im->levels.at[i].level;
			return true;
		}
	}
	d = diag_error(&im->diags, at->place, "unknown level '%s'", at->text);
	diag_hint(d, "(level %s (SENSITIVITY (CATEGORY ...)))", at->text);
	return false;
}

/* (SENSITIVITY), (SENSITIVITY (CATEGORY ...)), or a level's name. */
static bool read_level(struct import *im, const struct sexp *at,
		       struct level *out)
{
	const struct sexp *name;
	u32 n = sexp_count(&im->x, at);

	if (at->text) {
		return named_level(im, at, out);
	}
	memset(out, 0, sizeof(*out));
	if (n < 1 || n > 2) {
		diag_error(&im->diags, at->place,
			   "expected a level: (SENSITIVITY (CATEGORY ...))");
		return false;
	}
	name = sexp_first(&im->x, at);
	out->sens = look_up(im, &im->sens, name, "sensitivity");
	return out->sens != IMPORT_NONE &&
	       (n == 1 || read_cats(im, sexp_next(&im->x, name),
				    im->has_cat[out->sens], out->cat));
}

void import_named_level(struct import *im, const struct sexp *s)
{
	const struct sexp *name = import_arguments(im, s, 2);
	struct import_level level = { .name = name };

	if (name && name->text &&
	    read_level(im, sexp_next(&im->x, name), &level.level)) {
		*VEC_PUSH(&im->levels) = level;
	}
}

/* Greatest level below two, or least above both. */
static void widen(struct level_range *bounds, const struct level_range *by)
{
	if (by->low.sens < bounds->low.sens) {
		bounds->low.sens = by->low.sens;
	}
	if (by->high.sens > bounds->high.sens) {
		bounds->high.sens = by->high.sens;
	}
	for (u32 i = 0; i < POLICY_CAT_WORDS; i++) {
		bounds->low.cat[i] &= by->low.cat[i];
		bounds->high.cat[i] |= by->high.cat[i];
	}
}

/* The label's number; it may be listed already. */
static u32 add_label(struct import *im, const struct import_label *label)
{
	const struct import_label *old = im->labels.at;
	u32 i = 0;

	while (i < im->labels.n &&
	       (old[i].type != label->type ||
		level_compare(&old[i].range.low, &label->range.low) ||
		level_compare(&old[i].range.high, &label->range.high))) {
		i++;
	}
	if (i == im->labels.n) {
		*VEC_PUSH(&im->labels) = *label;
	}
	return i;
}

static void note_range(struct import *im, const struct import_label *label,
		       struct place where)
{
	struct import_type *type = &im->types.at[label->type];
	bool is_wide = level_compare(&label->range.low, &label->range.high);

	if (is_wide && !type->is_wide) {
		type->is_wide = true;
		type->wide = where;
	}
	if (!type->is_labelled) {
		type->bounds = label->range;
		type->is_labelled = true;
	}
	widen(&type->bounds, &label->range);
}

/* (USER ROLE TYPE (LOW HIGH)) */
static bool read_context(struct import *im, const struct sexp *at,
			 struct import_label *out)
{
	const struct sexp *type = sexp_nth(&im->x, at, 2);
	const struct sexp *range = sexp_nth(&im->x, at, 3);
	const struct sexp *low;

	if (!range || range->next || range->text || !type->text ||
	    sexp_count(&im->x, range) != 2) {
		diag_error(&im->diags, at->place,
			   "expected a context: (USER ROLE TYPE (LOW HIGH))");
		return false;
	}
	out->type = import_find_type(im, type->text);
	if (out->type == IMPORT_NONE) {
		diag_error(&im->diags, type->place, "unknown type '%s'",
			   type->text);
		return false;
	}
	low = sexp_first(&im->x, range);
	return read_level(im, low, &out->range.low) &&
	       read_level(im, sexp_next(&im->x, low), &out->range.high);
}

static void set_initial(struct import *im, const char *name, u32 label)
{
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		if (!strcmp(initial_names[i], name)) {
			im->initial[i] = label + 1;
		}
	}
}

/* (context NAME CONTEXT), (sidcontext SID CONTEXT) */
void import_context(struct import *im, const struct sexp *s)
{
	const struct sexp *name = import_arguments(im, s, 2);
	const struct sexp *at = name ? sexp_next(&im->x, name) : NULL;
	struct import_label label;
	u32 number;

	if (!name || !name->text || !read_context(im, at, &label)) {
		return;
	}
	if (!level_dominates(&label.range.high, &label.range.low)) {
		diag_error(&im->diags, at->place,
			   "the high level does not dominate the low one");
		return;
	}
	if (im->types.at[label.type].is_self) {
		diag_error(&im->diags, at->place,
			   "nothing carries '%s': it is another type's self",
			   im->types.at[label.type].name->text);
		return;
	}
	number = add_label(im, &label);
	if (number == POLICY_MAX_LABELS) {
		diag_error(&im->diags, at->place, "more than %u labels",
			   POLICY_MAX_LABELS);
	}
	note_range(im, &label, at->place);
	set_initial(im, name->text, number);
}

void import_level_text(const struct import *im, const struct level *level,
		       FILE *out)
{
	const char *gap = ":";

	fputs(im->sens.at[level->sens].text, out);
	for (u32 i = 0; i < im->cats.n; i++) {
		if (level->cat[i / 64] >> (i % 64) & 1) {
			fprintf(out, "%s%s", gap, im->cats.at[i].text);
			gap = ",";
		}
	}
}
