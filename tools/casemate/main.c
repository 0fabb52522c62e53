/* SPDX-License-Identifier: Apache-2.0 */
/* casemate: domain 0's tool. Finds the sub-command and runs it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "casemate/cli.h"

static const struct command commands[] = {
	{ "create", "pj", "guest file", "launch a guest", cmd_create },
	{ "list", "j", NULL, "list the domains", cmd_list },
	{ "info", "j", "domain", "show one domain", cmd_info },
	{ "console", "", "domain", "attach to a console; ^] leaves",
	  cmd_console },
	{ "pause", "j", "domain", "stop a guest's vCPUs", cmd_pause },
	{ "unpause", "j", "domain", "let them run again", cmd_unpause },
	{ "shutdown", "wrj", "domain", "ask a guest to power off",
	  cmd_shutdown },
	{ "destroy", "j", "domain", "end a guest at once", cmd_destroy },
	{ "policy load", "j", "image file",
	  "replace the policy by a signed image", cmd_policy_load },
	{ "policy coverage", "j", NULL, "show which permissions were used",
	  cmd_policy_coverage },
	{ "audit", "fsj", NULL, "show what the policy refused", cmd_audit },
	{ "top", "ndj", NULL, "show what the domains do, again and again",
	  cmd_top },
	{ "debug", "j", "[file]", "write a bundle for a bug report",
	  cmd_debug },
	{ "measure", "jP", "guest file", "predict a launch digest",
	  cmd_measure },
	{ "labels", "j", NULL, "list the policy's labels", cmd_labels },
	{ "version", "j", NULL, "show tool, core and policy", cmd_version },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

static int help(FILE *out)
{
	fputs("usage: casemate COMMAND [options] [operand]\n\n", out);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		fprintf(out, "  %-15s %s\n", commands[i].name,
			commands[i].summary);
	}
	fputs("  help            this text\n\n"
	      "casemate COMMAND --help says more; --version is `version`.\n"
	      "A domain is named by its name or its id. Every command but\n"
	      "console and help takes --json. See casemate(1).\n",
	      out);
	return out == stdout ? EXIT_OK : EXIT_USAGE;
}

/* A name of two words is two arguments. */
static bool is_named(const struct command *command, int argc, char **argv)
{
	size_t first = strcspn(command->name, " ");

	if (strncmp(command->name, argv[1], first) != 0 ||
	    argv[1][first] != '\0') {
		return false;
	}
	return command->name[first] == '\0' ||
	       (argc > 2 && strcmp(command->name + first + 1, argv[2]) == 0);
}

static const struct command *find(int argc, char **argv)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (is_named(&commands[i], argc, argv)) {
			return &commands[i];
		}
	}
	return NULL;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct fail fail = { 0 };
	struct options options;
	int rc = EXIT_USAGE;

	if (cli_parse(command, argc, argv, &options, &fail) == 0) {
		if (options.help) {
			cli_usage(command);
			return EXIT_OK;
		}
		rc = command->run(&options, &fail);
	}
	if (rc != EXIT_OK && fail.text[0] != '\0') {
		cli_warn("%s", fail.text);
	}
	return rc;
}

/* Files must not take the numbers of missing standard streams. */
static void open_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

int main(int argc, char **argv)
{
	const struct command *command;
	int words;

	open_standard_streams();

	if (argc < 2) {
		return help(stderr);
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0) {
		return help(stdout);
	}
	if (strcmp(argv[1], "--version") == 0) {
		argv[1] = "version";
	}
	command = find(argc, argv);
	if (command == NULL) {
		cli_warn("no such command: %s; `casemate help` lists them",
			 argv[1]);
		return EXIT_USAGE;
	}
	words = strchr(command->name, ' ') == NULL ? 1 : 2;
	return run(command, argc - words, argv + words);
}
