/* SPDX-License-Identifier: Apache-2.0 */
/* A signer for the tests: LMS of RFC 8554 with 32 signatures (H5, W8), with
 * mbedTLS's SHA-256, so that it shares nothing with the core's verifier. Any
 * signature may be made again: never do that outside a test. */
#pragma once

#include "measure/lms.h"

#define LMS_TEST_BYTES 1292u
struct lms_test_key {
	u8 seed;
	u8 public[LMS_KEY_BYTES];
	u8 tree[64][SHA256_BYTES]; /* nodes by number, 1 is the root */
};
void lms_test_make(struct lms_test_key *k, u8 seed);
void lms_test_sign(const struct lms_test_key *k, u32 q, const u8 *message,
		   u32 bytes, u8 out[LMS_TEST_BYTES]);
