/* SPDX-License-Identifier: Apache-2.0 */
/* A heap buffer with its size, and reading a whole file into one. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "launch/fail.h"

struct blob {
	uint8_t *data;
	size_t bytes;
};

/* 0, or -1 with the reason. `what` names the file's part in messages. */
int blob_alloc(struct blob *blob, size_t bytes, const char *what,
	       struct fail *fail);
int blob_read(struct blob *blob, const char *path, size_t limit,
	      const char *what, struct fail *fail);
void blob_free(struct blob *blob);
