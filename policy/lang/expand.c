/* SPDX-License-Identifier: Apache-2.0 */
/* Macros as the rules and labels they stand for. */
#include "expand.h"

#include <stdlib.h>

#include "classes.h"

static void print_types(const struct model *m, const struct type_set *types,
			FILE *out)
{
	const char *gap = " ";

	for (u32 i = 0; i < m->n_types; i++) {
		if (type_set_has(types, i)) {
			fprintf(out, "%s%s", gap, m->types[i].name->text);
			gap = ", ";
		}
	}
}

static void print_access(const struct access *access, FILE *out)
{
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		if (!access->av[cls]) {
			continue;
		}
		fprintf(out, "\n\t%s {", class_name(cls));
		for (u32 perm = 0; perm < POLICY_PERMS; perm++) {
			if (access->av[cls] >> perm & 1) {
				fprintf(out, " %s", perm_name(cls, perm));
			}
		}
		fputs(" }", out);
	}
	fputc('\n', out);
}

static void print_rule(const struct model *m, const struct model_rule *r,
		       FILE *out)
{
	fputs("allow", out);
	print_types(m, &r->subjects, out);
	if (r->is_self) {
		fputs(" self", out);
	} else {
		print_types(m, &r->objects, out);
	}
	fputs(" :", out);
	print_access(&r->access, out);
}

/* The statement in its own words, on one line. */
static void print_words(const struct source *s, struct place p, FILE *out)
{
	bool is_gap = false;

	for (u32 i = 0; i < p.bytes; i++) {
		char c = s->text[p.at + i];

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			is_gap = true;
			continue;
		}
		fprintf(out, "%s%c", is_gap ? " " : "", c);
		is_gap = false;
	}
	fputc('\n', out);
}

static void print_place(const struct source *s, struct place p, FILE *out)
{
	u32 line, column;

	source_locate(s, p.at, &line, &column);
	fprintf(out, "# %s:%u: ", s->path, line);
}

static void print_rules(const struct model *m, enum rule_origin origin,
			u32 index, FILE *out)
{
	for (u32 i = 0; i < m->rules.n; i++) {
		const struct model_rule *r = &m->rules.at[i];

		if (r->origin == origin && r->index == index) {
			print_rule(m, r, out);
		}
	}
}

/* A label that only vms or devices list: with the first of them. */
static void print_label(const struct ast *ast, const struct model *m, u32 label,
			const struct ast_label *at, FILE *out)
{
	const struct model_label *l = &m->labels[label];
	char *text;

	if (l->is_implied && l->place.at == span_place(ast, at->whole).at) {
		text = label_text(m, l);
		fprintf(out, "label %s\n", text);
		free(text);
	}
}

static void print_vm(const struct ast *ast, const struct model *m, u32 index,
		     const struct source *s, FILE *out)
{
	const struct model_vm *vm = &m->vms.at[index];

	print_place(s, vm->name->place, out);
	fprintf(out, "vm %s\n", vm->name->text);
	print_label(ast, m, vm->label, &ast->vms.at[index].label, out);
	print_rules(m, ORIGIN_VM, index, out);
}

static void print_device(const struct ast *ast, const struct model *m,
			 u32 index, const struct source *s, FILE *out)
{
	const struct model_device *device = &m->devices.at[index];

	print_place(s, device->place, out);
	fprintf(out, "device %s\n", device->address);
	print_label(ast, m, device->label, &ast->devices.at[index].label, out);
}

static void print_macro(const struct ast *ast, const struct model *m, u32 index,
			const struct source *s, FILE *out)
{
	const struct ast_macro *at = &ast->macros.at[index];
	struct place place = span_place(ast, at->whole);

	print_place(s, place, out);
	print_words(s, place, out);
	if (at->mode) {
		fprintf(out, "mode %s adds {\n", m->modes[at->mode - 1]->text);
	}
	print_rules(m, m->macros.at[index].origin, index, out);
	fputs(at->mode ? "}\n" : "", out);
}

void expand_print(const struct ast *ast, const struct model *m,
		  const struct source *s, FILE *out)
{
	for (u32 i = 0; i < m->vms.n; i++) {
		print_vm(ast, m, i, s, out);
	}
	for (u32 i = 0; i < m->devices.n; i++) {
		print_device(ast, m, i, s, out);
	}
	for (u32 i = 0; i < m->macros.n; i++) {
		print_macro(ast, m, i, s, out);
	}
}
