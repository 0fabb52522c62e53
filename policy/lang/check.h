/* SPDX-License-Identifier: Apache-2.0 */
/* Statements to a checked policy; every error is reported. */
#pragma once

#include "model.h"

struct checker {
	const struct ast *ast;
	struct model *model;
	struct diags *diags;
};

/* The model is good if no error was reported. */
void check(const struct ast *ast, struct model *out, struct diags *d);

/* Parts of it: levels.c looks up names of levels, rules.c the allow and
 * strict statements. */
void check_levels(struct checker *c);
bool check_level(struct checker *c, struct span s, struct level *out);
void check_rules(struct checker *c);

/* Looks up types by name; reports what is unknown. POLICY_MAX_TYPES: none. */
u32 check_type_name(struct checker *c, const struct token *name);
bool check_type_set(struct checker *c, struct span s, struct type_set *out);

/* Reports a name that is reserved, too long, or not plain. */
bool check_name(struct checker *c, const struct token *name);

/* Rules that can never permit anything are reported. The image compiled from
 * the model must be installed in the reference monitor. */
void check_dead_rules(struct checker *c);

/* The permissions of class { ... }; unknown ones are reported. */
u32 grant_perms(struct checker *c, const struct ast_grant *g, u32 *cls);
