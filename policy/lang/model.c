/* SPDX-License-Identifier: Apache-2.0 */
/* Levels and labels of a checked policy: order, dominance, text. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

const char *const initial_names[POLICY_INITIAL_COUNT] = {
	[POLICY_INITIAL_DOM0] = "dom0",
	[POLICY_INITIAL_CORE_PUB] = "core_pub",
	[POLICY_INITIAL_CORE_STATE] = "core_state",
	[POLICY_INITIAL_POLICY] = "policy",
	[POLICY_INITIAL_AUDIT] = "audit",
	[POLICY_INITIAL_CONSOLE] = "console",
};

int level_compare(const struct level *a, const struct level *b)
{
	if (a->sens != b->sens) {
		return a->sens < b->sens ? -1 : 1;
	}
	for (u32 i = 0; i < POLICY_CAT_WORDS; i++) {
		if (a->cat[i] != b->cat[i]) {
			return a->cat[i] < b->cat[i] ? -1 : 1;
		}
	}
	return 0;
}

bool level_dominates(const struct level *a, const struct level *b)
{
	for (u32 i = 0; i < POLICY_CAT_WORDS; i++) {
		if (b->cat[i] & ~a->cat[i]) {
			return false;
		}
	}
	return a->sens >= b->sens;
}

u32 level_find(const struct model *m, const struct level *level)
{
	u32 i = 0;

	while (level_compare(&m->levels[i], level)) {
		i++;
	}
	return i;
}

bool range_within(const struct level_range *inner,
		  const struct level_range *outer)
{
	return level_dominates(&inner->low, &outer->low) &&
	       level_dominates(&outer->high, &inner->high);
}

int label_compare(const struct model_label *a, const struct model_label *b)
{
	int order;

	if (a->type != b->type) {
		return a->type < b->type ? -1 : 1;
	}
	order = level_compare(&a->low, &b->low);
	return order ? order : level_compare(&a->high, &b->high);
}

/* POLICY_MAX_LABELS: it is not listed. */
u32 label_find(const struct model *m, const struct model_label *label)
{
	for (u32 i = 0; i < m->n_labels; i++) {
		if (!label_compare(&m->labels[i], label)) {
			return i;
		}
	}
	return POLICY_MAX_LABELS;
}

static void access_add(struct access *to, const struct access *from)
{
	for (u32 i = 0; i < POLICY_CLASSES; i++) {
		to->av[i] |= from->av[i];
	}
}

static void select_objects(struct model *m, u32 subject,
			   const struct model_rule *r)
{
	for (u32 object = 0; object < m->n_types; object++) {
		if (type_set_has(&r->objects, object)) {
			access_add(&m->pair[subject][object], &r->access);
		}
	}
}

static void select_rule(struct model *m, const struct model_rule *r)
{
	for (u32 subject = 0; subject < m->n_types; subject++) {
		if (!type_set_has(&r->subjects, subject)) {
			continue;
		}
		if (r->is_self) {
			access_add(&m->self[subject], &r->access);
		} else {
			select_objects(m, subject, r);
		}
	}
}

bool model_rule_is_active(const struct model *m, const struct model_rule *r)
{
	return !r->mode || r->mode == m->mode;
}

void model_select(struct model *m, u32 mode)
{
	memset(m->self, 0, sizeof(m->self));
	memset(m->pair, 0, sizeof(m->pair));
	m->mode = mode;
	for (u32 i = 0; i < m->rules.n; i++) {
		if (model_rule_is_active(m, &m->rules.at[i])) {
			select_rule(m, &m->rules.at[i]);
		}
	}
}

void model_free(struct model *m)
{
	VEC_FREE(&m->vms);
	VEC_FREE(&m->devices);
	VEC_FREE(&m->rules);
	VEC_FREE(&m->macros);
	VEC_FREE(&m->nevers);
	VEC_FREE(&m->asserts);
	free(m);
}

static void level_print(const struct model *m, const struct level *level,
			FILE *out)
{
	char mark = ':';

	fputs(m->sens[level->sens]->text, out);
	for (u32 i = 0; i < m->n_cats; i++) {
		if (level->cat[i / 64] >> (i % 64) & 1) {
			fprintf(out, "%c%s", mark, m->cats[i]->text);
			mark = ',';
		}
	}
}

char *level_text(const struct model *m, const struct level *level)
{
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out) {
		return zalloc(1);
	}
	level_print(m, level, out);
	fclose(out);
	return text;
}

char *label_text(const struct model *m, const struct model_label *label)
{
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out) {
		return zalloc(1);
	}
	fprintf(out, "%s@", m->types[label->type].name->text);
	level_print(m, &label->low, out);
	if (level_compare(&label->low, &label->high)) {
		fputs("..", out);
		level_print(m, &label->high, out);
	}
	fclose(out);
	return text;
}
