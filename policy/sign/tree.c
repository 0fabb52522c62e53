/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8554, sections 4.3 and 5.3, and appendix A. */
#include "tree.h"

#define D_PBLC 0x8080u
#define D_LEAF 0x8282u
#define D_INTR 0x8383u
#define LAST_DIGIT 255u
#define KEY_ID 8u

void tree_hash_begin(const struct signer *s, struct sha256 *h, u32 number,
		     u32 tag)
{
	u8 head[6] = { (u8)(number >> 24), (u8)(number >> 16),
		       (u8)(number >> 8),  (u8)number,
		       (u8)(tag >> 8),	   (u8)tag };

	sha256_init(h);
	sha256_update(h, s->public + KEY_ID, 16);
	sha256_update(h, head, sizeof(head));
}

static void link(const struct signer *s, u32 q, u32 chain, u8 place,
		 const u8 *in, u8 *out)
{
	struct sha256 h;

	tree_hash_begin(s, &h, q, chain);
	sha256_update(&h, &place, 1);
	sha256_update(&h, in, SHA256_BYTES);
	sha256_final(&h, out);
}

void tree_chain(const struct signer *s, u32 q, u32 chain, u32 steps, u8 *out)
{
	link(s, q, chain, 0xff, s->seed, out);
	for (u32 i = 0; i < steps; i++) {
		link(s, q, chain, (u8)i, out, out);
	}
}

static void leaf(const struct signer *s, u32 q, u8 *out)
{
	struct sha256 key, h;
	u8 end[SHA256_BYTES];

	tree_hash_begin(s, &key, q, D_PBLC);
	for (u32 i = 0; i < LMS_CHAINS; i++) {
		tree_chain(s, q, i, LAST_DIGIT, end);
		sha256_update(&key, end, sizeof(end));
	}
	sha256_final(&key, end);
	tree_hash_begin(s, &h, (1u << s->height) + q, D_LEAF);
	sha256_update(&h, end, sizeof(end));
	sha256_final(&h, out);
}

void tree_grow(const struct signer *s, struct tree *t)
{
	u32 leaves = 1u << s->height;
	struct sha256 h;

	for (u32 q = 0; q < leaves; q++) {
		leaf(s, q, t->node[leaves + q]);
	}
	for (u32 n = leaves - 1; n >= 1; n--) {
		tree_hash_begin(s, &h, n, D_INTR);
		sha256_update(&h, t->node[2 * n], 2 * SHA256_BYTES);
		sha256_final(&h, t->node[n]);
	}
}
