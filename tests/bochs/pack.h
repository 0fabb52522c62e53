/* SPDX-License-Identifier: Apache-2.0 */
/* Guests with everything that makes them, one behind the other: written by
 * pack.c on the build machine, read by dom0.c, whose initrd it is. Each guest
 * is a struct pack_guest in a page of its own, then the pages it loads, in the
 * order of its steps. An empty name ends it. */
#pragma once

#include <stdint.h>

#define PACK_PAGE 4096u
#define PACK_STEPS 32u
#define PACK_NAME 64u
#define PACK_UNTIL 32u

enum pack_role {
	ROLE_RUN = 0,	/* until it ends by itself */
	ROLE_UNTIL = 1, /* until a line of it begins with `until` */
	ROLE_PEER = 2,	/* for the next guest's sake, destroyed with it */
	ROLE_STAY = 3	/* for good, once a line of it begins with `until`:
			 * it must answer after each run */
};

struct pack_step {
	uint32_t op;   /* enum casemate_launch */
	uint32_t kind; /* enum casemate_kind; LAUNCH_PAGE only */
	uint64_t gfn;
	uint64_t count;
};

struct pack_guest {
	char name[PACK_NAME];
	char until[PACK_UNTIL];
	char label[96];
	uint32_t role; /* enum pack_role */
	uint32_t vcpus;
	uint64_t max_frames;
	uint32_t entry;
	uint32_t start_info;
	uint32_t step_count;
	uint32_t page_count; /* behind this page */
	struct pack_step steps[PACK_STEPS];
};
_Static_assert(sizeof(struct pack_guest) <= PACK_PAGE, "a page of its own");
