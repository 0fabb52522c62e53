/* SPDX-License-Identifier: Apache-2.0 */
/* libxenstore on directories: a key is a directory under $CASEMATE_FAKE/xs
 * with its value in @value and its permissions in @perms. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xenstore.h>

#include "casemate/probe.h"
#include "fake.h"

#define PERMS_BYTES 128

struct xs_handle {
	int unused;
};

static bool step(const char *what)
{
	int error = fake_step(what);

	errno = error;
	return error == 0;
}

/* A file is a dead xenstored too, so that it can die under a keeper. */
int probe_xenstored(void)
{
	if (getenv("CASEMATE_FAKE_NO_STORE") != NULL ||
	    access(fake_path("store-is-dead"), F_OK) == 0) {
		errno = ECONNREFUSED;
		return -1;
	}
	return 0;
}

struct xs_handle *xs_open(unsigned long flags)
{
	if (probe_xenstored() != 0) {
		fputs("xs_open would wait for ever\n", stderr);
		abort();
	}
	(void)flags;
	if (!step("xs_open")) {
		return NULL;
	}
	mkdir(fake_path("xs"), 0700);
	return calloc(1, sizeof(struct xs_handle));
}

void xs_close(struct xs_handle *h)
{
	free(h);
}

static void key_path(char *path, const char *key, const char *file)
{
	snprintf(path, PATH_MAX, "%s%s%s%s", fake_path("xs"), key,
		 file == NULL ? "" : "/", file == NULL ? "" : file);
}

static void make_parents(const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = copy + 1; *p != '\0'; p++) {
		if (*p == '/') {
			*p = '\0';
			mkdir(copy, 0700);
			*p = '/';
		}
	}
}

static bool write_file(const char *path, const void *data, size_t bytes)
{
	FILE *file;
	bool is_written;

	make_parents(path);
	file = fopen(path, "w");
	if (file == NULL) {
		return false;
	}
	is_written = fwrite(data, 1, bytes, file) == bytes;
	return fclose(file) == 0 && is_written;
}

static bool read_perms(const char *key, char text[PERMS_BYTES])
{
	char path[PATH_MAX];
	FILE *file;

	key_path(path, key, "@perms");
	file = fopen(path, "r");
	text[0] = '\0';
	if (file == NULL) {
		return false;
	}
	text[fread(text, 1, PERMS_BYTES - 1, file)] = '\0';
	fclose(file);
	return true;
}

static bool write_perms(const char *key, const char *text)
{
	char path[PATH_MAX];

	key_path(path, key, "@perms");
	return write_file(path, text, strlen(text));
}

/* A new key has the permissions of the one above it, which is made with it. */
static bool inherit(const char *key, char text[PERMS_BYTES])
{
	char above[PATH_MAX];

	if (read_perms(key, text)) {
		return true;
	}
	if (key[0] == '\0') {
		return false;
	}
	snprintf(above, sizeof(above), "%s", key);
	*strrchr(above, '/') = '\0';
	return inherit(above, text) && write_perms(key, text);
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *key,
	      const void *data, unsigned int bytes)
{
	char path[PATH_MAX], perms[PERMS_BYTES];

	(void)h;
	(void)t;
	if (!step("xs_write")) {
		return false;
	}
	(void)inherit(key, perms);
	key_path(path, key, "@value");
	return write_file(path, data, bytes);
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t,
			const char *key, struct xs_permissions *perms,
			unsigned int count)
{
	char text[PERMS_BYTES];
	size_t used = 0;

	(void)h;
	(void)t;
	for (unsigned int i = 0; i < count; i++) {
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, "%c%u ",
			perms[i].perms == XS_PERM_READ ? 'r' : 'n',
			perms[i].id);
	}
	return step("xs_set_permissions") && write_perms(key, text);
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *key,
	      unsigned int *bytes)
{
	char path[PATH_MAX];
	char *data = calloc(1, 4096);
	FILE *file;

	(void)h;
	(void)t;
	key_path(path, key, "@value");
	file = step("xs_read") ? fopen(path, "r") : NULL;
	if (file == NULL) {
		free(data);
		return NULL;
	}
	*bytes = (unsigned int)fread(data, 1, 4095, file);
	fclose(file);
	return data;
}

/* A key without permissions of its own is domain 0's. */
struct xs_permissions *xs_get_permissions(struct xs_handle *h,
					  xs_transaction_t t, const char *key,
					  unsigned int *count)
{
	struct xs_permissions *perms = calloc(4, sizeof(*perms));
	char path[PATH_MAX], letter;
	unsigned int id;
	FILE *file;

	(void)h;
	(void)t;
	*count = 0;
	key_path(path, key, "@perms");
	file = fopen(path, "r");
	while (file != NULL && *count < 4 &&
	       fscanf(file, " %c%u", &letter, &id) == 2) {
		perms[*count].id = id;
		perms[*count].perms = letter == 'r' ? XS_PERM_READ
						    : XS_PERM_NONE;
		(*count)++;
	}
	if (file != NULL) {
		fclose(file);
	}
	*count = *count == 0 ? 1 : *count;
	return perms;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *key,
		    unsigned int *count)
{
	char **names = calloc(64, sizeof(*names) + NAME_MAX + 1);
	char *text = (char *)(names + 64);
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *directory;

	(void)h;
	(void)t;
	*count = 0;
	key_path(path, key, NULL);
	directory = opendir(path);
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
			names[(*count)++] = text;
			text = stpcpy(text, entry->d_name) + 1;
		}
	}
	if (directory != NULL) {
		closedir(directory);
	}
	return names;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *key)
{
	char path[PATH_MAX];

	(void)h;
	(void)t;
	key_path(path, key, NULL);
	return step("xs_rm") &&
	       nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0;
}

static void introduced(char *path, unsigned int domid)
{
	snprintf(path, PATH_MAX, "%s/%u", fake_path("introduced"), domid);
}

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid,
			 unsigned long mfn, unsigned int port)
{
	char path[PATH_MAX];

	(void)h;
	(void)mfn;
	(void)port;
	introduced(path, domid);
	return step("xs_introduce_domain") && write_file(path, "", 0);
}

bool xs_release_domain(struct xs_handle *h, unsigned int domid)
{
	char path[PATH_MAX];

	(void)h;
	introduced(path, domid);
	return step("xs_release_domain") && unlink(path) == 0;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	(void)h;
	(void)path;
	(void)token;
	return step("xs_watch");
}

int xs_fileno(struct xs_handle *h)
{
	(void)h;
	return -1;
}

char **xs_check_watch(struct xs_handle *h)
{
	(void)h;
	errno = EAGAIN;
	return NULL;
}
