/* SPDX-License-Identifier: Apache-2.0 */
/* The words of cmocka that the fakes of tests/unit use, for a program that is
 * no cmocka test: what they assert is a finding. */
#pragma once

#include "../fuzz.h"

#define assert_true(c)                                                         \
	((c) ? (void)0 : fuzz_fail("%s:%d: not so: %s", __FILE__, __LINE__, #c))
#define assert_false(c) assert_true(!(c))
#define assert_int_equal(a, b) assert_true((a) == (b))
#define assert_in_range(v, low, high)                                          \
	assert_true((u64)(v) >= (u64)(low) && (u64)(v) <= (u64)(high))
#define fail_msg(...) fuzz_fail(__VA_ARGS__)
