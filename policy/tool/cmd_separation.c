/* SPDX-License-Identifier: Apache-2.0 */
/* separation: can information get from one set of labels to another; the
 * shortest way, or a certificate that there is none (policy/certificate). */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

#include "lang/classes.h"
#include "measure/sha384.h"
#include "question.h"
#include "refmon/refmon.h"

struct separation {
	const struct policy *p;
	struct question q;
	struct flow_path path;
};

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

static void put_cut(const struct model *m, const struct cut *cut, bool is_json)
{
	if (is_json) {
		fputs(cut->is_any ? "],\"must_cross\":["
				  : "],\"must_cross\":null}\n",
		      stdout);
	} else {
		fputs(cut->is_any
			      ? "every way crosses one of these trusted types: "
			      : "no trusted types stand on every way\n",
		      stdout);
	}
	if (!cut->is_any) {
		return;
	}
	put_types(m, &cut->types, is_json);
	if (is_json) {
		printf("],\"is_fewest\":%s}\n",
		       cut->is_fewest ? "true" : "false");
	} else {
		puts(cut->is_fewest ? "" : " (there may be fewer)");
	}
}

static void put_no(const struct options *opt, const struct flow_path *path)
{
	if (path->n == 1) {
		printf("not separated: %s is on both sides\n",
		       refmon_label_name(path->label[0]));
	} else {
		printf("not separated: information can get from %s to %s\n",
		       opt->operands[1], opt->operands[2]);
	}
}

static int report_path(const struct options *opt, const struct separation *s)
{
	struct cut cut;

	cut_find(&s->q, &cut);
	if (opt->is_json) {
		fputs("{\"separated\":false,\"path\":[", stdout);
	} else {
		put_no(opt, &s->path);
	}
	for (u32 i = 0; i + 1 < s->path.n; i++) {
		put_step(s, i, opt->is_json);
	}
	put_cut(s->p->job.model, &cut, opt->is_json);
	return EXIT_NO;
}

/* ---- there is none */

static void close_set(const struct question *q, struct label_set *closed)
{
	struct question one = *q;
	struct flow_path path;

	for (u32 i = 0; i < q->g->n; i++) {
		one.to = (struct label_set){ { 0 } };
		label_set_add(&one.to, i);
		question_search(&one, &q->via, &path);
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
	close_set(&s->q, &closed);
	for (u32 i = 0; i < m->n_labels; i++) {
		if (type_set_has(&s->q.via, m->labels[i].type)) {
			label_set_add(&except, i);
		}
	}
	put_labels("from", &s->q.from, m->n_labels, out);
	put_labels("to", &s->q.to, m->n_labels, out);
	put_labels("except", &except, m->n_labels, out);
	put_labels("closed", &closed, m->n_labels, out);
}

/* Is it only because trusted types stand in between? */
static bool is_by_exception(const struct question *q)
{
	const struct type_set none = { { 0 } };
	struct flow_path path;

	question_search(q, &none, &path);
	return path.n != 0;
}

static void put_yes(const struct options *opt, const struct separation *s)
{
	bool is_by = is_by_exception(&s->q);

	if (opt->is_json) {
		fputs("{\"separated\":true,\"except_via\":[", stdout);
		if (is_by) {
			put_types(s->p->job.model, &s->q.via, true);
		}
		puts("]}");
		return;
	}
	printf("separated: no information can get from %s to %s",
	       opt->operands[1], opt->operands[2]);
	if (is_by) {
		fputs(", except via ", stdout);
		put_types(s->p->job.model, &s->q.via, false);
	} else if (opt->via) {
		fputs(", also without the exception", stdout);
	}
	putchar('\n');
}

static int report_separated(const struct options *opt,
			    const struct separation *s)
{
	struct text t;

	put_yes(opt, s);
	if (!opt->out) {
		return EXIT_OK;
	}
	text_begin(&t);
	put_certificate(s, t.out);
	return text_end(&t, opt->out);
}

static int separation(const struct options *opt, struct separation *s)
{
	if (!question_read(s->p, opt->operands[1], opt->operands[2], opt->via,
			   &s->q)) {
		return EXIT_USAGE;
	}
	flow_build(s->p->job.model, s->q.g);
	question_search(&s->q, &s->q.via, &s->path);
	return s->path.n ? report_path(opt, s) : report_separated(opt, s);
}

int cmd_separation(const struct options *opt)
{
	struct separation *s = zalloc(sizeof(*s));
	struct policy p;
	int status = policy_open_source(opt, opt->operands[0], &p);

	if (status == EXIT_OK) {
		s->p = &p;
		s->q.m = p.job.model;
		s->q.g = zalloc(sizeof(*s->q.g));
		status = separation(opt, s);
		free(s->q.g);
	}
	policy_close(&p);
	free(s);
	return status;
}
