/* SPDX-License-Identifier: Apache-2.0 */
/* Labels by name, and `casemate labels`. */
#include "casemate/labels.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "abi/policy_image.h"
#include "casemate/cli.h"

#define NEAR_COUNT 4u
#define NAME_BYTES sizeof(((struct ctl_label *)0)->name)

static int label_get(struct door *door, uint32_t index, struct ctl_label *label)
{
	int rc;

	memset(label, 0, sizeof(*label));
	label->label = index;
	rc = door_call(door, CTL_LABEL, label, sizeof(*label));
	label->name[NAME_BYTES - 1] = '\0';
	return rc;
}

/* Levenshtein's distance of two names that fit NAME_BYTES. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[NAME_BYTES + 1];
	size_t columns = strnlen(b, NAME_BYTES);

	for (size_t j = 0; j <= columns; j++) {
		row[j] = (unsigned int)j;
	}
	for (size_t i = 1; i <= strnlen(a, NAME_BYTES); i++) {
		unsigned int corner = row[0];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= columns; j++) {
			unsigned int cost = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			cost = cost < row[j] + 1 ? cost : row[j] + 1;
			row[j] = cost < row[j - 1] + 1 ? cost : row[j - 1] + 1;
		}
	}
	return row[columns];
}

struct near {
	char name[NEAR_COUNT][NAME_BYTES];
	unsigned int distance[NEAR_COUNT];
	unsigned int count;
};

/* Keep the NEAR_COUNT nearest, in order. */
static void near_add(struct near *near, const char *wanted, const char *name)
{
	unsigned int d = distance(wanted, name);
	unsigned int i = near->count;

	if (near->count < NEAR_COUNT) {
		near->count++;
	} else if (near->distance[--i] <= d) {
		return;
	}
	for (; i > 0 && near->distance[i - 1] > d; i--) {
		near->distance[i] = near->distance[i - 1];
		memcpy(near->name[i], near->name[i - 1], NAME_BYTES);
	}
	near->distance[i] = d;
	snprintf(near->name[i], NAME_BYTES, "%s", name);
}

/* `what` is wrong with it, and these are the ones that a domain may carry. */
static int unusable(const struct near *near, const char *name, const char *what,
		    struct fail *fail)
{
	char list[NEAR_COUNT * (NAME_BYTES + 2) + 1] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < near->count; i++) {
		used += (size_t)snprintf(list + used, sizeof(list) - used,
					 "%s%s", i == 0 ? "" : ", ",
					 near->name[i]);
	}
	return fail_set(fail,
			"label '%s' %s; near it: %s; `casemate labels` lists "
			"all",
			name, what, list[0] == '\0' ? "(none)" : list);
}

int label_find(struct door *door, const char *name, uint32_t *label,
	       struct fail *fail)
{
	const char *what = "is not in the loaded policy";
	struct near near = { 0 };
	struct ctl_label entry;
	int rc = 0;

	for (uint32_t i = 0; i < POLICY_MAX_LABELS; i++) {
		rc = label_get(door, i, &entry);
		if (rc != 0) {
			break;
		}
		if ((entry.flags & CTL_LABEL_DOMAIN) == 0) {
			if (strcmp(entry.name, name) == 0) {
				what = "is for objects, no domain may carry it";
			}
		} else if (strcmp(entry.name, name) == 0) {
			*label = i;
			return 0;
		} else {
			near_add(&near, name, entry.name);
		}
	}
	if (rc != 0 && rc != -ENOENT) {
		return door_fail(fail, rc, "reading the policy's labels");
	}
	return unusable(&near, name, what, fail);
}

static void print_label(cJSON *json, const struct ctl_label *label)
{
	bool is_domain = (label->flags & CTL_LABEL_DOMAIN) != 0;
	cJSON *item;

	if (json == NULL) {
		printf("%4u  %-8s%s\n", label->label,
		       is_domain ? "domain" : "object", label->name);
		return;
	}
	item = cJSON_CreateObject();
	cli_add_number(item, "index", label->label);
	cJSON_AddStringToObject(item, "name", label->name);
	cJSON_AddBoolToObject(item, "domain", is_domain);
	cJSON_AddItemToArray(json, item);
}

int cmd_labels(const struct options *options, struct fail *fail)
{
	cJSON *json = options->json ? cJSON_CreateArray() : NULL;
	struct door *door = door_open(fail);
	struct ctl_label label;
	int rc = door == NULL ? -EIO : 0;

	for (uint32_t i = 0; rc == 0 && i < POLICY_MAX_LABELS; i++) {
		rc = label_get(door, i, &label);
		if (rc == 0) {
			print_label(json, &label);
		}
	}
	door_close(door);
	if (rc != 0 && rc != -ENOENT) {
		cJSON_Delete(json);
		door_fail(fail, rc, "reading the policy's labels");
		return EXIT_ERROR;
	}
	return json == NULL ? EXIT_OK : cli_print_json(json);
}
