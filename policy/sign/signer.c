/* SPDX-License-Identifier: Apache-2.0 */
/* The key file, and signing. */
#include "signer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/util.h"
#include "tree.h"

#define MAGIC "casemate-policy-key 1\n"
#define LMS_H5 5u
#define LMS_H10 6u
#define LMOTS_W8 4u
#define D_MESG 0x8181u
#define FILE_MAX 4096u
#define KEY_ID 8u
#define KEY_ROOT 24u

static void put_be32(u8 *at, u32 value)
{
	at[0] = (u8)(value >> 24);
	at[1] = (u8)(value >> 16);
	at[2] = (u8)(value >> 8);
	at[3] = (u8)value;
}

static void set_types(struct signer *s)
{
	put_be32(s->public, s->height == 5 ? LMS_H5 : LMS_H10);
	put_be32(s->public + 4, LMOTS_W8);
}

void signer_forget(struct signer *s)
{
	explicit_bzero(s, sizeof(*s));
}

/* ---- the file */

static void print_bytes(FILE *out, const char *field, const u8 *bytes, u32 n)
{
	fprintf(out, "%s ", field);
	for (u32 i = 0; i < n; i++) {
		fprintf(out, "%02x", bytes[i]);
	}
	fputc('\n', out);
}

static bool print_key(const struct signer *s, int fd)
{
	FILE *out = fdopen(fd, "w");
	bool is_good;

	if (!out) {
		close(fd);
		return false;
	}
	fprintf(out, MAGIC "height %u\n", s->height);
	print_bytes(out, "id", s->public + KEY_ID, 16);
	print_bytes(out, "seed", s->seed, sizeof(s->seed));
	print_bytes(out, "root", s->public + KEY_ROOT, SHA256_BYTES);
	fprintf(out, "next %u\n", s->next);
	is_good = fflush(out) == 0 && fsync(fd) == 0;
	return fclose(out) == 0 && is_good;
}

static bool sync_folder(const char *path)
{
	char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	bool is_good;
	int fd;

	if (slash) {
		slash[slash == folder] = '\0';
	}
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY);
	is_good = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0) {
		close(fd);
	}
	free(folder);
	return is_good;
}

static char *with_ending(const char *path, const char *ending)
{
	char *made;

	return asprintf(&made, "%s%s", path, ending) < 0 ? zalloc(1) : made;
}

/* The file says something else only once that is safe on the disk. */
static const char *key_replace(const struct signer *s, const char *path)
{
	char *next = with_ending(path, ".new");
	const char *why = "";
	int fd;

	unlink(next); /* of one who was killed */
	fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || !print_key(s, fd) || rename(next, path) ||
	    !sync_folder(path)) {
		why = strerror(errno);
	}
	free(next);
	return why;
}

static u32 hex_digit(char c)
{
	return (u32)(c <= '9' ? c - '0' : c - 'a' + 10);
}

bool hex_take(const char *text, u8 *bytes, u32 n)
{
	if (strspn(text, "0123456789abcdef") < 2 * (size_t)n) {
		return false;
	}
	for (u32 i = 0; i < n; i++) {
		bytes[i] = (u8)(16 * hex_digit(text[2 * i]) +
				hex_digit(text[2 * i + 1]));
	}
	return true;
}

static const char *take_hex(const char *at, u8 *bytes, u32 n)
{
	return hex_take(at, bytes, n) ? at + 2 * (size_t)n : "";
}

/* The value of a field whose line begins here; "" if it does not. */
static const char *field(const char *at, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(at, name, n) && at[n] == ' ' ? at + n + 1 : "";
}

static const char *next_line(const char *at)
{
	return *at == '\n' ? at + 1 : "";
}

static const char *take_number(const char *at, u32 *value)
{
	char *end;
	unsigned long n = strtoul(at, &end, 10);

	*value = (u32)n;
	return end != at && n <= 1024 ? end : "";
}

