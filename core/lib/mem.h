/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory functions. The mem_ names work on bytes and are proved; the
 * standard names, which gcc calls by itself, are casts around them.
 */
#pragma once

#include "lib/types.h"

/* They may overlap if that is downwards in memory. */
/*@ requires dst_ok: \valid(dst + (0 .. n - 1));
    requires src_ok: \valid_read(src + (0 .. n - 1));
    requires below: \separated(dst + (0 .. n - 1), src + (0 .. n - 1)) ||
      dst <= src;
    assigns dst[0 .. n - 1];
    ensures same: \forall integer i; 0 <= i < n ==> dst[i] == \old(src[i]);
*/
void mem_copy(u8 *dst, const u8 *src, size_t n);

/* The same upwards. */
/*@ requires dst_ok: \valid(d + (0 .. n - 1));
    requires src_ok: \valid_read(s + (0 .. n - 1));
    requires above: \separated(d + (0 .. n - 1), s + (0 .. n - 1)) || s <= d;
    assigns d[0 .. n - 1];
    ensures same: \forall integer i; 0 <= i < n ==> d[i] == \old(s[i]);
*/
void mem_move_up(u8 *d, const u8 *s, size_t n);

/*@ requires dst_ok: \valid(dst + (0 .. n - 1));
    assigns dst[0 .. n - 1];
    ensures set: \forall integer i; 0 <= i < n ==> dst[i] == v;
*/
void mem_fill(u8 *dst, u8 v, size_t n);

/*@ requires a_ok: \valid_read(a + (0 .. n - 1));
    requires b_ok: \valid_read(b + (0 .. n - 1));
    assigns \nothing;
    ensures equal: \result == 0 <==>
      (\forall integer i; 0 <= i < n ==> a[i] == b[i]);
*/
int mem_compare(const u8 *a, const u8 *b, size_t n);

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
