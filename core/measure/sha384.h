/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-384 (FIPS 180-4, sections 4.1.3, 4.2.3, 5.3.4, 6.5). */
#pragma once

#include "lib/types.h"

#define SHA384_BYTES 48u

/* Those of SHA-512, too; their upper halves begin those of SHA-256. */
extern const u64 sha384_round_constant[80];

struct sha384 {
	u64 state[8];
	u64 bytes; /* so far; those that wait in block: modulo 128 */
	u8 block[128];
};

void sha384_init(struct sha384 *h);
void sha384_update(struct sha384 *h, const u8 *data, u32 bytes);
void sha384_final(struct sha384 *h, u8 out[SHA384_BYTES]);
