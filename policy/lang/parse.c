/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens to statements. After an error, on to the next line that begins a
 * statement, so that one run reports all errors. */
#include "parse.h"

#include <stdlib.h>
#include <string.h>

#include "classes.h"

struct statement {
	const char *keyword;
	bool (*parse)(struct parser *p);
	bool is_of_modes; /* may stand between a mode's braces */
};

static const struct statement statements[] = {
	{ "policy", parse_policy, false },
	{ "levels", parse_levels, false },
	{ "compartments", parse_compartments, false },
	{ "range", parse_range, false },
	{ "type", parse_type, false },
	{ "typeset", parse_typeset, false },
	{ "label", parse_label, false },
	{ "initial", parse_initial, false },
	{ "vm", parse_vm, false },
	{ "device", parse_device, false },
	{ "allow", parse_allow, true },
	{ "ring", parse_ring, true },
	{ "use", parse_use, true },
	{ "diode", parse_diode, true },
	{ "strict", parse_strict, false },
	{ "never", parse_never, false },
	{ "assert", parse_assert, false },
	{ "conflict", parse_conflict, false },
	{ "mode", parse_mode, false },
};

static const struct statement *statement_find(const char *text)
{
	for (u32 i = 0; i < ARRAY_SIZE(statements); i++) {
		if (!strcmp(statements[i].keyword, text)) {
			return &statements[i];
		}
	}
	return NULL;
}

bool is_statement(const char *word)
{
	return statement_find(word) != NULL;
}

bool parse_is_keyword(const char *text)
{
	static const char *const inner[] = {
		"version",     "domain", "object", "trusted", "because", "self",
		"expect-dead", "except", "via",	   "from",    "adds",
	};

	for (u32 i = 0; i < ARRAY_SIZE(inner); i++) {
		if (!strcmp(inner[i], text)) {
			return true;
		}
	}
	return is_statement(text);
}

bool at_statement(const struct parser *p)
{
	const struct token *t = now(p);

	return t->kind == TOKEN_END ||
	       (t->kind == TOKEN_WORD && t->starts_line &&
		is_statement(t->text) &&
		(after(p)->kind != TOKEN_OPEN ||
		 class_find(t->text) == CLASS_NONE));
}

/* A mode's closing brace is looked for at the beginning of a line only. */
static void recover(struct parser *p)
{
	while (!at_statement(p) && !(p->mode && now(p)->kind == TOKEN_CLOSE &&
				     now(p)->starts_line)) {
		p->i++;
	}
}

static bool not_a_statement(struct parser *p)
{
	struct guess g = { .wanted = now(p)->text };
	struct diag *d = diag_error(p->diags, now(p)->place,
				    "expected a statement, found '%s'",
				    now(p)->text);

	for (u32 i = 0; i < ARRAY_SIZE(statements); i++) {
		guess_offer(&g, statements[i].keyword);
	}
	diag_did_you_mean(d, &g);
	return false;
}

static bool not_in_a_mode(struct parser *p)
{
	struct diag *d = diag_error(p->diags, now(p)->place,
				    "a mode adds rules, not '%s'",
				    now(p)->text);

	diag_hint(d, "close the mode with '}' before this statement");
	return false;
}

static bool parse_statement(struct parser *p)
{
	const struct statement *s = statement_find(now(p)->text);

	if (p->mode && take_if(p, TOKEN_CLOSE)) {
		p->mode = 0;
		return true;
	}
	if (now(p)->kind != TOKEN_WORD || !s) {
		not_a_statement(p);
	} else if (p->mode && !s->is_of_modes) {
		not_in_a_mode(p);
	} else {
		p->i++;
		return s->parse(p);
	}
	p->i++;
	return false;
}

static void report_open_mode(struct parser *p)
{
	const struct token *name;

	if (p->mode) {
		name = &p->t[p->ast->modes.at[p->mode - 1]];
		diag_error(p->diags, name->place,
			   "mode '%s' has no closing '}'", name->text);
	}
}

void parse(const struct tokens *tokens, struct ast *out, struct diags *d)
{
	struct parser p = { .t = tokens->list.at, .ast = out, .diags = d };

	out->tokens = p.t;
	while (now(&p)->kind != TOKEN_END) {
		if (!parse_statement(&p)) {
			recover(&p);
		}
	}
	report_open_mode(&p);
}

const struct token *span_next(const struct ast *a, struct span s, u32 *i)
{
	while (*i < s.end) {
		const struct token *t = &a->tokens[(*i)++];

		if (t->kind == TOKEN_WORD) {
			return t;
		}
	}
	return NULL;
}

struct place span_place(const struct ast *a, struct span s)
{
	struct place first = a->tokens[s.first].place;
	struct place last = a->tokens[s.end - 1].place;

	first.bytes = last.at + last.bytes - first.at;
	return first;
}

void ast_free(struct ast *a)
{
	VEC_FREE(&a->compartments);
	VEC_FREE(&a->ranges);
	VEC_FREE(&a->types);
	VEC_FREE(&a->typesets);
	VEC_FREE(&a->labels);
	VEC_FREE(&a->initials);
	VEC_FREE(&a->vms);
	VEC_FREE(&a->devices);
	VEC_FREE(&a->grants);
	VEC_FREE(&a->rules);
	VEC_FREE(&a->macros);
	VEC_FREE(&a->stricts);
	VEC_FREE(&a->nevers);
	VEC_FREE(&a->asserts);
	VEC_FREE(&a->conflicts);
	VEC_FREE(&a->members);
	VEC_FREE(&a->sets);
	VEC_FREE(&a->modes);
}
