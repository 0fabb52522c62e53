/* SPDX-License-Identifier: Apache-2.0 */
/* Can information get from one set of labels to another, not counting ways
 * through some types? And which trusted types would have to be excepted. */
#pragma once

#include "tool.h"

#include "lang/flow.h"

struct question {
	const struct model *m;
	struct flow_graph *g;
	struct label_set from;
	struct label_set to;
	struct type_set via;
};

/* The words mean what they mean in `assert separated FROM from TO except via
 * VIA`; via NULL: no exception. All excepted types are trusted, and none of
 * their labels is asked about. False: reported. */
bool question_read(const struct policy *p, const char *from, const char *to,
		   const char *via, struct question *out);

/* A shortest way that crosses no excepted type; n 0: none. */
void question_search(const struct question *q, const struct type_set *except,
		     struct flow_path *out);

/* Trusted types of which every way crosses one. */
struct cut {
	struct type_set types;
	bool is_any;	/* else there is a way without trusted types */
	bool is_fewest; /* else none can be left out, but others may be fewer */
};
void cut_find(const struct question *q, struct cut *out);
