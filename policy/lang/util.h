/* SPDX-License-Identifier: Apache-2.0 */
/* What every file of the compiler needs: growing arrays and whole files. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/types.h"

/* A growing array: at[0 .. n). Freed with vec_free. */
#define VEC(type)                                                              \
	struct {                                                               \
		type *at;                                                      \
		u32 n;                                                         \
		u32 room;                                                      \
	}

/* Make room for one more zeroed element; its address after VEC_PUSH is
 * &v->at[v->n - 1]. */
#define VEC_PUSH(v)                                                            \
	((v)->at = vec_grow((v)->at, &(v)->n, &(v)->room, sizeof(*(v)->at)),   \
	 &(v)->at[(v)->n - 1])
#define VEC_FREE(v) (free((v)->at), (v)->at = NULL, (v)->n = (v)->room = 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Never return NULL: out of memory ends the program with a message. */
void *vec_grow(void *at, u32 *n, u32 *room, size_t element_bytes);
void *zalloc(size_t bytes);

/* Read a whole file of at most limit bytes, with a NUL after its end. Returns
 * NULL with errno set (EFBIG: over the limit). */
char *file_read(const char *path, u32 limit, u32 *bytes);

/* Write a file completely or not at all. Returns 0 or an errno. */
int file_write(const char *path, const void *data, size_t bytes);
