/* SPDX-License-Identifier: Apache-2.0 */
/* One call for each compression a Linux bzImage may carry. */
#pragma once

#include "launch/blob.h"

struct decompressor {
	const char *name;
	uint8_t magic[6];
	uint8_t magic_bytes;
	/* Is the uncompressed size appended to the stream (xz, zstd, lz4) or
	 * its own last word (gzip)? */
	uint8_t has_size_appended;
	/* Fills out->data[0 .. out->bytes) exactly from `in`; 0, or -1 with
	 * `why` set to a static text. */
	int (*run)(const struct blob *in, struct blob *out, const char **why);
};

/* The decompressor for this magic, or NULL. */
const struct decompressor *decompressor_find(const struct blob *in);
/* The name of a compression that is known but not supported, or NULL. */
const char *decompressor_unsupported(const struct blob *in);
