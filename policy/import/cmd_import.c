/* SPDX-License-Identifier: Apache-2.0 */
/* casemate-policy import: the command line. */
#include "cmd_import.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"

#define MAX_CIL_BYTES (1u << 20)

struct import_options {
	const char *in;
	const char *out; /* NULL: standard output */
	bool is_json;
};

static const char help[] =
	"Usage: casemate-policy import IN.cil [-o OUT.pol] [--json]\n"
	"\n"
	"Makes a policy source of restricted CIL, or says what of it the core\n"
	"cannot enforce, with the constraint and the two labels that show it.\n"
	"\n"
	"  -o, --output FILE  the source; else it is printed\n"
	"  --json             diagnostics, notes and the source as JSON\n";

static int file_error(const char *path, int error)
{
	fprintf(stderr, "casemate-policy: %s: %s\n", path,
		error == EFBIG ? "larger than 1 MiB, not a policy"
			       : strerror(error));
	return 2;
}

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

static void print_text(const struct import *im, const struct import_options *o,
		       bool is_good, const char *text)
{
	diag_print(&im->diags, stderr);
	for (u32 i = 0; is_good && i < im->notes.n; i++) {
		fprintf(stderr, "%s: note: %s\n", o->in, im->notes.at[i].text);
	}
	if (is_good && o->out) {
		printf("%s: %u labels of %s\n", o->out, im->labels.n, o->in);
	} else if (is_good) {
		fputs(text, stdout);
	}
}

static int finish(struct import *im, const struct import_options *o,
		  bool is_good, const char *text)
{
	int error = is_good && o->out ? file_write(o->out, text, strlen(text))
				      : 0;

	if (error) {
		return file_error(o->out, error);
	}
	if (o->is_json) {
		print_json(im, is_good, text);
	} else {
		print_text(im, o, is_good, text);
	}
	return is_good ? 0 : 1;
}

static int run(const struct import_options *o)
{
	struct import *im = zalloc(sizeof(*im));
	char *made = NULL, *text;
	size_t bytes;
	FILE *out = open_memstream(&made, &bytes);
	bool is_good;
	int status;

	im->source.path = o->in;
	text = file_read(o->in, MAX_CIL_BYTES, &im->source.bytes);
	im->source.text = text;
	if (text) {
		is_good = import_cil(im, out);
		fclose(out);
		status = finish(im, o, is_good, made);
	} else {
		fclose(out);
		status = file_error(o->in, errno);
	}
	import_free(im);
	free(im);
	free(made);
	free(text);
	return status;
}

int cmd_import(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct import_options o = { NULL, NULL, false };
	int letter;

	while ((letter = getopt_long(argc, argv, "o:h", longs, NULL)) != -1) {
		if (letter == 'o') {
			o.out = optarg;
		} else if (letter == 'j') {
			o.is_json = true;
		} else {
			fputs(help, letter == 'h' ? stdout : stderr);
			return letter == 'h' ? 0 : 2;
		}
	}
	if (argc - optind != 1) {
		fprintf(stderr, "casemate-policy: one input file is needed\n%s",
			help);
		return 2;
	}
	o.in = argv[optind];
	return run(&o);
}
