/* SPDX-License-Identifier: Apache-2.0 */
/* Sub-commands: their table, their options, and how they report. */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "launch/fail.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_ERROR = 1,
	EXIT_USAGE = 2
};

/* Options of all commands; a command names those it takes by letter. */
struct options {
	bool json;	/* j --json */
	bool paused;	/* p --paused */
	bool wait;	/* w --wait */
	bool reboot;	/* r --reboot */
	bool follow;	/* f --follow */
	bool plan;	/* P --plan */
	bool help;	/* h --help, which every command takes */
	bool has_since; /* s --since N */
	uint64_t since;
	uint64_t count;	      /* n --count N; 0: not given */
	uint64_t delay_ms;    /* d --delay SECONDS; 0: not given */
	const char *argument; /* the one operand, or NULL */
};

struct command {
	const char *name;
	const char *letters;
	const char *operand; /* NULL: takes none; [...]: may be left out */
	const char *summary;
	int (*run)(const struct options *options, struct fail *fail);
};

/* Parse what follows the command's name, up to --help if that is there. 0, or
 * -1 with fail set. */
int cli_parse(const struct command *command, int argc, char **argv,
	      struct options *options, struct fail *fail);
void cli_usage(const struct command *command);

/* Print and free one JSON value. Returns EXIT_OK or EXIT_ERROR. */
int cli_print_json(cJSON *json);
/* 64-bit numbers beyond 2^53 would lose bits in JSON; ours stay below. */
void cli_add_number(cJSON *json, const char *key, uint64_t value);
void cli_add_hex(cJSON *json, const char *key, const uint8_t *bytes,
		 uint32_t count);
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The commands; 0 (EXIT_OK), or EXIT_ERROR with fail set. */
int cmd_create(const struct options *options, struct fail *fail);
int cmd_list(const struct options *options, struct fail *fail);
int cmd_info(const struct options *options, struct fail *fail);
int cmd_console(const struct options *options, struct fail *fail);
int cmd_policy_load(const struct options *options, struct fail *fail);
int cmd_policy_coverage(const struct options *options, struct fail *fail);
int cmd_pause(const struct options *options, struct fail *fail);
int cmd_unpause(const struct options *options, struct fail *fail);
int cmd_shutdown(const struct options *options, struct fail *fail);
int cmd_destroy(const struct options *options, struct fail *fail);
int cmd_audit(const struct options *options, struct fail *fail);
int cmd_top(const struct options *options, struct fail *fail);
int cmd_debug(const struct options *options, struct fail *fail);
int cmd_measure(const struct options *options, struct fail *fail);
int cmd_labels(const struct options *options, struct fail *fail);
int cmd_version(const struct options *options, struct fail *fail);
