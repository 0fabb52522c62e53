/* SPDX-License-Identifier: Apache-2.0 */
/* `casemate create`: from a guest file to a running guest, or to nothing. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "casemate/cli.h"
#include "casemate/config.h"
#include "casemate/keeper.h"
#include "casemate/labels.h"
#include "casemate/launch.h"

static void report_reaped(uint32_t domid)
{
	cli_warn("domain %u was left unfinished by a killed create; removed",
		 domid);
}

static int fill_record(struct launch *launch, const char *config,
		       struct fail *fail)
{
	const struct guest *guest = launch->guest;

	if (realpath(config, launch->record.config) == NULL) {
		return fail_set(fail, "%s: %s", config, strerror(errno));
	}
	snprintf(launch->record.name, sizeof(launch->record.name), "%s",
		 guest->name);
	launch->record.on_crash = guest->on_crash;
	record_new_uuid(launch->record.uuid);
	return 0;
}

/* Everything that can be wrong without unpacking a kernel. */
static int prepare(struct launch *launch, const char *config, struct fail *fail)
{
	const struct guest *guest = launch->guest;

	launch->keeper_fd = keeper_fork(guest->name, fail);
	if (launch->keeper_fd < 0) {
		return -1;
	}
	launch->door = door_open(fail);
	if (launch->door == NULL ||
	    domain_reap(launch->door, report_reaped, fail) != 0 ||
	    label_find(launch->door, guest->label, &launch->label, fail) != 0) {
		return -1;
	}
	launch->store = store_open(fail);
	if (launch->store == NULL) {
		return -1;
	}
	return fill_record(launch, config, fail);
}

static int print(const struct options *options, const struct launch *launch)
{
	cJSON *json;

	if (!options->json) {
		printf("%s: domain %u, label %s, launch digest ",
		       launch->guest->name, launch->made.domid,
		       launch->guest->label);
		for (size_t i = 0; i < sizeof(launch->digest); i++) {
			printf("%02x", launch->digest[i]);
		}
		putchar('\n');
		return EXIT_OK;
	}
	json = cJSON_CreateObject();
	cli_add_number(json, "domid", launch->made.domid);
	cJSON_AddStringToObject(json, "name", launch->guest->name);
	cJSON_AddStringToObject(json, "label", launch->guest->label);
	cli_add_hex(json, "digest", launch->digest, sizeof(launch->digest));
	cJSON_AddBoolToObject(json, "paused", options->paused);
	return cli_print_json(json);
}

static int create(struct launch *launch, const char *config, struct fail *fail)
{
	static struct plan plan;
	int rc = prepare(launch, config, fail);

	if (rc == 0) {
		launch_catch_signals();
		rc = plan_make(&plan, launch->guest, fail);
	}
	if (rc == 0) {
		rc = launch_run(launch, &plan, fail);
	}
	plan_free(&plan);
	return rc;
}

int cmd_create(const struct options *options, struct fail *fail)
{
	struct guest guest;
	struct launch launch = { .guest = &guest,
				 .start_flags =
					 options->paused ? CTL_START_PAUSED : 0,
				 .keeper_fd = -1,
				 .record_fd = -1 };
	int rc = config_load(&guest, options->argument, stderr, fail);

	if (rc == 0) {
		rc = create(&launch, options->argument, fail);
	}
	store_close(launch.store);
	door_close(launch.door);
	if (rc == 0) {
		rc = print(options, &launch);
	} else {
		config_point(&guest, fail);
		rc = launch_signal() != 0 ? 128 + launch_signal() : EXIT_ERROR;
	}
	config_free(&guest);
	if (launch.record_fd >= 0) {
		close(launch.record_fd);
	}
	if (launch.keeper_fd >= 0) {
		close(launch.keeper_fd);
	}
	return rc;
}
