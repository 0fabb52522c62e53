/* SPDX-License-Identifier: Apache-2.0 */
/* Policy images made in C: a description, its bytes, and a sample to bend.
 * Independent of the policy compiler, so that either can find the other's
 * mistakes. */
#pragma once

#include "refmon/refmon.h"

#define IMAGE_ROOM 163840u

struct image_spec {
	struct policy_header header; /* counts, initial, version, name */
	struct policy_type types[POLICY_MAX_TYPES];
	struct policy_level levels[POLICY_MAX_LEVELS];
	struct policy_label labels[POLICY_MAX_LABELS];
	u16 self[POLICY_MAX_TYPES];
	u16 pair[POLICY_MAX_TYPES][POLICY_MAX_TYPES];
	struct policy_row rows[POLICY_MAX_ROWS];
	u32 strict[POLICY_CLASSES];
	char names[POLICY_MAX_NAMES];
};

/* Types of the sample, in name order. */
enum {
	T_BROKER, /* broker_t: trusted domain */
	T_CORE,	  /* core_t: object */
	T_DOM0,	  /* dom0_t: trusted domain */
	T_GUEST,  /* guest_t: domain */
};

/* Levels: U < S, and S with compartment 70, S with compartment 3. */
enum {
	L_U,
	L_S,
	L_S70,
	L_S3
};

/* Labels of the sample, sorted by (type, low, high). */
enum {
	LB_BROKER,  /* broker_t@U..S3 */
	LB_CORE_U,  /* core_t@U */
	LB_CORE_S3, /* core_t@S3 */
	LB_DOM0,    /* dom0_t@U..S3 */
	LB_BLACK,   /* guest_t@U */
	LB_SECRET,  /* guest_t@S */
	LB_BLUE,    /* guest_t@S70 */
	LB_RED,	    /* guest_t@S3 */
};

/* Rows: nothing, guest to guest, everything between two, to oneself. */
enum {
	R_NONE,
	R_PEER,
	R_ALL,
	R_SELF
};

/* A policy with every kind of relation in it; valid as it is. */
void image_sample(struct image_spec *s);

/* As many of everything as the format allows, all of it in use. */
void image_large(struct image_spec *s);

/* Add a string to the pool; its offset. */
u32 image_name(struct image_spec *s, const char *text);

/* Serialize; returns the size. Nothing is checked or put in order. */
u32 image_emit(const struct image_spec *s, u8 *out);

/* Where a section starts in the serialized form. */
enum image_section {
	AT_TYPES,
	AT_LEVELS,
	AT_LABELS,
	AT_SELF,
	AT_PAIR,
	AT_ROWS,
	AT_STRICT,
	AT_NAMES,
	AT_END
};
u32 image_at(const struct image_spec *s, enum image_section which);
