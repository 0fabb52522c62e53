/* SPDX-License-Identifier: Apache-2.0 */
/* flow: every step that information may take. */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

#include "lang/classes.h"
#include "picture.h"
#include "refmon/refmon.h"

static void put_step(const struct policy *p, const struct flow_step *s,
		     FILE *out)
{
	fprintf(out, "%s -> %s: %s has %s.%s on %s, ",
		refmon_label_name(s->from), refmon_label_name(s->to),
		refmon_label_name(s->subject), class_name(s->cls),
		perm_name(s->cls, s->perm), refmon_label_name(s->object));
	print_place(&p->job.source, s->rule->place, out);
	fputc('\n', out);
}

static void put_step_json(const struct policy *p, const struct flow_step *s,
			  bool is_first, FILE *out)
{
	u32 line, column;

	source_locate(&p->job.source, s->rule->place.at, &line, &column);
	fputs(is_first ? "\n{\"from\":" : ",\n{\"from\":", out);
	json_string(out, refmon_label_name(s->from));
	fputs(",\"to\":", out);
	json_string(out, refmon_label_name(s->to));
	fprintf(out,
		",\"subject\":\"%s\",\"class\":\"%s\",\"permission\":\"%s\","
		"\"line\":%u,\"column\":%u}",
		s->subject == s->from ? "from" : "to", class_name(s->cls),
		perm_name(s->cls, s->perm), line, column);
}

static void put_steps(const struct policy *p, const struct flow_graph *g,
		      bool is_json, FILE *out)
{
	struct flow_step s;
	bool is_first = true;

	fputs(is_json ? "{\"flows\":[" : "", out);
	for (u32 from = 0; from < g->n; from++) {
		for (u32 to = 0; to < g->n; to++) {
			if (from == to || !flow_has(g, from, to)) {
				continue;
			}
			flow_explain(p->job.model, from, to, &s);
			if (is_json) {
				put_step_json(p, &s, is_first, out);
			} else {
				put_step(p, &s, out);
			}
			is_first = false;
		}
	}
	fputs(is_json ? "\n]}\n" : "", out);
}

static void put(const struct options *opt, const struct policy *p,
		const char *format, FILE *out)
{
	struct flow_graph *g = zalloc(sizeof(*g));
	struct picture *picture = zalloc(sizeof(*picture));

	flow_build(p->job.model, g);
	picture_make(p->job.model, g, picture);
	if (opt->is_json || !strcmp(format, "text")) {
		put_steps(p, g, opt->is_json, out);
	} else if (!strcmp(format, "dot")) {
		picture_dot(picture, out);
	} else {
		picture_svg(picture, out);
	}
	free(picture);
	free(g);
}

int cmd_flow(const struct options *opt)
{
	const char *format = opt->format ? opt->format : "text";
	struct policy p;
	struct text t;
	int status;

	if (strcmp(format, "text") != 0 && strcmp(format, "dot") != 0 &&
	    strcmp(format, "svg") != 0) {
		return tool_error("--format is text, dot or svg, not %s",
				  format);
	}
	status = policy_open_source(opt, opt->operands[0], &p);
	if (status == EXIT_OK) {
		text_begin(&t);
		put(opt, &p, format, t.out);
		status = text_end(&t, opt->out);
	}
	policy_close(&p);
	return status;
}
