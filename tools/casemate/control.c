/* SPDX-License-Identifier: Apache-2.0 */
/* `casemate pause`, `unpause`, `shutdown` and `destroy`. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "casemate/cli.h"
#include "casemate/domain.h"

#define WAIT_STEP_MS 200
#define WAIT_SECONDS 300

static int report(const struct options *options, uint32_t domid,
		  const char *action)
{
	cJSON *json;

	if (!options->json) {
		printf("domain %u: %s\n", domid, action);
		return EXIT_OK;
	}
	json = cJSON_CreateObject();
	cli_add_number(json, "domid", domid);
	cJSON_AddStringToObject(json, "action", action);
	return cli_print_json(json);
}

static int simple(const struct options *options, enum casemate_ctl op,
		  const char *action, struct fail *fail)
{
	struct door *door = door_open(fail);
	struct ctl_getinfo info;
	int rc = -1;

	if (door == NULL) {
		return EXIT_ERROR;
	}
	if (domain_find(door, options->argument, &info, fail) == 0) {
		struct ctl_domain arg = { .domid = info.domid };

		rc = door_call(door, op, &arg, sizeof(arg));
		if (rc != 0) {
			door_fail(fail, rc, options->argument);
		}
	}
	door_close(door);
	return rc != 0 ? EXIT_ERROR : report(options, info.domid, action);
}

int cmd_pause(const struct options *options, struct fail *fail)
{
	return simple(options, CTL_PAUSE, "paused", fail);
}

int cmd_unpause(const struct options *options, struct fail *fail)
{
	return simple(options, CTL_UNPAUSE, "unpaused", fail);
}

static int ask(const struct options *options, uint32_t domid, struct fail *fail)
{
	struct store *store = store_open(fail);
	int rc;

	if (store == NULL) {
		return -1;
	}
	rc = store_write(store, domid, "control/shutdown",
			 options->reboot ? "reboot" : "poweroff", fail);
	store_close(store);
	return rc;
}

/* Until it has shut down or is gone. */
static int wait_for_end(struct door *door, const struct ctl_getinfo *before,
			struct fail *fail)
{
	struct ctl_getinfo now;

	for (int i = 0; i < WAIT_SECONDS * 1000 / WAIT_STEP_MS; i++) {
		int rc = domain_get(door, before->domid, &now);

		if (rc == -ESRCH ||
		    (rc == 0 && (now.created_ns != before->created_ns ||
				 now.state >= STATE_SHUTDOWN))) {
			return 0;
		}
		if (rc != 0) {
			return door_fail(fail, rc, "waiting for the guest");
		}
		poll(NULL, 0, WAIT_STEP_MS);
	}
	return fail_set(fail,
			"domain %u did not shut down in %d s; look at its "
			"console, or destroy it",
			before->domid, WAIT_SECONDS);
}

static int shut_down(const struct options *options, struct door *door,
		     struct ctl_getinfo *info, struct fail *fail)
{
	if (domain_find(door, options->argument, info, fail) != 0) {
		return -1;
	}
	if (info->domid == 0) {
		return fail_set(fail, "domain 0 is shut down from inside; use "
				      "its own poweroff");
	}
	if (info->state == STATE_RUNNING &&
	    ask(options, info->domid, fail) != 0) {
		return -1;
	}
	return options->wait ? wait_for_end(door, info, fail) : 0;
}

int cmd_shutdown(const struct options *options, struct fail *fail)
{
	struct door *door = door_open(fail);
	struct ctl_getinfo info;
	int rc;

	if (door == NULL) {
		return EXIT_ERROR;
	}
	rc = shut_down(options, door, &info, fail);
	door_close(door);
	if (rc != 0) {
		return EXIT_ERROR;
	}
	return report(options, info.domid,
		      options->wait ? "shut down" : "asked to shut down");
}

/* Only a record is left of a domain whose destroy was interrupted. */
static int find_record(const char *name, uint32_t *domid)
{
	uint32_t ids[CASEMATE_MAX_DOMAINS];
	uint32_t count = record_ids(ids, CASEMATE_MAX_DOMAINS);
	struct record record;

	for (uint32_t i = 0; i < count; i++) {
		if (record_read(ids[i], &record) == 0 &&
		    strcmp(record.name, name) == 0) {
			*domid = ids[i];
			return 0;
		}
	}
	return -1;
}

static int destroy(struct door *door, uint32_t domid, struct fail *fail)
{
	int rc;

	if (domid == 0) {
		return fail_set(fail, "domain 0 cannot be destroyed");
	}
	rc = domain_destroy(door, domid, 0, fail);
	if (rc > 0) {
		cli_warn("warning: domain %u is gone, its keys are not: %s",
			 domid, fail->text);
	}
	return rc < 0 ? -1 : 0;
}

/* A living domain, or what is left of one: by id always, by name as long as
 * its record is there. */
static int find_remains(struct door *door, const char *argument,
			uint32_t *domid, struct fail *fail)
{
	struct fail not_living = { 0 };
	struct ctl_getinfo info;
	char *end;

	if (domain_find(door, argument, &info, &not_living) == 0) {
		*domid = info.domid;
		return 0;
	}
	*domid = (uint32_t)strtoul(argument, &end, 10);
	if ((end != argument && *end == '\0') ||
	    find_record(argument, domid) == 0) {
		return 0;
	}
	*fail = not_living;
	return -1;
}

int cmd_destroy(const struct options *options, struct fail *fail)
{
	struct door *door = door_open(fail);
	uint32_t domid = 0;
	int rc;

	if (door == NULL) {
		return EXIT_ERROR;
	}
	rc = find_remains(door, options->argument, &domid, fail);
	if (rc == 0) {
		rc = destroy(door, domid, fail);
	}
	door_close(door);
	return rc != 0 ? EXIT_ERROR : report(options, domid, "destroyed");
}
