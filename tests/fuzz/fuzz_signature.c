/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key, a signature and a message of any bytes: core/measure/lms.c answers as
 * a second implementation does, on mbedTLS's SHA-256, in a bounded number of
 * steps. Input: key, message, signature. So that good ones are met, the first
 * bytes of an input choose which of a signer's are the base, and what follows
 * is laid over them.
 */
#include <stdbool.h>
#include <string.h>

#include <mbedtls/sha256.h>

#include "fuzz.h"
#include "lms_sign.h"

#define MESSAGE 48u
#define MOST_STEPS (4u * LMS_CHAINS + 1u)
#define PATCH 3u /* two bytes of place, one to xor */

static uint32_t be32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

static void hash(const uint8_t *id, uint32_t number, uint32_t tag,
		 const uint8_t *a, size_t a_bytes, const uint8_t *b,
		 size_t b_bytes, uint8_t *out)
{
	uint8_t head[6] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
			    (uint8_t)(number >> 8),  (uint8_t)number,
			    (uint8_t)(tag >> 8),     (uint8_t)tag };
	mbedtls_sha256_context c;

	mbedtls_sha256_init(&c);
	mbedtls_sha256_starts_ret(&c, 0);
	mbedtls_sha256_update_ret(&c, id, 16);
	mbedtls_sha256_update_ret(&c, head, sizeof(head));
	mbedtls_sha256_update_ret(&c, a, a_bytes);
	mbedtls_sha256_update_ret(&c, b, b_bytes);
	mbedtls_sha256_finish_ret(&c, out);
}

/* RFC 8554, algorithms 4b and 6a, for 32 leaves. */
static bool is_good(const uint8_t *key, const uint8_t *s, const uint8_t *m)
{
	uint8_t digit[34], ends[34 * 32], node[32];
	const uint8_t *id = key + 8, *path = s + 40 + 34 * 32 + 4;
	uint32_t q = be32(s), n = 32 + q, lack = 0, i, j;

	if (be32(key) != 5 || be32(key + 4) != 4 || be32(s + 4) != 4 ||
	    be32(path - 4) != 5 || q >= 32) {
		return false;
	}
	hash(id, q, 0x8181, s + 8, 32, m, MESSAGE, digit);
	for (i = 0; i < 32; i++) {
		lack += 255u - digit[i];
	}
	digit[32] = (uint8_t)(lack >> 8);
	digit[33] = (uint8_t)lack;
	memcpy(ends, s + 40, sizeof(ends));
	for (i = 0; i < 34; i++) {
		for (j = digit[i]; j < 255; j++) {
			uint8_t place = (uint8_t)j;

			hash(id, q, i, &place, 1, ends + 32 * i, 32,
			     ends + 32 * i);
		}
	}
	hash(id, q, 0x8080, ends, sizeof(ends), NULL, 0, node);
	hash(id, n, 0x8282, node, 32, NULL, 0, node);
	for (; n > 1; n /= 2, path += 32) {
		hash(id, n / 2, 0x8383, n & 1 ? path : node, 32,
		     n & 1 ? node : path, 32, node);
	}
	return memcmp(node, key + 24, 32) == 0;
}

static bool verify(const uint8_t *key, const uint8_t *s, uint32_t s_bytes,
		   const uint8_t *m)
{
	struct lms l;
	uint32_t steps = 0;
	bool began = lms_begin(&l, key, s, s_bytes, m, MESSAGE);

	while (lms_step(&l)) {
		steps += 1;
		if (steps > MOST_STEPS || lms_is_good(&l)) {
			fuzz_fail("%u steps, good before the end", steps);
		}
	}
	if (!began && (steps != 0 || lms_is_good(&l))) {
		fuzz_fail("never begun, and %u steps", steps);
	}
	return lms_is_good(&l);
}

struct input {
	uint8_t key[LMS_KEY_BYTES];
	uint8_t message[MESSAGE];
	uint8_t signature[LMS_TEST_BYTES];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct lms_test_key signer;
	struct input in;
	uint8_t *at = (uint8_t *)&in;

	if (signer.public[3] == 0) {
		lms_test_make(&signer, 9);
	}
	memset(&in, 0, sizeof(in));
	memcpy(in.key, signer.public, sizeof(in.key));
	if (bytes > 1) {
		memset(in.message, data[1], sizeof(in.message));
		lms_test_sign(&signer, data[0] % 32, in.message,
			      sizeof(in.message), in.signature);
	}
	for (size_t i = 2; i + PATCH <= bytes; i += PATCH) {
		at[(data[i] * 256u + data[i + 1]) % sizeof(in)] ^= data[i + 2];
	}
	if (verify(in.key, in.signature, sizeof(in.signature), in.message) !=
	    is_good(in.key, in.signature, in.message)) {
		fuzz_fail("the core and mbedTLS disagree");
	}
	if (bytes > 2 &&
	    verify(in.key, in.signature, data[2] * 6u, in.message)) {
		fuzz_fail("good with %u bytes", data[2] * 6u);
	}
	return 0;
}
