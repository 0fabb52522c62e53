/* SPDX-License-Identifier: Apache-2.0 */
/* casemate-policy import and cil: one text to another. */
#include "cmd_convert.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cil.h"
#include "import/import.h"

/* An export names every pair of types: it is larger than its source. */
#define MAX_POLICY_MIB 1u
#define MAX_CIL_MIB 8u

static const char help_import[] =
	"Usage: casemate-policy import IN.cil [-o OUT.pol] [--json]\n"
	"\n"
	"Makes a policy source of restricted CIL, or says what of it the core\n"
	"cannot enforce, with the constraint and the two labels that show it.\n"
	"\n"
	"  -o, --output FILE  the source; else it is printed\n"
	"  --json             diagnostics, notes and the source as JSON\n";

static const char help_cil[] =
	"Usage: casemate-policy cil IN.pol [-o OUT.cil] [--json]\n"
	"\n"
	"Writes a policy in SELinux CIL, for SETools: secilc, seinfo, "
	"sesearch.\n"
	"\n"
	"  -o, --output FILE  the CIL; else it is printed\n"
	"  --json             diagnostics and the CIL as JSON\n";

struct conversion {
	const char *in;
	const char *out; /* NULL: standard output */
	bool is_json;
	bool is_good;
	u32 max_mib; /* of what is read */
	const struct diags *diags;
	const struct import_note *notes;
	u32 n_notes;
	char *text; /* what was made of it */
	size_t bytes;
};

static int file_error(const struct conversion *c, const char *path, int error)
{
	if (error == EFBIG) {
		fprintf(stderr,
			"casemate-policy: %s: larger than %u MiB, not a "
			"policy\n",
			path, c->max_mib);
	} else {
		fprintf(stderr, "casemate-policy: %s: %s\n", path,
			strerror(error));
	}
	return 2;
}

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
		return file_error(c, c->out, error);
	}
	if (c->is_json) {
		print_json(c);
	} else {
		print_text(c);
	}
	return c->is_good ? 0 : 1;
}

static int import(struct conversion *c, const struct source *source, FILE *out)
{
	struct import *im = zalloc(sizeof(*im));
	int status;

	im->source = *source;
	c->is_good = import_cil(im, out);
	fclose(out);
	c->diags = &im->diags;
	c->notes = im->notes.at;
	c->n_notes = im->notes.n;
	status = finish(c);
	import_free(im);
	free(im);
	return status;
}

static int export(struct conversion *c, const struct source *source, FILE *out)
{
	struct job j = { .source = *source };
	int status;

	job_compile(&j, NULL);
	c->is_good = !j.diags.n_errors;
	if (c->is_good) {
		cil_write(j.model, out);
	}
	fclose(out);
	c->diags = &j.diags;
	status = finish(c);
	job_free(&j);
	return status;
}

typedef int converter(struct conversion *c, const struct source *source,
		      FILE *out);

/* The converter closes out: then its text is there. */
static int run(struct conversion *c, converter *convert)
{
	struct source source = { .path = c->in };
	char *text = file_read(c->in, c->max_mib << 20, &source.bytes);
	int status;

	if (!text) {
		return file_error(c, c->in, errno);
	}
	source.text = text;
	status = convert(c, &source, open_memstream(&c->text, &c->bytes));
	free(c->text);
	free(text);
	return status;
}

static int begin(int argc, char **argv, const char *help, u32 max_mib,
		 converter *convert)
{
	static const struct option longs[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct conversion c = { .max_mib = max_mib };
	int letter;

	while ((letter = getopt_long(argc, argv, "o:h", longs, NULL)) != -1) {
		if (letter == 'o') {
			c.out = optarg;
		} else if (letter == 'j') {
			c.is_json = true;
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
	c.in = argv[optind];
	return run(&c, convert);
}

int cmd_import(int argc, char **argv)
{
	return begin(argc, argv, help_import, MAX_CIL_MIB, import);
}

int cmd_cil(int argc, char **argv)
{
	return begin(argc, argv, help_cil, MAX_POLICY_MIB, export);
}
