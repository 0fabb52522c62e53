/* SPDX-License-Identifier: Apache-2.0 */
/* The memory functions against the plainest possible loops: every length up
 * to 80 at every alignment, with guard bytes. Also the test behind the two
 * assumed contracts of lib/mem_words.h. The names are redefined on the
 * command line, so that libc keeps its own. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/mem.h"
#include "lib/mem_words.h"

#define ROOM 128u
#define MAX_LEN 80u

static u8 have[ROOM], want[ROOM], from[ROOM];

static void fill(void)
{
	for (u32 i = 0; i < ROOM; i++) {
		have[i] = want[i] = (u8)(i * 7u + 1u);
		from[i] = (u8)(i * 13u + 5u);
	}
}

static void same(void)
{
	for (u32 i = 0; i < ROOM; i++) {
		assert_int_equal(have[i], want[i]);
	}
}

static void test_copy(void **state)
{
	(void)state;
	for (u32 n = 0; n <= MAX_LEN; n++) {
		for (u32 a = 0; a < 64u; a++) {
			u32 d = 8u + a / 8u, s = 8u + a % 8u;

			fill();
			for (u32 i = 0; i < n; i++) {
				want[d + i] = from[s + i];
			}
			assert_ptr_equal(memcpy(have + d, from + s, n),
					 have + d);
			same();
		}
	}
}

static void test_move(void **state)
{
	(void)state;
	for (u32 n = 0; n <= MAX_LEN; n++) {
		for (u32 a = 0; a < 256u; a++) {
			u32 d = 4u + a / 16u, s = 4u + a % 16u;

			fill();
			for (u32 i = 0; i < n; i++) {
				want[d + i] = have[s + i];
			}
			memmove(have + d, have + s, n);
			same();
		}
	}
}

static void test_set(void **state)
{
	(void)state;
	for (u32 n = 0; n <= MAX_LEN; n++) {
		for (u32 d = 8; d < 16u; d++) {
			fill();
			for (u32 i = 0; i < n; i++) {
				want[d + i] = 0xa5;
			}
			memset(have + d, 0x3a5, n);
			same();
			for (u32 i = 0; i < n; i++) {
				want[d + i] = 0;
			}
			memset(have + d, 0, n);
			same();
		}
	}
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void test_compare(void **state)
{
	(void)state;
	fill();
	assert_int_equal(memcmp(have, want, ROOM), 0);
	assert_int_equal(memcmp(have, from, 0), 0);
	for (u32 i = 0; i < ROOM; i++) {
		want[i] ^= 0x80;
		assert_int_equal(sign(memcmp(have, want, ROOM)),
				 have[i] < want[i] ? -1 : 1);
		assert_int_equal(memcmp(have, want, i), 0);
		want[i] ^= 0x80;
	}
}

/* What the proofs assume: the result is at most n, and so many bytes done. */
static void test_words(void **state)
{
	(void)state;
	for (u32 n = 0; n <= MAX_LEN; n++) {
		size_t done;

		fill();
		done = mem_words_copy(have + 3, from + 6, n);
		assert_int_equal(done, n / 4u * 4u);
		for (u32 i = 0; i < done; i++) {
			want[3u + i] = from[6u + i];
		}
		same();
		done = mem_words_copy(have + 3, have + 4, n);
		for (u32 i = 0; i < done; i++) { /* downwards; the rest stays */
			want[3u + i] = want[4u + i];
		}
		same();
		done = mem_words_fill(have + 5, 0x77, n);
		assert_int_equal(done, n / 8u * 8u);
		for (u32 i = 0; i < done; i++) {
			want[5u + i] = 0x77;
		}
		same();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy),  cmocka_unit_test(test_move),
		cmocka_unit_test(test_set),   cmocka_unit_test(test_compare),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
