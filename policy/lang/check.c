/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations to tables: the policy's name, types, labels, initial labels. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80) {
		text++;
	}
	return !*text;
}

static void check_policy(struct checker *c)
{
	const struct token *name = &c->ast->tokens[c->ast->name];
	const struct token *version = &c->ast->tokens[c->ast->version];
	char *end;

	if (!c->ast->has_policy || name->kind != TOKEN_STRING ||
	    version->kind != TOKEN_NUMBER) {
		if (!c->ast->has_policy) {
			diag_error(c->diags, (struct place){ 0, 1 },
				   "no statement: policy \"name\" version N");
		}
		return;
	}
	if (strlen(name->text) >= sizeof(c->model->name) || !name->text[0] ||
	    !is_ascii(name->text)) {
		diag_error(c->diags, name->place,
			   "the policy's name has 1 to %zu ASCII characters",
			   sizeof(c->model->name) - 1);
	} else {
		snprintf(c->model->name, sizeof(c->model->name), "%s",
			 name->text);
	}
	errno = 0;
	c->model->version = strtoull(version->text, &end, 10);
	if (*end || errno) {
		diag_error(c->diags, version->place,
			   "a version is a whole number below 2^64");
	}
}

static u32 type_find(const struct model *m, const char *name)
{
	for (u32 i = 0; i < m->n_types; i++) {
		if (!strcmp(m->types[i].name->text, name)) {
			return i;
		}
	}
	return POLICY_MAX_TYPES;
}

static const struct model_typeset *typeset_find(const struct model *m,
						const char *name)
{
	for (u32 i = 0; i < m->n_typesets; i++) {
		if (!strcmp(m->typesets[i].name->text, name)) {
			return &m->typesets[i];
		}
	}
	return NULL;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n >= k && !strcmp(text + n - k, end);
}

/* Is it a new name for a type or a set of types? */
static bool check_type_free(struct checker *c, const struct token *name)
{
	struct diag *d;

	if (!check_name(c, name)) {
		return false;
	}
	if (ends_with(name->text, "_self")) {
		d = diag_error(c->diags, name->place,
			       "the name of a type may not end in '_self'");
		diag_hint(d, "the CIL export uses such names itself");
		return false;
	}
	if (type_find(c->model, name->text) < POLICY_MAX_TYPES ||
	    typeset_find(c->model, name->text)) {
		diag_error(c->diags, name->place, "'%s' is declared twice",
			   name->text);
		return false;
	}
	return true;
}

static void check_trusted(struct checker *c, const struct ast_type *at,
			  struct model_type *type)
{
	struct span whole = { at->low.first, at->high.end };

	/* Both, to report what is wrong in both. */
	bool is_low = check_level(c, at->low, &type->low);
	bool is_high = check_level(c, at->high, &type->high);

	if (is_low && is_high && !level_dominates(&type->high, &type->low)) {
		diag_error(c->diags, span_place(c->ast, whole),
			   "the high end of the range does not dominate the "
			   "low end");
	}
}

static void check_type(struct checker *c, const struct ast_type *at)
{
	const struct token *name = &c->ast->tokens[at->name];
	struct model_type *type;

	if (!check_type_free(c, name)) {
		return;
	}
	if (c->model->n_types == POLICY_MAX_TYPES) {
		diag_error(c->diags, name->place, "more than %u types",
			   POLICY_MAX_TYPES);
		return;
	}
	type = &c->model->types[c->model->n_types++];
	type->name = name;
	type->is_domain = at->is_domain;
	type->is_trusted = at->is_trusted;
	if (at->has_range) {
		check_trusted(c, at, type);
		type->because = c->ast->tokens[at->because].text;
	} else {
		/* no second error about its labels */
		memset(&type->high, 0xff, sizeof(type->high));
	}
}

static int type_order(const void *a, const void *b)
{
	const struct model_type *x = a;
	const struct model_type *y = b;

	return strcmp(x->name->text, y->name->text);
}

static void check_types(struct checker *c)
{
	for (u32 i = 0; i < c->ast->types.n; i++) {
		check_type(c, &c->ast->types.at[i]);
	}
	qsort(c->model->types, c->model->n_types, sizeof(c->model->types[0]),
	      type_order);
}

static void check_typesets(struct checker *c)
{
	struct model *m = c->model;
	struct type_set members;
	const struct token *name;

	for (u32 i = 0; i < c->ast->typesets.n; i++) {
		const struct ast_typeset *at = &c->ast->typesets.at[i];

		name = &c->ast->tokens[at->name];
		memset(&members, 0, sizeof(members));
		check_type_set(c, at->members, &members);
		if (!check_type_free(c, name)) {
			continue;
		}
		if (m->n_typesets == MODEL_MAX_TYPESETS) {
			diag_error(c->diags, name->place,
				   "more than %u typesets", MODEL_MAX_TYPESETS);
			continue;
		}
		m->typesets[m->n_typesets].name = name;
		m->typesets[m->n_typesets++].members = members;
	}
}

