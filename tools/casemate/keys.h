/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a guest file and their lines: libxlutil tells neither which keys
 * a file has nor where a well-formed value stands. */
#pragma once

#include <stddef.h>

#define KEYS_MAX 128u
#define KEY_BYTES 64u

struct keys {
	struct {
		char name[KEY_BYTES];
		unsigned int line;
	} key[KEYS_MAX];
	unsigned int count;
};

/* `text` was accepted by libxlutil. Keys beyond KEYS_MAX are left out. */
void keys_scan(struct keys *keys, const char *text, size_t bytes);
/* The line of a key's last assignment (the one that counts), or 0. */
unsigned int keys_line(const struct keys *keys, const char *name);
