/* SPDX-License-Identifier: Apache-2.0 */
/* Option parsing and output shared by the sub-commands. */
#include "casemate/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_MAX 3600 /* seconds */

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "paused", no_argument, NULL, 'p' },
	{ "wait", no_argument, NULL, 'w' },
	{ "reboot", no_argument, NULL, 'r' },
	{ "follow", no_argument, NULL, 'f' },
	{ "plan", no_argument, NULL, 'P' },
	{ "since", required_argument, NULL, 's' },
	{ "count", required_argument, NULL, 'n' },
	{ "delay", required_argument, NULL, 'd' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const struct {
	char letter;
	const char *text;
} option_texts[] = {
	{ 'p', "-p, --paused   leave the guest paused" },
	{ 'w', "-w, --wait     wait until it has, up to 300 seconds" },
	{ 'r', "-r, --reboot   ask it to reboot instead" },
	{ 'f', "-f, --follow   go on with new records as they come" },
	{ 's', "-s, --since N  begin with record N" },
	{ 'n', "-n, --count N  show so many times; 1 without a terminal" },
	{ 'd', "-d, --delay S  seconds in between; default 1" },
	{ 'P', "--plan         the steps the digest is taken over, too" },
	{ 'j', "--json         JSON instead of text" },
	{ 'h', "--help         this text" },
};
#define OPTION_TEXT_COUNT (sizeof(option_texts) / sizeof(*option_texts))

static int set_since(struct options *options, const char *text,
		     struct fail *fail)
{
	char *end;

	errno = 0;
	options->since = strtoull(text, &end, 10);
	options->has_since = true;
	if (end == text || *end != '\0' || text[0] == '-' || errno != 0) {
		return fail_set(fail,
				"--since %s: give the sequence number of a "
				"record",
				text);
	}
	return 0;
}

static int set_count(struct options *options, const char *text,
		     struct fail *fail)
{
	char *end;

	errno = 0;
	options->count = strtoull(text, &end, 10);
	if (end == text || *end != '\0' || text[0] == '-' || errno != 0 ||
	    options->count == 0) {
		return fail_set(fail, "--count %s: give a number from 1 on",
				text);
	}
	return 0;
}

static int set_delay(struct options *options, const char *text,
		     struct fail *fail)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end != '\0' || !(seconds >= 0.1) ||
	    seconds > DELAY_MAX) {
		return fail_set(fail,
				"--delay %s: give seconds, 0.1 to %d; "
				"fractions are allowed",
				text, DELAY_MAX);
	}
	options->delay_ms = (uint64_t)(seconds * 1000.0);
	return 0;
}

static int set_option(struct options *options, int letter, struct fail *fail)
{
	switch (letter) {
	case 'j':
		options->json = true;
		return 0;
	case 'p':
		options->paused = true;
		return 0;
	case 'w':
		options->wait = true;
		return 0;
	case 'r':
		options->reboot = true;
		return 0;
	case 'f':
		options->follow = true;
		return 0;
	case 'P':
		options->plan = true;
		return 0;
	case 'n':
		return set_count(options, optarg, fail);
	case 'd':
		return set_delay(options, optarg, fail);
	default:
		return set_since(options, optarg, fail);
	}
}

static bool is_optional(const struct command *command)
{
	return command->operand[0] == '[';
}

static int take_operand(const struct command *command, int argc, char **argv,
			struct options *options, struct fail *fail)
{
	int count = argc - optind;

	if (command->operand == NULL && count > 0) {
		return fail_set(fail, "%s takes no operand", command->name);
	}
	if (command->operand != NULL &&
	    (count > 1 || (count == 0 && !is_optional(command)))) {
		return fail_set(fail, "%s: give %s %s", command->name,
				is_optional(command) ? "at most one" : "one",
				command->operand);
	}
	options->argument = count == 1 ? argv[optind] : NULL;
	return 0;
}

/* Every command takes --help, whatever its letters. */
static bool is_taken(const struct command *command, int letter)
{
	return letter == 'h' || strchr(command->letters, letter) != NULL;
}

void cli_usage(const struct command *command)
{
	printf("usage: casemate %s [options]", command->name);
	if (command->operand != NULL) {
		printf(is_optional(command) ? " %s" : " <%s>",
		       command->operand);
	}
	printf("\n\n%s: %s\n\n", command->name, command->summary);
	for (size_t i = 0; i < OPTION_TEXT_COUNT; i++) {
		if (is_taken(command, option_texts[i].letter)) {
			printf("  %s\n", option_texts[i].text);
		}
	}
}

int cli_parse(const struct command *command, int argc, char **argv,
	      struct options *options, struct fail *fail)
{
	int letter;

	memset(options, 0, sizeof(*options));
	opterr = 0;
	optind = 1;
	while ((letter = getopt_long(argc, argv, ":hjpwrfs:n:d:", long_options,
				     NULL)) != -1) {
		if (letter == '?' || letter == ':' ||
		    !is_taken(command, letter)) {
			return fail_set(fail, "%s: %s %s", command->name,
					letter == ':' ? "a number must follow"
						      : "no such option:",
					argv[optind - 1]);
		}
		if (letter == 'h') {
			options->help = true;
			return 0;
		}
		if (set_option(options, letter, fail) != 0) {
			return -1;
		}
	}
	return take_operand(command, argc, argv, options, fail);
}

int cli_print_json(cJSON *json)
{
	char *text = cJSON_Print(json);
	int rc = EXIT_ERROR;

	cJSON_Delete(json);
	if (text != NULL && puts(text) >= 0 && fflush(stdout) == 0) {
		rc = EXIT_OK;
	}
	free(text);
	return rc;
}

void cli_add_number(cJSON *json, const char *key, uint64_t value)
{
	cJSON_AddNumberToObject(json, key, (double)value);
}

void cli_add_hex(cJSON *json, const char *key, const uint8_t *bytes,
		 uint32_t count)
{
	char text[2 * 64 + 1];

	for (uint32_t i = 0; i < count && i < 64; i++) {
		snprintf(text + 2 * (size_t)i, 3, "%02x", bytes[i]);
	}
	cJSON_AddStringToObject(json, key, text);
}

void cli_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("casemate: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}
