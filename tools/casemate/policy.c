/* SPDX-License-Identifier: Apache-2.0 */
/* `casemate policy load` and `casemate policy coverage`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/policy_image.h"
#include "casemate/cli.h"
#include "casemate/domain.h"
#include "casemate/door.h"
#include "casemate/names.h"
#include "refmon/refmon.h"

#define ROOM (DOOR_BUFFER_PAGES * 4096u)

_Static_assert(POLICY_IMAGE_MAX +
			       CASEMATE_POLICY_KEYS * CASEMATE_SIGNATURE_MAX <=
		       ROOM,
	       "a policy fits the door's buffer");

/* ---- load */

static int read_file(const char *path, uint8_t *to, uint32_t *bytes,
		     struct fail *fail)
{
	FILE *in = fopen(path, "rb");
	size_t n;
	int error;

	if (in == NULL) {
		return fail_set(fail, "%s: %s", path, strerror(errno));
	}
	n = fread(to, 1, ROOM, in);
	error = ferror(in) ? errno : getc(in) != EOF ? EFBIG : 0;
	fclose(in);
	if (error != 0) {
		return fail_set(fail, "%s: %s", path,
				error == EFBIG ? "too long for a policy image"
					       : strerror(error));
	}
	*bytes = (uint32_t)n;
	return 0;
}

/* "dom3 red, dom4 black": whose label the new policy lacks. */
static void missing_text(struct door *door, const struct ctl_policy *c,
			 char *text, size_t bytes)
{
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t d = 0; d < 128 && used < bytes; d++) {
		char name[GUEST_NAME_MAX + 1] = "";
		struct ctl_getinfo info;

		if ((c->missing[d / 64] >> (d % 64) & 1) == 0) {
			continue;
		}
		if (domain_get(door, d, &info) == 0) {
			domain_name(&info, name);
		}
		used += (size_t)snprintf(text + used, bytes - used,
					 "%sdom%u%s%s", used == 0 ? "" : ", ",
					 d, name[0] == '\0' ? "" : " ", name);
	}
}

static int refused(struct door *door, const char *path,
		   const struct ctl_policy *c, struct fail *fail)
{
	char who[512];

	switch (c->outcome) {
	case POLICY_BAD_IMAGE:
		return fail_set(fail,
				"%s: the core refuses the image (error %u); "
				"`casemate-policy check` says more",
				path, c->detail);
	case POLICY_NO_LABEL:
		missing_text(door, c, who, sizeof(who));
		return fail_set(fail,
				"%s: it lacks the label of %s; destroy them, "
				"or keep their labels in the policy",
				path, who);
	default:
		return fail_set(fail, "%s: refused: %s", path,
				name_outcome(c->outcome));
	}
}

static int report(struct door *door, const struct ctl_policy *c, bool is_json)
{
	struct ctl_info info = { 0 };
	cJSON *json;

	(void)door_call(door, CTL_INFO, &info, sizeof(info));
	info.policy_name[sizeof(info.policy_name) - 1] = '\0';
	if (!is_json) {
		printf("policy '%s' version %llu is in force; undone: %u grant "
		       "mappings, %u event channels\n",
		       info.policy_name,
		       (unsigned long long)info.policy_version,
		       c->revoked_grants, c->revoked_ports);
		return EXIT_OK;
	}
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "policy", info.policy_name);
	cli_add_number(json, "version", info.policy_version);
	cli_add_number(json, "revoked_grants", c->revoked_grants);
	cli_add_number(json, "revoked_ports", c->revoked_ports);
	return cli_print_json(json);
}

static int load(struct door *door, const struct options *options,
		struct fail *fail)
{
	struct ctl_policy c = { .buffer = (uintptr_t)door_buffer(door) };
	int rc = read_file(options->argument, door_buffer(door), &c.bytes,
			   fail);

	if (rc != 0) {
		return EXIT_ERROR;
	}
	rc = door_call(door, CTL_POLICY_LOAD, &c, sizeof(c));
	if (rc != 0) {
		(void)door_fail(fail, rc, "loading the policy");
		return EXIT_ERROR;
	}
	if (c.outcome != POLICY_LOADED) {
		(void)refused(door, options->argument, &c, fail);
		return EXIT_ERROR;
	}
	return report(door, &c, options->json);
}

int cmd_policy_load(const struct options *options, struct fail *fail)
{
	struct door *door = door_open(fail);
	int rc = door == NULL ? EXIT_ERROR : load(door, options, fail);

	door_close(door);
	return rc;
}

/* ---- coverage */

struct type {
	uint32_t label; /* one that has it */
	char name[96];
};

struct types {
	uint32_t count;
	struct type at[POLICY_MAX_TYPES];
};

static bool is_new(const struct types *types, const char *name)
{
	return types->count == 0 ||
	       strcmp(types->at[types->count - 1].name, name) != 0;
}

