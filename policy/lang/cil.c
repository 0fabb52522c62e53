/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CIL export. The core's one rule, "information flows X -> Y only if high(Y)
 * dominates low(X)", becomes two constraints for each class:
 *
 *   permissions that read   (dom h1 l2)      subject's high, object's low
 *   permissions that write  (domby l1 h2)    subject's low, object's high
 *
 * and a third, (eq l1 l2), for strict permissions. Deterministic: the model
 * is sorted.
 */
#include "cil.h"

#include <stdlib.h>

#include "classes.h"

/* CLASS (PERMISSION ...) */
static void write_perms(u32 cls, u32 av, FILE *out)
{
	const char *gap = "";

	fprintf(out, "%s (", class_name(cls));
	for (u32 perm = 0; perm < POLICY_PERMS; perm++) {
		if (av >> perm & 1) {
			fprintf(out, "%s%s", gap, perm_name(cls, perm));
			gap = " ";
		}
	}
	fputc(')', out);
}

static void write_classes(FILE *out)
{
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		if (class_name(cls)) {
			fputs("(class ", out);
			write_perms(cls, class_masks(cls).perms, out);
			fputs(")\n", out);
		}
	}
	fputs("(classorder (", out);
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		if (class_name(cls)) {
			fprintf(out, "%s%s", cls ? " " : "", class_name(cls));
		}
	}
	fputs("))\n", out);
}

static void write_order(const char *keyword, const struct token *const *names,
			u32 n, FILE *out)
{
	fprintf(out, "(%s (", keyword);
	for (u32 i = 0; i < n; i++) {
		fprintf(out, "%s%s", i ? " " : "", names[i]->text);
	}
	fputs("))\n", out);
}

static void write_levels(const struct model *m, FILE *out)
{
	for (u32 i = 0; i < m->n_sens; i++) {
		fprintf(out, "(sensitivity %s)\n", m->sens[i]->text);
	}
	write_order("sensitivityorder", m->sens, m->n_sens, out);
	for (u32 i = 0; i < m->n_cats; i++) {
		fprintf(out, "(category %s)\n", m->cats[i]->text);
	}
	if (!m->n_cats) {
		return;
	}
	write_order("categoryorder", m->cats, m->n_cats, out);
	for (u32 i = 0; i < m->n_sens; i++) {
		fprintf(out, "(sensitivitycategory %s (all))\n",
			m->sens[i]->text);
	}
}

/* (SENSITIVITY (COMPARTMENT ...)) */
static void write_level(const struct model *m, const struct level *level,
			FILE *out)
{
	const char *gap = " (";

	fprintf(out, "(%s", m->sens[level->sens]->text);
	for (u32 i = 0; i < m->n_cats; i++) {
		if (level->cat[i / 64] >> (i % 64) & 1) {
			fprintf(out, "%s%s", gap, m->cats[i]->text);
			gap = " ";
		}
	}
	fputs(gap[1] ? ")" : "))", out);
}

/* The one user and the two roles exist only because contexts need them. */
static void write_users(const struct model *m, FILE *out)
{
	fputs("(user sys_u)\n(role sys_r)\n(role object_r)\n"
	      "(userrole sys_u sys_r)\n(userrole sys_u object_r)\n",
	      out);
	fprintf(out, "(userlevel sys_u (%s))\n", m->sens[0]->text);
	fprintf(out, "(userrange sys_u ((%s) (%s%s)))\n", m->sens[0]->text,
		m->sens[m->n_sens - 1]->text, m->n_cats ? " (all)" : "");
}

static void write_type(const char *name, const char *suffix, FILE *out)
{
	fprintf(out, "(type %s%s)\n(roletype object_r %s%s)\n", name, suffix,
		name, suffix);
}

/* What they are, for whoever imports this; nothing else uses it. */
static void write_kind(const struct model *m, enum type_kind kind, FILE *out)
{
	const char *name = kind_name(kind);
	const char *gap = "";

	for (u32 i = 0; i < m->n_types; i++) {
		if (m->types[i].kind != kind) {
			continue;
		}
		if (!gap[0]) {
			fprintf(out,
				"(typeattribute %s-type)\n"
				"(typeattributeset %s-type (",
				name, name);
		}
		fprintf(out, "%s%s", gap, m->types[i].name->text);
		gap = " ";
	}
	fputs(gap[0] ? "))\n" : "", out);
}

