/* SPDX-License-Identifier: Apache-2.0 */
#include "lms_sign.h"

#include <stdarg.h>
#include <string.h>

#include <mbedtls/sha256.h>

#define LEAVES 32u

/* H(I || number || tag || parts...), parts given as pointer, length, ... NULL */
static void hash(const struct lms_test_key *k, u32 number, u32 tag, u8 *out,
		 ...)
{
	u8 head[6] = { (u8)(number >> 24), (u8)(number >> 16),
		       (u8)(number >> 8),  (u8)number,
		       (u8)(tag >> 8),	   (u8)tag };
	mbedtls_sha256_context c;
	const u8 *part;
	va_list parts;

	mbedtls_sha256_init(&c);
	mbedtls_sha256_starts_ret(&c, 0);
	mbedtls_sha256_update_ret(&c, k->public + 8, 16);
	mbedtls_sha256_update_ret(&c, head, sizeof(head));
	va_start(parts, out);
	while ((part = va_arg(parts, const u8 *))) {
		mbedtls_sha256_update_ret(&c, part, va_arg(parts, u32));
	}
	va_end(parts);
	mbedtls_sha256_finish_ret(&c, out);
	mbedtls_sha256_free(&c);
}

/* Chain i of leaf q from its secret on. */
static void chain(const struct lms_test_key *k, u32 q, u32 i, u32 steps,
		  u8 *out)
{
	u8 secret[2] = { k->seed, 0xff };

	hash(k, q, i, out, secret, 2u, NULL);
	for (u32 n = 0; n < steps; n++) {
		u8 place = (u8)n;

		hash(k, q, i, out, &place, 1u, out, 32u, NULL);
	}
}

static void leaf(struct lms_test_key *k, u32 q)
{
	u8 ends[LMS_CHAINS * SHA256_BYTES], key[SHA256_BYTES];

	for (u32 i = 0; i < LMS_CHAINS; i++) {
		chain(k, q, i, 255, ends + i * SHA256_BYTES);
	}
	hash(k, q, 0x8080, key, ends, (u32)sizeof(ends), NULL);
	hash(k, LEAVES + q, 0x8282, k->tree[LEAVES + q], key, 32u, NULL);
}

void lms_test_make(struct lms_test_key *k, u8 seed)
{
	memset(k, 0, sizeof(*k));
	k->seed = seed;
	k->public[3] = 5; /* LMS_SHA256_M32_H5 */
	k->public[7] = 4; /* LMOTS_SHA256_N32_W8 */
	memset(k->public + 8, seed ^ 0x5a, 16);
	for (u32 q = 0; q < LEAVES; q++) {
		leaf(k, q);
	}
	for (u32 n = LEAVES - 1; n >= 1; n--) {
		hash(k, n, 0x8383, k->tree[n], k->tree[2 * n], 32u,
		     k->tree[2 * n + 1], 32u, NULL);
	}
	memcpy(k->public + 24, k->tree[1], SHA256_BYTES);
}

void lms_test_sign(const struct lms_test_key *k, u32 q, const u8 *message,
		   u32 bytes, u8 out[LMS_TEST_BYTES])
{
	u8 digits[LMS_CHAINS];
	u32 lack = 0, at = 40;

	memset(out, 0, LMS_TEST_BYTES);
	out[3] = (u8)q;
	out[7] = 4;
	memset(out + 8, 0xc0 ^ k->seed, SHA256_BYTES); /* C */
	hash(k, q, 0x8181, digits, out + 8, 32u, message, bytes, NULL);
	for (u32 i = 0; i < SHA256_BYTES; i++) {
		lack += 255u - digits[i];
	}
	digits[32] = (u8)(lack >> 8);
	digits[33] = (u8)lack;
	for (u32 i = 0; i < LMS_CHAINS; i++, at += SHA256_BYTES) {
		chain(k, q, i, digits[i], out + at);
	}
	out[at + 3] = 5;
	at += 4;
	for (u32 n = LEAVES + q; n > 1; n /= 2, at += SHA256_BYTES) {
		memcpy(out + at, k->tree[n ^ 1u], SHA256_BYTES);
	}
}
