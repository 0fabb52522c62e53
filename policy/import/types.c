/* SPDX-License-Identifier: Apache-2.0 */
/* Types, attributes and the rules between them. */
#include <stdlib.h>
#include <string.h>

#include "import.h"
#include "classes.h"

u32 import_find_type(const struct import *im, const char *name)
{
	for (u32 i = 0; i < im->types.n; i++) {
		if (!strcmp(im->types.at[i].name->text, name)) {
			return i;
		}
	}
	return IMPORT_NONE;
}

static struct import_attr *find_attr(const struct import *im, const char *name)
{
	for (u32 i = 0; i < im->attrs.n; i++) {
		if (!strcmp(im->attrs.at[i].name->text, name)) {
			return &im->attrs.at[i];
		}
	}
	return NULL;
}

/* Types and attributes have one space of names. */
static const struct sexp *new_name(struct import *im, const struct sexp *s,
				   u32 n, u32 most)
{
	const struct sexp *name = import_arguments(im, s, 1);

	if (!name) {
		return NULL;
	}
	if (!name->text) {
		diag_error(&im->diags, name->place, "expected a name");
		return NULL;
	}
	if (import_find_type(im, name->text) != IMPORT_NONE ||
	    find_attr(im, name->text)) {
		diag_error(&im->diags, name->place, "'%s' is declared twice",
			   name->text);
		return NULL;
	}
	if (n == most) {
		diag_error(&im->diags, name->place,
			   "more than %u types or attributes", most);
		return NULL;
	}
	return name;
}

void import_type(struct import *im, const struct sexp *s)
{
	const struct sexp *name = new_name(im, s, im->types.n,
					   IMPORT_MAX_TYPES);

	if (name) {
		VEC_PUSH(&im->types)->name = name;
		im->types.at[im->types.n - 1].self = im->types.n - 1;
	}
}

void import_attr(struct import *im, const struct sexp *s)
{
	const struct sexp *name = new_name(im, s, im->attrs.n,
					   IMPORT_MAX_ATTRS);

	if (name) {
		VEC_PUSH(&im->attrs)->name = name;
	}
}

static void unknown_type(struct import *im, const struct sexp *at)
{
	struct guess g = { .wanted = at->text };
	struct diag *d = diag_error(&im->diags, at->place, "unknown type '%s'",
				    at->text);

	for (u32 i = 0; i < im->types.n; i++) {
		guess_offer(&g, im->types.at[i].name->text);
	}
	diag_did_you_mean(d, &g);
}

bool import_types(struct import *im, const struct sexp *at,
		  struct import_set *out)
{
	const struct import_attr *attr;
	u32 type;

	if (!at->text) {
		diag_error(&im->diags, at->place,
			   "expected a type or an attribute, not an "
			   "expression");
		return false;
	}
	type = import_find_type(im, at->text);
	attr = find_attr(im, at->text);
	if (type == IMPORT_NONE && !attr) {
		unknown_type(im, at);
		return false;
	}
	if (type != IMPORT_NONE) {
		import_set_add(out, type);
		return true;
	}
	for (u32 i = 0; i < ARRAY_SIZE(out->bits); i++) {
		out->bits[i] |= attr->members.bits[i];
	}
	return true;
}

/* How casemate-policy's own export says what a type is. */
static void set_kind(struct import *im, const char *attr, u32 type)
{
	static const char *const kinds[] = { [TYPE_DOMAIN] = "domain-type",
					     [TYPE_OBJECT] = "object-type",
					     [TYPE_DEVICE] = "device-type" };

	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(attr, kinds[i])) {
			im->types.at[type].has_kind = true;
			im->types.at[type].kind = (enum type_kind)i;
		}
	}
}

static bool is_expression(const struct sexp *word)
{
	static const char *const operators[] = { "and", "or",  "xor",
						 "not", "all", "range" };

	for (u32 i = 0; i < ARRAY_SIZE(operators); i++) {
		if (sexp_is(word, operators[i])) {
			return true;
		}
	}
	return false;
}

static void add_member(struct import *im, struct import_attr *attr,
		       const struct sexp *at)
{
	u32 type = at->text ? import_find_type(im, at->text) : IMPORT_NONE;

	if (type != IMPORT_NONE) {
		import_set_add(&attr->members, type);
		set_kind(im, attr->name->text, type);
	} else if (!at->text || is_expression(at) || find_attr(im, at->text)) {
		diag_error(&im->diags, at->place,
			   "an attribute is a plain list of types here");
	} else {
		unknown_type(im, at);
	}
}

/* (typeattributeset ATTRIBUTE (TYPE ...)) */
void import_members(struct import *im, const struct sexp *s)
{
	const struct sexp *name = import_arguments(im, s, 2);
	const struct sexp *list, *at;
	struct import_attr *attr;

	if (!name) {
		return;
	}
	list = sexp_next(&im->x, name);
	attr = name->text ? find_attr(im, name->text) : NULL;
	if (!attr) {
		diag_error(&im->diags, name->place, "unknown attribute '%s'",
			   name->text ? name->text : "(");
	} else if (list->text) {
		add_member(im, attr, list);
	} else {
		for (at = sexp_first(&im->x, list); at;
		     at = sexp_next(&im->x, at)) {
			add_member(im, attr, at);
		}
	}
}

