/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LMS private keys (RFC 8554) in a file, for policies. What may never happen is
 * that one index signs two messages: it is written to disk as used before a
 * byte of its signature exists. A key file must not be copied or restored from
 * a backup; SP 800-208 wants keys in hardware that makes this impossible, so
 * this signer does not comply with it.
 *
 * The file, mode 0600, one field a line: "casemate-policy-key 1", then height,
 * id (I), seed (SEED), root (T[1]) and next, numbers in decimal and bytes in
 * hexadecimal. Private values are derived from the seed as in appendix A.
 */
#pragma once

#include "measure/lms.h"

struct signer {
	u32 height; /* 5 or 10: 32 or 1,024 signatures */
	u32 next;   /* the first index that was never used */
	u8 public[LMS_KEY_BYTES];
	u8 seed[SHA256_BYTES];
};

/* Make a key and its file, which must not exist. "" or what went wrong. */
const char *signer_make(struct signer *s, const char *path, u32 height);
/* Reserve the next index of the key in a file, durably, and read the key.
 * Two at once wait for each other. "" or what is wrong. */
const char *signer_reserve(struct signer *s, const char *path, u32 *index);
/* lms_signature_bytes(s->public) bytes. */
void signer_sign(const struct signer *s, u32 index, const u8 *message,
		 u32 bytes, u8 *out);
/* 2 n hexadecimal digits in lower case. */
bool hex_take(const char *text, u8 *bytes, u32 n);
/* Secrets are overwritten. */
void signer_forget(struct signer *s);