/* A label's name is its type, '@' and levels. Types are found in order. */
static int types_get(struct door *door, struct types *types, struct fail *fail)
{
	struct ctl_label label = { 0 };
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < POLICY_MAX_LABELS; i++) {
		label.label = i;
		rc = door_call(door, CTL_LABEL, &label, sizeof(label));
		label.name[sizeof(label.name) - 1] = '\0';
		label.name[strcspn(label.name, "@")] = '\0';
		if (rc == 0 && types->count < POLICY_MAX_TYPES &&
		    is_new(types, label.name)) {
			types->at[types->count].label = i;
			memcpy(types->at[types->count].name, label.name,
			       sizeof(label.name));
			types->count++;
		}
	}
	return rc == 0 || rc == -ENOENT
		       ? 0
		       : door_fail(fail, rc, "reading the policy's labels");
}

static void add_class(cJSON *list, const char *subject, const char *object,
		      bool is_self, uint32_t cls, uint32_t used)
{
	cJSON *entry = cJSON_CreateObject();
	cJSON *perms;

	cJSON_AddStringToObject(entry, "subject", subject);
	cJSON_AddStringToObject(entry, "object", object);
	cJSON_AddBoolToObject(entry, "self", is_self);
	cJSON_AddStringToObject(entry, "class", name_class(cls));
	perms = cJSON_AddArrayToObject(entry, "permissions");
	for (uint32_t bit = 0; bit < POLICY_PERMS; bit++) {
		if (used >> bit & 1) {
			cJSON_AddItemToArray(
				perms,
				cJSON_CreateString(name_permission(cls, bit)));
		}
	}
	cJSON_AddItemToArray(list, entry);
}

static int add_pair(struct door *door, cJSON *list, const struct type *subject,
		    const struct type *object, bool is_self)
{
	struct ctl_coverage c = { .subject = subject->label,
				  .object = is_self ? CTL_COVERAGE_SELF
						    : object->label };
	int rc = door_call(door, CTL_COVERAGE, &c, sizeof(c));

	for (uint32_t cls = 0; rc == 0 && cls < POLICY_CLASSES; cls++) {
		if (c.used[cls] != 0) {
			add_class(list, subject->name, object->name, is_self,
				  cls, c.used[cls]);
		}
	}
	return rc;
}

static int add_all(struct door *door, cJSON *list, const struct types *types,
		   struct fail *fail)
{
	int rc = 0;

	for (uint32_t s = 0; rc == 0 && s < types->count; s++) {
		rc = add_pair(door, list, &types->at[s], &types->at[s], true);
		for (uint32_t o = 0; rc == 0 && o < types->count; o++) {
			rc = add_pair(door, list, &types->at[s], &types->at[o],
				      false);
		}
	}
	if (rc == -ENOSYS) {
		return fail_set(fail, "the core does not count: start it with "
				      "the option `coverage`");
	}
	return rc == 0 ? 0 : door_fail(fail, rc, "reading what was used");
}

static void print_used(const cJSON *list)
{
	const cJSON *entry, *perm;

	cJSON_ArrayForEach(entry, list)
	{
		const char *object =
			cJSON_IsTrue(cJSON_GetObjectItem(entry, "self"))
				? "self"
				: cJSON_GetObjectItem(entry, "object")
					  ->valuestring;

		printf("%s %s : %s {",
		       cJSON_GetObjectItem(entry, "subject")->valuestring,
		       object,
		       cJSON_GetObjectItem(entry, "class")->valuestring);
		cJSON_ArrayForEach(perm,
				   cJSON_GetObjectItem(entry, "permissions"))
		{
			printf(" %s", perm->valuestring);
		}
		puts(" }");
	}
}

static int coverage(struct door *door, const struct options *options,
		    struct fail *fail)
{
	struct types *types = calloc(1, sizeof(*types));
	cJSON *json = cJSON_CreateObject();
	struct ctl_info info = { 0 };
	cJSON *list;
	int rc = types == NULL ? fail_set(fail, "out of memory")
			       : types_get(door, types, fail);

	(void)door_call(door, CTL_INFO, &info, sizeof(info));
	info.policy_name[sizeof(info.policy_name) - 1] = '\0';
	cJSON_AddStringToObject(json, "policy", info.policy_name);
	cli_add_number(json, "version", info.policy_version);
	list = cJSON_AddArrayToObject(json, "used");
	if (rc == 0) {
		rc = add_all(door, list, types, fail);
	}
	free(types);
	if (rc == 0 && options->json) {
		return cli_print_json(json);
	}
	if (rc == 0) {
		print_used(list);
	}
	cJSON_Delete(json);
	return rc == 0 ? EXIT_OK : EXIT_ERROR;
}

int cmd_policy_coverage(const struct options *options, struct fail *fail)
{
	struct door *door = door_open(fail);
	int rc = door == NULL ? EXIT_ERROR : coverage(door, options, fail);

	door_close(door);
	return rc;
}
