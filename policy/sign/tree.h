/* SPDX-License-Identifier: Apache-2.0 */
/* The hash tree of an LMS key, from its secrets (signer.h). */
#pragma once

#include "signer.h"

#define TREE_MAX_NODES (2u << 10)

struct tree {
	u8 node[TREE_MAX_NODES][SHA256_BYTES]; /* by number; 1 is the root */
};

/* Some seconds for 1,024 leaves. */
void tree_grow(const struct signer *s, struct tree *t);
/* Chain `chain` of leaf q, `steps` from its secret on. */
void tree_chain(const struct signer *s, u32 q, u32 chain, u32 steps, u8 *out);
/* A hash that begins with I, a number and a tag, as all of them do. */
void tree_hash_begin(const struct signer *s, struct sha256 *h, u32 number,
		     u32 tag);
