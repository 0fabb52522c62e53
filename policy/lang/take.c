/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces statements are made of: words, levels, labels, permissions. */
#include "parse.h"

#include <string.h>

#include "classes.h"

const struct token *now(const struct parser *p)
{
	return &p->t[p->i];
}

const struct token *after(const struct parser *p)
{
	return now(p)->kind == TOKEN_END ? now(p) : now(p) + 1;
}

bool is_word(const struct parser *p, const char *text)
{
	return now(p)->kind == TOKEN_WORD && !strcmp(now(p)->text, text);
}

/* Right after the last token, where something is missing. */
static struct place gap(const struct parser *p)
{
	struct place last = p->t[p->i - 1].place;

	return (struct place){ last.at + last.bytes, 1 };
}

static struct diag *report_wanted(struct parser *p, const char *what)
{
	if (at_statement(p)) {
		return diag_error(p->diags, gap(p),
				  "the statement ends here, expected %s", what);
	}
	return diag_error(p->diags, now(p)->place, "expected %s, found '%s'",
			  what, now(p)->text);
}

bool wanted(struct parser *p, const char *what)
{
	report_wanted(p, what);
	return false;
}

bool take(struct parser *p, enum token_kind kind, const char *what)
{
	if (now(p)->kind != kind || at_statement(p)) {
		return wanted(p, what);
	}
	p->i++;
	return true;
}

bool take_word_if(struct parser *p, const char *text)
{
	if (!is_word(p, text)) {
		return false;
	}
	p->i++;
	return true;
}

/* "'a'", "'a' or 'b'", "'a', 'b' or 'c'" */
static void list_words(const char *const *words, char *out, size_t room)
{
	size_t used = 0;

	out[0] = '\0';
	for (u32 i = 0; words[i] && used < room; i++) {
		const char *gap = !i ? "" : words[i + 1] ? ", " : " or ";

		used += (size_t)snprintf(out + used, room - used, "%s'%s'", gap,
					 words[i]);
	}
}

int take_choice(struct parser *p, const char *const *words)
{
	struct guess g = { .wanted = now(p)->text };
	struct diag *d;
	char what[120];

	for (int i = 0; words[i]; i++) {
		if (!at_statement(p) && take_word_if(p, words[i])) {
			return i;
		}
		guess_offer(&g, words[i]);
	}
	list_words(words, what, sizeof(what));
	d = report_wanted(p, what);
	if (now(p)->kind == TOKEN_WORD && !at_statement(p)) {
		diag_did_you_mean(d, &g);
	}
	return -1;
}

bool take_word(struct parser *p, const char *text)
{
	const char *const words[] = { text, NULL };

	return take_choice(p, words) == 0;
}

bool take_if(struct parser *p, enum token_kind kind)
{
	if (now(p)->kind != kind) {
		return false;
	}
	p->i++;
	return true;
}

bool take_names(struct parser *p, enum token_kind mark, struct span *out,
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

/* In "never a_t b_t@low : event { bind }" no compartment follows the colon. */
static bool at_permissions(const struct parser *p)
{
	const struct token *word = after(p);

	return now(p)->kind == TOKEN_COLON && word->kind == TOKEN_WORD &&
	       (!strcmp(word->text, "any") || word[1].kind == TOKEN_OPEN);
}

bool take_level(struct parser *p, struct span *out)
{
	struct span names;

	out->first = p->i;
	if (!take(p, TOKEN_WORD, "a level")) {
		return false;
	}
	if (!at_permissions(p) && take_if(p, TOKEN_COLON) &&
	    !take_names(p, TOKEN_COMMA, &names, "a compartment")) {
		return false;
	}
	out->end = p->i;
	return true;
}

bool take_range(struct parser *p, struct ast_range *out)
{
	if (!take_level(p, &out->low)) {
		return false;
	}
	out->high = out->low;
	return !take_if(p, TOKEN_RANGE) || take_level(p, &out->high);
}

bool take_label(struct parser *p, struct ast_label *out)
{
	out->whole.first = p->i;
	out->type = p->i;
	if (!take(p, TOKEN_WORD, "a label (type@level)") ||
	    !take(p, TOKEN_AT, "'@' and a level") ||
	    !take_range(p, &out->range)) {
		return false;
	}
	out->whole.end = p->i;
	return true;
}

/* "device {", then on its own line "use }": no statement begins there. */
static bool is_perm(const struct parser *p, const struct ast_grant *g)
{
	u32 cls = class_find(p->t[g->cls].text);

	return now(p)->kind == TOKEN_WORD &&
	       (!at_statement(p) ||
		(cls != CLASS_NONE &&
		 perm_find(cls, now(p)->text) != PERM_NONE));
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
	while (is_perm(p, &g)) {
		p->i++;
	}
	g.perms.end = p->i;
	if (!take(p, TOKEN_CLOSE, "a permission or '}'")) {
		return false;
	}
	*VEC_PUSH(&p->ast->grants) = g;
	return true;
}

bool take_grants(struct parser *p)
{
	do {
		if (!take_grant(p)) {
			return false;
		}
	} while (now(p)->kind == TOKEN_WORD && after(p)->kind == TOKEN_OPEN &&
		 !at_statement(p));
	return true;
}

bool take_party(struct parser *p, struct ast_party *out, const char *what)
{
	out->whole.first = p->i;
	if (!take_names(p, TOKEN_COMMA, &out->names, what)) {
		return false;
	}
	/* a_t, b_t@level: a list of types has no level of its own */
	if (out->names.end == out->names.first + 1 && take_if(p, TOKEN_AT)) {
		out->has_range = true;
		if (!take_range(p, &out->range)) {
			return false;
		}
	}
	out->whole.end = p->i;
	return true;
}

/* A name alone, or a type at a level. */
static bool take_named(struct parser *p, struct ast_party *out)
{
	struct ast_label label;

	out->names = (struct span){ p->i, p->i + 1 };
	out->has_range = after(p)->kind == TOKEN_AT;
	if (!out->has_range) {
		return take(p, TOKEN_WORD, "a level, a label, a type or a vm");
	}
	if (!take_label(p, &label)) {
		return false;
	}
	out->range = label.range;
	return true;
}

bool take_end(struct parser *p, struct ast_party *out)
{
	bool is_level = after(p)->kind == TOKEN_COLON ||
			after(p)->kind == TOKEN_RANGE;

	out->whole.first = p->i;
	out->has_range = is_level;
	if (is_level ? !take_range(p, &out->range) : !take_named(p, out)) {
		return false;
	}
	out->whole.end = p->i;
	return true;
}

bool take_via(struct parser *p, struct span *out)
{
	*out = (struct span){ p->i, p->i };
	return !take_word_if(p, "except") ||
	       (take_word(p, "via") &&
		take_names(p, TOKEN_COMMA, out, "a type"));
}
