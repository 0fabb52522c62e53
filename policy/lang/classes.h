/* SPDX-License-Identifier: Apache-2.0 */
/* The core's class table (core/refmon/classes.def) by name. */
#pragma once

#include "abi/policy_image.h"
#include "ast.h"

#define CLASS_NONE POLICY_CLASSES
#define PERM_NONE POLICY_PERMS

const char *class_name(u32 cls);	   /* NULL: no such class */
const char *perm_name(u32 cls, u32 perm);  /* NULL: no such permission */
char perm_direction(u32 cls, u32 perm);	   /* R, W, B or N */
struct policy_class class_masks(u32 cls);  /* all zero: no such class */
u32 class_find(const char *name);	   /* CLASS_NONE: unknown */
u32 perm_find(u32 cls, const char *name);  /* PERM_NONE: unknown */
void class_guess(struct guess *g);	   /* offers every class */
void perm_guess(struct guess *g, u32 cls); /* offers its permissions */

/* May something of this kind be the object of this class? */
bool class_fits(u32 cls, enum type_kind kind);
const char *kind_name(enum type_kind kind);
