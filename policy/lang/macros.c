/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements that stand for rules: vm, ring, use and diode. This table is
 * their whole meaning; casemate-policy check --expand prints it applied.
 */
#include <string.h>

#include "check.h"
#include "classes.h"

/* Who asks whom, of the two the statement names. */
enum direction {
	ON_SELF,   /* the first, itself */
	FORTH,	   /* the first asks the second */
	BACK,	   /* the second asks the first */
	ON_PUBLIC, /* the first asks core_pub */
};

struct template_row {
	enum rule_origin origin;
	enum direction direction;
	const char *cls;
	const char *perms;
};

static const struct template_row template_rows[] = {
	/* What every kernel does with itself, and reads of the machine. */
	{ ORIGIN_VM, ON_SELF, "domain", "self_shutdown self_info" },
	{ ORIGIN_VM, ON_SELF, "event", "ipi mask poll" },
	{ ORIGIN_VM, ON_SELF, "grant", "setup cache" },
	{ ORIGIN_VM, ON_SELF, "memory", "adjust physmap" },
	{ ORIGIN_VM, ON_SELF, "sched", "yield_block_timer vcpu_op" },
	{ ORIGIN_VM, ON_PUBLIC, "core", "version features gettime" },
	{ ORIGIN_VM, ON_PUBLIC, "event", "bind_virq" },
	/* Events both ways; the back end reaches what the front end grants. */
	{ ORIGIN_RING, FORTH, "event", "offer bind send status close" },
	{ ORIGIN_RING, BACK, "event", "offer bind send status close" },
	{ ORIGIN_RING, BACK, "grant", "map_ro map_rw copy_from copy_to" },
	{ ORIGIN_USE, FORTH, "device",
	  "use irq config_read config_write stat" },
	{ ORIGIN_USE, FORTH, "event", "bind_pirq" },
	/* By carrier: what only writes. */
	{ ORIGIN_DIODE, FORTH, "event", "bind_up send" },
	{ ORIGIN_DIODE, FORTH, "grant", "push" },
	{ ORIGIN_DIODE, FORTH, "store", "write_blind" },
	{ ORIGIN_DIODE, FORTH, "audit", "append" },
	{ ORIGIN_DIODE, FORTH, "console", "write" },
	{ ORIGIN_DIODE, FORTH, "message", "send_blind notify" },
};

/* A statement's two types and where its rules come from. */
struct expansion {
	struct model_rule base;
	struct type_set from;
	struct type_set to;
};

/* The table's words, one at a time. */
static u32 perms_mask(u32 cls, const char *perms)
{
	char word[32];
	u32 av = 0;

	while (*perms) {
		size_t n = strcspn(perms, " ");

		memcpy(word, perms, n);
		word[n] = '\0';
		av |= 1u << perm_find(cls, word);
		perms += n + strspn(perms + n, " ");
	}
	return av;
}

static void set_sides(const struct checker *c, const struct expansion *e,
		      enum direction direction, struct model_rule *r)
{
	const struct model *m = c->model;
	u32 public = m->labels[m->initial[POLICY_INITIAL_CORE_PUB]].type;

	r->is_back = direction == BACK;
	r->subjects = direction == BACK ? e->to : e->from;
	r->objects = direction == FORTH ? e->to : e->from;
	r->is_self = direction == ON_SELF;
	if (direction == ON_PUBLIC) {
		memset(&r->objects, 0, sizeof(r->objects));
		type_set_add(&r->objects, public);
	}
}

/* One rule for each direction, as one would write it. */
static void add_rows(struct checker *c, const struct expansion *e,
		     const char *carrier)
{
	struct model_rule *r = NULL;
	enum direction last = ON_SELF;

	for (u32 i = 0; i < ARRAY_SIZE(template_rows); i++) {
		const struct template_row *row = &template_rows[i];
		u32 cls = class_find(row->cls);

		if (row->origin != e->base.origin ||
		    (carrier && strcmp(carrier, row->cls) != 0)) {
			continue;
		}
		if (!r || row->direction != last) {
			r = VEC_PUSH(&c->model->rules);
			*r = e->base;
			set_sides(c, e, row->direction, r);
			last = row->direction;
		}
		r->access.av[cls] |= perms_mask(cls, row->perms);
	}
}

