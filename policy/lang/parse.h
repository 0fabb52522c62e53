/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the parser share. take_... moves past what it takes, or
 * reports what is missing and returns false. */
#pragma once

#include "ast.h"

struct parser {
	const struct token *t;
	u32 i;
	u32 mode; /* whose braces are open; 0: none */
	struct ast *ast;
	struct diags *diags;
};

/* Right after the keyword; false: there was an error, look for the next. */
bool parse_policy(struct parser *p);
bool parse_levels(struct parser *p);
bool parse_compartments(struct parser *p);
bool parse_range(struct parser *p);
bool parse_type(struct parser *p);
bool parse_typeset(struct parser *p);
bool parse_label(struct parser *p);
bool parse_initial(struct parser *p);
bool parse_vm(struct parser *p);
bool parse_device(struct parser *p);
bool parse_allow(struct parser *p);
bool parse_strict(struct parser *p);
bool parse_ring(struct parser *p);
bool parse_use(struct parser *p);
bool parse_diode(struct parser *p);
bool parse_never(struct parser *p);
bool parse_assert(struct parser *p);
bool parse_conflict(struct parser *p);
bool parse_mode(struct parser *p);

/* Does a statement begin here? "policy {" is a class, not a statement. */
bool at_statement(const struct parser *p);
bool is_statement(const char *word);

const struct token *now(const struct parser *p);
const struct token *after(const struct parser *p);
bool is_word(const struct parser *p, const char *text);
bool wanted(struct parser *p, const char *what);

bool take(struct parser *p, enum token_kind kind, const char *what);
bool take_word(struct parser *p, const char *text);
bool take_if(struct parser *p, enum token_kind kind);
bool take_word_if(struct parser *p, const char *text);

/* One of the words, listed up to a NULL; its index, or -1. */
int take_choice(struct parser *p, const char *const *words);

/* NAME { mark NAME } */
bool take_names(struct parser *p, enum token_kind mark, struct span *out,
		const char *what);
/* SENSITIVITY [ : COMPARTMENT { , COMPARTMENT } ] */
bool take_level(struct parser *p, struct span *out);
/* LEVEL [ .. LEVEL ] */
bool take_range(struct parser *p, struct ast_range *out);
/* TYPE @ RANGE */
bool take_label(struct parser *p, struct ast_label *out);
/* CLASS { PERMISSION ... } ... */
bool take_grants(struct parser *p);
/* TYPES | LABEL */
bool take_party(struct parser *p, struct ast_party *out, const char *what);
/* NAME | LABEL | RANGE */
bool take_end(struct parser *p, struct ast_party *out);
/* [ except via TYPES ] */
bool take_via(struct parser *p, struct span *out);
