/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest files as dom0.c takes them: pack FILE ROLE[=UNTIL]:NAME.cfg...
 *
 * ROLE is run, until, peer or stay (pack.h). The launch plan is that of
 * `casemate create`, so what runs is what would run.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "casemate/config.h"
#include "launch/layout.h"
#include "pack.h"

_Static_assert(PACK_PAGE == PLAN_PAGE, "one page size");
_Static_assert(PACK_STEPS >= PLAN_MAX_STEPS, "every plan fits");

static const uint8_t nothing[PACK_PAGE];

static void write_all(FILE *out, const void *data, size_t bytes)
{
	if (fwrite(data, 1, bytes, out) != bytes) {
		perror("pack");
		exit(1);
	}
}

static void write_page(FILE *out, const void *data, size_t bytes)
{
	write_all(out, data, bytes);
	write_all(out, nothing, PACK_PAGE - bytes);
}

static void add_step(struct pack_guest *to, const struct plan_step *step)
{
	to->steps[to->step_count++] = (struct pack_step){
		step->op,
		step->kind,
		step->gfn,
		step->count,
	};
	if (step->op == LAUNCH_PAGE) {
		to->page_count += (uint32_t)step->count;
	}
}

static void write_step(FILE *out, const struct plan *plan,
		       const struct plan_step *step)
{
	uint8_t page[PACK_PAGE];

	for (uint64_t n = 0; n < step->count; n++) {
		plan_fill(plan, step->gfn + n, 1, page);
		write_all(out, page, sizeof(page));
	}
}

static void write_plan(FILE *out, struct pack_guest *g, const struct plan *plan)
{
	g->vcpus = plan->vcpus;
	g->max_frames = plan->max_frames;
	g->entry = plan->entry;
	g->start_info = plan->start_info;
	snprintf(g->label, sizeof(g->label), "%s", plan->label);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		add_step(g, &plan->steps[i]);
	}
	write_page(out, g, sizeof(*g));
	for (uint32_t i = 0; i < plan->step_count; i++) {
		if (plan->steps[i].op == LAUNCH_PAGE) {
			write_step(out, plan, &plan->steps[i]);
		}
	}
}

static int add_guest(FILE *out, struct pack_guest *g, const char *path)
{
	static struct plan plan;
	struct guest guest;
	struct fail fail = { 0 };
	int rc = config_load(&guest, path, stderr, &fail);

	if (rc == 0) {
		snprintf(g->name, sizeof(g->name), "%s", guest.name);
		rc = plan_make(&plan, &guest, &fail);
		if (rc == 0) {
			write_plan(out, g, &plan);
		}
		plan_free(&plan);
	}
	config_free(&guest);
	if (rc != 0) {
		fprintf(stderr, "pack: %s\n", fail.text);
	}
	return rc;
}

/* ROLE[=UNTIL]:NAME.cfg; the path, or NULL. */
static const char *parse(const char *word, struct pack_guest *g)
{
	static const char *const roles[] = { "run", "until", "peer", "stay" };
	const char *colon = strchr(word, ':');
	size_t length = strcspn(word, "=:");

	if (colon != NULL && word[length] == '=') {
		snprintf(g->until, sizeof(g->until), "%.*s",
			 (int)(colon - word - (ptrdiff_t)length - 1),
			 word + length + 1);
	}
	for (uint32_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strlen(roles[i]) == length &&
		    strncmp(word, roles[i], length) == 0) {
			g->role = i;
			return colon == NULL ? NULL : colon + 1;
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	FILE *out = argc > 2 ? fopen(argv[1], "wb") : NULL;

	if (out == NULL) {
		fprintf(stderr, "usage: pack FILE ROLE[=UNTIL]:NAME.cfg...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		struct pack_guest g = { 0 };
		const char *path = parse(argv[i], &g);

		if (path == NULL) {
			fprintf(stderr, "pack: '%s' is no ROLE:FILE\n",
				argv[i]);
			return 2;
		}
		if (add_guest(out, &g, path) != 0) {
			return 1;
		}
	}
	write_page(out, nothing, 0);
	return fclose(out) == 0 ? 0 : 1;
}
