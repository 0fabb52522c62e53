/* SPDX-License-Identifier: Apache-2.0 */
/* xz, gzip, zstd and legacy lz4, through the distribution's libraries. All of
 * them decode in one call into a buffer of the promised size: a stream that
 * yields more or less than it promised is an error. */
#include "launch/decompress.h"

#include <lz4.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

/* Debian's kernels need 33 MiB (32 MiB dictionary). */
#define XZ_MEMORY_LIMIT (256ull << 20)
#define LZ4_BLOCK_BYTES (8u << 20)
#define LZ4_MAGIC 0x184c2102u

static const char short_output[] = "it unpacks to less than it promises";
static const char long_output[] = "it unpacks to more than it promises";
static const char truncated[] = "the stream ends too early";
static const char corrupt[] = "the stream is corrupt";
static const char trailing[] = "there are bytes after the stream";

static const char *xz_text(lzma_ret rc)
{
	switch (rc) {
	case LZMA_BUF_ERROR:
		return "the stream ends too early or unpacks to too much";
	case LZMA_MEMLIMIT_ERROR:
		return "its dictionary is larger than 256 MiB";
	case LZMA_OPTIONS_ERROR:
		return "it uses filters this liblzma does not know";
	case LZMA_MEM_ERROR:
		return "no memory to unpack it";
	case LZMA_FORMAT_ERROR:
	case LZMA_DATA_ERROR:
	default:
		return corrupt;
	}
}

static int run_xz(const struct blob *in, struct blob *out, const char **why)
{
	uint64_t limit = XZ_MEMORY_LIMIT;
	size_t used = 0;
	size_t made = 0;
	lzma_ret rc = lzma_stream_buffer_decode(&limit, 0, NULL, in->data,
						&used, in->bytes, out->data,
						&made, out->bytes);

	if (rc != LZMA_OK) {
		*why = xz_text(rc);
		return -1;
	}
	if (made != out->bytes) {
		*why = short_output;
		return -1;
	}
	if (used != in->bytes) {
		*why = trailing;
		return -1;
	}
	return 0;
}

static const char *gzip_text(int rc, const z_stream *stream)
{
	if (rc == Z_STREAM_END) {
		return stream->avail_out != 0 ? short_output : NULL;
	}
	if (rc == Z_MEM_ERROR) {
		return "no memory to unpack it";
	}
	if (rc == Z_BUF_ERROR || rc == Z_OK) {
		return stream->avail_out == 0 ? long_output : truncated;
	}
	return corrupt;
}

static int run_gzip(const struct blob *in, struct blob *out, const char **why)
{
	z_stream stream = { .next_in = in->data,
			    .avail_in = (uInt)in->bytes,
			    .next_out = out->data,
			    .avail_out = (uInt)out->bytes };
	int rc = inflateInit2(&stream, 16 + MAX_WBITS);

	if (rc == Z_OK) {
		rc = inflate(&stream, Z_FINISH);
		inflateEnd(&stream);
	}
	*why = gzip_text(rc, &stream);
	return *why == NULL ? 0 : -1;
}

static int run_zstd(const struct blob *in, struct blob *out, const char **why)
{
	size_t made = ZSTD_decompress(out->data, out->bytes, in->data,
				      in->bytes);

	if (ZSTD_isError(made)) {
		*why = ZSTD_getErrorName(made);
		return -1;
	}
	if (made != out->bytes) {
		*why = short_output;
		return -1;
	}
	return 0;
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* One block: its size word, then that many bytes. Moves *at past it. */
static int lz4_block(const struct blob *in, size_t *at, struct blob *out,
		     size_t *made, const char **why)
{
	size_t left = in->bytes - *at - 4;
	uint32_t bytes = get32(in->data + *at);
	size_t room = out->bytes - *made;
	int n;

	*why = truncated;
	if (bytes > left) {
		return -1;
	}
	if (room > LZ4_BLOCK_BYTES) {
		room = LZ4_BLOCK_BYTES;
	}
	n = LZ4_decompress_safe((const char *)in->data + *at + 4,
				(char *)out->data + *made, (int)bytes,
				(int)room);
	if (n < 0) {
		*why = corrupt;
		return -1;
	}
	*at += 4 + (size_t)bytes;
	*made += (size_t)n;
	return 0;
}

static int run_lz4(const struct blob *in, struct blob *out, const char **why)
{
	size_t at = 4;
	size_t made = 0;

	while (at < in->bytes) {
		if (in->bytes - at < 4) {
			*why = truncated;
			return -1;
		}
		/* The format allows streams one after the other. */
		if (get32(in->data + at) == LZ4_MAGIC) {
			at += 4;
			continue;
		}
		if (lz4_block(in, &at, out, &made, why) != 0) {
			return -1;
		}
	}
	*why = short_output;
	return made == out->bytes ? 0 : -1;
}

static const struct decompressor decompressors[] = {
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, 1, run_xz },
	{ "gzip", { 0x1f, 0x8b }, 2, 0, run_gzip },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, 1, run_zstd },
	{ "lz4", { 0x02, 0x21, 0x4c, 0x18 }, 4, 1, run_lz4 },
};

const struct decompressor *decompressor_find(const struct blob *in)
{
	for (size_t i = 0; i < sizeof(decompressors) / sizeof(*decompressors);
	     i++) {
		const struct decompressor *d = &decompressors[i];

		if (in->bytes >= d->magic_bytes &&
		    memcmp(in->data, d->magic, d->magic_bytes) == 0) {
			return d;
		}
	}
	return NULL;
}

const char *decompressor_unsupported(const struct blob *in)
{
	static const struct {
		const char *name;
		uint8_t magic[4];
		size_t bytes;
	} known[] = { { "lzma", { 0x5d, 0, 0 }, 3 },
		      { "bzip2", { 'B', 'Z', 'h' }, 3 },
		      { "lzo", { 0x89, 'L', 'Z', 'O' }, 4 } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (in->bytes >= known[i].bytes &&
		    memcmp(in->data, known[i].magic, known[i].bytes) == 0) {
			return known[i].name;
		}
	}
	return NULL;
}
