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
#define MODEL_MAX_RANGES 64u
#define MODEL_MAX_MODES 16u
#define MODEL_MAX_SETS 32u     /* of one conflict */
#define MODEL_MAX_THINGS 1024u /* vms, and devices */
#define MODEL_MAX_CLAIMS 1024u /* nevers, and asserts with conflicts' pairs */
#define TYPE_WORDS ((POLICY_MAX_TYPES + 63u) / 64u)
#define LABEL_WORDS ((POLICY_MAX_LABELS + 63u) / 64u)

struct level {
	u32 sens;
	u64 cat[POLICY_CAT_WORDS];
};

struct type_set {
	u64 bits[TYPE_WORDS];
};

struct label_set {
	u64 bits[LABEL_WORDS];
};

struct level_range {
	struct level low;
	struct level high;
};

/* One access vector per class. */
struct access {
	u32 av[POLICY_CLASSES];
};

struct model_type {
	const struct token *name;
	enum type_kind kind;
	bool is_trusted;
	bool has_label;
	struct level_range range; /* of a trusted type */
	const char *because;
	u32 label_first; /* its labels are labels[label_first .. label_end) */
	u32 label_end;
};

struct model_range {
	const struct token *name;
	struct level_range range;
};

struct model_typeset {
	const struct token *name;
	struct type_set members;
};

struct model_label {
	struct place place;
	u32 type;
	bool is_implied; /* by a vm or a device, no label statement lists it */
	struct level low;
	struct level high;
};

struct model_vm {
	const struct token *name;
	u32 label;
	const char *image; /* SHA-384 in hexadecimal, or NULL */
	u32 cpus;	   /* 0: not given */
	u64 memory_mib;	   /* 0: not given */
};

struct model_device {
	struct place place;
	char address[13]; /* dddd:bb:dd.f */
	u32 label;
	const char *reset; /* NULL: not given */
};

/* What one statement gives to whom; a macro is several of these. */
enum rule_origin {
	ORIGIN_ALLOW,
	ORIGIN_VM,
	ORIGIN_RING,
	ORIGIN_USE,
	ORIGIN_DIODE
};

struct model_rule {
	struct place place;
	enum rule_origin origin;
	u32 mode;  /* 0: in every mode */
	u32 index; /* of the statement in the tree */
	struct type_set subjects;
	struct type_set objects;
	bool is_self;
	bool is_back; /* of a macro: its second party asks its first */
	struct access access;
};

/* A ring, use or diode statement: the labels it is about. */
struct model_macro {
	enum rule_origin origin; /* of the rules it stands for */
	struct label_set from;
	struct label_set to;
	bool is_broken; /* reported, once is enough */
};

/* What must stay impossible. */
struct model_never {
	struct place place;
	struct label_set subjects;
	struct label_set objects;
	bool is_self;
	bool is_broken;
	struct access access;
};

/* No information from one set to another, except via labels of some types. */
struct model_assert {
	struct place place;
	struct place from_place; /* how the source calls them */
	struct place to_place;
	struct label_set from;
	struct label_set to;
	struct type_set via;
	bool is_conflict;
	bool is_broken;
};

struct model {
	char name[32];
	u64 version;
	VEC(struct model_vm) vms;
	VEC(struct model_device) devices;
	VEC(struct model_rule) rules; /* of all modes */
	VEC(struct model_macro) macros;
	VEC(struct model_never) nevers;
	VEC(struct model_assert) asserts;
	const struct token *sens[POLICY_MAX_SENS];  /* lowest first */
	const struct token *cats[MODEL_MAX_CATS];   /* sorted by name */
	const struct token *modes[MODEL_MAX_MODES]; /* mode n is [n - 1] */
	struct model_type types[POLICY_MAX_TYPES];  /* sorted by name */
	struct model_range ranges[MODEL_MAX_RANGES];
	struct model_typeset typesets[MODEL_MAX_TYPESETS];
	struct level levels[POLICY_MAX_LEVELS]; /* sorted, those of labels */
	struct model_label labels[POLICY_MAX_LABELS]; /* sorted */
	u32 n_sens;
	u32 n_cats;
	u32 n_modes;
	u32 n_types;
	u32 n_ranges;
	u32 n_typesets;
	u32 n_levels;
	u32 n_labels;
	u16 initial[POLICY_INITIAL_COUNT];
	/* The rules of one mode and of all modes, by types: model_select(). */
	u32 mode;
	struct access self[POLICY_MAX_TYPES];
	struct access pair[POLICY_MAX_TYPES][POLICY_MAX_TYPES];
	struct access strict;
};

/* Fill self and pair with the rules of one mode and of all modes. */
void model_select(struct model *m, u32 mode);
bool model_rule_is_active(const struct model *m, const struct model_rule *r);
void model_free(struct model *m);

/* Names of the initial labels, by enum policy_initial. */
extern const char *const initial_names[POLICY_INITIAL_COUNT];

int level_compare(const struct level *a, const struct level *b);
bool level_dominates(const struct level *a, const struct level *b);
u32 level_find(const struct model *m, const struct level *level);
bool range_within(const struct level_range *inner,
		  const struct level_range *outer);

int label_compare(const struct model_label *a, const struct model_label *b);
u32 label_find(const struct model *m, const struct model_label *label);

/* "secret:crypto", "red_t@secret:crypto", "dom0_t@low..high". The caller
 * frees it. */
char *level_text(const struct model *m, const struct level *level);
char *label_text(const struct model *m, const struct model_label *label);

static inline bool type_set_has(const struct type_set *s, u32 type)
{
	return s->bits[type / 64] >> (type % 64) & 1;
}

static inline bool label_set_has(const struct label_set *s, u32 label)
{
	return s->bits[label / 64] >> (label % 64) & 1;
}

static inline void label_set_add(struct label_set *s, u32 label)
{
	s->bits[label / 64] |= 1ull << (label % 64);
}

static inline void type_set_add(struct type_set *s, u32 type)
{
	s->bits[type / 64] |= 1ull << (type % 64);
}
