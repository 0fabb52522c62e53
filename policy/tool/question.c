/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a question, read by the language's own parser and checks. */
#include "question.h"

#include <stdlib.h>
#include <string.h>

#include "refmon/refmon.h"

/* Nothing that would make the one statement two, or hide its end. */
static bool is_plain(const char *word)
{
	return !word || !strpbrk(word, "\r\n#\"");
}

static char *statement(const char *from, const char *to, const char *via)
{
	struct text t;

	text_begin(&t);
	fprintf(t.out, "assert separated %s from %s%s%s\n", from, to,
		via ? " except via " : "", via ? via : "");
	fclose(t.out);
	return t.at;
}

static void check_trusted(struct checker *c, const struct ast_assert *a,
			  const struct type_set *via)
{
	for (u32 i = 0; i < c->model->n_types; i++) {
		if (type_set_has(via, i) && !c->model->types[i].is_trusted) {
			diag_error(c->diags, span_place(c->ast, a->via),
				   "'%s' is not trusted: what crosses it is no "
				   "exception",
				   c->model->types[i].name->text);
		}
	}
}

/* What is excepted is not asked about. */
static void drop_via(struct checker *c, const struct ast_party *at,
		     const struct type_set *via, struct label_set *set)
{
	u32 left = 0;

	for (u32 i = 0; i < c->model->n_labels; i++) {
		if (type_set_has(via, c->model->labels[i].type)) {
			set->bits[i / 64] &= ~(1ull << i % 64);
		}
		left += label_set_has(set, i);
	}
	if (!left && !c->diags->n_errors) {
		diag_error(c->diags, span_place(c->ast, at->whole),
			   "all labels of this are excepted: nothing is left "
			   "to ask about");
	}
}

static void read_sides(struct checker *c, struct question *out)
{
	const struct ast_assert *a = &c->ast->asserts.at[0];

	check_end(c, &a->from, &out->from);
	check_end(c, &a->to, &out->to);
	check_type_set(c, a->via, &out->via);
	check_trusted(c, a, &out->via);
	drop_via(c, &a->from, &out->via, &out->from);
	drop_via(c, &a->to, &out->via, &out->to);
}

bool question_read(const struct policy *p, const char *from, const char *to,
		   const char *via, struct question *out)
{
	char *text = statement(from, to, via);
	struct job j = { .source = { .path = "casemate-policy: question",
				     .text = text,
				     .bytes = (u32)strlen(text) } };
	struct checker c = { &j.ast, p->job.model, &j.diags, true };
	bool is_good = is_plain(from) && is_plain(to) && is_plain(via);

	j.diags.source = &j.source;
	source_index(&j.source);
	if (!is_good) {
		(void)tool_error("FROM, TO and TYPE are names, levels, ranges "
				 "or labels");
	} else {
		lex(&j.source, &j.tokens, &j.diags);
		parse(&j.tokens, &j.ast, &j.diags);
		if (!j.diags.n_errors) {
			read_sides(&c, out);
		}
		diag_print(&j.diags, stderr);
		is_good = !j.diags.n_errors;
	}
	ast_free(&j.ast);
	lex_free(&j.tokens);
	diag_free(&j.diags);
	source_free(&j.source);
	free(text);
	return is_good;
}

void question_search(const struct question *q, const struct type_set *except,
		     struct flow_path *out)
{
	flow_search(q->m, q->g, &q->from, &q->to, except, out);
}
