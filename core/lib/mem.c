/* SPDX-License-Identifier: Apache-2.0 */
/* Copy, move, fill and compare bytes. Proved; the fast word-wise middle and
 * the standard names are in mem_words.c. */
#include "lib/mem.h"

#include "lib/mem_words.h"

/* Without this gcc turns the loops into calls of memcpy and memset, which
 * end up here. */
#if defined(__GNUC__) && !defined(__clang__) && !defined(__FRAMAC__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

void mem_copy(u8 *dst, const u8 *src, size_t n)
{
	size_t done = mem_words_copy(dst, src, n);

	/*@ loop invariant range: done <= i <= n;
	    loop invariant copied: \forall integer k; 0 <= k < i ==>
	      dst[k] == \at(src[k], Pre);
	    loop invariant rest: \forall integer k; i <= k < n ==>
	      src[k] == \at(src[k], Pre);
	    loop assigns i, dst[0 .. n - 1];
	    loop variant n - i;
	*/
	for (size_t i = done; i < n; i++) {
		dst[i] = src[i];
	}
}

void mem_move_up(u8 *d, const u8 *s, size_t n)
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

void mem_fill(u8 *dst, u8 v, size_t n)
{
	size_t done = mem_words_fill(dst, v, n);

	/*@ loop invariant range: done <= i <= n;
	    loop invariant filled: \forall integer k; 0 <= k < i ==>
	      dst[k] == v;
	    loop assigns i, dst[0 .. n - 1];
	    loop variant n - i;
	*/
	for (size_t i = done; i < n; i++) {
		dst[i] = v;
	}
}

int mem_compare(const u8 *a, const u8 *b, size_t n)
{
	/*@ loop invariant range: 0 <= i <= n;
	    loop invariant equal: \forall integer k; 0 <= k < i ==>
	      a[k] == b[k];
	    loop assigns i;
	    loop variant n - i;
	*/
	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i]) {
			return a[i] < b[i] ? -1 : 1;
		}
	}
	return 0;
}
