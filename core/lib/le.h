/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Little-endian fields of a byte buffer. Untrusted bytes are never overlaid
 * with a structure: these leaves are the only way in. The compiler turns
 * each into one load; multiplications are what the provers understand.
 */
#pragma once

#include "lib/types.h"

/*@ logic integer le16{L}(u8 *b, integer o) = b[o] + 256 * b[o + 1];
    logic integer le32{L}(u8 *b, integer o) =
      b[o] + 256 * b[o + 1] + 65536 * b[o + 2] + 16777216 * b[o + 3];
    logic integer le64{L}(u8 *b, integer o) =
      le32(b, o) + 4294967296 * le32(b, o + 4);
*/

/*@ requires room: off + 4 <= bytes;
    requires buf: \valid_read(b + (0 .. bytes - 1));
    assigns \nothing;
    ensures exact: \result == le32(b, off);
*/
static inline u32 le_rd32(const u8 *b, u32 bytes, u32 off)
{
	u32 b0 = b[off], b1 = b[off + 1u];
	u32 b2 = b[off + 2u], b3 = b[off + 3u];

	(void)bytes;
	//@ assert range: b0 < 256 && b1 < 256 && b2 < 256 && b3 < 256;
	return b0 + 256u * b1 + 65536u * b2 + 16777216u * b3;
}

/*@ requires room: off + 8 <= bytes;
    requires buf: \valid_read(b + (0 .. bytes - 1));
    assigns \nothing;
    ensures exact: \result == le64(b, off);
*/
static inline u64 le_rd64(const u8 *b, u32 bytes, u32 off)
{
	u64 lo = le_rd32(b, bytes, off);
	u64 hi = le_rd32(b, bytes, off + 4u);

	return lo + 4294967296ull * hi;
}
