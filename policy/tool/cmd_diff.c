/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff: what two policies say differently, whatever their order. Each is put
 * into facts, a line of text each; the facts of one that the other has not are
 * the difference.
 */
#include "tool.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lang/classes.h"
#include "reach.h"
#include "refmon/refmon.h"

struct facts {
	VEC(char *) list;
};

static void fact(struct facts *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void fact(struct facts *f, const char *format, ...)
{
	char **slot = VEC_PUSH(&f->list);
	va_list args;

	va_start(args, format);
	if (vasprintf(slot, format, args) < 0) {
		exit(tool_error("out of memory"));
	}
	va_end(args);
}

static int fact_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order, each once. */
static void facts_sort(struct facts *f)
{
	u32 n = 0;

	if (f->list.n > 1) {
		qsort(f->list.at, f->list.n, sizeof(*f->list.at), fact_order);
	}
	for (u32 i = 0; i < f->list.n; i++) {
		if (n && !strcmp(f->list.at[n - 1], f->list.at[i])) {
			free(f->list.at[i]);
		} else {
			f->list.at[n++] = f->list.at[i];
		}
	}
	f->list.n = n;
}

static void facts_free(struct facts *f)
{
	for (u32 i = 0; i < f->list.n; i++) {
		free(f->list.at[i]);
	}
	VEC_FREE(&f->list);
}

/* ---- what a policy says */

static const char *type_name(const struct image_view *v, u32 type)
{
	return v->names + v->types[type].name;
}

static void add_names(const struct image_view *v, struct facts *f)
{
	fact(f, "policy \"%s\"", v->header->name);
	for (u32 i = 0; i < v->header->type_count; i++) {
		u32 flags = v->types[i].flags;

		fact(f, "type %s %s%s", type_name(v, i),
		     flags & POLICY_TYPE_DOMAIN ? "domain" : "object",
		     flags & POLICY_TYPE_TRUSTED ? " trusted" : "");
	}
	for (u32 i = 0; i < v->header->label_count; i++) {
		fact(f, "label %s", v->names + v->labels[i].name);
	}
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		fact(f, "initial %s %s", initial_names[i],
		     v->names + v->labels[v->header->initial[i]].name);
	}
}

static void add_access(struct facts *f, const char *subject, const char *object,
		       const u32 *av)
{
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		for (u32 perm = 0; perm < POLICY_PERMS; perm++) {
			if (av[cls] >> perm & 1) {
				fact(f, "allow %s %s : %s { %s }", subject,
				     object, class_name(cls),
				     perm_name(cls, perm));
			}
		}
	}
}

static void add_rules(const struct image_view *v, struct facts *f)
{
	u32 n = v->header->type_count;

	for (u32 s = 0; s < n; s++) {
		add_access(f, type_name(v, s), "self", v->rows[v->self[s]].av);
		for (u32 o = 0; o < n; o++) {
			add_access(f, type_name(v, s), type_name(v, o),
				   v->rows[v->pair[s * n + o]].av);
		}
	}
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		for (u32 perm = 0; perm < POLICY_PERMS; perm++) {
			if (v->strict[cls] >> perm & 1) {
				fact(f, "strict %s { %s }", class_name(cls),
				     perm_name(cls, perm));
			}
		}
	}
}

static void add_range(const struct model *m, const struct model_type *t,
		      struct facts *f)
{
	char *low = level_text(m, &t->range.low);
	char *high = level_text(m, &t->range.high);

	fact(f, "trusted %s %s .. %s because \"%s\"", t->name->text, low, high,
	     t->because);
	free(low);
	free(high);
}

static void add_claim(const struct job *j, struct place at, struct facts *f)
{
	char *text = statement_text(j, at);

	fact(f, "claim: %s", text);
	free(text);
}

static void add_claims(const struct job *j, struct facts *f)
{
	const struct model *m = j->model;

	for (u32 i = 0; i < m->nevers.n; i++) {
		add_claim(j, m->nevers.at[i].place, f);
	}
	for (u32 i = 0; i < m->asserts.n; i++) {
		add_claim(j, m->asserts.at[i].place, f);
	}
}

/* What a mode gives on top of what every mode has. */
static void add_mode(struct model *m, u32 mode, struct facts *f)
{
	char subject[160];

	for (u32 i = 0; i < m->rules.n; i++) {
		const struct model_rule *r = &m->rules.at[i];

		for (u32 s = 0; r->mode == mode && s < m->n_types; s++) {
			snprintf(subject, sizeof(subject), "mode %s: %s",
				 m->modes[mode - 1]->text,
				 m->types[s].name->text);
			for (u32 o = 0;
			     type_set_has(&r->subjects, s) && o < m->n_types;
			     o++) {
				if (r->is_self ? o == s
					       : type_set_has(&r->objects, o)) {
					add_access(
						f, subject,
						r->is_self
							? "self"
							: m->types[o]
								  .name->text,
						r->access.av);
				}
			}
		}
	}
}

static void add_levels(const struct model *m, struct facts *f)
{
	for (u32 i = 0; i < m->n_sens; i++) {
		fact(f, "level %s", m->sens[i]->text);
	}
	for (u32 i = 0; i < m->n_cats; i++) {
		fact(f, "compartment %s", m->cats[i]->text);
	}
	for (u32 i = 1; i <= m->n_modes; i++) {
		fact(f, "mode %s", m->modes[i - 1]->text);
	}
}

