/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-384: the compression function unrolled only as far as a loop allows. Its
 * words are big-endian, the machine's are not. */
#include "measure/sha384.h"

#include "lib/checked.h"
#include "lib/mem.h"

#define ROUNDS 80u
#define BLOCK 128u

const u64 sha384_round_constant[ROUNDS] = {
	0x428a2f98d728ae22ull, 0x7137449123ef65cdull, 0xb5c0fbcfec4d3b2full,
	0xe9b5dba58189dbbcull, 0x3956c25bf348b538ull, 0x59f111f1b605d019ull,
	0x923f82a4af194f9bull, 0xab1c5ed5da6d8118ull, 0xd807aa98a3030242ull,
	0x12835b0145706fbeull, 0x243185be4ee4b28cull, 0x550c7dc3d5ffb4e2ull,
	0x72be5d74f27b896full, 0x80deb1fe3b1696b1ull, 0x9bdc06a725c71235ull,
	0xc19bf174cf692694ull, 0xe49b69c19ef14ad2ull, 0xefbe4786384f25e3ull,
	0x0fc19dc68b8cd5b5ull, 0x240ca1cc77ac9c65ull, 0x2de92c6f592b0275ull,
	0x4a7484aa6ea6e483ull, 0x5cb0a9dcbd41fbd4ull, 0x76f988da831153b5ull,
	0x983e5152ee66dfabull, 0xa831c66d2db43210ull, 0xb00327c898fb213full,
	0xbf597fc7beef0ee4ull, 0xc6e00bf33da88fc2ull, 0xd5a79147930aa725ull,
	0x06ca6351e003826full, 0x142929670a0e6e70ull, 0x27b70a8546d22ffcull,
	0x2e1b21385c26c926ull, 0x4d2c6dfc5ac42aedull, 0x53380d139d95b3dfull,
	0x650a73548baf63deull, 0x766a0abb3c77b2a8ull, 0x81c2c92e47edaee6ull,
	0x92722c851482353bull, 0xa2bfe8a14cf10364ull, 0xa81a664bbc423001ull,
	0xc24b8b70d0f89791ull, 0xc76c51a30654be30ull, 0xd192e819d6ef5218ull,
	0xd69906245565a910ull, 0xf40e35855771202aull, 0x106aa07032bbd1b8ull,
	0x19a4c116b8d2d0c8ull, 0x1e376c085141ab53ull, 0x2748774cdf8eeb99ull,
	0x34b0bcb5e19b48a8ull, 0x391c0cb3c5c95a63ull, 0x4ed8aa4ae3418acbull,
	0x5b9cca4f7763e373ull, 0x682e6ff3d6b2b8a3ull, 0x748f82ee5defb2fcull,
	0x78a5636f43172f60ull, 0x84c87814a1f0ab72ull, 0x8cc702081a6439ecull,
	0x90befffa23631e28ull, 0xa4506cebde82bde9ull, 0xbef9a3f7b2c67915ull,
	0xc67178f2e372532bull, 0xca273eceea26619cull, 0xd186b8c721c0c207ull,
	0xeada7dd6cde0eb1eull, 0xf57d4f7fee6ed178ull, 0x06f067aa72176fbaull,
	0x0a637dc5a2c898a6ull, 0x113f9804bef90daeull, 0x1b710b35131c471bull,
	0x28db77f523047d84ull, 0x32caab7b40c72493ull, 0x3c9ebe0a15c9bebcull,
	0x431d67c49c100d4cull, 0x4cc5d4becb3e42b6ull, 0x597f299cfc657e2aull,
	0x5fcb6fab3ad6faecull, 0x6c44198c4a475817ull,
};

static const u64 initial[8] = {
	0xcbbb9d5dc1059ed8ull, 0x629a292a367cd507ull, 0x9159015a3070dd17ull,
	0x152fecd8f70e5939ull, 0x67332667ffc00b31ull, 0x8eb44a8768581511ull,
	0xdb0c2e0d64f98fa7ull, 0x47b5481dbefa4fa4ull,
};

static u64 rotate(u64 x, u32 n)
{
	return (x >> n) | (x << (64 - n));
}

static void schedule(u64 w[ROUNDS], const u8 *block)
{
	u32 i;

	memcpy(w, block, BLOCK);
	for (i = 0; i < 16; i++) {
		w[i] = __builtin_bswap64(w[i]);
	}
	for (i = 16; i < ROUNDS; i++) {
		u64 a = w[i - 15], b = w[i - 2];
		u64 s0 = rotate(a, 1) ^ rotate(a, 8) ^ (a >> 7);
		u64 s1 = rotate(b, 19) ^ rotate(b, 61) ^ (b >> 6);

		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

/* Instead of moving the eight variables on by one each round, the round finds
 * them by turned index: `a` of round i is s[-i mod 8]. */
static void compress(u64 state[8], const u8 *block)
{
	u64 w[ROUNDS], s[8];
	u32 i;

	schedule(w, block);
	memcpy(s, state, sizeof(s));
	for (i = 0; i < ROUNDS; i++) {
		u64 a = s[-i & 7u], b = s[(1u - i) & 7u], c = s[(2u - i) & 7u];
		u64 e = s[(4u - i) & 7u], f = s[(5u - i) & 7u];
		u64 g = s[(6u - i) & 7u], *h = &s[(7u - i) & 7u];
		u64 s1 = rotate(e, 14) ^ rotate(e, 18) ^ rotate(e, 41);
		u64 s0 = rotate(a, 28) ^ rotate(a, 34) ^ rotate(a, 39);

		*h += s1 + ((e & f) ^ (~e & g)) + w[i] +
		      sha384_round_constant[i];
		s[(3u - i) & 7u] += *h;
		*h += s0 + ((a & b) ^ (a & c) ^ (b & c));
	}
	for (i = 0; i < 8; i++) {
		state[i] += s[i];
	}
}

void sha384_init(struct sha384 *h)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->state, initial, sizeof(initial));
}

void sha384_update(struct sha384 *h, const u8 *data, u32 bytes)
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

/* 0x80 and zeros up to a block's last 8 bytes, of which those before are the
 * upper half of the length. */
void sha384_final(struct sha384 *h, u8 out[SHA384_BYTES])
{
	static const u8 padding[BLOCK + 8] = { 0x80 };
	u64 bits = __builtin_bswap64(h->bytes * 8);
	u32 fill = h->bytes % BLOCK;
	u32 blocks = fill < BLOCK - 16 ? 1 : 2;
	u32 i;

	sha384_update(h, padding, blocks * BLOCK - 8 - fill);
	sha384_update(h, (const u8 *)&bits, 8);
	for (i = 0; i < 6; i++) {
		h->state[i] = __builtin_bswap64(h->state[i]);
	}
	memcpy(out, h->state, SHA384_BYTES);
	memset(h, 0, sizeof(*h));
}
