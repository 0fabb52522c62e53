/* SPDX-License-Identifier: Apache-2.0 */
/* import: a source of CIL. */
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "import/import.h"

#define MAX_CIL_BYTES (1u << 20)

static void print_json(const struct import *im, bool is_good, const char *text)
{
	printf("{\"ok\":%s,\"diagnostics\":", is_good ? "true" : "false");
	diag_print_json(&im->diags, stdout);
	fputs(",\"notes\":[", stdout);
	for (u32 i = 0; i < im->notes.n; i++) {
		fputs(i ? "," : "", stdout);
		json_string(stdout, im->notes.at[i].text);
	}
	fputs("],\"source\":", stdout);
	if (is_good) {
		json_string(stdout, text);
	} else {
		fputs("null", stdout);
	}
	puts("}");
}

static void print_text(const struct import *im, const struct options *o,
		       bool is_good, const char *text)
{
	diag_print(&im->diags, stderr);
	for (u32 i = 0; is_good && i < im->notes.n; i++) {
		fprintf(stderr, "%s: note: %s\n", o->operands[0],
			im->notes.at[i].text);
	}
	if (is_good && o->out) {
		printf("%s: %u labels of %s\n", o->out, im->labels.n,
		       o->operands[0]);
	} else if (is_good) {
		fputs(text, stdout);
	}
}

static int finish(struct import *im, const struct options *o, bool is_good,
		  const char *text)
{
	int error = is_good && o->out ? file_write(o->out, text, strlen(text))
				      : 0;

	if (error) {
		return tool_file_error(o->out, error);
	}
	if (o->is_json) {
		print_json(im, is_good, text);
	} else {
		print_text(im, o, is_good, text);
	}
	return is_good ? 0 : 1;
}

int cmd_import(const struct options *o)
{
	struct import *im = zalloc(sizeof(*im));
	char *made = NULL, *text;
	size_t bytes;
	FILE *out = open_memstream(&made, &bytes);
	bool is_good;
	int status;

	im->source.path = o->operands[0];
	text = file_read(o->operands[0], MAX_CIL_BYTES, &im->source.bytes);
	im->source.text = text;
	if (text) {
		is_good = import_cil(im, out);
		fclose(out);
		status = finish(im, o, is_good, made);
	} else {
		fclose(out);
		status = tool_file_error(o->operands[0], errno);
	}
	import_free(im);
	free(im);
	free(made);
	free(text);
	return status;
}
