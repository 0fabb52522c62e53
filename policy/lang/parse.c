/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens to statements. After an error, on to the next line that begins a
 * statement, so that one run reports all errors. */
#include <stdlib.h>
#include <string.h>

#include "ast.h"

struct parser {
	const struct token *t;
	u32 i;
	struct ast *ast;
	struct diags *diags;
};

struct statement {
	const char *keyword;
	bool (*parse)(struct parser *p);
};

static bool parse_policy(struct parser *p);
static bool parse_levels(struct parser *p);
static bool parse_compartments(struct parser *p);
static bool parse_type(struct parser *p);
static bool parse_typeset(struct parser *p);
static bool parse_label(struct parser *p);
static bool parse_initial(struct parser *p);
static bool parse_allow(struct parser *p);
static bool parse_strict(struct parser *p);

static const struct statement statements[] = {
	{ "policy", parse_policy },
	{ "levels", parse_levels },
	{ "compartments", parse_compartments },
	{ "type", parse_type },
	{ "typeset", parse_typeset },
	{ "label", parse_label },
	{ "initial", parse_initial },
	{ "allow", parse_allow },
	{ "strict", parse_strict },
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

bool parse_is_keyword(const char *text)
{
	static const char *const inner[] = {
		"version", "domain", "object",	    "trusted",
		"because", "self",   "expect-dead",
	};

	for (u32 i = 0; i < ARRAY_SIZE(inner); i++) {
		if (!strcmp(inner[i], text)) {
			return true;
		}
	}
	return statement_find(text) != NULL;
}

static const struct token *now(const struct parser *p)
{
	return &p->t[p->i];
}

static const struct token *after(const struct parser *p)
{
	return now(p)->kind == TOKEN_END ? now(p) : now(p) + 1;
}

static bool is_word(const struct parser *p, const char *text)
{
	return now(p)->kind == TOKEN_WORD && !strcmp(now(p)->text, text);
}

/* Does a statement begin here? "policy {" is a class, not a statement. */
static bool at_statement(const struct parser *p)
{
	return now(p)->kind == TOKEN_END ||
	       (now(p)->kind == TOKEN_WORD && now(p)->starts_line &&
		statement_find(now(p)->text) && after(p)->kind != TOKEN_OPEN);
}

/* Right after the last token, where something is missing. */
static struct place gap(const struct parser *p)
{
	struct place last = p->t[p->i - 1].place;

	return (struct place){ last.at + last.bytes, 1 };
}

static bool wanted(struct parser *p, const char *what)
{
	if (at_statement(p)) {
		diag_error(p->diags, gap(p),
			   "the statement ends here, "
			   "expected %s",
			   what);
	} else {
		diag_error(p->diags, now(p)->place, "expected %s, found '%s'",
			   what, now(p)->text);
	}
	return false;
}

static bool take(struct parser *p, enum token_kind kind, const char *what)
{
	if (now(p)->kind != kind || at_statement(p)) {
		return wanted(p, what);
	}
	p->i++;
	return true;
}

static bool take_word(struct parser *p, const char *text)
{
	if (!is_word(p, text)) {
		char what[32];

		snprintf(what, sizeof(what), "'%s'", text);
		return wanted(p, what);
	}
	p->i++;
	return true;
}

static bool take_if(struct parser *p, enum token_kind kind)
{
	if (now(p)->kind != kind) {
		return false;
	}
	p->i++;
	return true;
}

/* NAME { mark NAME } */
static bool take_names(struct parser *p, enum token_kind mark, struct span *out,
		       const char *what)
{
	out->first = p->i;
	do {
		out->end = p->i;
		if (!take(p, TOKEN_WORD, what)) {
			return false;
		}
	} while (take_if(p, mark));
	out->end = p->i;
	return true;
}

/* SENSITIVITY [ : COMPARTMENT { , COMPARTMENT } ] */
static bool take_level(struct parser *p, struct span *out)
{
	struct span names;

	out->first = p->i;
	if (!take(p, TOKEN_WORD, "a level")) {
		return false;
	}
	if (take_if(p, TOKEN_COLON) &&
	    !take_names(p, TOKEN_COMMA, &names, "a compartment")) {
		return false;
	}
	out->end = p->i;
	return true;
}

/* TYPE @ LEVEL [ .. LEVEL ] */
static bool take_label(struct parser *p, struct ast_label *out)
{
	out->whole.first = p->i;
	out->type = p->i;
	if (!take(p, TOKEN_WORD, "a label (type@level)") ||
	    !take(p, TOKEN_AT, "'@' and a level") ||
	    !take_level(p, &out->low)) {
		return false;
	}
	out->high = out->low;
	if (take_if(p, TOKEN_RANGE) && !take_level(p, &out->high)) {
		return false;
	}
	out->whole.end = p->i;
	return true;
}

/* CLASS { PERMISSION ... } */
static bool take_grant(struct parser *p)
{
	struct ast_grant g = { .cls = p->i };

	if (!take(p, TOKEN_WORD, "a class") ||
	    !take(p, TOKEN_OPEN, "'{' and permissions")) {
		return false;
	}
	g.perms.first = p->i;
	while (now(p)->kind == TOKEN_WORD && !at_statement(p)) {
		p->i++;
	}
	g.perms.end = p->i;
	if (!take(p, TOKEN_CLOSE, "a permission or '}'")) {
		return false;
	}
	*VEC_PUSH(&p->ast->grants) = g;
	return true;
}

static bool take_grants(struct parser *p)
{
	do {
		if (!take_grant(p)) {
			return false;
		}
	} while (now(p)->kind == TOKEN_WORD && after(p)->kind == TOKEN_OPEN);
	return true;
}

/* policy "NAME" version NUMBER */
static bool parse_policy(struct parser *p)
{
	u32 keyword = p->i - 1;

	if (p->ast->has_policy) {
		diag_error(p->diags, p->t[keyword].place,
			   "a second policy statement");
		return false;
	}
	p->ast->has_policy = true;
	p->ast->policy = keyword;
	p->ast->name = p->i;
	if (!take(p, TOKEN_STRING, "the policy's name in quotes") ||
	    !take_word(p, "version")) {
		return false;
	}
	p->ast->version = p->i;
	return take(p, TOKEN_NUMBER, "a version number");
}

/* levels LOWEST < ... < HIGHEST */
static bool parse_levels(struct parser *p)
{
	if (p->ast->has_levels) {
		diag_error(p->diags, p->t[p->i - 1].place,
			   "a second levels statement");
		return false;
	}
	p->ast->has_levels = true;
	return take_names(p, TOKEN_LESS, &p->ast->levels, "a level's name");
}

/* compartments NAME ... */
static bool parse_compartments(struct parser *p)
{
	struct span s = { p->i, p->i };

	do {
		if (!take(p, TOKEN_WORD, "a compartment's name")) {
			return false;
		}
		s.end = p->i;
	} while (take_if(p, TOKEN_COMMA) ||
		 (now(p)->kind == TOKEN_WORD && !at_statement(p)));
	*VEC_PUSH(&p->ast->compartments) = s;
	return true;
}

/* trusted LEVEL .. LEVEL because "TEXT" */
static bool parse_trusted(struct parser *p, struct ast_type *type)
{
	if (!take_level(p, &type->low) ||
	    !take(p, TOKEN_RANGE, "'..' and the highest level") ||
	    !take_level(p, &type->high) || !take_word(p, "because")) {
		return false;
	}
	type->because = p->i;
	if (now(p)->kind == TOKEN_STRING && !now(p)->text[0]) {
		diag_error(p->diags, now(p)->place,
			   "a trusted type needs a reason");
	}
	return take(p, TOKEN_STRING, "the reason in quotes");
}

/* domain|object [ trusted ... ] */
static bool parse_type_kind(struct parser *p, struct ast_type *type)
{
	type->is_domain = !is_word(p, "object");
	if (!is_word(p, "domain") && !is_word(p, "object")) {
		return wanted(p, "'domain' or 'object'");
	}
	p->i++;
	if (!is_word(p, "trusted")) {
		return true;
	}
	p->i++;
	type->is_trusted = true;
	type->has_range = parse_trusted(p, type);
	return type->has_range;
}

/* type NAME domain|object [ trusted ... ]
 * A name with an error after it is declared all the same: one error, not one
 * more for every use of the name. */
static bool parse_type(struct parser *p)
{
	struct ast_type type = { .name = p->i };
	bool is_good;

	if (!take(p, TOKEN_WORD, "a type's name")) {
		return false;
	}
	is_good = parse_type_kind(p, &type);
	*VEC_PUSH(&p->ast->types) = type;
	return is_good;
}

/* typeset NAME = TYPE { , TYPE } */
static bool parse_typeset(struct parser *p)
{
	struct ast_typeset set = { .name = p->i };

	if (!take(p, TOKEN_WORD, "a name for the set") ||
	    !take(p, TOKEN_EQUALS, "'='") ||
	    !take_names(p, TOKEN_COMMA, &set.members, "a type")) {
		return false;
	}
	*VEC_PUSH(&p->ast->typesets) = set;
	return true;
}

/* label LABEL ... */
static bool parse_label(struct parser *p)
{
	struct ast_label label;

	do {
		memset(&label, 0, sizeof(label));
		if (!take_label(p, &label)) {
			return false;
		}
		*VEC_PUSH(&p->ast->labels) = label;
	} while (now(p)->kind == TOKEN_WORD && after(p)->kind == TOKEN_AT);
	return true;
}

/* initial SLOT LABEL */
static bool parse_initial(struct parser *p)
{
	struct ast_initial initial = { .slot = p->i };

	if (!take(p, TOKEN_WORD, "an initial object's name") ||
	    !take_label(p, &initial.label)) {
		return false;
	}
	*VEC_PUSH(&p->ast->initials) = initial;
	return true;
}

/* allow SUBJECTS OBJECTS|self : CLASS { ... } ... [ expect-dead ] */
static bool parse_allow(struct parser *p)
{
	struct ast_rule rule = { .keyword = p->i - 1 };

	rule.grant_first = p->ast->grants.n;
	if (!take_names(p, TOKEN_COMMA, &rule.subjects, "a subject type") ||
	    !take_names(p, TOKEN_COMMA, &rule.objects, "an object type") ||
	    !take(p, TOKEN_COLON, "':'") || !take_grants(p)) {
		return false;
	}
	rule.is_self = rule.objects.end == rule.objects.first + 1 &&
		       !strcmp(p->t[rule.objects.first].text, "self");
	rule.grant_end = p->ast->grants.n;
	if (is_word(p, "expect-dead")) {
		p->i++;
		rule.is_expected_dead = true;
	}
	*VEC_PUSH(&p->ast->rules) = rule;
	return true;
}

/* strict CLASS { ... } ... */
static bool parse_strict(struct parser *p)
{
	struct span s = { p->ast->grants.n, 0 };

	if (!take_grants(p)) {
		return false;
	}
	s.end = p->ast->grants.n;
	*VEC_PUSH(&p->ast->stricts) = s;
	return true;
}

static void recover(struct parser *p)
{
	while (!at_statement(p)) {
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

static void parse_statement(struct parser *p)
{
	const struct statement *s = statement_find(now(p)->text);
	bool is_good;

	if (now(p)->kind == TOKEN_WORD && s) {
		p->i++;
		is_good = s->parse(p);
	} else {
		is_good = not_a_statement(p);
		p->i++;
	}
	if (!is_good) {
		recover(p);
	}
}

void parse(const struct tokens *tokens, struct ast *out, struct diags *d)
{
	struct parser p = { .t = tokens->list.at, .ast = out, .diags = d };

	out->tokens = p.t;
	while (now(&p)->kind != TOKEN_END) {
		parse_statement(&p);
	}
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
	VEC_FREE(&a->types);
	VEC_FREE(&a->typesets);
	VEC_FREE(&a->labels);
	VEC_FREE(&a->initials);
	VEC_FREE(&a->grants);
	VEC_FREE(&a->rules);
	VEC_FREE(&a->stricts);
}
