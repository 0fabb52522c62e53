/* SPDX-License-Identifier: Apache-2.0 */
/* `casemate list`, `info` and `version`: what the core says of its domains. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "casemate/cli.h"
#include "casemate/domain.h"
#include "casemate/stats.h"

#define CASEMATE_TOOL_VERSION "0.1"
#define PAGES_PER_MIB 256u

static void report_reaped(uint32_t domid)
{
	cli_warn("domain %u was left unfinished by a killed create; removed",
		 domid);
}

static const char *reason_text(const struct ctl_getinfo *info)
{
	static const char *const texts[] = { "poweroff", "reboot",
					     "suspend",	 "crash",
					     "watchdog", "soft_reset" };

	if (info->state != STATE_SHUTDOWN) {
		return "";
	}
	return info->shutdown_reason < sizeof(texts) / sizeof(*texts)
		       ? texts[info->shutdown_reason]
		       : "unknown";
}

static cJSON *domain_json(struct door *door, const struct ctl_getinfo *info)
{
	char name[GUEST_NAME_MAX + 1], label[GUEST_LABEL_MAX + 1];
	cJSON *json = cJSON_CreateObject();

	domain_name(info, name);
	domain_label(door, info->label, label);
	cli_add_number(json, "domid", info->domid);
	cJSON_AddStringToObject(json, "name", name);
	cJSON_AddStringToObject(json, "label", label);
	cJSON_AddStringToObject(json, "state", domain_state(info));
	cJSON_AddStringToObject(json, "shutdown_reason", reason_text(info));
	cJSON_AddBoolToObject(json, "paused", (info->flags & INFO_PAUSED) != 0);
	cli_add_number(json, "vcpus", info->vcpu_count);
	cli_add_number(json, "vcpus_online", info->vcpus_online);
	cli_add_number(json, "frames", info->frames);
	cli_add_number(json, "max_frames", info->max_frames);
	cli_add_number(json, "core_frames", info->meta_frames);
	cli_add_number(json, "table_frames", info->table_frames);
	cli_add_number(json, "cpu_ns", info->cpu_ns);
	cli_add_number(json, "created_ns", info->created_ns);
	cli_add_number(json, "hypercalls", info->hypercalls);
	cli_add_number(json, "denials", info->denials);
	cli_add_hex(json, "digest", info->digest, sizeof(info->digest));
	return json;
}

static void print_line(struct door *door, const struct ctl_getinfo *info)
{
	char name[GUEST_NAME_MAX + 1], label[GUEST_LABEL_MAX + 1];

	domain_name(info, name);
	domain_label(door, info->label, label);
	printf("%4u  %-16s %-9s %5u %7llu %9.1f %8llu  %s%s%s\n", info->domid,
	       name[0] == '\0' ? "-" : name, domain_state(info),
	       info->vcpu_count,
	       (unsigned long long)(info->frames / PAGES_PER_MIB),
	       (double)info->cpu_ns / 1e9, (unsigned long long)info->denials,
	       label, info->state == STATE_SHUTDOWN ? "  " : "",
	       reason_text(info));
}

static int list(struct door *door, cJSON *json, struct fail *fail)
{
	struct ctl_getinfo info;
	uint32_t next = 0;
	int rc;

	if (json == NULL) {
		puts("  id  name             state     vcpus     MiB   "
		     "cpu (s)  denials  label");
	}
	while ((rc = domain_next(door, next, &info)) == 0) {
		if (json == NULL) {
			print_line(door, &info);
		} else {
			cJSON_AddItemToArray(json, domain_json(door, &info));
		}
		next = info.domid + 1;
	}
	return rc == -ESRCH ? 0 : door_fail(fail, rc, "listing the domains");
}

/* A failure to clean up must not hide the list. */
static void reap(struct door *door)
{
	struct fail fail = { 0 };

	if (domain_reap(door, report_reaped, &fail) != 0) {
		cli_warn("%s", fail.text);
	}
}

int cmd_list(const struct options *options, struct fail *fail)
{
	struct door *door = door_open(fail);
	cJSON *json;
	int rc;

	if (door == NULL) {
		return EXIT_ERROR;
	}
	reap(door);
	json = options->json ? cJSON_CreateArray() : NULL;
	rc = list(door, json, fail);
	door_close(door);
	if (rc != 0) {
		cJSON_Delete(json);
		return EXIT_ERROR;
	}
	return json == NULL ? EXIT_OK : cli_print_json(json);
}

static void print_pair(const cJSON *item)
{
	printf("%-16s ", item->string);
	if (cJSON_IsString(item)) {
		puts(item->valuestring);
	} else if (cJSON_IsBool(item)) {
		puts(cJSON_IsTrue(item) ? "yes" : "no");
	} else {
		printf("%.0f\n", item->valuedouble);
	}
}

/* The same facts, one a line or as JSON. */
static int print_object(const struct options *options, cJSON *json)
{
	cJSON *item;

	if (options->json) {
		return cli_print_json(json);
	}
	cJSON_ArrayForEach(item, json)
	{
		print_pair(item);
	}
	cJSON_Delete(json);
	return EXIT_OK;
}

/* A core that does not count is no reason to say nothing. */
static int print_info(const struct options *options, struct door *door,
		      const struct ctl_getinfo *info)
{
	cJSON *json = domain_json(door, info);
	struct ctl_stats stats;
	bool has_stats = stats_get(door, info->domid, &stats) == 0;
	int rc;

	if (has_stats && options->json) {
		stats_add_json(&stats, json);
	}
	rc = print_object(options, json);
	if (has_stats && !options->json) {
		stats_print(&stats);
	}
	return rc;
}

int cmd_info(const struct options *options, struct fail *fail)
{
	struct door *door = door_open(fail);
	struct ctl_getinfo info;
	int rc = EXIT_ERROR;

	if (door == NULL) {
		return EXIT_ERROR;
	}
	reap(door);
	if (domain_find(door, options->argument, &info, fail) == 0) {
		rc = print_info(options, door, &info);
	}
	door_close(door);
	return rc;
}

static void add_core(cJSON *json, struct ctl_info *info)
{
	info->policy_name[sizeof(info->policy_name) - 1] = '\0';
	info->core_version[sizeof(info->core_version) - 1] = '\0';
	cJSON_AddStringToObject(json, "core", info->core_version);
	cJSON_AddStringToObject(json, "policy", info->policy_name);
	cli_add_number(json, "policy_version", info->policy_version);
	cli_add_number(json, "labels", info->label_count);
	cli_add_number(json, "processors", info->cpu_count);
	cli_add_number(json, "total_frames", info->total_frames);
	cli_add_number(json, "free_frames", info->free_frames);
	cli_add_number(json, "uptime_ns", info->uptime_ns);
	cli_add_number(json, "domain_limit", info->domain_limit);
	cli_add_number(json, "vcpu_limit", info->vcpu_limit);
}

/* Without a core it is the tool's version alone, and no error. */
int cmd_version(const struct options *options, struct fail *fail)
{
	cJSON *json = cJSON_CreateObject();
	struct ctl_info info = { 0 };
	struct door *door = door_open(fail);

	cJSON_AddStringToObject(json, "casemate", CASEMATE_TOOL_VERSION);
	cli_add_number(json, "control_interface", CASEMATE_CONTROL_VERSION);
	if (door != NULL &&
	    door_call(door, CTL_INFO, &info, sizeof(info)) == 0) {
		add_core(json, &info);
	}
	door_close(door);
	return print_object(options, json);
}
