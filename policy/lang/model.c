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
