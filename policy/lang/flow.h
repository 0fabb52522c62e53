/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where information may flow between labels: not by what the rules say, but
 * by what the core's own monitor answers. The image compiled from the model
 * must be installed in it.
 */
#pragma once

#include "model.h"

struct flow_graph {
	u32 n; /* labels */
	u64 to[POLICY_MAX_LABELS][LABEL_WORDS];
};

/* One permitted permission that carries information from -> to. */
struct flow_step {
	u32 from;
	u32 to;
	u32 subject; /* one of them, the other is the object */
	u32 object;
	u32 cls;
	u32 perm;
	const struct model_rule *rule;
};

/* Labels from -> ... -> to, the fewest steps that there are. */
struct flow_path {
	u32 n; /* labels; 0: there is no path */
	u32 label[POLICY_MAX_LABELS];
};

void flow_build(const struct model *m, struct flow_graph *out);

static inline bool flow_has(const struct flow_graph *g, u32 from, u32 to)
{
	return g->to[from][to / 64] >> (to % 64) & 1;
}

/* A path from one set to another that touches no label of some types. */
void flow_search(const struct model *m, const struct flow_graph *g,
		 const struct label_set *from, const struct label_set *to,
		 const struct type_set *via, struct flow_path *out);

/* The first rule in the source that makes a step of a path possible. */
void flow_explain(const struct model *m, u32 from, u32 to,
		  struct flow_step *out);
