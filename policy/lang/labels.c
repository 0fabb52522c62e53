/* SPDX-License-Identifier: Apache-2.0 */
/* The closed list of labels, the levels in use, and the initial labels. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

bool label_error(struct checker *c, const struct ast_label *at,
		 const char *message, const char *hint)
{
	struct diag *d = diag_error(c->diags, span_place(c->ast, at->whole),
				    "%s", message);

	diag_hint(d, "%s", hint);
	return false;
}

/* May this type carry this range of levels? */
static bool check_label_range(struct checker *c, const struct ast_label *at,
			      const struct model_label *label)
{
	const struct model_type *type = &c->model->types[label->type];
	struct level_range range = { label->low, label->high };
	bool is_single = !level_compare(&label->low, &label->high);

	if (!is_single && !type->is_trusted) {
		return label_error(c, at, "only a trusted type may span levels",
				   "declare it: trusted LOW .. HIGH because "
				   "\"reason\"; or give it one level");
	}
	if (!level_dominates(&label->high, &label->low)) {
		return label_error(c, at,
				   "the high level does not dominate the low "
				   "level",
				   "write the lower level first");
	}
	if (type->is_trusted && !range_within(&range, &type->range)) {
		return label_error(c, at,
				   "the label is outside the range its type is "
				   "trusted over",
				   "narrow the label, or widen the type");
	}
	return true;
}

bool check_label(struct checker *c, const struct ast_label *at,
		 struct model_label *out)
{
	struct level_range range;
	bool is_good;

	memset(out, 0, sizeof(*out));
	out->place = span_place(c->ast, at->whole);
	out->type = check_type_name(c, &c->ast->tokens[at->type]);
	is_good = check_range(c, &at->range, &range);
	out->low = range.low;
	out->high = range.high;
	return is_good && out->type < POLICY_MAX_TYPES &&
	       check_label_range(c, at, out);
}

static void add_label(struct checker *c, const struct model_label *label)
{
	struct model *m = c->model;

	if (label_find(m, label) < POLICY_MAX_LABELS) {
		if (!label->is_implied) {
			diag_error(c->diags, label->place,
				   "the label is listed twice");
		}
	} else if (m->n_labels == POLICY_MAX_LABELS) {
		diag_error(c->diags, label->place, "more than %u labels",
			   POLICY_MAX_LABELS);
	} else {
		m->labels[m->n_labels++] = *label;
		m->types[label->type].has_label = true;
	}
}

static int level_order(const void *a, const void *b)
{
	return level_compare(a, b);
}

static void add_level(struct checker *c, const struct model_label *label,
		      const struct level *level)
{
	struct model *m = c->model;

	for (u32 i = 0; i < m->n_levels; i++) {
		if (!level_compare(&m->levels[i], level)) {
			return;
		}
	}
	if (m->n_levels == POLICY_MAX_LEVELS) {
		diag_error(c->diags, label->place, "more than %u levels in use",
			   POLICY_MAX_LEVELS);
		return;
	}
	m->levels[m->n_levels++] = *level;
}

/* A vm's or a device's label need not be listed. */
static void add_implied(struct checker *c, const struct ast_label *at,
			enum type_kind kind)
{
	struct model_label label;

	if (!check_label(c, at, &label)) {
		return;
	}
	label.is_implied = true;
	if (c->model->types[label.type].kind == kind) {
		add_label(c, &label);
	} else if (kind == TYPE_DOMAIN) {
		label_error(c, at, "a vm's type is a domain type",
			    "declare the type: type NAME domain");
	} else {
		label_error(c, at, "a device's type is a device type",
			    "declare the type: type NAME device");
	}
}

static void add_labels(struct checker *c)
{
	const struct ast *a = c->ast;
	struct model_label label;

	for (u32 i = 0; i < a->labels.n; i++) {
		if (check_label(c, &a->labels.at[i], &label)) {
			add_label(c, &label);
		}
	}
	for (u32 i = 0; i < a->vms.n; i++) {
		add_implied(c, &a->vms.at[i].label, TYPE_DOMAIN);
	}
	for (u32 i = 0; i < a->devices.n; i++) {
		add_implied(c, &a->devices.at[i].label, TYPE_DEVICE);
	}
}

