/* SPDX-License-Identifier: Apache-2.0 */
/* The memory functions gcc may call by itself, and mem_zero(). */
#pragma once

#include "lib/types.h"

/*@ requires dst_ok: \valid((u8 *)dst + (0 .. n - 1));
    requires src_ok: \valid_read((u8 *)src + (0 .. n - 1));
    requires apart: \separated((u8 *)dst + (0 .. n - 1),
                               (u8 *)src + (0 .. n - 1));
    assigns ((u8 *)dst)[0 .. n - 1];
    ensures same: \forall integer i; 0 <= i < n ==>
      ((u8 *)dst)[i] == \old(((u8 *)src)[i]);
    ensures ret: \result == dst;
*/
void *memcpy(void *dst, const void *src, size_t n);

/*@ requires dst_ok: \valid((u8 *)dst + (0 .. n - 1));
    requires src_ok: \valid_read((u8 *)src + (0 .. n - 1));
    assigns ((u8 *)dst)[0 .. n - 1];
    ensures same: \forall integer i; 0 <= i < n ==>
      ((u8 *)dst)[i] == \old(((u8 *)src)[i]);
    ensures ret: \result == dst;
*/
void *memmove(void *dst, const void *src, size_t n);

/*@ requires dst_ok: \valid((u8 *)dst + (0 .. n - 1));
    assigns ((u8 *)dst)[0 .. n - 1];
    ensures set: \forall integer i; 0 <= i < n ==> ((u8 *)dst)[i] == (u8)c;
    ensures ret: \result == dst;
*/
void *memset(void *dst, int c, size_t n);

/*@ requires a_ok: \valid_read((u8 *)a + (0 .. n - 1));
    requires b_ok: \valid_read((u8 *)b + (0 .. n - 1));
    assigns \nothing;
    ensures equal: \result == 0 <==> (\forall integer i; 0 <= i < n ==>
      ((u8 *)a)[i] == ((u8 *)b)[i]);
*/
int memcmp(const void *a, const void *b, size_t n);

/*@ requires dst_ok: \valid((u8 *)dst + (0 .. n - 1));
    assigns ((u8 *)dst)[0 .. n - 1];
    ensures zero: \forall integer i; 0 <= i < n ==> ((u8 *)dst)[i] == 0;
*/
void mem_zero(void *dst, size_t n);