static void unknown_type(struct checker *c, const struct token *name)
{
	const struct model *m = c->model;
	struct guess g = { .wanted = name->text };
	struct diag *d = diag_error(c->diags, name->place, "unknown type '%s'",
				    name->text);

	for (u32 i = 0; i < m->n_types; i++) {
		guess_offer(&g, m->types[i].name->text);
	}
	for (u32 i = 0; i < m->n_typesets; i++) {
		guess_offer(&g, m->typesets[i].name->text);
	}
	diag_did_you_mean(d, &g);
}

u32 check_type_name(struct checker *c, const struct token *name)
{
	u32 type = type_find(c->model, name->text);

	if (type == POLICY_MAX_TYPES) {
		unknown_type(c, name);
	}
	return type;
}

static bool add_types(struct checker *c, const struct token *name,
		      struct type_set *out)
{
	const struct model_typeset *set = typeset_find(c->model, name->text);
	u32 type;

	if (set) {
		for (u32 i = 0; i < TYPE_WORDS; i++) {
			out->bits[i] |= set->members.bits[i];
		}
		return true;
	}
	type = check_type_name(c, name);
	if (type == POLICY_MAX_TYPES) {
		return false;
	}
	type_set_add(out, type);
	return true;
}

bool check_type_set(struct checker *c, struct span s, struct type_set *out)
{
	const struct token *name;
	u32 i = s.first;
	bool is_good = true;

	while ((name = span_next(c->ast, s, &i))) {
		is_good = add_types(c, name, out) && is_good;
	}
	return is_good;
}

static bool label_error(struct checker *c, const struct ast_label *at,
			const char *message, const char *hint)
{
	struct diag *d = diag_error(c->diags, span_place(c->ast, at->whole),
				    "%s", message);

	diag_hint(d, "%s", hint);
	return false;
}

/* May this type carry this range of levels? */
static bool check_range(struct checker *c, const struct ast_label *at,
			const struct model_label *label)
{
	const struct model_type *type = &c->model->types[label->type];
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
	if (type->is_trusted && (!level_dominates(&label->low, &type->low) ||
				 !level_dominates(&type->high, &label->high))) {
		return label_error(c, at,
				   "the label is outside the range its type is "
				   "trusted over",
				   "narrow the label, or widen the type");
	}
	return true;
}

static bool check_label(struct checker *c, const struct ast_label *at,
			struct model_label *out)
{
	bool is_good;

	out->place = span_place(c->ast, at->whole);
	out->type = check_type_name(c, &c->ast->tokens[at->type]);
	is_good = check_level(c, at->low, &out->low);
	out->high = out->low;
	if (at->high.first != at->low.first) {
		is_good = check_level(c, at->high, &out->high) && is_good;
	}
	return is_good && out->type < POLICY_MAX_TYPES &&
	       check_range(c, at, out);
}

static int label_order(const void *a, const void *b)
{
	const struct model_label *x = a;
	const struct model_label *y = b;
	int order;

	if (x->type != y->type) {
		return x->type < y->type ? -1 : 1;
	}
	order = level_compare(&x->low, &y->low);
	return order ? order : level_compare(&x->high, &y->high);
}

static u32 label_find(const struct model *m, const struct model_label *label)
{
	for (u32 i = 0; i < m->n_labels; i++) {
		if (!label_order(&m->labels[i], label)) {
			return i;
		}
	}
	return POLICY_MAX_LABELS;
}

static void add_label(struct checker *c, const struct model_label *label)
{
	struct model *m = c->model;

	if (label_find(m, label) < POLICY_MAX_LABELS) {
		diag_error(c->diags, label->place, "the label is listed twice");
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

static void check_labels(struct checker *c)
{
	struct model *m = c->model;
	struct model_label label;

	for (u32 i = 0; i < c->ast->labels.n; i++) {
		if (check_label(c, &c->ast->labels.at[i], &label)) {
			add_label(c, &label);
		}
	}
	qsort(m->labels, m->n_labels, sizeof(m->labels[0]), label_order);
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
	} else if (c->model->types[label.type].is_domain !=
		   (slot == POLICY_INITIAL_DOM0)) {
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

static bool spans_levels(const struct model *m, u32 type)
{
	for (u32 i = 0; i < m->n_labels; i++) {
		if (m->labels[i].type == type &&
		    level_compare(&m->labels[i].low, &m->labels[i].high)) {
			return true;
		}
	}
	return false;
}

static void warn_unused(struct checker *c)
{
	struct model *m = c->model;

	for (u32 i = 0; i < m->n_types; i++) {
		if (!m->types[i].has_label) {
			diag_warning(c->diags, m->types[i].name->place,
				     "no label has type '%s'",
				     m->types[i].name->text);
		} else if (m->types[i].is_trusted && !spans_levels(m, i)) {
			diag_warning(c->diags, m->types[i].name->place,
				     "'%s' is trusted, but none of its labels "
				     "spans levels",
				     m->types[i].name->text);
		}
	}
}

void check(const struct ast *ast, struct model *out, struct diags *d)
{
	struct checker c = { .ast = ast, .model = out, .diags = d };

	check_policy(&c);
	check_levels(&c);
	check_types(&c);
	check_typesets(&c);
	check_labels(&c);
	check_initials(&c);
	check_rules(&c);
	if (!d->n_errors) {
		warn_unused(&c);
	}
}
