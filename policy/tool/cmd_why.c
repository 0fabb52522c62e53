/* SPDX-License-Identifier: Apache-2.0 */
/* why: the decision, the rule that is nearest to it, and the smallest change
 * that is safe: one that breaks no claim and widens no trust. */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

#include "lang/classes.h"
#include "reach.h"
#include "refmon/refmon.h"

struct question {
	u32 subject;
	u32 object;
	bool is_self;
	u32 cls;
	u32 perm;
};

struct answer {
	struct question q;
	enum refmon_cause cause;
	const struct model_rule *rule; /* that permits it, or is nearest */
	char change[400];	       /* a line of policy, or "" */
	char advice[400];	       /* where no line helps */
	struct text breaks;	       /* claims the change would break */
	bool is_breaking;
};

static enum refmon_cause decide(const struct question *q)
{
	return refmon_decide(q->subject, q->object, q->is_self, q->cls,
			     q->perm);
}

/* ---- the rule */

static u32 type_of(const struct policy *p, u32 label)
{
	return p->job.model->labels[label].type;
}

static u32 score(const struct policy *p, const struct question *q,
		 const struct model_rule *r)
{
	bool is_by = type_set_has(&r->subjects, type_of(p, q->subject));
	bool is_on = r->is_self == q->is_self &&
		     (r->is_self ||
		      type_set_has(&r->objects, type_of(p, q->object)));
	u32 av = r->access.av[q->cls];

	if (!model_rule_is_active(p->job.model, r) || !(is_by || is_on)) {
		return 0;
	}
	return 4u * (is_by && is_on) + 2u * (av >> q->perm & 1) + (av != 0);
}

/* That permits it if there is one: nothing scores more. */
static const struct model_rule *rule_nearest(const struct policy *p,
					     const struct question *q)
{
	const struct model *m = p->job.model;
	const struct model_rule *best = NULL;
	u32 most = 0;

	for (u32 i = 0; i < m->rules.n; i++) {
		u32 s = score(p, q, &m->rules.at[i]);

		if (s > most) {
			most = s;
			best = &m->rules.at[i];
		}
	}
	return best;
}

/* ---- the change */

static void write_rule(const struct policy *p, const struct question *q,
		       char *out, size_t room)
{
	const struct model *m = p->job.model;

	snprintf(out, room, "allow %s %s : %s { %s }",
		 m->types[type_of(p, q->subject)].name->text,
		 q->is_self ? "self"
			    : m->types[type_of(p, q->object)].name->text,
		 class_name(q->cls), perm_name(q->cls, q->perm));
}

/* A way to a level that is not above, that was not there: no safe change. */
static void find_down(const struct policy *p, const struct policy *changed,
		      struct answer *a)
{
	struct reach *old = zalloc(sizeof(*old));
	struct reach *new = zalloc(sizeof(*new));

	reach_build(&changed->view, new);
	policy_install(p);
	reach_build(&p->view, old);
	for (u32 from = 0; from < new->n && !a->is_breaking; from++) {
		for (u32 to = 0; to < new->n && !a->is_breaking; to++) {
			if (reach_is_down(&changed->view, new, from, to) &&
			    !reach_has(old, from, to)) {
				a->is_breaking = true;
				fprintf(a->breaks.out,
					"a way down opens: %s -> %s\n",
					refmon_label_name(from),
					refmon_label_name(to));
			}
		}
	}
	free(new);
	free(old);
}

/* Compile the source with one line more, and ask again. */
static enum refmon_cause try_change(const struct policy *p,
				    const struct question *q, const char *mode,
				    struct answer *a)
{
	struct policy changed = { .path = p->path };
	enum refmon_cause cause = REFMON_NO_RULE;
	char *text;
	int n = asprintf(&text, "%s\n%s\n", p->text, a->change);

	if (n < 0) {
		exit(tool_error("out of memory"));
	}
	changed.job.source = (struct source){ .path = p->path,
					      .text = text,
					      .bytes = (u32)n };
	job_compile(&changed.job, mode);
	a->is_breaking = changed.job.diags.n_errors != 0;
	if (a->is_breaking) {
		diag_print(&changed.job.diags, a->breaks.out);
	} else {
		changed.image = changed.job.image.bytes;
		image_view(changed.image, &changed.view);
		policy_install(&changed);
		cause = decide(q);
		find_down(p, &changed, a);
	}
	job_free(&changed.job);
	free(text);
	policy_install(p);
	return cause;
}

