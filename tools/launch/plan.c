/* SPDX-License-Identifier: Apache-2.0 */
/* Carrying a launch plan out. The core and the offline hash both get their
 * steps and their page contents from here, so they cannot differ. */
#include "launch/layout.h"

#include <string.h>

static void copy_overlap(const struct plan_chunk *chunk, uint64_t start,
			 uint64_t end, uint8_t *buffer)
{
	uint64_t from = chunk->gpa > start ? chunk->gpa : start;
	uint64_t to = chunk->gpa + chunk->bytes;

	if (to > end) {
		to = end;
	}
	if (from < to) {
		memcpy(buffer + (from - start),
		       chunk->data + (from - chunk->gpa), to - from);
	}
}

void plan_fill(const struct plan *plan, uint64_t gfn, uint32_t count,
	       uint8_t *buffer)
{
	uint64_t start = gfn * PLAN_PAGE;
	uint64_t end = start + (uint64_t)count * PLAN_PAGE;

	memset(buffer, 0, end - start);
	for (uint32_t i = 0; i < plan->chunk_count; i++) {
		copy_overlap(&plan->chunks[i], start, end, buffer);
	}
}

struct run {
	const struct plan *plan;
	const struct plan_sink *sink;
	void *self;
	uint8_t *buffer;
	uint32_t buffer_pages;
	struct fail *fail;
};

static int run_load(const struct run *run, const struct plan_step *step)
{
	uint64_t done = 0;

	while (done < step->count) {
		uint64_t left = step->count - done;
		uint32_t count = left < run->buffer_pages ? (uint32_t)left
							  : run->buffer_pages;

		plan_fill(run->plan, step->gfn + done, count, run->buffer);
		if (run->sink->load(run->self, step->kind, step->gfn + done,
				    count, run->fail) != 0) {
			return -1;
		}
		done += count;
	}
	return 0;
}

static int run_step(const struct run *run, const struct plan_step *step)
{
	const struct plan_sink *sink = run->sink;

	switch (step->op) {
	case LAUNCH_CREATE:
		return sink->create(run->self, run->plan, run->fail);
	case LAUNCH_POPULATE:
		return sink->populate(run->self, step->gfn, step->count,
				      run->fail);
	case LAUNCH_PAGE:
		return run_load(run, step);
	case LAUNCH_START:
		return sink->start(run->self, run->plan->entry,
				   run->plan->start_info, run->fail);
	default:
		return fail_set(run->fail, "launch plan with an unknown step");
	}
}

int plan_run(const struct plan *plan, const struct plan_sink *sink, void *self,
	     uint8_t *buffer, uint32_t buffer_pages, struct fail *fail)
{
	const struct run run = { plan, sink, self, buffer, buffer_pages, fail };

	for (uint32_t i = 0; i < plan->step_count; i++) {
		if (run_step(&run, &plan->steps[i]) != 0) {
			return -1;
		}
	}
	return 0;
}
