/* SPDX-License-Identifier: Apache-2.0 */
/* separation: can information get from one set of labels to another; the
 * shortest way, or a certificate that there is none (policy/certificate). */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

#include "lang/classes.h"
#include "lang/flow.h"
#include "measure/sha384.h"
#include "refmon/refmon.h"

#define CUT_MAX 4u /* types that together stand on every path */

struct separation {
	const struct policy *p;
	struct flow_graph *g;
	struct label_set from;
	struct label_set to;
	struct type_set via;
	struct flow_path path;
};

/* ---- what the words mean */

static void add_type(const struct model *m, u32 type, struct label_set *out)
{
	for (u32 i = m->types[type].label_first; i < m->types[type].label_end;
	     i++) {
		label_set_add(out, i);
	}
}

/* Labels of this one level. */
static bool add_level(const struct model *m, const char *name,
		      struct label_set *out)
{
	bool is_any = false;

	for (u32 i = 0; i < m->n_labels; i++) {
		char *low = level_text(m, &m->labels[i].low);

		if (!strcmp(low, name) &&
		    !level_compare(&m->labels[i].low, &m->labels[i].high)) {
			label_set_add(out, i);
			is_any = true;
		}
		free(low);
	}
	return is_any;
}

/* A level, a type, a typeset; else what policy_label() knows. */
static bool party(const struct policy *p, const char *name,
		  struct label_set *out)
{
	const struct model *m = p->job.model;
	const struct model_typeset *set = typeset_find(m, name);
	u32 type = type_find(m, name);
	u32 label;

	if (add_level(m, name, out)) {
		return true;
	}
	for (u32 i = 0; i < m->n_types; i++) {
		if (i == type || (set && type_set_has(&set->members, i))) {
			add_type(m, i, out);
		}
	}
	if (type < POLICY_MAX_TYPES || set) {
		return true;
	}
	label = policy_label(p, name);
	if (label < POLICY_MAX_LABELS) {
		label_set_add(out, label);
	}
	return label < POLICY_MAX_LABELS;
}

/* TYPE,TYPE: all of them trusted. */
static bool take_via(const struct policy *p, const char *list,
		     struct type_set *out)
{
	const struct model *m = p->job.model;
	char *copy = strdup(list), *rest = NULL, *name;
	bool is_good = copy != NULL;

	for (name = copy ? strtok_r(copy, ",", &rest) : NULL; name && is_good;
	     name = strtok_r(NULL, ",", &rest)) {
		u32 type = type_find(m, name);

		is_good = type < POLICY_MAX_TYPES && m->types[type].is_trusted;
		if (is_good) {
			type_set_add(out, type);
		} else {
			(void)tool_error("%s has no trusted type '%s'", p->path,
					 name);
		}
	}
	free(copy);
	return is_good;
}

/* ---- the trusted types that every path crosses */

static bool is_end(const struct separation *s, u32 type)
{
	const struct model_type *t = &s->p->job.model->types[type];

	for (u32 i = t->label_first; i < t->label_end; i++) {
		if (label_set_has(&s->from, i) || label_set_has(&s->to, i)) {
			return true;
		}
	}
	return false;
}

/* Can `left` more types from `next` on be added so that no path remains? In
 * order, so the first found is the smallest. Depth at most CUT_MAX. */
static bool cut_search(const struct separation *s, u32 next, u32 left,
		       struct type_set *cut)
{
	const struct model *m = s->p->job.model;
	struct flow_path path;

	if (left == 0) {
		flow_search(m, s->g, &s->from, &s->to, cut, &path);
		return path.n == 0;
	}
	for (u32 i = next; i < m->n_types; i++) {
		struct type_set more = *cut;

		if (!m->types[i].is_trusted || is_end(s, i)) {
			continue;
		}
		type_set_add(&more, i);
		if (cut_search(s, i + 1, left - 1, &more)) {
			*cut = more;
			return true;
		}
	}
	return false;
}

static bool cut_find(const struct separation *s, struct type_set *cut)
{
	for (u32 n = 1; n <= CUT_MAX; n++) {
		*cut = s->via;
		if (cut_search(s, 0, n, cut)) {
			return true;
		}
	}
	return false;
}

static void put_types(const struct model *m, const struct type_set *set,
		      bool is_json)
{
	const char *comma = "";

	for (u32 i = 0; i < m->n_types; i++) {
		if (type_set_has(set, i)) {
			fputs(comma, stdout);
			if (is_json) {
				json_string(stdout, m->types[i].name->text);
			} else {
				fputs(m->types[i].name->text, stdout);
			}
			comma = is_json ? "," : ", ";
		}
	}
}

/* ---- there is a path */