static bool parse_key(struct signer *s, const char *text)
{
	const char *at = text;

	if (strncmp(text, MAGIC, strlen(MAGIC)) != 0) {
		return false;
	}
	at = next_line(
		take_number(field(at + strlen(MAGIC), "height"), &s->height));
	at = next_line(take_hex(field(at, "id"), s->public + KEY_ID, 16));
	at = next_line(take_hex(field(at, "seed"), s->seed, sizeof(s->seed)));
	at = next_line(take_hex(field(at, "root"), s->public + KEY_ROOT,
				SHA256_BYTES));
	at = take_number(field(at, "next"), &s->next);
	set_types(s);
	return !strcmp(at, "\n") && (s->height == 5 || s->height == 10) &&
	       s->next <= 1u << s->height;
}

static const char *key_read(struct signer *s, const char *path)
{
	char text[FILE_MAX + 1] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *why = "";
	struct stat st;
	ssize_t n;

	if (fd < 0) {
		return strerror(errno);
	}
	n = read(fd, text, FILE_MAX);
	if (n < 0 || fstat(fd, &st)) {
		why = strerror(errno);
	} else if (st.st_mode & 077) {
		why = "others may read this key: chmod 600, and think about "
		      "who did";
	} else if (!parse_key(s, text)) {
		why = "not a private key of casemate-policy keygen";
	}
	explicit_bzero(text, sizeof(text));
	close(fd);
	return why;
}

/* ---- making, reserving, signing */

const char *signer_make(struct signer *s, const char *path, u32 height)
{
	struct tree *t = zalloc(sizeof(*t));
	const char *why = "";
	int fd;

	memset(s, 0, sizeof(*s));
	s->height = height;
	set_types(s);
	if (getentropy(s->seed, sizeof(s->seed)) ||
	    getentropy(s->public + KEY_ID, 16)) {
		why = strerror(errno);
	}
	tree_grow(s, t);
	memcpy(s->public + KEY_ROOT, t->node[1], SHA256_BYTES);
	free(t);
	if (why[0]) {
		return why;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 || !print_key(s, fd) || !sync_folder(path)
		       ? strerror(errno)
		       : "";
}

static const char *reserve(struct signer *s, const char *path, u32 *index)
{
	const char *why = key_read(s, path);

	if (why[0]) {
		return why;
	}
	if (s->next == 1u << s->height) {
		return "the key is used up: make a new one";
	}
	*index = s->next++;
	return key_replace(s, path);
}

/* The lock has a file of its own: the key's is replaced. */
const char *signer_reserve(struct signer *s, const char *path, u32 *index)
{
	char *name = with_ending(path, ".lock");
	int lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	const char *why;

	memset(s, 0, sizeof(*s));
	free(name);
	if (lock < 0) {
		return strerror(errno);
	}
	why = flock(lock, LOCK_EX) ? strerror(errno) : reserve(s, path, index);
	close(lock);
	return why;
}

/* The digest's bytes are the digits; two more are how much they lack. */
static void digits_of(const struct signer *s, u32 index, const u8 *random,
		      const u8 *message, u32 bytes, u8 *digits)
{
	struct sha256 h;
	u32 lack = 0;

	tree_hash_begin(s, &h, index, D_MESG);
	sha256_update(&h, random, SHA256_BYTES);
	sha256_update(&h, message, bytes);
	sha256_final(&h, digits);
	for (u32 i = 0; i < SHA256_BYTES; i++) {
		lack += 255u - digits[i];
	}
	digits[32] = (u8)(lack >> 8);
	digits[33] = (u8)lack;
}

/* C is derived, as RFC 8554's appendix A has it: chain number 0xfffd. */
void signer_sign(const struct signer *s, u32 index, const u8 *message,
		 u32 bytes, u8 *out)
{
	struct tree *t = zalloc(sizeof(*t));
	u8 digits[LMS_CHAINS];
	u8 *at = out + 8;

	put_be32(out, index);
	put_be32(out + 4, LMOTS_W8);
	tree_chain(s, index, 0xfffd, 0, at);
	digits_of(s, index, at, message, bytes, digits);
	for (u32 i = 0; i < LMS_CHAINS; i++) {
		at += SHA256_BYTES;
		tree_chain(s, index, i, digits[i], at);
	}
	at += SHA256_BYTES;
	memcpy(at, s->public, 4);
	at += 4;
	tree_grow(s, t);
	for (u32 n = (1u << s->height) + index; n > 1; n /= 2) {
		memcpy(at, t->node[n ^ 1u], SHA256_BYTES);
		at += SHA256_BYTES;
	}
	free(t);
}
