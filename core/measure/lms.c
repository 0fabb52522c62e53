/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8554, algorithms 4b (one-time signatures) and 6a (the tree). */
#include "measure/lms.h"

#include "lib/mem.h"

#define LMS_H5 5u
#define LMS_H10 6u
#define LMOTS_W8 4u
#define D_PBLC 0x8080u
#define D_MESG 0x8181u
#define D_LEAF 0x8282u
#define D_INTR 0x8383u
#define LAST_DIGIT 255u
#define HASHES_A_STEP 64u
#define AT_OTS 4u
#define AT_RANDOM 8u
#define AT_CHAINS 40u
#define AT_TYPE (AT_CHAINS + LMS_CHAINS * SHA256_BYTES)
#define AT_PATH (AT_TYPE + 4u)
#define AT_KEY_ID 8u
#define AT_KEY_ROOT 24u

static u32 be32(const u8 *b)
{
	return (u32)b[0] << 24 | (u32)b[1] << 16 | (u32)b[2] << 8 | b[3];
}

static u32 height_of(const u8 *key)
{
	if (be32(key + AT_OTS) != LMOTS_W8) {
		return 0;
	}
	return be32(key) == LMS_H5 ? 5u : be32(key) == LMS_H10 ? 10u : 0;
}

u32 lms_signature_bytes(const u8 *key)
{
	u32 height = height_of(key);

	return height == 0 ? 0 : AT_PATH + height * SHA256_BYTES;
}

/* Every hash begins with I, a number and a 16-bit tag. */
static void hash_begin(const struct lms *l, struct sha256 *h, u32 number,
		       u32 tag)
{
	u8 head[6] = { (u8)(number >> 24), (u8)(number >> 16),
		       (u8)(number >> 8),  (u8)number,
		       (u8)(tag >> 8),	   (u8)tag };

	sha256_init(h);
	sha256_update(h, l->key + AT_KEY_ID, 16);
	sha256_update(h, head, sizeof(head));
}

/* The digest's bytes are the digits; two more are how much they lack. */
static void digits_take(struct lms *l, const u8 *message, u32 bytes)
{
	struct sha256 h;
	u32 lack = 0;
	u32 i;

	hash_begin(l, &h, l->q, D_MESG);
	sha256_update(&h, l->signature + AT_RANDOM, SHA256_BYTES);
	sha256_update(&h, message, bytes);
	sha256_final(&h, l->digits);
	for (i = 0; i < SHA256_BYTES; i++) {
		lack += LAST_DIGIT - l->digits[i];
	}
	l->digits[32] = (u8)(lack >> 8);
	l->digits[33] = (u8)lack;
}

static void chain_begin(struct lms *l)
{
	memcpy(l->node, l->signature + AT_CHAINS + l->chain * SHA256_BYTES,
	       SHA256_BYTES);
	l->at = l->digits[l->chain];
}

bool lms_begin(struct lms *l, const u8 *key, const u8 *signature,
	       u32 signature_bytes, const u8 *message, u32 message_bytes)
{
	memset(l, 0, sizeof(*l));
	l->key = key;
	l->signature = signature;
	l->height = height_of(key);
	l->chain = LMS_CHAINS;
	if (l->height == 0 || message_bytes > LMS_MESSAGE_MAX ||
	    signature_bytes != lms_signature_bytes(key)) {
		return false;
	}
	l->q = be32(signature);
	if (l->q >> l->height != 0 || be32(signature + AT_OTS) != LMOTS_W8 ||
	    be32(signature + AT_TYPE) != be32(key)) {
		return false;
	}
	digits_take(l, message, message_bytes);
	hash_begin(l, &l->ends, l->q, D_PBLC);
	l->chain = 0;
	chain_begin(l);
	return true;
}

/* From the one-time key to the root, with what the path has beside it. */
static void tree_climb(struct lms *l)
{
	const u8 *beside = l->signature + AT_PATH;
	u32 node = (1u << l->height) + l->q;
	struct sha256 h;

	sha256_final(&l->ends, l->node);
	hash_begin(l, &h, node, D_LEAF);
	sha256_update(&h, l->node, SHA256_BYTES);
	sha256_final(&h, l->node);
	for (; node > 1; node /= 2) {
		bool is_right = (node & 1u) != 0;

		hash_begin(l, &h, node / 2, D_INTR);
		sha256_update(&h, is_right ? beside : l->node, SHA256_BYTES);
		sha256_update(&h, is_right ? l->node : beside, SHA256_BYTES);
		sha256_final(&h, l->node);
		beside += SHA256_BYTES;
	}
	l->is_good = memcmp(l->node, l->key + AT_KEY_ROOT, SHA256_BYTES) == 0;
}

static void chain_follow(struct lms *l, u32 hashes)
{
	struct sha256 h;

	for (; hashes > 0 && l->at < LAST_DIGIT; hashes--) {
		u8 place = (u8)l->at;

		hash_begin(l, &h, l->q, l->chain);
		sha256_update(&h, &place, 1);
		sha256_update(&h, l->node, SHA256_BYTES);
		sha256_final(&h, l->node);
		l->at += 1;
	}
}

bool lms_step(struct lms *l)
{
	if (l->chain == LMS_CHAINS) {
		return false;
	}
	chain_follow(l, HASHES_A_STEP);
	if (l->at < LAST_DIGIT) {
		return true;
	}
	sha256_update(&l->ends, l->node, SHA256_BYTES);
	l->chain += 1;
	if (l->chain < LMS_CHAINS) {
		chain_begin(l);
		return true;
	}
	tree_climb(l);
	return false;
}

bool lms_is_good(const struct lms *l)
{
	return l->is_good;
}
