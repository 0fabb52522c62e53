/* SPDX-License-Identifier: Apache-2.0 */
/* The flows of a policy as a picture: SVG made here, or DOT for Graphviz. */
#pragma once

#include "tool.h"

#include "lang/flow.h"

/* Labels of one type and level are one node; where there are many levels, of
 * one type and sensitivity. */
struct node {
	u32 type;
	u32 low; /* sensitivities */
	u32 high;
	u32 first; /* a label of it */
	u32 count;
};

struct picture {
	const struct model *model;
	const struct flow_graph *flows;
	u32 n;
	struct node node[POLICY_MAX_LABELS];
	u16 of[POLICY_MAX_LABELS];			  /* node of a label */
	u8 has[POLICY_MAX_LABELS][POLICY_MAX_LABELS / 8]; /* arrows */
	/* those on which information gets to a level that is not above */
	u8 down[POLICY_MAX_LABELS][POLICY_MAX_LABELS / 8];
};

/* Zeroed before. */
void picture_make(const struct model *m, const struct flow_graph *flows,
		  struct picture *out);
void picture_svg(const struct picture *p, FILE *out);
void picture_dot(const struct picture *p, FILE *out);
/* Text in XML. */
void xml_text(FILE *out, const char *text);
