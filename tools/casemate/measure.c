/* SPDX-License-Identifier: Apache-2.0 */
/* `casemate measure`: the launch digest a guest file will get, offline. */
#include <stdio.h>
#include <string.h>

#include "casemate/cli.h"
#include "casemate/config.h"
#include "launch/digest.h"
#include "launch/layout.h"

static const char *kind_name(uint32_t kind)
{
	static const char *const names[] = { "",	   "kernel", "ramdisk",
					     "start_info", "acpi",   "other" };

	return kind < sizeof(names) / sizeof(*names) ? names[kind] : "other";
}

static cJSON *step_json(const struct plan *plan, const struct plan_step *step)
{
	static const char *const ops[] = { "", "create", "populate", "load",
					   "start" };
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "op", ops[step->op]);
	switch (step->op) {
	case LAUNCH_CREATE:
		cJSON_AddStringToObject(json, "label", plan->label);
		cli_add_number(json, "vcpus", plan->vcpus);
		cli_add_number(json, "max_frames", plan->max_frames);
		break;
	case LAUNCH_START:
		cli_add_number(json, "entry", plan->entry);
		cli_add_number(json, "start_info", plan->start_info);
		break;
	default:
		cli_add_number(json, "gfn", step->gfn);
		cli_add_number(json, "count", step->count);
		break;
	}
	if (step->op == LAUNCH_PAGE) {
		cJSON_AddStringToObject(json, "kind", kind_name(step->kind));
		cli_add_number(json, "kind_number", step->kind);
	}
	return json;
}

static cJSON *plan_json(const struct plan *plan)
{
	cJSON *steps = cJSON_CreateArray();

	for (uint32_t i = 0; i < plan->step_count; i++) {
		cJSON_AddItemToArray(steps, step_json(plan, &plan->steps[i]));
	}
	return steps;
}

static void add_page(void *arg, uint32_t kind, uint64_t gfn,
		     const uint8_t hash[DIGEST_BYTES])
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "kind", kind_name(kind));
	cli_add_number(json, "gfn", gfn);
	cli_add_hex(json, "sha384", hash, DIGEST_BYTES);
	cJSON_AddItemToArray(arg, json);
}

static void print_plan(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->step_count; i++) {
		char *text;
		cJSON *json = step_json(plan, &plan->steps[i]);

		text = cJSON_PrintUnformatted(json);
		cJSON_Delete(json);
		puts(text == NULL ? "" : text);
		cJSON_free(text);
	}
}

static int print(const struct options *options, const struct guest *guest,
		 const struct plan *plan, const struct digest *digest,
		 cJSON *pages)
{
	cJSON *json;

	if (!options->json) {
		if (options->plan) {
			print_plan(plan);
		}
		for (size_t i = 0; i < DIGEST_BYTES; i++) {
			printf("%02x", digest->value[i]);
		}
		printf("  %s\n", guest->name);
		return EXIT_OK;
	}
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "name", guest->name);
	cJSON_AddStringToObject(json, "label", guest->label);
	cli_add_hex(json, "digest", digest->value, DIGEST_BYTES);
	if (options->plan) {
		cJSON_AddItemToObject(json, "plan", plan_json(plan));
		cJSON_AddItemToObject(json, "pages", pages);
	}
	return cli_print_json(json);
}

int cmd_measure(const struct options *options, struct fail *fail)
{
	static struct plan plan;
	bool has_pages = options->json && options->plan;
	cJSON *pages = has_pages ? cJSON_CreateArray() : NULL;
	struct digest digest = { .page = has_pages ? add_page : NULL,
				 .arg = pages };
	struct guest guest;
	int rc = config_load(&guest, options->argument, stderr, fail);

	if (rc == 0) {
		rc = plan_make(&plan, &guest, fail);
	}
	if (rc == 0) {
		rc = digest_plan(&digest, &plan, fail);
	}
	if (rc == 0) {
		rc = print(options, &guest, &plan, &digest, pages);
	} else {
		config_point(&guest, fail);
		cJSON_Delete(pages);
		rc = EXIT_ERROR;
	}
	plan_free(&plan);
	config_free(&guest);
	return rc;
}
