/* SPDX-License-Identifier: Apache-2.0 */
/* casemate's settings in its tests, and the steps of fake.h. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "casemate/settings.h"
#include "fake.h"

static pid_t first_process;
static int step_count;

static void __attribute__((constructor)) remember(void)
{
	first_process = getpid();
}

const char *fake_path(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 4];
	const char *root = getenv("CASEMATE_FAKE");

	snprintf(path, PATH_MAX, "%s/%s", root == NULL ? "." : root, name);
	return path;
}

const char *settings_run_dir(void)
{
	return fake_path("run");
}

const char *settings_log_dir(void)
{
	return fake_path("log");
}

const char *settings_core_log(void)
{
	return fake_path("hypervisor.log");
}

int settings_keeper_poll_ms(void)
{
	return 50;
}

static int due(const char *variable)
{
	const char *text = getenv(variable);
	int step, value;

	if (text != NULL && sscanf(text, "%d:%d", &step, &value) == 2 &&
	    step == step_count) {
		return value;
	}
	return 0;
}

int fake_step(const char *what)
{
	FILE *log;
	int signal_number;

	if (getpid() != first_process) {
		return 0;
	}
	step_count++;
	log = fopen(fake_path("steps"), "a");
	if (log != NULL) {
		fprintf(log, "%d %s\n", step_count, what);
		fclose(log);
	}
	signal_number = due("CASEMATE_FAKE_SIGNAL");
	if (signal_number != 0) {
		raise(signal_number);
	}
	return due("CASEMATE_FAKE_FAIL");
}
