/* SPDX-License-Identifier: Apache-2.0 */
/* lint and test. */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

#include "lang/classes.h"
#include "lang/lint.h"
#include "refmon/refmon.h"

int cmd_lint(const struct options *opt)
{
	struct policy p;
	int status = policy_open_source(opt, opt->operands[0], &p);

	if (status == EXIT_OK) {
		lint(&p.job);
		status = p.job.diags.n_warnings ? EXIT_NO : EXIT_OK;
		if (opt->is_json) {
			fputs("{\"findings\":", stdout);
			diag_print_json(&p.job.diags, stdout);
			puts("}");
		} else {
			diag_print(&p.job.diags, stdout);
		}
	}
	policy_close(&p);
	return status;
}

/* ---- test: every decision there is */

struct row {
	u32 subject;
	u32 object;
	bool is_self;
	u32 cls;
	u32 perm;
};

static void put_row(const struct row *r, bool is_json, bool is_first, FILE *out)
{
	enum refmon_cause cause = refmon_decide(r->subject, r->object,
						r->is_self, r->cls, r->perm);

	if (!is_json) {
		fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n",
			refmon_label_name(r->subject),
			refmon_label_name(r->object),
			r->is_self ? "self" : "other", class_name(r->cls),
			perm_name(r->cls, r->perm), cause_name(cause));
		return;
	}
	fprintf(out, "%s\n[", is_first ? "" : ",");
	json_string(out, refmon_label_name(r->subject));
	putc(',', out);
	json_string(out, refmon_label_name(r->object));
	fprintf(out, ",%s,\"%s\",\"%s\",\"%s\"]", r->is_self ? "true" : "false",
		class_name(r->cls), perm_name(r->cls, r->perm),
		cause_name(cause));
}

/* All permissions of one pair. */
static void put_pair(struct row r, bool is_json, bool *is_first, FILE *out)
{
	for (r.cls = 0; r.cls < POLICY_CLASSES; r.cls++) {
		u32 perms = class_masks(r.cls).perms;

		for (r.perm = 0; r.perm < POLICY_PERMS; r.perm++) {
			if (perms >> r.perm & 1) {
				put_row(&r, is_json, *is_first, out);
				*is_first = false;
			}
		}
	}
}

static void put_matrix(bool is_json, FILE *out)
{
	u32 n = refmon_label_count();
	bool is_first = true;

	fputs(is_json ? "{\"columns\":[\"subject\",\"object\",\"self\","
			"\"class\",\"permission\",\"decision\"],\"rows\":["
		      : "",
	      out);
	for (u32 s = 0; s < n; s++) {
		put_pair((struct row){ .subject = s,
				       .object = s,
				       .is_self = true },
			 is_json, &is_first, out);
		for (u32 o = 0; o < n; o++) {
			put_pair((struct row){ .subject = s, .object = o },
				 is_json, &is_first, out);
		}
	}
	fputs(is_json ? "\n]}\n" : "", out);
}

int cmd_test(const struct options *opt)
{
	bool is_json = opt->is_json;
	struct policy p;
	struct text t;
	int status = policy_open(opt, opt->operands[0], &p);

	if (status == EXIT_OK) {
		text_begin(&t);
		put_matrix(is_json, t.out);
		status = text_end(&t, opt->out);
	}
	policy_close(&p);
	return status;
}
