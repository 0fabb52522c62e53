/* SPDX-License-Identifier: Apache-2.0 */
/* The launch digest of a plan, without a core: SHA-384 over the chain of
 * struct launch_record (core/abi/control.h). */
#pragma once

#include "launch/layout.h"

#define DIGEST_BYTES 48u

struct digest {
	uint8_t value[DIGEST_BYTES];
	/* Called for each page with its hash, if set (measure --plan). */
	void (*page)(void *arg, uint32_t kind, uint64_t gfn,
		     const uint8_t hash[DIGEST_BYTES]);
	void *arg;
	const uint8_t *buffer;
};

/* D' = SHA-384(D || R) */
int digest_extend(uint8_t value[DIGEST_BYTES], const struct launch_record *r);
int digest_plan(struct digest *digest, const struct plan *plan,
		struct fail *fail);