static void unknown_carrier(struct checker *c, const struct token *name)
{
	struct guess g = { .wanted = name->text };
	struct diag *d = diag_error(c->diags, name->place,
				    "'%s' is nothing a diode can be made of",
				    name->text);

	diag_hint(d, "one of event, grant, store, audit, console, message");
	for (u32 i = 0; i < ARRAY_SIZE(template_rows); i++) {
		if (template_rows[i].origin == ORIGIN_DIODE) {
			guess_offer(&g, template_rows[i].cls);
		}
	}
	diag_did_you_mean(d, &g);
}

static bool is_carrier(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(template_rows); i++) {
		if (template_rows[i].origin == ORIGIN_DIODE &&
		    !strcmp(template_rows[i].cls, name)) {
			return true;
		}
	}
	return false;
}

/* A class that is never asked about the receiver carries nothing. */
static void check_carrier(struct checker *c, const struct token *name,
			  const struct expansion *e)
{
	u32 cls = class_find(name->text);

	for (u32 i = 0; i < c->model->n_types; i++) {
		const struct model_type *type = &c->model->types[i];

		if (type_set_has(&e->to, i) && !class_fits(cls, type->kind)) {
			diag_error(c->diags, name->place,
				   "class '%s' is never asked about %s type "
				   "'%s'",
				   name->text, kind_name(type->kind),
				   type->name->text);
		}
	}
}

static void add_carriers(struct checker *c, struct span carriers,
			 const struct expansion *e)
{
	const struct token *name;
	u32 i = carriers.first;

	while ((name = span_next(c->ast, carriers, &i))) {
		if (is_carrier(name->text)) {
			check_carrier(c, name, e);
			add_rows(c, e, name->text);
		} else {
			unknown_carrier(c, name);
		}
	}
}

/* Are all types of a party of one of the kinds (bits by enum type_kind)? */
static void check_kinds(struct checker *c, const struct ast_party *at,
			const struct type_set *types, u32 kinds,
			const char *role)
{
	for (u32 i = 0; i < c->model->n_types; i++) {
		const struct model_type *type = &c->model->types[i];

		if (type_set_has(types, i) && !(kinds >> type->kind & 1)) {
			diag_error(c->diags, span_place(c->ast, at->whole),
				   "'%s' is of kind '%s': it cannot be %s",
				   type->name->text, kind_name(type->kind),
				   role);
		}
	}
}

struct roles {
	enum rule_origin origin;
	const char *from;
	const char *to;
	u32 to_kinds;
};

static const struct roles macro_roles[] = {
	[MACRO_RING] = { ORIGIN_RING, "a front end", "a back end",
			 1u << TYPE_DOMAIN },
	[MACRO_USE] = { ORIGIN_USE, "a driver", "used as a device",
			1u << TYPE_DEVICE },
	[MACRO_DIODE] = { ORIGIN_DIODE, "a sender", "a receiver",
			  1u << TYPE_DOMAIN | 1u << TYPE_OBJECT },
};

static void check_macro(struct checker *c, u32 index)
{
	const struct ast_macro *at = &c->ast->macros.at[index];
	const struct roles *roles = &macro_roles[at->kind];
	struct expansion e = { .base = { .origin = roles->origin } };
	struct model_macro *m = VEC_PUSH(&c->model->macros);

	m->origin = roles->origin;
	e.base.place = span_place(c->ast, at->whole);
	e.base.mode = at->mode;
	e.base.index = index;
	check_type_set(c, at->from.names, &e.from);
	check_type_set(c, at->to.names, &e.to);
	party_labels(c, &at->from, &e.from, &m->from);
	party_labels(c, &at->to, &e.to, &m->to);
	check_kinds(c, &at->from, &e.from, 1u << TYPE_DOMAIN, roles->from);
	check_kinds(c, &at->to, &e.to, roles->to_kinds, roles->to);
	if (at->kind == MACRO_DIODE) {
		add_carriers(c, at->carriers, &e);
	} else {
		add_rows(c, &e, NULL);
	}
}

static void expand_vm(struct checker *c, u32 index)
{
	const struct model_vm *vm = &c->model->vms.at[index];
	struct expansion e = { .base = { .origin = ORIGIN_VM } };

	e.base.place = vm->name->place;
	e.base.index = index;
	type_set_add(&e.from, c->model->labels[vm->label].type);
	add_rows(c, &e, NULL);
}

/* A vm's label is known only if nothing was wrong before. */
void check_macros(struct checker *c)
{
	for (u32 i = 0; i < c->ast->macros.n; i++) {
		check_macro(c, i);
	}
	for (u32 i = 0; i < c->model->vms.n && c->is_complete; i++) {
		expand_vm(c, i);
	}
}
