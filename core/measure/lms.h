/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of LMS signatures (RFC 8554): LMS_SHA256_M32_H5 and _H10 with
 * LMOTS_SHA256_N32_W8. One level, no HSS. Bytes are as in the RFC:
 *
 *   key        u32 LMS type, u32 LM-OTS type, I[16], T[1][32]      section 5.3
 *   signature  u32 q, u32 LM-OTS type, C[32], y[34][32],
 *              u32 LMS type, path[h][32]                           section 5.4
 */
#pragma once

#include "measure/sha256.h"

#define LMS_KEY_BYTES 56u
#define LMS_CHAINS 34u
#define LMS_MESSAGE_MAX 64u

/* One examination, done in steps: none of it takes long. */
struct lms {
	const u8 *key;
	const u8 *signature;
	u32 height;
	u32 q;
	u8 digits[LMS_CHAINS]; /* of the message's digest, and their checksum */
	u32 chain;	       /* LMS_CHAINS: all chains are at their ends */
	u32 at;		       /* in the chain */
	u8 node[SHA256_BYTES]; /* there; at last the root */
	struct sha256 ends;    /* of the chains */
	bool is_good;
};

/* How long a signature by this key is; 0: a key of another kind. */
u32 lms_signature_bytes(const u8 *key);
/* Begin; key, signature and message (at most LMS_MESSAGE_MAX bytes) stay as
 * they are until the end. False, and never good: not a signature of this kind
 * for this key. */
bool lms_begin(struct lms *l, const u8 *key, const u8 *signature,
	       u32 signature_bytes, const u8 *message, u32 message_bytes);
/* Go on: at most 64 hashes of one or two blocks. True: there is more to do. */
bool lms_step(struct lms *l);
/* After the last step: did the key sign the message? */
bool lms_is_good(const struct lms *l);
