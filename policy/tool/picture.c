/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lanes are sensitivities, the lowest at the bottom; what is beside each other
 * in a lane may be incomparable by compartments. Every node has a column of its
 * own, so that no two arrows share a line. Trusted types are red, and as high
 * as their range; red arrows go down.
 */
#include "picture.h"

#include <stdlib.h>
#include <string.h>

#include "lang/classes.h"
#include "refmon/refmon.h"

#define MANY_LABELS 40u
#define COLUMN 150u
#define LANE 120u
#define BOX_WIDTH 130u
#define BOX_HEIGHT 46u
#define MARGIN 150u
#define TITLE_CHARS 24u
/* From a box's middle, on the side of the other box: there and back differ. */
#define PORT_OUT 10
#define PORT_IN 26

/* ---- nodes and arrows */

static bool is_alike(const struct model *m, const struct node *n, u32 label)
{
	const struct model_label *a = &m->labels[n->first];
	const struct model_label *b = &m->labels[label];

	if (a->type != b->type) {
		return false;
	}
	if (m->n_labels > MANY_LABELS) {
		return n->low == b->low.sens && n->high == b->high.sens;
	}
	return !level_compare(&a->low, &b->low) &&
	       !level_compare(&a->high, &b->high);
}

static void add_label(struct picture *p, u32 label)
{
	const struct model_label *l = &p->model->labels[label];
	u32 i = 0;

	while (i < p->n && !is_alike(p->model, &p->node[i], label)) {
		i++;
	}
	if (i == p->n) {
		p->node[p->n++] = (struct node){ .type = l->type,
						 .low = l->low.sens,
						 .high = l->high.sens,
						 .first = label };
	}
	p->node[i].count++;
	p->of[label] = (u16)i;
}

static bool has_arrow(const struct picture *p, u32 from, u32 to)
{
	return p->has[from][to / 8] >> (to % 8) & 1;
}

static bool is_down(const struct picture *p, u32 from, u32 to)
{
	return p->down[from][to / 8] >> (to % 8) & 1;
}

static bool is_label_down(const struct model *m, u32 from, u32 to)
{
	return !level_dominates(&m->labels[to].low, &m->labels[from].high);
}

/* One label that gets down is enough to make its node's arrow red. */
static void add_flow(struct picture *p, u32 a, u32 b)
{
	u32 from = p->of[a], to = p->of[b];
	u8 bit = (u8)(1u << to % 8);

	p->has[from][to / 8] |= bit;
	if (is_label_down(p->model, a, b)) {
		p->down[from][to / 8] |= bit;
	}
}

void picture_make(const struct model *m, const struct flow_graph *flows,
		  struct picture *out)
{
	out->model = m;
	out->flows = flows;
	for (u32 i = 0; i < m->n_labels; i++) {
		add_label(out, i);
	}
	for (u32 a = 0; a < m->n_labels; a++) {
		for (u32 b = 0; b < m->n_labels; b++) {
			if (a != b && flow_has(flows, a, b)) {
				add_flow(out, a, b);
			}
		}
	}
}

static bool is_trusted(const struct picture *p, u32 node)
{
	return p->model->types[p->node[node].type].is_trusted;
}

/* Two labels that stand for an arrow between their nodes, and are as red. */
static void arrow_explain(const struct picture *p, u32 from, u32 to,
			  struct flow_step *step)
{
	const struct model *m = p->model;

	for (u32 a = 0; a < m->n_labels; a++) {
		for (u32 b = 0; b < m->n_labels; b++) {
			if (a != b && p->of[a] == from && p->of[b] == to &&
			    flow_has(p->flows, a, b) &&
			    is_label_down(m, a, b) == is_down(p, from, to)) {
				flow_explain(m, a, b, step);
				return;
			}
		}
	}
}

static void node_title(const struct picture *p, u32 node, char *type,
		       char *level, size_t room)
{
	const struct node *n = &p->node[node];
	const char *name = refmon_label_name(n->first);
	const char *at = strchr(name, '@');

	snprintf(type, room, "%s", p->model->types[n->type].name->text);
	if (n->count > 1) {
		snprintf(level, room, "%s, %u labels",
			 p->model->sens[n->high]->text, n->count);
	} else {
		snprintf(level, room, "%s", at ? at + 1 : name);
	}
	if (strlen(level) > TITLE_CHARS) {
		memcpy(level + TITLE_CHARS - 3, "...", 4);
	}
}

/* ---- SVG */

void xml_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

static u32 lane_y(const struct picture *p, u32 sens)
{
	return (p->model->n_sens - 1 - sens) * LANE + LANE / 2 + 40;
}

static u32 node_x(u32 node)
{
	return MARGIN + node * COLUMN + COLUMN / 2;
}

static void svg_lanes(const struct picture *p, FILE *out)
{
	for (u32 s = 0; s < p->model->n_sens; s++) {
		u32 top = lane_y(p, s) - LANE / 2;

		fprintf(out,
			"<rect class=\"lane%u\" x=\"0\" y=\"%u\" width=\"%u\" "
			"height=\"%u\"/>\n<text class=\"level\" x=\"12\" "
			"y=\"%u\">",
			s % 2, top, MARGIN + p->n * COLUMN, LANE,
			top + LANE / 2);
		xml_text(out, p->model->sens[s]->text);
		fputs("</text>\n", out);
	}
}

