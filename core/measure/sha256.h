/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4, sections 4.1.2, 4.2.2, 5.3.3, 6.2). */
#pragma once

#include "lib/types.h"

#define SHA256_BYTES 32u

struct sha256 {
	u32 state[8];
	u32 bytes; /* so far; those that wait in block: modulo 64 */
	u8 block[64];
};

void sha256_init(struct sha256 *h);
void sha256_update(struct sha256 *h, const u8 *data, u32 bytes);
void sha256_final(struct sha256 *h, u8 out[SHA256_BYTES]);