/* Labels are sorted by type first. */
static void index_labels(struct model *m)
{
	for (u32 i = m->n_labels; i-- > 0;) {
		m->types[m->labels[i].type].label_first = i;
	}
	for (u32 i = 0; i < m->n_labels; i++) {
		m->types[m->labels[i].type].label_end = i + 1;
	}
}

static int label_order(const void *a, const void *b)
{
	return label_compare(a, b);
}

static void sort_labels(struct checker *c)
{
	struct model *m = c->model;

	qsort(m->labels, m->n_labels, sizeof(m->labels[0]), label_order);
	index_labels(m);
	for (u32 i = 0; i < m->n_labels; i++) {
		add_level(c, &m->labels[i], &m->labels[i].low);
		add_level(c, &m->labels[i], &m->labels[i].high);
	}
	qsort(m->levels, m->n_levels, sizeof(m->levels[0]), level_order);
}

static u32 slot_find(struct checker *c, const struct token *name)
{
	struct guess g = { .wanted = name->text };
	struct diag *d;

	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		if (!strcmp(initial_names[i], name->text)) {
			return i;
		}
		guess_offer(&g, initial_names[i]);
	}
	d = diag_error(c->diags, name->place, "unknown initial object '%s'",
		       name->text);
	diag_did_you_mean(d, &g);
	return POLICY_INITIAL_COUNT;
}

static void check_initial(struct checker *c, const struct ast_initial *at,
			  bool *is_set)
{
	u32 slot = slot_find(c, &c->ast->tokens[at->slot]);
	struct model_label label;
	u32 i;

	if (!check_label(c, &at->label, &label) ||
	    slot == POLICY_INITIAL_COUNT) {
		return;
	}
	i = label_find(c->model, &label);
	if (i == POLICY_MAX_LABELS) {
		label_error(c, &at->label, "this label is not listed",
			    "list it with a label statement");
	} else if (c->model->types[label.type].kind !=
		   (slot == POLICY_INITIAL_DOM0 ? TYPE_DOMAIN : TYPE_OBJECT)) {
		label_error(c, &at->label, "the type is of the wrong kind",
			    "dom0 needs a domain type, all others an object "
			    "type");
	} else if (is_set[slot]) {
		diag_error(c->diags, c->ast->tokens[at->slot].place,
			   "initial %s is given twice", initial_names[slot]);
	} else {
		is_set[slot] = true;
		c->model->initial[slot] = (u16)i;
	}
}

static void report_missing(struct checker *c, const bool *is_seen)
{
	char list[80] = "";
	size_t used = 0;

	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		if (!is_seen[i]) {
			used += (size_t)snprintf(
				list + used, sizeof(list) - used, "%s%s",
				used ? ", " : "", initial_names[i]);
		}
	}
	if (list[0]) {
		diag_error(c->diags, c->ast->tokens[c->ast->policy].place,
			   "no initial statement for: %s", list);
	}
}

static void check_initials(struct checker *c)
{
	bool is_set[POLICY_INITIAL_COUNT] = { false };
	bool is_seen[POLICY_INITIAL_COUNT] = { false };
	const struct token *slot;

	for (u32 i = 0; i < c->ast->initials.n; i++) {
		slot = &c->ast->tokens[c->ast->initials.at[i].slot];
		check_initial(c, &c->ast->initials.at[i], is_set);
		for (u32 k = 0; k < POLICY_INITIAL_COUNT; k++) {
			is_seen[k] |= !strcmp(slot->text, initial_names[k]);
		}
	}
	report_missing(c, is_seen);
}

void check_labels(struct checker *c)
{
	add_labels(c);
	sort_labels(c);
	check_initials(c);
}