/* What only sources have. */
static void add_source(const struct job *j, struct facts *f)
{
	struct model *m = j->model;

	add_levels(m, f);
	add_claims(j, f);
	for (u32 i = 1; i <= m->n_modes; i++) {
		add_mode(m, i, f);
	}

	for (u32 i = 0; i < m->n_types; i++) {
		if (m->types[i].is_trusted) {
			add_range(m, &m->types[i], f);
		}
	}
	for (u32 i = 0; i < m->vms.n; i++) {
		const struct model_vm *vm = &m->vms.at[i];

		fact(f, "vm %s %s image %s cpus %u memory %lluM",
		     vm->name->text, refmon_label_name(vm->label),
		     vm->image ? vm->image : "any", vm->cpus,
		     (unsigned long long)vm->memory_mib);
	}
	for (u32 i = 0; i < m->devices.n; i++) {
		const struct model_device *d = &m->devices.at[i];

		fact(f, "device %s %s reset %s", d->address,
		     refmon_label_name(d->label), d->reset ? d->reset : "none");
	}
}

static bool has_level(const struct image_view *v, const char *name)
{
	for (u32 i = 0; i < v->header->level_count; i++) {
		if (!strcmp(v->names + v->levels[i].name, name)) {
			return true;
		}
	}
	return false;
}

/* Levels may change under their names: which dominate which, of those that
 * the other policy has, too. */
static void add_order(const struct image_view *v,
		      const struct image_view *other, struct facts *f)
{
	u32 n = v->header->level_count;

	for (u32 a = 0; a < n; a++) {
		const char *name = v->names + v->levels[a].name;

		for (u32 b = 0; b < n && has_level(other, name); b++) {
			const char *below = v->names + v->levels[b].name;

			if (a != b && has_level(other, below) &&
			    reach_dominates(&v->levels[a], &v->levels[b])) {
				fact(f, "order %s over %s", name, below);
			}
		}
	}
}

static void add_all(const struct policy *p, const struct policy *other,
		    struct facts *f)
{
	policy_install(p);
	add_names(&p->view, f);
	add_order(&p->view, &other->view, f);
	add_rules(&p->view, f);
	if (p->is_source && other->is_source) {
		add_source(&p->job, f);
	}
	facts_sort(f);
}

/* ---- flows that go down */

static void add_down(const struct policy *p, struct facts *f)
{
	struct reach *r = zalloc(sizeof(*r));

	policy_install(p);
	reach_build(&p->view, r);
	for (u32 a = 0; a < r->n; a++) {
		for (u32 b = 0; b < r->n; b++) {
			if (reach_is_down(&p->view, r, a, b)) {
				fact(f, "%s -> %s", refmon_label_name(a),
				     refmon_label_name(b));
			}
		}
	}
	free(r);
	facts_sort(f);
}

/* ---- the difference */

struct difference {
	struct facts old;
	struct facts new;
	struct facts old_down;
	struct facts new_down;
};

/* Each fact of a that b has not; how many. out NULL: only count. */
static u32 print_lost(const struct facts *a, const struct facts *b,
		      const char *lead, FILE *out)
{
	u32 n = 0, k = 0;

	for (u32 i = 0; i < a->list.n; i++) {
		const char *text = a->list.at[i];

		while (k < b->list.n && strcmp(b->list.at[k], text) < 0) {
			k++;
		}
		if (k < b->list.n && !strcmp(b->list.at[k], text)) {
			continue;
		}
		if (out) {
			fprintf(out, "%s%s\n", lead, text);
		}
		n++;
	}
	return n;
}

static void json_lost(const char *key, const struct facts *a,
		      const struct facts *b)
{
	struct text t;
	const char *comma = "";
	char *rest, *line;

	text_begin(&t);
	(void)print_lost(a, b, "", t.out);
	fclose(t.out);
	printf("\"%s\":[", key);
	for (line = strtok_r(t.at, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		fputs(comma, stdout);
		json_string(stdout, line);
		comma = ",";
	}
	putchar(']');
	free(t.at);
}

static void print_json(const struct difference *d)
{
	putchar('{');
	json_lost("lost", &d->old, &d->new);
	putchar(',');
	json_lost("gained", &d->new, &d->old);
	putchar(',');
	json_lost("new_downward_flows", &d->new_down, &d->old_down);
	puts("}");
}

static void print_text(const struct difference *d)
{
	(void)print_lost(&d->old, &d->new, "- ", stdout);
	(void)print_lost(&d->new, &d->old, "+ ", stdout);
	if (!print_lost(&d->new_down, &d->old_down, "", NULL)) {
		puts("new downward flows: none");
		return;
	}
	puts("new downward flows:");
	(void)print_lost(&d->new_down, &d->old_down, "  ", stdout);
}

static int compare(const struct options *opt, const struct policy *old,
		   const struct policy *new)
{
	struct difference d = { .old = { .list = { 0 } } };
	u32 changed, down;

	add_all(old, new, &d.old);
	add_down(old, &d.old_down);
	add_all(new, old, &d.new);
	add_down(new, &d.new_down);
	if (opt->is_json) {
		print_json(&d);
	} else {
		print_text(&d);
	}
	changed = print_lost(&d.old, &d.new, "", NULL) +
		  print_lost(&d.new, &d.old, "", NULL);
	down = print_lost(&d.new_down, &d.old_down, "", NULL);
	facts_free(&d.old);
	facts_free(&d.new);
	facts_free(&d.old_down);
	facts_free(&d.new_down);
	if (down && opt->fails_on_downward) {
		return EXIT_DOWNWARD;
	}
	return changed ? EXIT_NO : EXIT_OK;
}

int cmd_diff(const struct options *opt)
{
	struct policy old, new;
	int status = policy_open(opt, opt->operands[0], &old);

	if (status == EXIT_OK) {
		status = policy_open(opt, opt->operands[1], &new);
		if (status == EXIT_OK) {
			status = compare(opt, &old, &new);
		}
		policy_close(&new);
	}
	policy_close(&old);
	return status;
}