static void put_step(const struct separation *s, u32 i, bool is_json)
{
	struct flow_step step;

	flow_explain(s->p->job.model, s->path.label[i], s->path.label[i + 1],
		     &step);
	if (is_json) {
		fputs(i ? ",{\"from\":" : "{\"from\":", stdout);
		json_string(stdout, refmon_label_name(step.from));
		fputs(",\"to\":", stdout);
		json_string(stdout, refmon_label_name(step.to));
		printf(",\"permission\":\"%s.%s\",\"place\":\"",
		       class_name(step.cls), perm_name(step.cls, step.perm));
		print_place(&s->p->job.source, step.rule->place, stdout);
		fputs("\"}", stdout);
		return;
	}
	printf("  %u. %s -> %s: %s has %s.%s on %s, ", i + 1,
	       refmon_label_name(step.from), refmon_label_name(step.to),
	       refmon_label_name(step.subject), class_name(step.cls),
	       perm_name(step.cls, step.perm), refmon_label_name(step.object));
	print_place(&s->p->job.source, step.rule->place, stdout);
	putchar('\n');
}

static int report_path(const struct options *opt, const struct separation *s)
{
	struct type_set cut;
	bool is_cut = cut_find(s, &cut);

	if (opt->is_json) {
		fputs("{\"separated\":false,\"path\":[", stdout);
	} else {
		printf("not separated: information can get from %s to %s\n",
		       opt->operands[1], opt->operands[2]);
	}
	for (u32 i = 0; i + 1 < s->path.n; i++) {
		put_step(s, i, opt->is_json);
	}
	if (opt->is_json) {
		fputs("],\"must_cross\":", stdout);
		fputs(is_cut ? "[" : "null}\n", stdout);
	} else {
		fputs(is_cut ? "every way crosses one of these trusted types: "
			     : "no trusted types stand on every way\n",
		      stdout);
	}
	if (is_cut) {
		put_types(s->p->job.model, &cut, opt->is_json);
		puts(opt->is_json ? "]}" : "");
	}
	return EXIT_NO;
}

/* ---- there is none */

static void close_set(const struct separation *s, struct label_set *closed)
{
	struct label_set one = { { 0 } };
	struct flow_path path;

	for (u32 i = 0; i < s->g->n; i++) {
		memset(&one, 0, sizeof(one));
		label_set_add(&one, i);
		flow_search(s->p->job.model, s->g, &s->from, &one, &s->via,
			    &path);
		if (path.n) {
			label_set_add(closed, i);
		}
	}
}

static void put_labels(const char *word, const struct label_set *set, u32 n,
		       FILE *out)
{
	for (u32 i = 0; i < n; i++) {
		if (label_set_has(set, i)) {
			fprintf(out, "%s %s\n", word, refmon_label_name(i));
		}
	}
}

static void put_certificate(const struct separation *s, FILE *out)
{
	const struct model *m = s->p->job.model;
	struct label_set closed = { { 0 } }, except = { { 0 } };
	u8 digest[SHA384_BYTES];
	struct sha384 h;

	sha384_init(&h);
	sha384_update(&h, s->p->image, s->p->view.header->total_bytes);
	sha384_final(&h, digest);
	fputs("casemate-certificate 1\nimage ", out);
	print_hex(digest, sizeof(digest), out);
	fputc('\n', out);
	close_set(s, &closed);
	for (u32 i = 0; i < m->n_types; i++) {
		if (type_set_has(&s->via, i)) {
			add_type(m, i, &except);
		}
	}
	put_labels("from", &s->from, s->g->n, out);
	put_labels("to", &s->to, s->g->n, out);
	put_labels("except", &except, s->g->n, out);
	put_labels("closed", &closed, s->g->n, out);
}

static int report_separated(const struct options *opt,
			    const struct separation *s)
{
	struct text t;

	if (opt->is_json) {
		puts("{\"separated\":true}");
	} else {
		printf("separated: no information can get from %s to %s%s%s\n",
		       opt->operands[1], opt->operands[2],
		       opt->via ? ", except via " : "",
		       opt->via ? opt->via : "");
	}
	if (!opt->out) {
		return EXIT_OK;
	}
	text_begin(&t);
	put_certificate(s, t.out);
	return text_end(&t, opt->out);
}

/* What the exception is about is not asked about. */
static void drop_via(struct separation *s)
{
	const struct model *m = s->p->job.model;

	for (u32 i = 0; i < m->n_labels; i++) {
		if (type_set_has(&s->via, m->labels[i].type)) {
			s->from.bits[i / 64] &= ~(1ull << i % 64);
			s->to.bits[i / 64] &= ~(1ull << i % 64);
		}
	}
}

static int separation(const struct options *opt, struct separation *s)
{
	if (!party(s->p, opt->operands[1], &s->from) ||
	    !party(s->p, opt->operands[2], &s->to) ||
	    (opt->via && !take_via(s->p, opt->via, &s->via))) {
		return EXIT_USAGE;
	}
	drop_via(s);
	flow_build(s->p->job.model, s->g);
	flow_search(s->p->job.model, s->g, &s->from, &s->to, &s->via, &s->path);
	return s->path.n ? report_path(opt, s) : report_separated(opt, s);
}

int cmd_separation(const struct options *opt)
{
	struct separation *s = zalloc(sizeof(*s));
	struct policy p;
	int status = policy_open_source(opt, opt->operands[0], &p);

	if (status == EXIT_OK) {
		s->p = &p;
		s->g = zalloc(sizeof(*s->g));
		status = separation(opt, s);
		free(s->g);
	}
	policy_close(&p);
	free(s);
	return status;
}