/* (typetransition TYPE TYPE domain SELF) */
void import_transition(struct import *im, const struct sexp *s)
{
	const struct sexp *from = import_arguments(im, s, 4);
	u32 type, self;
	struct diag *d;

	if (!from) {
		return;
	}
	type = from->text ? import_find_type(im, from->text) : IMPORT_NONE;
	self = sexp_nth(&im->x, s, 4)->text
		       ? import_find_type(im, sexp_nth(&im->x, s, 4)->text)
		       : IMPORT_NONE;
	if (type == IMPORT_NONE || self == IMPORT_NONE || self == type ||
	    !sexp_is(sexp_nth(&im->x, s, 2), from->text) ||
	    !sexp_is(sexp_nth(&im->x, s, 3), "domain") ||
	    im->types.at[type].self != type || im->types.at[self].is_self) {
		d = diag_error(&im->diags, s->place,
			       "this type transition cannot be imported");
		diag_hint(d, "only (typetransition T T domain T_self), once "
			     "for a type: what T is to itself");
		return;
	}
	im->types.at[type].self = self;
	im->types.at[self].is_self = true;
}

static u32 find_class(struct import *im, const struct sexp *at)
{
	struct guess g = { .wanted = at ? at->text : NULL };
	struct diag *d;
	u32 cls;

	if (!at || !at->text) {
		diag_error(&im->diags, at ? at->place : (struct place){ 0, 1 },
			   "expected a class");
		return CLASS_NONE;
	}
	cls = class_find(at->text);
	if (cls == CLASS_NONE) {
		class_guess(&g);
		d = diag_error(&im->diags, at->place, "unknown class '%s'",
			       at->text);
		diag_did_you_mean(d, &g);
	}
	return cls;
}

static u32 read_perm(struct import *im, const struct sexp *at, u32 cls)
{
	struct guess g = { .wanted = at->text };
	struct diag *d;
	u32 perm;

	if (!at->text) {
		diag_error(&im->diags, at->place, "expected a permission");
		return 0;
	}
	perm = perm_find(cls, at->text);
	if (perm != PERM_NONE) {
		return 1u << perm;
	}
	perm_guess(&g, cls);
	d = diag_error(&im->diags, at->place,
		       "class '%s' has no permission '%s'", class_name(cls),
		       at->text);
	diag_did_you_mean(d, &g);
	return 0;
}

/* CLASS (PERMISSION ...) from an element on. */
static u32 read_perms(struct import *im, const struct sexp *at, u32 *cls)
{
	const struct sexp *list = at ? sexp_next(&im->x, at) : NULL;
	const struct sexp *perm;
	u32 av = 0;

	*cls = find_class(im, at);
	if (*cls == CLASS_NONE) {
		return 0;
	}
	if (!list || list->text || list->next) {
		diag_error(&im->diags, at->place,
			   "expected a class and a list of permissions");
		return 0;
	}
	for (perm = sexp_first(&im->x, list); perm;
	     perm = sexp_next(&im->x, perm)) {
		av |= read_perm(im, perm, *cls);
	}
	return av;
}

u32 import_perms(struct import *im, const struct sexp *at, u32 *cls)
{
	if (at->text) {
		diag_error(&im->diags, at->place,
			   "expected (CLASS (PERMISSION ...)), not a name");
		return 0;
	}
	return read_perms(im, sexp_first(&im->x, at), cls);
}

/* Only that the core has them all. */
void import_class(struct import *im, const struct sexp *s)
{
	u32 cls;

	read_perms(im, sexp_nth(&im->x, s, 1), &cls);
}

/* A self type is asked about by its own type only, and does not act. */
static void add_pair(struct import *im, u32 s, u32 o, u32 cls, u32 av)
{
	if (!im->types.at[s].is_self &&
	    (!im->types.at[o].is_self || im->types.at[s].self == o)) {
		import_pair(im, s, o)->av[cls] |= av;
	}
}

static bool is_on_self(const struct import *im, u32 s, u32 o, u32 cls, u32 av)
{
	u32 own = class_masks(cls).self;

	return !(av & own) || im->types.at[s].self == o;
}

static void add_pairs(struct import *im, const struct sexp *at,
		      const struct import_set *subjects,
		      const struct import_set *objects, bool is_self, u32 cls,
		      u32 av)
{
	bool is_told = false;

	for (u32 s = 0; s < im->types.n; s++) {
		for (u32 o = 0; o < im->types.n; o++) {
			if (!import_set_has(subjects, s) ||
			    !(is_self ? o == s : import_set_has(objects, o))) {
				continue;
			}
			if (!is_told && !im->types.at[s].is_self &&
			    !is_on_self(im, s, o, cls, av)) {
				is_told = true;
				diag_error(&im->diags, at->place,
					   "permissions of '%s' that exist on "
					   "oneself only, on '%s'",
					   class_name(cls),
					   im->types.at[o].name->text);
			}
			add_pair(im, s, o, cls, av);
		}
	}
}

/* (allow SUBJECT OBJECT|self (CLASS (PERMISSION ...))) */
void import_allow(struct import *im, const struct sexp *s)
{
	const struct sexp *subject = import_arguments(im, s, 3);
	const struct sexp *object;
	struct import_set subjects = { { 0 } }, objects = { { 0 } };
	bool is_self;
	u32 cls, av;

	if (!subject) {
		return;
	}
	object = sexp_next(&im->x, subject);
	is_self = sexp_is(object, "self");
	av = import_perms(im, sexp_next(&im->x, object), &cls);
	if (import_types(im, subject, &subjects) &&
	    (is_self || import_types(im, object, &objects)) && av) {
		add_pairs(im, s, &subjects, &objects, is_self, cls, av);
	}
}
