/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of casemate-policy share. */
#pragma once

#include "lang/compile.h"

#define TOOL_KEYS 4u

enum tool_exit {
	EXIT_OK = 0,
	EXIT_NO = 1,	/* the policy has errors, or the answer is no */
	EXIT_USAGE = 2, /* or files */
	EXIT_DOWNWARD = 3
};

/* Options a verb may have; --json and --help have all. */
enum tool_option {
	OPT_OUTPUT = 1u << 0,
	OPT_MODE = 1u << 1,
	OPT_CIL = 1u << 2,
	OPT_EXPAND = 1u << 3,
	OPT_FORMAT = 1u << 4,
	OPT_SELF = 1u << 5,
	OPT_AUDIT = 1u << 6,
	OPT_VIA = 1u << 7,
	OPT_DOWNWARD = 1u << 8,
	OPT_KEY = 1u << 9,
	OPT_HEIGHT = 1u << 10
};

struct options {
	const char *const *operands;
	u32 n_operands;
	bool is_json;
	bool is_expanded;
	bool is_self;
	bool fails_on_downward;
	const char *out; /* NULL where an option is not given */
	const char *mode;
	const char *cil;
	const char *format;
	const char *audit;
	const char *via;
	const char *height;
	const char *keys[TOOL_KEYS];
	u32 n_keys;
};

struct verb {
	const char *name;
	const char *help; /* its first line is the usage */
	u32 options;
	u32 least; /* operands */
	u32 most;
	int (*run)(const struct options *opt);
};

int cmd_compile(const struct options *opt);
int cmd_check(const struct options *opt);
int cmd_show(const struct options *opt);
int cmd_cil(const struct options *opt);
int cmd_import(const struct options *opt);
int cmd_flow(const struct options *opt);
int cmd_separation(const struct options *opt);
int cmd_report(const struct options *opt);
int cmd_why(const struct options *opt);
int cmd_diff(const struct options *opt);
int cmd_lint(const struct options *opt);
int cmd_test(const struct options *opt);
int cmd_coverage(const struct options *opt);
int cmd_keygen(const struct options *opt);
int cmd_sign(const struct options *opt);
int cmd_verify(const struct options *opt);

/* ---- messages on standard error; all return EXIT_USAGE ---- */

int tool_file_error(const char *path, int error);
int tool_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- input ---- */

/* A policy, read as what it is: a source compiled in one mode, or an image. */
struct policy {
	const char *path;
	char *text;
	u32 bytes;
	bool is_source;
	struct job job;		/* of a source */
	struct image_view view; /* image and its parts, once it is good */
	const u8 *image;
};
/* Reads and compiles or examines it, and leaves it installed in the monitor.
 * Not EXIT_OK: everything was said (on standard output with --json). In any
 * case policy_close(). */
int policy_open(const struct options *opt, const char *path, struct policy *p);
/* The same of a policy that must be a source. */
int policy_open_source(const struct options *opt, const char *path,
		       struct policy *p);
/* Put it into the monitor again, after another was. */
void policy_install(const struct policy *p);
void policy_close(struct policy *p);

/* A label by its name, the name of its type if that has one only, or the name
 * of a vm. POLICY_MAX_LABELS: reported, with the nearest name. */
u32 policy_label(const struct policy *p, const char *name);
/* "CLASS.PERMISSION"; false: reported. */
bool tool_permission(const char *text, u32 *cls, u32 *perm);
/* "no rule allows it", "read up", ... */
const char *cause_name(u32 cause);

/* ---- output ---- */

/* Where a verb writes: --output, or standard output. NULL: reported. */
struct text {
	char *at;
	size_t bytes;
	FILE *out;
};
void text_begin(struct text *t);
/* Write what was collected to path, or to standard output if that is NULL. */
int text_end(struct text *t, const char *path);

/* The statement that begins at a place, on one line, however it is laid out.
 * The caller frees it. */
char *statement_text(const struct job *j, struct place at);

/* "file:line:column" of a place in a source. */
void print_place(const struct source *s, struct place p, FILE *out);
void print_hex(const u8 *bytes, u32 n, FILE *out);