static void advise_levels(const struct question *q, enum refmon_cause cause,
			  struct answer *a)
{
	const char *from = refmon_label_name(
		cause == REFMON_READ_UP ? q->object : q->subject);
	const char *to = refmon_label_name(cause == REFMON_READ_UP ? q->subject
								   : q->object);

	snprintf(a->advice, sizeof(a->advice),
		 "no rule helps: information would flow down, from %s to %s. "
		 "Let it flow up instead (diode), or through a guard whose "
		 "type is trusted over both levels and says why",
		 from, to);
}

/* A mode that has the rule which is missing here. */
static void advise_mode(const struct policy *p, struct answer *a)
{
	const struct model *m = p->job.model;
	const struct question *q = &a->q;

	for (u32 i = 0; i < m->rules.n && !a->advice[0]; i++) {
		const struct model_rule *r = &m->rules.at[i];

		if (r->mode && !model_rule_is_active(m, r) &&
		    r->is_self == q->is_self &&
		    r->access.av[q->cls] >> q->perm & 1 &&
		    type_set_has(&r->subjects, type_of(p, q->subject)) &&
		    (q->is_self ||
		     type_set_has(&r->objects, type_of(p, q->object)))) {
			snprintf(a->advice, sizeof(a->advice),
				 "mode '%s' has a rule for it",
				 m->modes[r->mode - 1]->text);
		}
	}
}

static bool is_self_only(const struct question *q)
{
	return !q->is_self && class_masks(q->cls).self >> q->perm & 1;
}

static void advise(const struct policy *p, const char *mode, struct answer *a)
{
	enum refmon_cause cause = a->cause;

	if (is_self_only(&a->q)) {
		cause = REFMON_BAD_QUERY;
	}
	advise_mode(p, a);
	if (cause == REFMON_NO_RULE) {
		write_rule(p, &a->q, a->change, sizeof(a->change));
		cause = try_change(p, &a->q, mode, a);
	}
	switch (cause) {
	case REFMON_READ_UP:
	case REFMON_WRITE_DOWN:
		a->change[0] = '\0';
		advise_levels(&a->q, cause, a);
		break;
	case REFMON_STRICT:
		a->change[0] = '\0';
		snprintf(a->advice, sizeof(a->advice),
			 "the policy's strict statement asks for equal levels: "
			 "give both one level, or take '%s %s' out of it",
			 class_name(a->q.cls), perm_name(a->q.cls, a->q.perm));
		break;
	case REFMON_BAD_QUERY:
		snprintf(a->advice, sizeof(a->advice),
			 "this permission exists for a domain on itself only: "
			 "ask with --self");
		break;
	default:
		break;
	}
}

/* ---- the question */

static bool take_between(const char **at, const char *begin, const char *end,
			 char *out, size_t room)
{
	const char *start = strstr(*at, begin);
	const char *stop = start ? strstr(start + strlen(begin), end) : NULL;

	if (!stop) {
		return false;
	}
	start += strlen(begin);
	if ((size_t)(stop - start) >= room) {
		return false;
	}
	memcpy(out, start, (size_t)(stop - start));
	out[stop - start] = '\0';
	*at = stop;
	return true;
}

struct record {
	char subject_id[24], subject[256];
	char object_id[24], object[256];
	char cls[32], perm[64];
};

/* A line of `casemate audit`, with or without --json. */
static bool record_parse(const char *line, struct record *r)
{
	if (line[strspn(line, " ")] == '{') {
		return take_between(&line, "\"subject\":{\"domid\":", ",",
				    r->subject_id, sizeof(r->subject_id)) &&
		       take_between(&line, "\"label\":\"", "\"", r->subject,
				    sizeof(r->subject)) &&
		       take_between(&line, "\"object\":{\"domid\":", ",",
				    r->object_id, sizeof(r->object_id)) &&
		       take_between(&line, "\"label\":\"", "\"", r->object,
				    sizeof(r->object)) &&
		       take_between(&line, "\"class\":\"", "\"", r->cls,
				    sizeof(r->cls)) &&
		       take_between(&line, "\"permission\":\"", "\"", r->perm,
				    sizeof(r->perm));
	}
	return take_between(&line, " dom", " ", r->subject_id,
			    sizeof(r->subject_id)) &&
	       take_between(&line, "(", ")", r->subject, sizeof(r->subject)) &&
	       take_between(&line, "-> ", " ", r->object_id,
			    sizeof(r->object_id)) &&
	       take_between(&line, "(", ")", r->object, sizeof(r->object)) &&
	       take_between(&line, ": ", ".", r->cls, sizeof(r->cls)) &&
	       take_between(&line, ".", " ", r->perm, sizeof(r->perm));
}

