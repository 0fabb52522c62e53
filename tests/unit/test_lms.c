/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 beside mbedTLS, and signatures: every byte of one matters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <mbedtls/sha256.h>

#include "lms_sign.h"

static struct lms_test_key key;
static u8 message[48], signature[LMS_TEST_BYTES];

static int setup(void **state)
{
	(void)state;
	lms_test_make(&key, 1);
	memset(message, 0x33, sizeof(message));
	lms_test_sign(&key, 7, message, sizeof(message), signature);
	return 0;
}

static bool verify(const u8 *k, const u8 *s, const u8 *m)
{
	struct lms l;
	u32 steps = 1;
	bool began = lms_begin(&l, k, s, LMS_TEST_BYTES, m, sizeof(message));

	assert_false(lms_is_good(&l));
	while (lms_step(&l)) {
		steps += 1;
		assert_false(lms_is_good(&l));
	}
	assert_true(steps <= 4 * LMS_CHAINS + 1);
	assert_false(lms_step(&l));
	assert_true(began || !lms_is_good(&l));
	return lms_is_good(&l);
}

static void test_sha256(void **state)
{
	static u8 data[300];
	u8 ours[SHA256_BYTES], theirs[SHA256_BYTES];
	struct sha256 h;

	(void)state;
	for (u32 n = 0; n < sizeof(data); n++) {
		data[n] = (u8)(n * 7);
		sha256_init(&h);
		sha256_update(&h, data, n / 3);
		sha256_update(&h, data + n / 3, n - n / 3);
		sha256_final(&h, ours);
		mbedtls_sha256_ret(data, n, theirs, 0);
		assert_memory_equal(ours, theirs, sizeof(ours));
	}
}

static void test_good(void **state)
{
	u8 s[LMS_TEST_BYTES];

	(void)state;
	assert_int_equal(lms_signature_bytes(key.public), LMS_TEST_BYTES);
	for (u32 q = 0; q < 32; q++) {
		message[0] = (u8)q;
		lms_test_sign(&key, q, message, sizeof(message), s);
		assert_true(verify(key.public, s, message));
	}
	message[0] = 0x33;
}

/* One bit of any byte, each byte another bit. */
static void test_flips(void **state)
{
	u8 s[LMS_TEST_BYTES], k[LMS_KEY_BYTES], m[sizeof(message)];

	(void)state;
	for (u32 i = 0; i < sizeof(s); i++) {
		memcpy(s, signature, sizeof(s));
		s[i] ^= (u8)(1u << i % 8);
		assert_false(verify(key.public, s, message));
	}
	for (u32 i = 0; i < sizeof(k); i++) {
		memcpy(k, key.public, sizeof(k));
		k[i] ^= (u8)(1u << i % 8);
		assert_false(lms_signature_bytes(k) == LMS_TEST_BYTES &&
			     verify(k, signature, message));
	}
	for (u32 i = 0; i < sizeof(m); i++) {
		memcpy(m, message, sizeof(m));
		m[i] ^= (u8)(1u << i % 8);
		assert_false(verify(key.public, signature, m));
	}
}

static void test_lengths(void **state)
{
	u8 k[LMS_KEY_BYTES], long_message[LMS_MESSAGE_MAX + 1] = { 0 };
	struct lms l;

	(void)state;
	for (u32 n = 0; n < LMS_TEST_BYTES + 200; n++) {
		bool is_right = n == LMS_TEST_BYTES;

		assert_int_equal(lms_begin(&l, key.public, signature, n,
					   message, sizeof(message)),
				 is_right);
		assert_int_equal(lms_step(&l), is_right);
		assert_false(lms_is_good(&l));
	}
	assert_false(lms_begin(&l, key.public, signature, LMS_TEST_BYTES,
			       long_message, sizeof(long_message)));
	memcpy(k, key.public, sizeof(k));
	k[3] = 6; /* 1,024 signatures */
	assert_int_equal(lms_signature_bytes(k), LMS_TEST_BYTES + 5 * 32);
	k[3] = 7; /* more than these are not known here */
	assert_int_equal(lms_signature_bytes(k), 0);
}

/* One part of rfc8554.txt; how many bytes. */
static u32 part(const char *wanted, u8 *out, u32 room)
{
	FILE *in = fopen("rfc8554.txt", "r");
	char line[128];
	bool is_it = false;
	u32 n = 0;

	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strspn(line, "0123456789abcdef") != strlen(line)) {
			is_it = strcmp(line, wanted) == 0;
			continue;
		}
		for (u32 i = 0; is_it && line[2 * i] != '\0'; i++) {
			unsigned int byte;

			assert_true(n < room);
			assert_int_equal(sscanf(line + 2 * i, "%2x", &byte), 1);
			out[n++] = (u8)byte;
		}
	}
	fclose(in);
	return n;
}

/* The RFC's own. */
static void test_vector(void **state)
{
	u8 k[LMS_KEY_BYTES], m[56], s[LMS_TEST_BYTES];
	struct lms l;

	(void)state;
	assert_int_equal(part("key", k, sizeof(k)), sizeof(k));
	assert_int_equal(part("message", m, sizeof(m)), sizeof(m));
	assert_int_equal(part("signature", s, sizeof(s)), sizeof(s));
	for (u32 i = 0; i < 2; i++) {
		assert_true(lms_begin(&l, k, s, sizeof(s), m, sizeof(m)));
		while (lms_step(&l)) {
		}
		assert_int_equal(lms_is_good(&l), i == 0);
		m[17] ^= 1;
	}
}

/* Right, but of another key or for another message. */
static void test_other(void **state)
{
	struct lms_test_key other;
	u8 s[LMS_TEST_BYTES];

	(void)state;
	lms_test_make(&other, 2);
	lms_test_sign(&other, 7, message, sizeof(message), s);
	assert_true(verify(other.public, s, message));
	assert_false(verify(key.public, s, message));
	s[3] = 32; /* beyond the last leaf */
	assert_false(verify(other.public, s, message));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256), cmocka_unit_test(test_good),
		cmocka_unit_test(test_flips),  cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_other),  cmocka_unit_test(test_vector),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
