/* SPDX-License-Identifier: Apache-2.0 */
/* casemate-policy: the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cil.h"
#include "cmd_convert.h"
#include "compile.h"
#include "dump.h"
#include "expand.h"
#include "refmon/refmon.h"

#define VERSION "0.1"
#define MAX_INPUT_BYTES (1u << 20)

enum {
	EXIT_OK = 0,
	EXIT_POLICY = 1,
	EXIT_USAGE = 2
};

struct options {
	const char *command;
	const char *in;
	const char *out;
	const char *cil;
	const char *mode; /* NULL: none */
	bool is_expanded;
	bool is_json;
};

static const char help_all[] =
	"Usage: casemate-policy COMMAND ...\n"
	"\n"
	"  compile IN.pol -o OUT.img [--mode MODE] [--cil OUT.cil] [--json]\n"
	"  check IN.pol|IN.img [--mode MODE] [--expand] [--json]\n"
	"  dump IN.img\n"
	"  import IN.cil [-o OUT.pol] [--json]\n"
	"  cil IN.pol [-o OUT.cil] [--json]\n"
	"\n"
	"casemate-policy COMMAND --help says more; --version.\n"
	"Exit status: 0 good, 1 the policy has errors, 2 usage or files.\n";

static const char help_compile[] =
	"Usage: casemate-policy compile IN.pol -o OUT.img [--mode MODE]\n"
	"                               [--cil OUT.cil] [--json]\n"
	"\n"
	"Compiles a policy to the image the core loads. The core's own "
	"monitor\n"
	"must accept it before it is written.\n"
	"\n"
	"  -o, --output FILE  the image\n"
	"  --mode MODE        the policy with what this mode adds\n"
	"  --cil FILE         the same policy in SELinux CIL, for SETools\n"
	"  --json             diagnostics and a summary as JSON on stdout\n";

static const char help_check[] =
	"Usage: casemate-policy check IN.pol|IN.img [--mode MODE] [--expand] "
	"[--json]\n"
	"\n"
	"Checks a source with all its modes, or an image, and writes nothing.\n"
	"\n"
	"  --mode MODE        sum up the policy with what this mode adds\n"
	"  --expand           the rules that vm, ring, use and diode stand "
	"for\n"
	"  --json             diagnostics and a summary as JSON on stdout\n";

static const char help_dump[] =
	"Usage: casemate-policy dump IN.img\n"
	"\n"
	"Prints an image's labels and rules in the words of the source.\n";

static int usage(const char *problem, const char *what)
{
	fprintf(stderr, "casemate-policy: %s%s\n%s", problem, what, help_all);
	return EXIT_USAGE;
}

static int file_error(const char *path, int error)
{
	fprintf(stderr, "casemate-policy: %s: %s\n", path,
		error == EFBIG ? "larger than 1 MiB, not a policy"
			       : strerror(error));
	return EXIT_USAGE;
}

/* image NULL: there were errors; expanded NULL: not asked for. */
static int report(const struct options *opt, const struct diags *d,
		  const u8 *image, const char *expanded)
{
	struct image_view v;

	if (image) {
		image_view(image, &v);
	}
	if (!opt->is_json) {
		diag_print(d, stderr);
		fputs(expanded ? expanded : "", stdout);
		if (image) {
			summary_print(&v, stdout);
		}
		return image ? EXIT_OK : EXIT_POLICY;
	}
	printf("{\"ok\":%s,\"diagnostics\":", image ? "true" : "false");
	diag_print_json(d, stdout);
	if (expanded) {
		fputs(",\"expansion\":", stdout);
		json_string(stdout, expanded);
	}
	fputs(",\"policy\":", stdout);
	if (image) {
		summary_print_json(&v, stdout);
	} else {
		fputs("null", stdout);
	}
	puts("}");
	return image ? EXIT_OK : EXIT_POLICY;
}

/* A text made by writing to a stream; whoever began it frees it. */
struct text {
	char *at;
	size_t bytes;
	FILE *out;
};

static bool text_begin(struct text *t)
{
	t->out = open_memstream(&t->at, &t->bytes);
	return t->out != NULL;
}

static int write_cil(const struct model *model, const char *path)
{
	struct text t;
	int error;

	if (!text_begin(&t)) {
		return errno;
	}
	cil_write(model, t.out);
	fclose(t.out);
	error = file_write(path, t.at, t.bytes);
	free(t.at);
	return error;
}

/* NULL: not asked for. The caller frees it. */
static char *expansion(const struct options *opt, const struct job *j)
{
	struct text t;

	if (!opt->is_expanded || !text_begin(&t)) {
		return NULL;
	}
	expand_print(&j->ast, j->model, &j->source, t.out);
	fclose(t.out);
	return t.at;
}

static int write_outputs(const struct options *opt, const struct job *j)
{
	int error = 0;

	if (opt->cil) {
		error = write_cil(j->model, opt->cil);
		if (error) {
			return file_error(opt->cil, error);
		}
	}
	if (opt->out) {
		error = file_write(opt->out, j->image.bytes, j->image.n);
		if (error) {
			return file_error(opt->out, error);
		}
	}
	return EXIT_OK;
}

static int no_such_mode(const struct options *opt, const struct job *j)
{
	struct guess g = { .wanted = opt->mode };

	for (u32 i = 0; i < j->model->n_modes; i++) {
		guess_offer(&g, j->model->modes[i]->text);
	}
	fprintf(stderr, "casemate-policy: %s has no mode '%s'", opt->in,
		opt->mode);
	if (guess_is_near(&g)) {
		fprintf(stderr, "; did you mean '%s'?", g.best);
	}
	fputc('\n', stderr);
	return EXIT_USAGE;
}

