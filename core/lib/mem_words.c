/* SPDX-License-Identifier: Apache-2.0 */
/* Word-wise copy and fill, and the standard names. Not proved: the prover's
 * memory model has neither bytes overlaid with words nor void pointers. It
 * may touch nothing but the bytes it is given. */
#include "lib/mem_words.h"

#include "lib/mem.h"

/* Without this gcc turns the loops into calls of memcpy and memset, which
 * are built on these functions. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

/* gcc calls these by itself, when it no longer looks who does. */
#define USED __attribute__((used))

/* A word at any address, over objects of any type. */
typedef u64 __attribute__((may_alias, aligned(1))) word_t;
typedef u32 __attribute__((may_alias, aligned(1))) half_t;

/* Four words a turn: an emulator pays for each branch. All of a turn is read
 * before it is written, as copying downwards needs. */
size_t mem_words_copy(u8 *dst, const u8 *src, size_t n)
{
	word_t *d = (word_t *)dst;
	const word_t *s = (const word_t *)src;
	size_t words = n / 8u;
	size_t i = 0;

	for (; words - i >= 4u; i += 4u) {
		u64 w0 = s[i], w1 = s[i + 1u], w2 = s[i + 2u], w3 = s[i + 3u];

		d[i] = w0;
		d[i + 1u] = w1;
		d[i + 2u] = w2;
		d[i + 3u] = w3;
	}
	for (; i < words; i++) {
		d[i] = s[i];
	}
	if ((n & 4u) != 0) {
		*(half_t *)(dst + words * 8u) =
			*(const half_t *)(src + words * 8u);
	}
	return n & ~(size_t)3u;
}

size_t mem_words_fill(u8 *dst, u8 v, size_t n)
{
	word_t *d = (word_t *)dst;
	u64 w = v * 0x0101010101010101ull;
	size_t words = n / 8u;
	size_t i = 0;

	for (; words - i >= 4u; i += 4u) {
		d[i] = w;
		d[i + 1u] = w;
		d[i + 2u] = w;
		d[i + 3u] = w;
	}
	for (; i < words; i++) {
		d[i] = w;
	}
	return words * 8u;
}

USED void *memcpy(void *dst, const void *src, size_t n)
{
	mem_copy(dst, src, n);
	return dst;
}

USED void *memmove(void *dst, const void *src, size_t n)
{
	/* Modulo 2^64: a lower destination is far away. */
	if ((uintptr_t)dst - (uintptr_t)src >= n) {
		mem_copy(dst, src, n);
	} else {
		mem_move_up(dst, src, n);
	}
	return dst;
}

USED void *memset(void *dst, int c, size_t n)
{
	mem_fill(dst, (u8)c, n);
	return dst;
}

USED int memcmp(const void *a, const void *b, size_t n)
{
	return mem_compare(a, b, n);
}