static void write_types(const struct model *m, FILE *out)
{
	for (u32 i = 0; i < m->n_types; i++) {
		const char *name = m->types[i].name->text;

		write_type(name, "", out);
		fprintf(out, "(roletype sys_r %s)\n", name);
		write_type(name, "_self", out);
		fprintf(out, "(typetransition %s %s domain %s_self)\n", name,
			name, name);
	}
	write_kind(m, TYPE_DOMAIN, out);
	write_kind(m, TYPE_OBJECT, out);
	write_kind(m, TYPE_DEVICE, out);
}

static void write_allow(const char *subject, const char *object,
			const char *suffix, const struct access *access,
			FILE *out)
{
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		if (access->av[cls]) {
			fprintf(out, "(allow %s %s%s (", subject, object,
				suffix);
			write_perms(cls, access->av[cls], out);
			fputs("))\n", out);
		}
	}
}

/* secilc refuses a policy without rules: no policy can have a type named
 * "no-one", so a rule about it decides nothing. */
static void write_filler(FILE *out)
{
	struct access any = { .av = { 1 } };

	write_type("no-one", "", out);
	write_allow("no-one", "no-one", "", &any, out);
}

static void write_rules(const struct model *m, FILE *out)
{
	write_filler(out);
	for (u32 s = 0; s < m->n_types; s++) {
		const char *subject = m->types[s].name->text;

		write_allow(subject, subject, "_self", &m->self[s], out);
		for (u32 o = 0; o < m->n_types; o++) {
			write_allow(subject, m->types[o].name->text, "",
				    &m->pair[s][o], out);
		}
	}
}

static void write_constraint(u32 cls, u32 av, const char *test, FILE *out)
{
	if (av) {
		fputs("(mlsconstrain (", out);
		write_perms(cls, av, out);
		fprintf(out, ") %s)\n", test);
	}
}

static void write_constraints(const struct model *m, FILE *out)
{
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		struct policy_class masks = class_masks(cls);

		write_constraint(cls, masks.reads, "(dom h1 l2)", out);
		write_constraint(cls, masks.writes, "(domby l1 h2)", out);
		write_constraint(cls, m->strict.av[cls], "(eq l1 l2)", out);
	}
}

static void write_context(const struct model *m, u32 label, FILE *out)
{
	const struct model_label *l = &m->labels[label];

	fprintf(out, "(sys_u object_r %s (", m->types[l->type].name->text);
	write_level(m, &l->low, out);
	fputc(' ', out);
	write_level(m, &l->high, out);
	fputs("))", out);
}

/* Nothing uses these contexts: they say which labels there are. */
static void write_labels(const struct model *m, FILE *out)
{
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		fprintf(out, "(context %s ", initial_names[i]);
		write_context(m, m->initial[i], out);
		fputs(")\n", out);
	}
	for (u32 i = 0; i < m->n_labels; i++) {
		fprintf(out, "(context label_%u ", i);
		write_context(m, i, out);
		fputs(")\n", out);
	}
}

/* libsepol wants one initial SID at least; it takes the core's state. */
static void write_sids(const struct model *m, FILE *out)
{
	write_labels(m, out);
	fputs("(sid kernel)\n(sidorder (kernel))\n(sidcontext kernel ", out);
	write_context(m, m->initial[POLICY_INITIAL_CORE_STATE], out);
	fputs(")\n", out);
}

void cil_write(const struct model *m, FILE *out)
{
	fprintf(out,
		"; Casemate policy \"%s\" version %llu, exported for analysis."
		"\n; The core does not read this: it reads the image.\n"
		"(handleunknown deny)\n(mls true)\n",
		m->name, (unsigned long long)m->version);
	write_classes(out);
	write_levels(m, out);
	write_users(m, out);
	write_types(m, out);
	write_rules(m, out);
	write_constraints(m, out);
	write_sids(m, out);
}
