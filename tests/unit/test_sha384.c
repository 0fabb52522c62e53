/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-384: the examples of NIST, then every length and many ways to cut a
 * message against another implementation (mbedtls). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/sha512.h>

#include "measure/sha384.h"

#include <cmocka.h>

#define ROOM 4096u

static u8 message[ROOM];

static void hash(const u8 *data, u32 n, u32 step, u8 out[SHA384_BYTES])
{
	struct sha384 h;
	u32 at;

	sha384_init(&h);
	for (at = 0; at < n; at += step) {
		sha384_update(&h, data + at, n - at < step ? n - at : step);
	}
	sha384_final(&h, out);
}

static void expect_hex(const u8 *have, const char *hex)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * SHA384_BYTES + 1] = { 0 };
	u32 i;

	for (i = 0; i < SHA384_BYTES; i++) {
		text[2 * i] = digits[have[i] >> 4];
		text[2 * i + 1] = digits[have[i] & 15u];
	}
	assert_string_equal(text, hex);
}

/* FIPS 180-4 examples: one block, two blocks, a million times "a"; and the
 * empty message. */
static void test_nist(void **state)
{
	static const char two[] =
		"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
	struct sha384 h;
	u8 out[SHA384_BYTES];
	u32 i;

	(void)state;
	hash((const u8 *)"abc", 3, 3, out);
	expect_hex(out, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
			"1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
	hash((const u8 *)two, sizeof(two) - 1, 1000, out);
	expect_hex(out, "09330c33f71147e83d192fc782cd1b4753111b173b3b05d2"
			"2fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039");
	hash(message, 0, 1, out);
	expect_hex(out, "38b060a751ac96384cd9327eb1b1e36a21fdb71114be0743"
			"4c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b");
	memset(message, 'a', 1000);
	sha384_init(&h);
	for (i = 0; i < 1000; i++) {
		sha384_update(&h, message, 1000);
	}
	sha384_final(&h, out);
	expect_hex(out, "9d0e1809716474cb086e834e310a4a1ced149e9c00f24852"
			"7972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985");
}

static void test_every_length(void **state)
{
	u8 have[SHA384_BYTES], want[64];
	u32 n;

	(void)state;
	srand(1);
	for (n = 0; n < ROOM; n++) {
		message[n] = (u8)rand();
	}
	for (n = 0; n <= 600; n++) {
		assert_int_equal(mbedtls_sha512_ret(message, n, want, 1), 0);
		hash(message, n, ROOM, have);
		assert_memory_equal(have, want, SHA384_BYTES);
	}
	assert_int_equal(mbedtls_sha512_ret(message, ROOM, want, 1), 0);
	for (n = 1; n <= 300; n++) { /* in pieces of n bytes */
		hash(message, ROOM, n, have);
		assert_memory_equal(have, want, SHA384_BYTES);
	}
}

static void test_random_cuts(void **state)
{
	u8 have[SHA384_BYTES], want[64];
	u32 round;

	(void)state;
	srand(2);
	for (round = 0; round < 2000; round++) {
		u32 n = (u32)rand() % ROOM, at = 0;
		struct sha384 h;

		sha384_init(&h);
		while (at < n) {
			u32 part = (u32)rand() % 300u;

			part = part > n - at ? n - at : part;
			sha384_update(&h, message + at, part);
			at += part;
		}
		sha384_final(&h, have);
		assert_int_equal(mbedtls_sha512_ret(message, n, want, 1), 0);
		assert_memory_equal(have, want, SHA384_BYTES);
	}
}

/* Nothing of the message stays behind in the context. */
static void test_wiped(void **state)
{
	static const u8 zero[sizeof(struct sha384)];
	struct sha384 h;
	u8 out[SHA384_BYTES];

	(void)state;
	sha384_init(&h);
	sha384_update(&h, (const u8 *)"secret", 6);
	sha384_final(&h, out);
	assert_memory_equal(&h, zero, sizeof(h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nist),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_random_cuts),
		cmocka_unit_test(test_wiped),
	};

	return cmocka_run_group_tests_name("sha384", tests, NULL, NULL);
}
