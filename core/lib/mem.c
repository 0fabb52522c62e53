/* SPDX-License-Identifier: Apache-2.0 */
/* Freestanding memory functions under the names gcc emits calls to.
 * Proved; the word-wise middle comes from mem_words.c. */
#include "lib/mem.h"

#include "lib/mem_words.h"

/* Without this gcc turns the loops into calls of the function they are in. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

void *memcpy(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;
	size_t done = mem_words_copy(d, s, n);

	/*@ loop invariant range: done <= i <= n;
	    loop invariant copied: \forall integer k; 0 <= k < i ==>
	      d[k] == \at(((u8 *)src)[k], Pre);
	    loop assigns i, d[0 .. n - 1];
	    loop variant n - i;
	*/
	for (size_t i = done; i < n; i++) {
		d[i] = s[i];
	}
	return dst;
}

/*@ requires dst_ok: \valid(d + (0 .. n - 1));
    requires src_ok: \valid_read(s + (0 .. n - 1));
    requires below: \separated(d + (0 .. n - 1), s + (0 .. n - 1)) || d <= s;
    assigns d[0 .. n - 1];
    ensures same: \forall integer i; 0 <= i < n ==> d[i] == \old(s[i]);
*/
static void move_down(u8 *d, const u8 *s, size_t n)
{
	/*@ loop invariant range: 0 <= i <= n;
	    loop invariant moved: \forall integer k; 0 <= k < i ==>
	      d[k] == \at(s[k], Pre);
	    loop invariant rest: \forall integer k; i <= k < n ==>
	      s[k] == \at(s[k], Pre);
	    loop assigns i, d[0 .. n - 1];
	    loop variant n - i;
	*/
	for (size_t i = 0; i < n; i++) {
		d[i] = s[i];
	}
}

/*@ requires dst_ok: \valid(d + (0 .. n - 1));
    requires src_ok: \valid_read(s + (0 .. n - 1));
    requires above: \separated(d + (0 .. n - 1), s + (0 .. n - 1)) || s <= d;
    assigns d[0 .. n - 1];
    ensures same: \forall integer i; 0 <= i < n ==> d[i] == \old(s[i]);
*/
static void move_up(u8 *d, const u8 *s, size_t n)
{
	/*@ loop invariant range: 0 <= i <= n;
	    loop invariant moved: \forall integer k; i <= k < n ==>
	      d[k] == \at(s[k], Pre);
	    loop invariant rest: \forall integer k; 0 <= k < i ==>
	      s[k] == \at(s[k], Pre);
	    loop assigns i, d[0 .. n - 1];
	    loop variant i;
	*/
	for (size_t i = n; i > 0; i--) {
		d[i - 1u] = s[i - 1u];
	}
}

/* Pointers compare as addresses here: the core's memory is flat. */
void *memmove(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;

	if (d <= s) {
		move_down(d, s, n);
	} else {
		move_up(d, s, n);
	}
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	u8 *d = dst;
	u8 v = (u8)c;
	size_t done = mem_words_fill(d, v, n);

	/*@ loop invariant range: done <= i <= n;
	    loop invariant filled: \forall integer k; 0 <= k < i ==>
	      d[k] == v;
	    loop assigns i, d[0 .. n - 1];
	    loop variant n - i;
	*/
	for (size_t i = done; i < n; i++) {
		d[i] = v;
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	/*@ loop invariant range: 0 <= i <= n;
	    loop invariant equal: \forall integer k; 0 <= k < i ==>
	      x[k] == y[k];
	    loop assigns i;
	    loop variant n - i;
	*/
	for (size_t i = 0; i < n; i++) {
		if (x[i] != y[i]) {
			return x[i] < y[i] ? -1 : 1;
		}
	}
	return 0;
}

void mem_zero(void *dst, size_t n)
{
	memset(dst, 0, n);
}
