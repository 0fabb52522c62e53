/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiled policy image: written by casemate-policy, read by the core.
 *
 * Little-endian. One header, then the sections below in exactly this order,
 * each padded with zero bytes to a multiple of 8. There are no offsets: every
 * section's place follows from the counts, so there is one encoding only.
 *
 *   struct policy_header
 *   struct policy_type  types[type_count]      sorted by name
 *   struct policy_level levels[level_count]    sorted by (sens, cat words)
 *   struct policy_label labels[label_count]    sorted by (type, low, high)
 *   uint16_t self[type_count]                  row index: acting on oneself
 *   uint16_t pair[type_count * type_count]     row index: [subject][object]
 *   struct policy_row   rows[row_count]        unique, sorted; row 0 all zero
 *   uint32_t strict[POLICY_CLASSES]            permissions that also need
 *                                              low(subject) == low(object)
 *   char     names[names_bytes]                NUL-terminated strings; text
 *                                              for people, never for decisions
 *
 * The image ends there: total_bytes is exact. A label is (type, low, high);
 * information may flow X -> Y only if level high(Y) dominates level low(X).
 */
#pragma once

#include <stdint.h>

#define POLICY_MAGIC 0x314c4f504d534143ull /* "CASMPOL1" */
#define POLICY_FORMAT 1u
#define POLICY_CLASSES 16u
#define POLICY_PERMS 32u
#define POLICY_CAT_WORDS 16u /* 1,024 compartments */
#define POLICY_MAX_TYPES 128u
#define POLICY_MAX_LEVELS 128u
#define POLICY_MAX_LABELS 1024u
#define POLICY_MAX_ROWS 512u
#define POLICY_MAX_SENS 64u
#define POLICY_MAX_NAMES 65536u
#define POLICY_IMAGE_MAX 158376u /* bytes, with as many of everything */

/* Flags of a type. Only a trusted type's labels may have low != high. */
#define POLICY_TYPE_TRUSTED 1u
#define POLICY_TYPE_DOMAIN 2u /* a domain may carry it */
#define POLICY_TYPE_OBJECT 4u /* a core object may carry it */

/* The initial labels: what the core itself must be able to name. */
enum policy_initial {
	POLICY_INITIAL_DOM0,	   /* domain 0 */
	POLICY_INITIAL_CORE_PUB,   /* version, features, wall clock */
	POLICY_INITIAL_CORE_STATE, /* physical memory, power, processors */
	POLICY_INITIAL_POLICY,	   /* the policy itself */
	POLICY_INITIAL_AUDIT,	   /* the audit ring */
	POLICY_INITIAL_CONSOLE,	   /* the physical serial console */
	POLICY_INITIAL_COUNT
};

/* The class table, a constant of the core (core/refmon/classes.def). An image
 * whose copy differs by one bit is refused. */
struct policy_class {
	uint32_t perms;	 /* permissions that exist */
	uint32_t reads;	 /* those that carry object -> subject */
	uint32_t writes; /* those that carry subject -> object */
	uint32_t self;	 /* those that exist on the self plane only */
};

struct policy_header {
	uint64_t magic;
	uint32_t format;
	uint32_t total_bytes;
	char name[32]; /* NUL-padded, at least one NUL */
	uint64_t version;
	uint32_t type_count;  /* 1 .. POLICY_MAX_TYPES */
	uint32_t level_count; /* 1 .. POLICY_MAX_LEVELS */
	uint32_t label_count; /* 1 .. POLICY_MAX_LABELS */
	uint32_t row_count;   /* 1 .. POLICY_MAX_ROWS */
	uint32_t sens_count;  /* 1 .. POLICY_MAX_SENS */
	uint32_t cat_count;   /* 0 .. 1024 */
	uint32_t names_bytes; /* 1 .. POLICY_MAX_NAMES, before padding */
	uint32_t reserved;    /* 0 */
	uint16_t initial[8];  /* label index by enum policy_initial; rest 0 */
	struct policy_class classes[POLICY_CLASSES];
};

struct policy_type {
	uint16_t flags;
	uint16_t name; /* offset into names */
	uint32_t reserved;
};

struct policy_level {
	uint32_t sens; /* < sens_count */
	uint32_t name;
	uint64_t cat[POLICY_CAT_WORDS]; /* bits >= cat_count are 0 */
};

struct policy_label {
	uint16_t type;
	uint16_t low;
	uint16_t high; /* dominates low; equal unless the type is trusted */
	uint16_t name; /* "type@level" or "type@low..high" */
};

struct policy_row {
	uint32_t av[POLICY_CLASSES];
};

_Static_assert(sizeof(struct policy_header) == 360, "policy header layout");
_Static_assert(sizeof(struct policy_level) == 136, "policy level layout");
_Static_assert(sizeof(struct policy_label) == 8, "policy label layout");
_Static_assert(sizeof(struct policy_row) == 64, "policy row layout");
