/* SPDX-License-Identifier: Apache-2.0 */
/* Guest files: xl.cfg syntax through libxlutil, then our own checks. */
#include "casemate/config.h"

#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libxlutil.h>

#include "abi/limits.h"
#include "casemate/keys.h"
#include "launch/blob.h"

#define CONFIG_LIMIT (64u << 10)

static const char *const key_names[KEY_COUNT] = {
	[KEY_KERNEL] = "kernel",   [KEY_RAMDISK] = "ramdisk",
	[KEY_CMDLINE] = "cmdline", [KEY_MEMORY] = "memory",
	[KEY_LABEL] = "label",
};

struct reader {
	const char *path;
	XLU_Config *xlu;
	struct keys keys;
	struct guest *guest;
	struct fail *fail;
};

/* FILE:LINE: key: what; FILE: when the key is not in the file. */
static int bad(const struct reader *r, const char *key, const char *what)
{
	unsigned int line = keys_line(&r->keys, key);

	if (line == 0) {
		return fail_set(r->fail, "%s: %s: %s", r->path, key, what);
	}
	return fail_set(r->fail, "%s:%u: %s: %s", r->path, line, key, what);
}

/* 0 and the value (NULL when the key is missing), or -1. */
static int get_string(const struct reader *r, const char *key,
		      const char **value)
{
	int rc = xlu_cfg_get_string(r->xlu, key, value, 1);

	if (rc == ESRCH) {
		*value = NULL;
		return 0;
	}
	if (rc != 0) {
		return bad(r, key,
			   "a list is no good here; give one string in "
			   "quotes");
	}
	return 0;
}

static int need_string(const struct reader *r, const char *key,
		       const char *example, const char **value)
{
	char what[128];

	if (get_string(r, key, value) != 0) {
		return -1;
	}
	if (*value == NULL || (*value)[0] == '\0') {
		snprintf(what, sizeof(what), "missing; add a line like %s",
			 example);
		return bad(r, key, what);
	}
	return 0;
}

/* `fallback` 0 makes the key mandatory. */
static int get_number(const struct reader *r, const char *key, uint32_t min,
		      uint32_t max, uint32_t fallback, uint32_t *value)
{
	long number = (long)fallback;
	int rc = xlu_cfg_get_long(r->xlu, key, &number, 1);
	char what[128];

	if ((rc != 0 && rc != ESRCH) || (rc == 0 && number < 0) ||
	    number < (long)min || number > (long)max) {
		snprintf(what, sizeof(what),
			 "%s; give a whole number from %u to %u",
			 rc == ESRCH ? "missing" : "out of range", min, max);
		return bad(r, key, what);
	}
	*value = (uint32_t)number;
	return 0;
}

static bool is_name(const char *name)
{
	bool is_number = true;

	for (const char *p = name; *p != '\0'; p++) {
		if (!isalnum((unsigned char)*p) && strchr("._+-", *p) == NULL) {
			return false;
		}
		is_number = is_number && isdigit((unsigned char)*p);
	}
	return !is_number && isalnum((unsigned char)name[0]) &&
	       strcmp(name, "Domain-0") != 0;
}

static int get_names(const struct reader *r)
{
	const char *value;

	if (need_string(r, "name", "name = \"red\"", &value) != 0) {
		return -1;
	}
	if (strlen(value) > GUEST_NAME_MAX || !is_name(value)) {
		return bad(r, "name",
			   "not a guest's name; use up to 63 letters, digits "
			   "and . _ + -, not a number, not Domain-0");
	}
	snprintf(r->guest->name, sizeof(r->guest->name), "%s", value);
	if (need_string(r, "label", "label = \"guest_t@secret\"", &value) !=
	    0) {
		return -1;
	}
	if (strlen(value) > GUEST_LABEL_MAX) {
		return bad(r, "label",
			   "too long; `casemate labels` shows the labels");
	}
	snprintf(r->guest->label, sizeof(r->guest->label), "%s", value);
	return 0;
}

/* From the guest file's directory on, unless absolute. */
static char *resolve(const struct reader *r, const char *value)
{
	char copy[PATH_MAX], path[2 * PATH_MAX];

	if (value[0] == '/') {
		return strdup(value);
	}
	snprintf(copy, sizeof(copy), "%s", r->path);
	snprintf(path, sizeof(path), "%s/%s", dirname(copy), value);
	return strdup(path);
}

static int get_files(const struct reader *r)
{
	const char *value;

	if (need_string(r, "kernel", "kernel = \"/boot/vmlinuz\"", &value) !=
	    0) {
		return -1;
	}
	r->guest->kernel = resolve(r, value);
	if (get_string(r, "ramdisk", &value) != 0) {
		return -1;
	}
	if (value != NULL && value[0] != '\0') {
		r->guest->ramdisk = resolve(r, value);
	}
	if (get_string(r, "cmdline", &value) != 0) {
		return -1;
	}
	r->guest->cmdline = strdup(value == NULL ? "" : value);
	return 0;
}

static int get_on_crash(const struct reader *r)
{
	const char *value;

	if (get_string(r, "on_crash", &value) != 0) {
		return -1;
	}
	if (value == NULL || strcmp(value, "destroy") == 0) {
		r->guest->on_crash = ON_CRASH_DESTROY;
		return 0;
	}
	if (strcmp(value, "preserve") == 0) {
		r->guest->on_crash = ON_CRASH_PRESERVE;
		return 0;
	}
	return bad(r, "on_crash",
		   "not an action; use \"destroy\" or \"preserve\"");
}

