/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast middle of memcpy and memset: whole 8-byte words at any address.
 * Not proved, because the prover's memory model has no overlays of bytes
 * with words; the contracts are assumptions, tested by tests/unit.
 * Both return how many bytes they did: n rounded down to a multiple of 4 or 8.
 */
#pragma once

#include "lib/types.h"

/*@ requires dst_ok: \valid(dst + (0 .. n - 1));
    requires src_ok: \valid_read(src + (0 .. n - 1));
    requires below: \separated(dst + (0 .. n - 1), src + (0 .. n - 1)) ||
      dst <= src;
    assigns \result \from n;
    assigns dst[0 .. n - 1] \from src[0 .. n - 1];
    ensures done: \result <= n;
    ensures same: \forall integer i; 0 <= i < \result ==>
      dst[i] == \old(src[i]);
    ensures rest: \forall integer i; \result <= i < n ==>
      src[i] == \old(src[i]);
*/
size_t mem_words_copy(u8 *dst, const u8 *src, size_t n);

/*@ requires dst_ok: \valid(dst + (0 .. n - 1));
    assigns \result \from n;
    assigns dst[0 .. n - 1] \from v;
    ensures done: \result <= n;
    ensures set: \forall integer i; 0 <= i < \result ==> dst[i] == v;
*/
size_t mem_words_fill(u8 *dst, u8 v, size_t n);
