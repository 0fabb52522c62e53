/* SPDX-License-Identifier: Apache-2.0 */
/* import and cil: one text to another. */
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "import/import.h"
#include "lang/cil.h"

/* An export names every pair of types: it is larger than its source. */
#define MAX_CIL_MIB 8u

struct conversion {
	const char *in;
	const char *out; /* NULL: standard output */
	bool is_json;
	bool is_good;
	const struct diags *diags;
	const struct import_note *notes;
	u32 n_notes;
	char *text; /* what was made of it */
	size_t bytes;
};

static void print_json(const struct conversion *c)
{
	printf("{\"ok\":%s,\"diagnostics\":", c->is_good ? "true" : "false");
	diag_print_json(c->diags, stdout);
	fputs(",\"notes\":[", stdout);
	for (u32 i = 0; i < c->n_notes; i++) {
		fputs(i ? "," : "", stdout);
		json_string(stdout, c->notes[i].text);
	}
	fputs("],\"text\":", stdout);
	if (c->is_good) {
		json_string(stdout, c->text);
	} else {
		fputs("null", stdout);
	}
	puts("}");
}

static void print_text(const struct conversion *c)
{
	diag_print(c->diags, stderr);
	for (u32 i = 0; c->is_good && i < c->n_notes; i++) {
		fprintf(stderr, "%s: note: %s\n", c->in, c->notes[i].text);
	}
	if (c->is_good && !c->out) {
		fputs(c->text, stdout);
	}
}

static int finish(const struct conversion *c)
{
	int error = 0;

	if (c->is_good && c->out) {
		error = file_write(c->out, c->text, c->bytes);
	}
	if (error) {
		return tool_file_error(c->out, error);
	}
	if (c->is_json) {
		print_json(c);
	} else {
		print_text(c);
	}
	return c->is_good ? 0 : 1;
}

int cmd_import(const struct options *opt)
{
	struct conversion c = { .in = opt->operands[0],
				.out = opt->out,
				.is_json = opt->is_json };
	struct import *im = zalloc(sizeof(*im));
	FILE *out = open_memstream(&c.text, &c.bytes);
	char *text = file_read(c.in, MAX_CIL_MIB << 20, &im->source.bytes);
	int status;

	if (text) {
		im->source.path = c.in;
		im->source.text = text;
		c.is_good = import_cil(im, out);
		fclose(out);
		c.diags = &im->diags;
		c.notes = im->notes.at;
		c.n_notes = im->notes.n;
		status = finish(&c);
	} else {
		fclose(out);
		status = errno == EFBIG
				 ? tool_error("%s: larger than %u MiB, not a "
					      "policy",
					      c.in, MAX_CIL_MIB)
				 : tool_file_error(c.in, errno);
	}
	import_free(im);
	free(im);
	free(c.text);
	free(text);
	return status;
}

int cmd_cil(const struct options *opt)
{
	struct conversion c = { .in = opt->operands[0],
				.out = opt->out,
				.is_json = opt->is_json,
				.is_good = true };
	struct policy p;
	FILE *out;
	int status = policy_open_source(opt, c.in, &p);

	if (status == EXIT_OK) {
		out = open_memstream(&c.text, &c.bytes);
		cil_write(p.job.model, out);
		fclose(out);
		c.diags = &p.job.diags;
		status = finish(&c);
		free(c.text);
	}
	policy_close(&p);
	return status;
}