static int get_type(const struct reader *r)
{
	const char *value;

	if (get_string(r, "type", &value) != 0) {
		return -1;
	}
	if (value != NULL && strcmp(value, "pvh") != 0) {
		return bad(r, "type",
			   "Casemate has PVH guests only; write \"pvh\" or "
			   "remove the line");
	}
	return 0;
}

static bool is_known(const char *name)
{
	static const char *const known[] = { "name",	"kernel",   "ramdisk",
					     "cmdline", "memory",   "vcpus",
					     "label",	"on_crash", "type" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(name, known[i]) == 0) {
			return true;
		}
	}
	return false;
}

static void warn_unknown(const struct reader *r, FILE *warn)
{
	for (unsigned int i = 0; i < r->keys.count; i++) {
		if (!is_known(r->keys.key[i].name)) {
			fprintf(warn,
				"casemate: warning: %s:%u: %s: unknown key, "
				"ignored; see casemate.cfg(5)\n",
				r->path, r->keys.key[i].line,
				r->keys.key[i].name);
		}
	}
}

static int get_all(const struct reader *r)
{
	for (int i = 0; i < KEY_COUNT; i++) {
		r->guest->lines[i] = keys_line(&r->keys, key_names[i]);
	}
	if (get_names(r) != 0 || get_type(r) != 0 || get_files(r) != 0 ||
	    get_on_crash(r) != 0) {
		return -1;
	}
	if (get_number(r, "memory", GUEST_MEMORY_MIN_MIB, GUEST_MEMORY_MAX_MIB,
		       0, &r->guest->memory_mib) != 0) {
		return -1;
	}
	return get_number(r, "vcpus", 1, CASEMATE_MAX_VCPUS, 1,
			  &r->guest->vcpus);
}

/* libxlutil counts a line too few when a newline is what it did not expect. */
static void correct_line(const struct reader *r, char *report)
{
	size_t bytes = strlen(r->path);
	unsigned long line;
	char *rest;

	if (strncmp(report, r->path, bytes) != 0 || report[bytes] != ':' ||
	    strstr(report, "near <newline>") == NULL) {
		return;
	}
	line = strtoul(report + bytes + 1, &rest, 10) + 1;
	fail_set(r->fail,
		 "%s:%lu%s; the syntax is key = value, strings in "
		 "quotes (casemate.cfg(5))",
		 r->path, line, rest);
}

/* libxlutil writes what it dislikes, one line each, to a stream: keep its
 * first line, which names file and line. */
static int parse_text(struct reader *r, const struct blob *text)
{
	char *report = NULL;
	size_t report_bytes = 0;
	FILE *stream = open_memstream(&report, &report_bytes);
	int rc = -1;

	if (stream == NULL) {
		return fail_set(r->fail, "%s: no memory", r->path);
	}
	r->xlu = xlu_cfg_init(stream, r->path);
	if (r->xlu != NULL) {
		rc = xlu_cfg_readdata(r->xlu, (const char *)text->data,
				      (int)text->bytes);
	}
	fflush(stream);
	if (rc != 0) {
		report[strcspn(report, "\n")] = '\0';
		correct_line(r, report);
		rc = fail_set(r->fail,
			      "%s; the syntax is key = value, strings "
			      "in quotes (casemate.cfg(5))",
			      report[0] == '\0' ? r->path : report);
	} else {
		keys_scan(&r->keys, (const char *)text->data, text->bytes);
		rc = get_all(r);
	}
	if (r->xlu != NULL) {
		xlu_cfg_destroy(r->xlu);
	}
	fclose(stream);
	free(report);
	return rc;
}

int config_load(struct guest *guest, const char *path, FILE *warn,
		struct fail *fail)
{
	struct reader r = { .path = path, .guest = guest, .fail = fail };
	struct blob text = { 0 };
	int rc;

	memset(guest, 0, sizeof(*guest));
	guest->file = path;
	if (blob_read(&text, path, CONFIG_LIMIT, "guest file", fail) != 0) {
		return -1;
	}
	if (memchr(text.data, '\0', text.bytes) != NULL) {
		rc = fail_set(fail,
			      "%s: this is not a guest file: it has NUL bytes; "
			      "name the text file that describes the guest",
			      path);
	} else {
		rc = parse_text(&r, &text);
	}
	blob_free(&text);
	if (rc == 0) {
		warn_unknown(&r, warn);
	}
	return rc;
}

void config_point(const struct guest *guest, struct fail *fail)
{
	for (int i = 0; i < KEY_COUNT; i++) {
		size_t bytes = strlen(key_names[i]);
		struct fail old = *fail;

		if (guest->lines[i] != 0 && old.text[bytes] == ' ' &&
		    strncmp(old.text, key_names[i], bytes) == 0) {
			fail->text[0] = '\0';
			fail_set(fail, "%s:%u: %s", guest->file,
				 guest->lines[i], old.text);
			return;
		}
	}
}

void config_free(struct guest *guest)
{
	free(guest->kernel);
	free(guest->ramdisk);
	free(guest->cmdline);
	guest->kernel = NULL;
	guest->ramdisk = NULL;
	guest->cmdline = NULL;
}