static int run_source(const struct options *opt, const char *text, u32 bytes)
{
	struct job j = {
		.source = { .path = opt->in, .text = text, .bytes = bytes }
	};
	char *expanded;
	int status;

	job_compile(&j, opt->mode);
	if (j.diags.n_errors) {
		status = report(opt, &j.diags, NULL, NULL);
	} else if (!j.image.bytes) {
		status = no_such_mode(opt, &j);
	} else {
		status = write_outputs(opt, &j);
		if (status == EXIT_OK) {
			expanded = expansion(opt, &j);
			status = report(opt, &j.diags, j.image.bytes, expanded);
			free(expanded);
		}
	}
	job_free(&j);
	return status;
}

/* An image has no lines: one message, no place. */
static int run_image(const struct options *opt, const u8 *image, u32 bytes)
{
	struct diags none = { .source = NULL };
	enum refmon_error e = refmon_install(image, bytes);
	struct image_view v;

	if (e == REFMON_OK && !strcmp(opt->command, "dump")) {
		image_view(image, &v);
		dump_image(&v, stdout);
		return EXIT_OK;
	}
	if (e == REFMON_OK) {
		return report(opt, &none, image, NULL);
	}
	if (opt->is_json) {
		fputs("{\"ok\":false,\"diagnostics\":[{\"severity\":\"error\","
		      "\"file\":",
		      stdout);
		json_string(stdout, opt->in);
		fputs(",\"line\":0,\"column\":0,\"length\":0,\"message\":",
		      stdout);
		json_string(stdout, refmon_error_text(e));
		puts(",\"hint\":\"\"}],\"policy\":null}");
		return EXIT_POLICY;
	}
	fprintf(stderr, "%s: error: the core refuses the image: %s\n", opt->in,
		refmon_error_text(e));
	return EXIT_POLICY;
}

static bool is_image(const char *text, u32 bytes)
{
	const u64 magic = POLICY_MAGIC;

	return bytes >= sizeof(magic) && !memcmp(text, &magic, sizeof(magic));
}

static int run(const struct options *opt)
{
	bool is_dump = !strcmp(opt->command, "dump");
	bool is_compile = !strcmp(opt->command, "compile");
	u32 bytes;
	char *text = file_read(opt->in, MAX_INPUT_BYTES, &bytes);
	int status;

	if (!text) {
		return file_error(opt->in, errno);
	}
	if (is_dump || (!is_compile && is_image(text, bytes))) {
		status = run_image(opt, (const u8 *)text, bytes);
	} else {
		status = run_source(opt, text, bytes);
	}
	free(text);
	return status;
}

static const char *help_for(const char *command)
{
	if (!strcmp(command, "compile")) {
		return help_compile;
	}
	if (!strcmp(command, "check")) {
		return help_check;
	}
	return strcmp(command, "dump") ? NULL : help_dump;
}

/* 0: go on; otherwise end with this status less one. */
static int take_option(int letter, struct options *opt)
{
	switch (letter) {
	case 'o':
		opt->out = optarg;
		return 0;
	case 'c':
		opt->cil = optarg;
		return 0;
	case 'm':
		opt->mode = optarg;
		return 0;
	case 'e':
		opt->is_expanded = true;
		return 0;
	case 'j':
		opt->is_json = true;
		return 0;
	case 'h':
		fputs(help_for(opt->command), stdout);
		return 1 + EXIT_OK;
	default:
		fputs(help_for(opt->command), stderr);
		return 1 + EXIT_USAGE;
	}
}

static int parse_options(int argc, char **argv, struct options *opt)
{
	static const struct option longs[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "cil", required_argument, NULL, 'c' },
		{ "mode", required_argument, NULL, 'm' },
		{ "expand", no_argument, NULL, 'e' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int letter, end;

	while ((letter = getopt_long(argc, argv, "o:h", longs, NULL)) != -1) {
		end = take_option(letter, opt);
		if (end) {
			return end;
		}
	}
	if (argc - optind != 1) {
		return 1 + usage("one input file is needed for ", opt->command);
	}
	opt->in = argv[optind];
	return 0;
}

static int check_options(const struct options *opt)
{
	bool is_compile = !strcmp(opt->command, "compile");

	if (is_compile && !opt->out) {
		return usage("compile needs -o OUT.img", "");
	}
	if (!is_compile && (opt->out || opt->cil)) {
		return usage("only compile writes files, not ", opt->command);
	}
	if (opt->is_expanded && strcmp(opt->command, "check") != 0) {
		return usage("only check expands, not ", opt->command);
	}
	if (opt->mode && !strcmp(opt->command, "dump")) {
		return usage("an image has one mode: no --mode for ",
			     opt->command);
	}
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	struct options opt = { .command = argc > 1 ? argv[1] : "--help" };
	int end;

	if (!strcmp(opt.command, "--help") || !strcmp(opt.command, "-h") ||
	    !strcmp(opt.command, "help")) {
		fputs(help_all, argc > 1 ? stdout : stderr);
		return argc > 1 ? EXIT_OK : EXIT_USAGE;
	}
	if (!strcmp(opt.command, "--version")) {
		puts("casemate-policy " VERSION);
		return EXIT_OK;
	}
	if (!strcmp(opt.command, "import")) {
		return cmd_import(argc - 1, argv + 1);
	}
	if (!strcmp(opt.command, "cil")) {
		return cmd_cil(argc - 1, argv + 1);
	}
	if (!help_for(opt.command)) {
		return usage("unknown command ", opt.command);
	}
	end = parse_options(argc - 1, argv + 1, &opt);
	if (end) {
		return end - 1;
	}
	end = check_options(&opt);
	return end ? end : run(&opt);
}