static void svg_node(const struct picture *p, u32 node, FILE *out)
{
	const struct node *n = &p->node[node];
	u32 top = lane_y(p, n->high) - BOX_HEIGHT / 2;
	u32 height = (n->high - n->low) * LANE + BOX_HEIGHT;
	char type[160], level[160];

	node_title(p, node, type, level, sizeof(type));
	fprintf(out,
		"<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" "
		"height=\"%u\" rx=\"6\"/>\n<text class=\"type\" x=\"%u\" "
		"y=\"%u\">",
		is_trusted(p, node) ? "trusted" : "node",
		node_x(node) - BOX_WIDTH / 2, top, BOX_WIDTH, height,
		node_x(node), top + height / 2 - 3);
	xml_text(out, type);
	fprintf(out, "</text>\n<text class=\"at\" x=\"%u\" y=\"%u\">",
		node_x(node), top + height / 2 + 13);
	xml_text(out, level);
	fputs("</text>\n", out);
}

static void svg_arrow(const struct picture *p, u32 from, u32 to, FILE *out)
{
	u32 x1 = node_x(from), x2 = node_x(to);
	u32 y1 = lane_y(p, p->node[from].high) - BOX_HEIGHT / 2;
	u32 y2 = lane_y(p, p->node[to].high) - BOX_HEIGHT / 2;
	u32 apart = from < to ? to - from : from - to;
	u32 lift = 20 + (apart > 6 ? 6 : apart) * 6;
	struct flow_step s = { .rule = NULL };
	char text[160];

	arrow_explain(p, from, to, &s);
	x1 += from < to ? PORT_OUT : -PORT_OUT;
	x2 += from < to ? -PORT_IN : PORT_IN;
	fprintf(out,
		"<path class=\"%s\" d=\"M%u %u C%u %u %u %u %u %u\" "
		"marker-end=\"url(#%s)\"><title>",
		is_down(p, from, to) ? "down" : "flow", x1, y1, x1,
		y1 > lift ? y1 - lift : 0, x2, y2 > lift ? y2 - lift : 0, x2,
		y2, is_down(p, from, to) ? "red" : "black");
	xml_text(out, refmon_label_name(s.from));
	fputs(" -&gt; ", out);
	xml_text(out, refmon_label_name(s.to));
	snprintf(text, sizeof(text), ": %s.%s", class_name(s.cls),
		 perm_name(s.cls, s.perm));
	xml_text(out, text);
	fputs("</title></path>\n", out);
}

static void svg_head(const struct picture *p, FILE *out)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" "
		"height=\"%u\">\n<style>text{font:12px sans-serif}"
		".type,.at{text-anchor:middle}.type{font-weight:bold}"
		".at{font-size:10px}.level{font-weight:bold}"
		".lane0{fill:#f4f6f8}.lane1{fill:#e6ebf0}"
		".node{fill:#fff;stroke:#345}"
		".trusted{fill:#fdd;stroke:#c00;stroke-width:2}"
		".flow{fill:none;stroke:#345}"
		".down{fill:none;stroke:#c00}</style>\n",
		MARGIN + p->n * COLUMN, p->model->n_sens * LANE + 70);
	for (u32 i = 0; i < 2; i++) {
		fprintf(out,
			"<marker id=\"%s\" viewBox=\"0 0 8 8\" refX=\"8\" "
			"refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" "
			"orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" "
			"fill=\"%s\"/></marker>\n",
			i ? "red" : "black", i ? "#c00" : "#345");
	}
	fputs("<text class=\"level\" x=\"12\" y=\"20\">", out);
	xml_text(out, p->model->name);
	fputs(": where information may flow; red is trusted, red arrows need "
	      "that trust</text>\n",
	      out);
}

static void svg_arrows(const struct picture *p, bool are_down, FILE *out)
{
	for (u32 from = 0; from < p->n; from++) {
		for (u32 to = 0; to < p->n; to++) {
			if (has_arrow(p, from, to) &&
			    is_down(p, from, to) == are_down) {
				svg_arrow(p, from, to, out);
			}
		}
	}
}

/* What comes later lies above: no arrow hides a red one, none a name. */
void picture_svg(const struct picture *p, FILE *out)
{
	svg_head(p, out);
	svg_lanes(p, out);
	svg_arrows(p, false, out);
	svg_arrows(p, true, out);
	for (u32 i = 0; i < p->n; i++) {
		svg_node(p, i, out);
	}
	fputs("</svg>\n", out);
}

/* ---- DOT: names of policies have no quotes */

static void dot_lane(const struct picture *p, u32 sens, FILE *out)
{
	fprintf(out, "  subgraph \"cluster_%u\" { label=\"%s\";\n", sens,
		p->model->sens[sens]->text);
	for (u32 i = 0; i < p->n; i++) {
		char type[160], level[160];

		if (p->node[i].high != sens) {
			continue;
		}
		node_title(p, i, type, level, sizeof(type));
		fprintf(out, "    n%u [label=\"%s\\n%s\"%s];\n", i, type, level,
			is_trusted(p, i) ? ", color=red" : "");
	}
	fputs("  }\n", out);
}

void picture_dot(const struct picture *p, FILE *out)
{
	fputs("digraph flows {\n  rankdir=BT;\n  node [shape=box];\n", out);
	for (u32 s = 0; s < p->model->n_sens; s++) {
		dot_lane(p, s, out);
	}
	for (u32 from = 0; from < p->n; from++) {
		for (u32 to = 0; to < p->n; to++) {
			if (has_arrow(p, from, to)) {
				fprintf(out, "  n%u -> n%u%s;\n", from, to,
					is_down(p, from, to) ? " [color=red]"
							     : "");
			}
		}
	}
	fputs("}\n", out);
}