static bool is_same_domain(const struct record *r)
{
	const char *object = r->object_id;

	return !strcmp(r->subject_id,
		       strncmp(object, "dom", 3) ? object : object + 3);
}

static bool ask_names(const struct policy *p, const char *subject,
		      const char *object, const char *permission,
		      struct question *q)
{
	if (!tool_permission(permission, &q->cls, &q->perm)) {
		return false;
	}
	q->subject = policy_label(p, subject);
	q->object = q->subject;
	if (q->subject < POLICY_MAX_LABELS && strcmp(object, "self") != 0) {
		q->object = policy_label(p, object);
	}
	q->is_self |= !strcmp(object, "self");
	return q->object < POLICY_MAX_LABELS;
}

static bool ask(const struct options *opt, const struct policy *p,
		struct question *q)
{
	struct record r;
	char permission[sizeof(r.cls) + sizeof(r.perm)];

	q->is_self = opt->is_self;
	if (!opt->audit && opt->n_operands == 4) {
		return ask_names(p, opt->operands[1], opt->operands[2],
				 opt->operands[3], q);
	}
	if (!opt->audit || opt->n_operands != 1) {
		(void)tool_error("why needs SUBJECT OBJECT CLASS.PERMISSION, "
				 "or --audit LINE");
		return false;
	}
	if (!record_parse(opt->audit, &r)) {
		(void)tool_error("not a line of casemate audit: %s",
				 opt->audit);
		return false;
	}
	q->is_self = is_same_domain(&r);
	snprintf(permission, sizeof(permission), "%s.%s", r.cls, r.perm);
	return ask_names(p, r.subject, r.object, permission, q);
}

/* ---- the answer */

static void print_rule(const struct policy *p, const struct answer *a)
{
	if (!a->rule) {
		return;
	}
	fputs(a->cause == REFMON_PERMIT ? "by the rule at " : "nearest rule: ",
	      stdout);
	print_place(&p->job.source, a->rule->place, stdout);
	putchar('\n');
}

static void print_text(const struct policy *p, const struct answer *a)
{
	printf("%s -> %s: %s.%s is %s%s\n", refmon_label_name(a->q.subject),
	       a->q.is_self ? "itself" : refmon_label_name(a->q.object),
	       class_name(a->q.cls), perm_name(a->q.cls, a->q.perm),
	       a->cause == REFMON_PERMIT ? "" : "refused: ",
	       cause_name(a->cause));
	print_rule(p, a);
	if (a->change[0] && !a->is_breaking) {
		printf("smallest change: %s\n", a->change);
	} else if (a->change[0]) {
		printf("'%s' would permit it, and break:\n%s", a->change,
		       a->breaks.at);
	}
	if (a->advice[0]) {
		puts(a->advice);
	}
}

static void print_json(const struct policy *p, const struct answer *a)
{
	u32 line = 0, column = 0;

	printf("{\"permitted\":%s,\"cause\":",
	       a->cause == REFMON_PERMIT ? "true" : "false");
	json_string(stdout, cause_name(a->cause));
	if (a->rule) {
		source_locate(&p->job.source, a->rule->place.at, &line,
			      &column);
	}
	printf(",\"rule\":{\"line\":%u,\"column\":%u},\"change\":", line,
	       column);
	json_string(stdout, a->change);
	fputs(",\"breaks\":", stdout);
	json_string(stdout, a->breaks.at);
	fputs(",\"advice\":", stdout);
	json_string(stdout, a->advice);
	puts("}");
}

static int answer(const struct options *opt, const struct policy *p)
{
	struct answer a = { .cause = REFMON_PERMIT };

	if (!ask(opt, p, &a.q)) {
		return EXIT_USAGE;
	}
	text_begin(&a.breaks);
	a.cause = decide(&a.q);
	a.rule = rule_nearest(p, &a.q);
	if (a.cause != REFMON_PERMIT) {
		advise(p, opt->mode, &a);
	}
	fclose(a.breaks.out);
	if (opt->is_json) {
		print_json(p, &a);
	} else {
		print_text(p, &a);
	}
	free(a.breaks.at);
	return a.cause == REFMON_PERMIT ? EXIT_OK : EXIT_NO;
}

int cmd_why(const struct options *opt)
{
	struct policy p;
	int status = policy_open_source(opt, opt->operands[0], &p);

	if (status == EXIT_OK) {
		status = answer(opt, &p);
	}
	policy_close(&p);
	return status;
}
