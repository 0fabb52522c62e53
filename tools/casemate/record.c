/* SPDX-License-Identifier: Apache-2.0 */
/* Records of domains under RUN_DIR: one small JSON file each. */
#include "casemate/record.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "casemate/settings.h"

#define RECORD_BYTES 8192

static void record_path(char *path, size_t bytes, uint32_t domid)
{
	snprintf(path, bytes, "%s/domains/%u.json", settings_run_dir(), domid);
}

static int make_directories(struct fail *fail)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/domains", settings_run_dir());
	if ((mkdir(settings_run_dir(), 0755) != 0 && errno != EEXIST) ||
	    (mkdir(path, 0755) != 0 && errno != EEXIST)) {
		return fail_set(fail, "cannot make %s: %s; run as root", path,
				strerror(errno));
	}
	return 0;
}

int record_lock_all(struct fail *fail)
{
	char path[PATH_MAX];
	int fd;

	if (make_directories(fail) != 0) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/lock", settings_run_dir());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		if (errno != EINTR) {
			close(fd);
			fd = -1;
		}
	}
	if (fd < 0) {
		return fail_set(fail, "cannot lock %s: %s; run as root", path,
				strerror(errno));
	}
	return fd;
}

void record_unlock(int fd)
{
	if (fd >= 0) {
		close(fd);
	}
}

void record_new_uuid(char uuid[UUID_BYTES])
{
	uint8_t b[16] = { 0 };

	if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b)) {
		abort();
	}
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* version 4: random */
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	snprintf(uuid, UUID_BYTES,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x",
		 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
		 b[10], b[11], b[12], b[13], b[14], b[15]);
}

/* 64-bit numbers go as text: JSON numbers are doubles. */
static char *record_text(const struct record *record)
{
	cJSON *json = cJSON_CreateObject();
	char number[32];
	char *text;

	snprintf(number, sizeof(number), "%llu",
		 (unsigned long long)record->created_ns);
	cJSON_AddStringToObject(json, "created_ns", number);
	cJSON_AddStringToObject(json, "name", record->name);
	cJSON_AddStringToObject(json, "uuid", record->uuid);
	cJSON_AddStringToObject(json, "config", record->config);
	cJSON_AddBoolToObject(json, "preserve",
			      record->on_crash == ON_CRASH_PRESERVE);
	text = cJSON_PrintUnformatted(json);
	cJSON_Delete(json);
	return text;
}

static int write_text(int fd, const char *text)
{
	size_t bytes = strlen(text);

	if (bytes >= RECORD_BYTES) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return write(fd, text, bytes) == (ssize_t)bytes ? 0 : -1;
}

/* Written under another name and renamed: readers never see half of it. The
 * lock belongs to the open file, so it survives the rename. */
int record_write(const struct record *record, struct fail *fail)
{
	char path[PATH_MAX], temporary[PATH_MAX + 8];
	char *text = record_text(record);
	int fd;

	record_path(path, sizeof(path), record->domid);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || text == NULL || flock(fd, LOCK_EX | LOCK_NB) != 0 ||
	    write_text(fd, text) != 0 || rename(temporary, path) != 0) {
		fail_set(fail, "cannot write %s: %s; check that /run has room",
			 path, strerror(errno));
		record_unlock(fd);
		unlink(temporary);
		fd = -1;
	}
	free(text);
	return fd;
}

static void get_text(const cJSON *json, const char *key, char *out,
		     size_t bytes)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(json, key));

	snprintf(out, bytes, "%s", text == NULL ? "" : text);
}

static int parse(const char *text, struct record *record)
{
	cJSON *json = cJSON_Parse(text);
	char number[32];

	if (json == NULL) {
		return -1;
	}
	get_text(json, "created_ns", number, sizeof(number));
	record->created_ns = strtoull(number, NULL, 10);
	get_text(json, "name", record->name, sizeof(record->name));
	get_text(json, "uuid", record->uuid, sizeof(record->uuid));
	get_text(json, "config", record->config, sizeof(record->config));
	record->on_crash = cJSON_IsTrue(cJSON_GetObjectItem(json, "preserve"))
				   ? ON_CRASH_PRESERVE
				   : ON_CRASH_DESTROY;
	cJSON_Delete(json);
	return 0;
}

int record_read(uint32_t domid, struct record *record)
{
	char path[PATH_MAX];
	char text[RECORD_BYTES];
	ssize_t bytes;
	int fd;

	memset(record, 0, sizeof(*record));
	record->domid = domid;
	record_path(path, sizeof(path), domid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return -1;
	}
	bytes = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (bytes < 0) {
		return -1;
	}
	text[bytes] = '\0';
	return parse(text, record);
}

void record_remove(uint32_t domid)
{
	char path[PATH_MAX];

	record_path(path, sizeof(path), domid);
	unlink(path);
}

bool record_is_held(uint32_t domid)
{
	char path[PATH_MAX];
	bool is_held;
	int fd;

	record_path(path, sizeof(path), domid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	is_held = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	close(fd);
	return is_held;
}

static int by_number(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left;
	uint32_t b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

uint32_t record_ids(uint32_t *ids, uint32_t max)
{
	char path[PATH_MAX];
	struct dirent *entry;
	uint32_t count = 0;
	DIR *directory;

	snprintf(path, sizeof(path), "%s/domains", settings_run_dir());
	directory = opendir(path);
	if (directory == NULL) {
		return 0;
	}
	while (count < max && (entry = readdir(directory)) != NULL) {
		char *end;
		unsigned long id = strtoul(entry->d_name, &end, 10);

		if (end != entry->d_name && strcmp(end, ".json") == 0) {
			ids[count++] = (uint32_t)id;
		}
	}
	closedir(directory);
	qsort(ids, count, sizeof(*ids), by_number);
	return count;
}
