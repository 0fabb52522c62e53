/* SPDX-License-Identifier: Apache-2.0 */
/* Statements to a checked policy; every error is reported. */
#pragma once

#include "model.h"

struct checker {
	const struct ast *ast;
	struct model *model;
	struct diags *diags;
	bool is_complete; /* no label is missing because of an error */
};

/* The model is good if no error was reported. */
void check(const struct ast *ast, struct model *out, struct diags *d);

/* Parts of it, in this order: levels.c, types.c, labels.c, things.c, rules.c,
 * macros.c, claims.c. */
void check_levels(struct checker *c);
void check_ranges(struct checker *c);
void check_types(struct checker *c);
void check_labels(struct checker *c);
void check_things(struct checker *c); /* vms, devices and modes */
void check_rules(struct checker *c);
void check_macros(struct checker *c);
void check_claims(struct checker *c); /* never, assert, conflict */

/* LEVEL .. LEVEL, a level or a range's name; what is unknown is reported. */
bool check_range(struct checker *c, const struct ast_range *at,
		 struct level_range *out);
bool check_range_order(struct checker *c, const struct ast_range *at,
		       const struct level_range *range);
bool range_is_level(const struct checker *c, const struct ast_range *at);
struct place range_place(const struct checker *c, const struct ast_range *at);
bool check_level_is_name(const struct checker *c, const char *name);
void level_guess(const struct checker *c, struct guess *g);

/* Looks up types by name; reports what is unknown. POLICY_MAX_TYPES: none. */
u32 type_find(const struct model *m, const char *name);
const struct model_typeset *typeset_find(const struct model *m,
					 const char *name);
u32 check_type_name(struct checker *c, const struct token *name);
bool check_type_set(struct checker *c, struct span s, struct type_set *out);
void type_guess(const struct model *m, struct guess *g);

/* NULL: no vm is called so. */
const struct model_vm *vm_find(const struct model *m, const char *name);

/* A label; false and a report if it cannot be. */
bool check_label(struct checker *c, const struct ast_label *at,
		 struct model_label *out);
bool label_error(struct checker *c, const struct ast_label *at,
		 const char *message, const char *hint);

/* Reports a name that is reserved, too long, or not plain. */
bool check_name(struct checker *c, const struct token *name);

/* The permissions of class { ... }; unknown ones are reported. */
u32 grant_perms(struct checker *c, const struct ast_grant *g, u32 *cls);

/* The labels a party of a rule or a claim stands for, whose types are known:
 * all of these types, or those within a range. */
void party_labels(struct checker *c, const struct ast_party *at,
		  const struct type_set *types, struct label_set *out);

/* Of a flow: also levels, ranges and vms. */
void check_end(struct checker *c, const struct ast_party *at,
	       struct label_set *out);
