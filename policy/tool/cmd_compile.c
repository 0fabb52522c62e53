/* SPDX-License-Identifier: Apache-2.0 */
/* compile, check and show. */
#include "tool.h"

#include <stdlib.h>

#include "lang/cil.h"
#include "lang/dump.h"
#include "lang/expand.h"

/* expanded NULL: not asked for. */
static void report(const struct options *opt, const struct policy *p,
		   const char *expanded)
{
	static const struct diags none;
	const struct diags *d = p->is_source ? &p->job.diags : &none;

	if (!opt->is_json) {
		diag_print(d, stderr);
		fputs(expanded ? expanded : "", stdout);
		summary_print(&p->view, stdout);
		return;
	}
	fputs("{\"ok\":true,\"diagnostics\":", stdout);
	diag_print_json(d, stdout);
	if (expanded) {
		fputs(",\"expansion\":", stdout);
		json_string(stdout, expanded);
	}
	fputs(",\"policy\":", stdout);
	summary_print_json(&p->view, stdout);
	puts("}");
}

static int write_cil(const struct policy *p, const char *path)
{
	struct text t;

	text_begin(&t);
	cil_write(p->job.model, t.out);
	return text_end(&t, path);
}

static int write_outputs(const struct options *opt, const struct policy *p)
{
	int status = opt->cil ? write_cil(p, opt->cil) : EXIT_OK;
	int error;

	if (status != EXIT_OK) {
		return status;
	}
	error = file_write(opt->out, p->job.image.bytes, p->job.image.n);
	return error ? tool_file_error(opt->out, error) : EXIT_OK;
}

int cmd_compile(const struct options *opt)
{
	struct policy p;
	int status;

	if (!opt->out) {
		return tool_error("compile needs -o OUT.img");
	}
	status = policy_open_source(opt, opt->operands[0], &p);
	if (status == EXIT_OK) {
		status = write_outputs(opt, &p);
	}
	if (status == EXIT_OK) {
		report(opt, &p, NULL);
	}
	policy_close(&p);
	return status;
}

int cmd_check(const struct options *opt)
{
	struct policy p;
	struct text t;
	int status = policy_open(opt, opt->operands[0], &p);

	if (status == EXIT_OK && opt->is_expanded && p.is_source) {
		text_begin(&t);
		expand_print(&p.job.ast, p.job.model, &p.job.source, t.out);
		fclose(t.out);
		report(opt, &p, t.at);
		free(t.at);
	} else if (status == EXIT_OK) {
		report(opt, &p, NULL);
	}
	policy_close(&p);
	return status;
}

int cmd_show(const struct options *opt)
{
	struct policy p;
	struct text t;
	int status = policy_open(opt, opt->operands[0], &p);

	if (status == EXIT_OK && opt->is_json) {
		text_begin(&t);
		dump_image(&p.view, t.out);
		fclose(t.out);
		fputs("{\"policy\":", stdout);
		summary_print_json(&p.view, stdout);
		fputs(",\"text\":", stdout);
		json_string(stdout, t.at);
		puts("}");
		free(t.at);
	} else if (status == EXIT_OK) {
		dump_image(&p.view, stdout);
	}
	policy_close(&p);
	return status;
}
