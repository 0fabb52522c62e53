/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A checked policy: every name looked up, every table sorted, so that two
 * sources that say the same in another order are the same here.
 */
#pragma once

#include "abi/policy_image.h"
#include "ast.h"

#define MODEL_MAX_CATS (64u * POLICY_CAT_WORDS)
#define MODEL_MAX_TYPESETS 64u
#define TYPE_WORDS ((POLICY_MAX_TYPES + 63u) / 64u)

struct level {
	u32 sens;
	u64 cat[POLICY_CAT_WORDS];
};

struct type_set {
	u64 bits[TYPE_WORDS];
};

/* One access vector per class. */
struct access {
	u32 av[POLICY_CLASSES];
};

struct model_type {
	const struct token *name;
	bool is_domain;
	bool is_trusted;
	bool has_label;
	struct level low; /* of a trusted type */
	struct level high;
	const char *because;
};

struct model_typeset {
	const struct token *name;
	struct type_set members;
};

struct model_label {
	struct place place;
	u32 type;
	struct level low;
	struct level high;
};

struct model {
	char name[32];
	u64 version;
	u32 n_sens;
	const struct token *sens[POLICY_MAX_SENS]; /* lowest first */
	u32 n_cats;
	const struct token *cats[MODEL_MAX_CATS]; /* sorted by name */
	u32 n_types;
	struct model_type types[POLICY_MAX_TYPES]; /* sorted by name */
	u32 n_typesets;
	struct model_typeset typesets[MODEL_MAX_TYPESETS];
	u32 n_levels;
	struct level levels[POLICY_MAX_LEVELS]; /* sorted, those of labels */
	u32 n_labels;
	struct model_label labels[POLICY_MAX_LABELS]; /* sorted */
	u16 initial[POLICY_INITIAL_COUNT];
	struct access self[POLICY_MAX_TYPES];
	struct access pair[POLICY_MAX_TYPES][POLICY_MAX_TYPES];
	struct access strict;
};

/* Names of the initial labels, by enum policy_initial. */
extern const char *const initial_names[POLICY_INITIAL_COUNT];

int level_compare(const struct level *a, const struct level *b);
bool level_dominates(const struct level *a, const struct level *b);
u32 level_find(const struct model *m, const struct level *level);

/* "secret:crypto", "red_t@secret:crypto", "dom0_t@low..high". The caller
 * frees it. */
char *level_text(const struct model *m, const struct level *level);
char *label_text(const struct model *m, const struct model_label *label);

static inline bool type_set_has(const struct type_set *s, u32 type)
{
	return s->bits[type / 64] >> (type % 64) & 1;
}

static inline void type_set_add(struct type_set *s, u32 type)
{
	s->bits[type / 64] |= 1ull << (type % 64);
}
