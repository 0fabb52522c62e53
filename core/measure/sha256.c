/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, for signatures: short messages, less than 2^29 bytes. */
#include "measure/sha256.h"

#include "lib/checked.h"
#include "lib/mem.h"
#include "measure/sha384.h"

#define ROUNDS 64u
#define BLOCK 64u

static const u32 initial[8] = {
	0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
	0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
};

static u32 rotate(u32 x, u32 n)
{
	return (x >> n) | (x << (32 - n));
}

static void schedule(u32 w[ROUNDS], const u8 *block)
{
	u32 i;

	memcpy(w, block, BLOCK);
	for (i = 0; i < 16; i++) {
		w[i] = __builtin_bswap32(w[i]);
	}
	for (i = 16; i < ROUNDS; i++) {
		u32 a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
		       (rotate(a, 7) ^ rotate(a, 18) ^ (a >> 3)) +
		       (rotate(b, 17) ^ rotate(b, 19) ^ (b >> 10));
	}
}

/* The variables are turned as in sha384.c; the constants are the upper halves
 * of its constants. */
static void compress(u32 state[8], const u8 *block)
{
	u32 w[ROUNDS], s[8];
	u32 i;

	schedule(w, block);
	memcpy(s, state, sizeof(s));
	for (i = 0; i < ROUNDS; i++) {
		u32 a = s[-i & 7u], b = s[(1u - i) & 7u], c = s[(2u - i) & 7u];
		u32 e = s[(4u - i) & 7u], f = s[(5u - i) & 7u];
		u32 g = s[(6u - i) & 7u], *h = &s[(7u - i) & 7u];

		*h += (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
		      ((e & f) ^ (~e & g)) + w[i] +
		      (u32)(sha384_round_constant[i] >> 32);
		s[(3u - i) & 7u] += *h;
		*h += (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
		      ((a & b) ^ (a & c) ^ (b & c));
	}
	for (i = 0; i < 8; i++) {
		state[i] += s[i];
	}
}

void sha256_init(struct sha256 *h)
{
	memcpy(h->state, initial, sizeof(initial));
	h->bytes = 0;
}

void sha256_update(struct sha256 *h, const u8 *data, u32 bytes)
{
	while (bytes > 0) {
		u32 fill = h->bytes % BLOCK;
		u32 n = (u32)min64(BLOCK - fill, bytes);

		memcpy(h->block + fill, data, n);
		data += n;
		bytes -= n;
		h->bytes += n;
		if (fill + n == BLOCK) {
			compress(h->state, h->block);
		}
	}
}

void sha256_final(struct sha256 *h, u8 out[SHA256_BYTES])
{
	static const u8 padding[BLOCK] = { 0x80 };
	u64 bits = __builtin_bswap64((u64)h->bytes * 8);
	u32 fill = h->bytes % BLOCK;
	u32 i;

	sha256_update(h, padding,
		      (fill < BLOCK - 8 ? BLOCK : 2 * BLOCK) - 8 - fill);
	sha256_update(h, (const u8 *)&bits, 8);
	for (i = 0; i < 8; i++) {
		h->state[i] = __builtin_bswap32(h->state[i]);
	}
	memcpy(out, h->state, SHA256_BYTES);
}
