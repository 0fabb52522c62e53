/* SPDX-License-Identifier: Apache-2.0 */
/* Growing arrays and whole files. */
#include "util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void *must(void *p)
{
	if (!p) {
		fputs("casemate-policy: out of memory\n", stderr);
		exit(2);
	}
	return p;
}

void *zalloc(size_t bytes)
{
	return must(calloc(1, bytes));
}

void *vec_grow(void *at, u32 *n, u32 *room, size_t element_bytes)
{
	if (*n == *room) {
		*room = *room ? 2 * *room : 16;
		at = must(realloc(at, *room * element_bytes));
	}
	memset((char *)at + *n * element_bytes, 0, element_bytes);
	(*n)++;
	return at;
}

static char *stream_read(FILE *in, u32 limit, u32 *bytes)
{
	char *text = zalloc((size_t)limit + 2);
	size_t got = fread(text, 1, (size_t)limit + 1, in);

	if (ferror(in) || got > limit) {
		errno = ferror(in) ? errno : EFBIG;
		free(text);
		return NULL;
	}
	text[got] = '\0';
	*bytes = (u32)got;
	return text;
}

char *file_read(const char *path, u32 limit, u32 *bytes)
{
	FILE *in = fopen(path, "rb");
	char *text;
	int error;

	if (!in) {
		return NULL;
	}
	text = stream_read(in, limit, bytes);
	error = errno;
	fclose(in);
	errno = error;
	return text;
}

static int stream_write(const char *path, const void *data, size_t bytes)
{
	FILE *out = fopen(path, "wb");
	int error = 0;

	if (!out) {
		return errno;
	}
	if (fwrite(data, 1, bytes, out) != bytes) {
		error = errno;
	}
	if (fclose(out) && !error) {
		error = errno;
	}
	return error;
}

/* Something that is there and is no plain file (/dev/stdout) stays. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int file_write(const char *path, const void *data, size_t bytes)
{
	char *next;
	int error;

	if (is_special(path)) {
		return stream_write(path, data, bytes);
	}
	next = zalloc(strlen(path) + sizeof(".new"));
	sprintf(next, "%s.new", path);
	error = stream_write(next, data, bytes);
	if (!error && rename(next, path)) {
		error = errno;
	}
	if (error) {
		unlink(next);
	}
	free(next);
	return error;
}
