/* SPDX-License-Identifier: Apache-2.0 */
/* casemate-policy: the command line. */
#include <getopt.h>
#include <string.h>

#include "tool.h"

#define VERSION "0.1"

static const struct verb verbs[] = {
	{ "compile",
	  "compile IN.pol -o OUT.img [--mode MODE] [--cil OUT.cil]\n\n"
	  "Compiles a policy to the image the core loads. The core's own "
	  "monitor\nmust accept it before it is written.\n\n"
	  "  -o, --output FILE  the image\n"
	  "  --mode MODE        the policy with what this mode adds\n"
	  "  --cil FILE         the same policy in SELinux CIL, for SETools\n",
	  OPT_OUTPUT | OPT_MODE | OPT_CIL, 1, 1, cmd_compile },
	{ "check",
	  "check IN.pol|IN.img [--mode MODE] [--expand]\n\n"
	  "Checks a source with all its modes, or an image, and writes "
	  "nothing.\n\n"
	  "  --mode MODE  sum up the policy with what this mode adds\n"
	  "  --expand     the rules that vm, ring, use and diode stand for\n",
	  OPT_MODE | OPT_EXPAND, 1, 1, cmd_check },
	{ "show",
	  "show IN.img|IN.pol [--mode MODE]\n\n"
	  "Prints an image's labels and rules in the words of the source.\n",
	  OPT_MODE, 1, 1, cmd_show },
	{ "cil",
	  "cil IN.pol [-o OUT.cil] [--mode MODE]\n\n"
	  "The policy in SELinux CIL, for secilc, SETools and libsepol.\n",
	  OPT_OUTPUT | OPT_MODE, 1, 1, cmd_cil },
	{ "import",
	  "import IN.cil [-o OUT.pol]\n\n"
	  "Makes a policy source of restricted CIL, or says what of it the "
	  "core\ncannot enforce, with the constraint and the two labels that "
	  "show it.\n\n"
	  "  -o, --output FILE  the source; else it is printed\n",
	  OPT_OUTPUT, 1, 1, cmd_import },
	{ "flow",
	  "flow IN.pol [--format text|dot|svg] [-o FILE] [--mode MODE]\n\n"
	  "Where information may go, label by label, and by which rule.\n\n"
	  "  --format FORMAT    text, or a picture: svg, or dot for Graphviz\n"
	  "  -o, --output FILE  else it is printed\n",
	  OPT_FORMAT | OPT_OUTPUT | OPT_MODE, 1, 1, cmd_flow },
	{ "separation",
	  "separation IN.pol FROM TO [--except-via TYPE,...] [-o CERTIFICATE]\n"
	  "                                  [--mode MODE]\n\n"
	  "Can information get from FROM to TO in any number of steps? They "
	  "mean what they\nmean in assert: a level, a range, a type, a "
	  "typeset, "
	  "a label or a vm. Exit status\n0 no: separated; 1 yes, with the "
	  "shortest way.\n\n"
	  "  --except-via TYPES  trusted types it may pass through\n"
	  "  -o, --output FILE   why not, for casemate-certificate to check\n"
	  "  --mode MODE         the policy with what this mode adds\n",
	  OPT_VIA | OPT_OUTPUT | OPT_MODE, 3, 3, cmd_separation },
	{ "report",
	  "report IN.pol [--format text|html] [-o FILE] [--mode MODE]\n\n"
	  "The policy on one page, for whoever has to accept it: who is "
	  "trusted "
	  "and why,\nlevels, labels, machines, who may tell whom, claims. The "
	  "same policy gives the\nsame bytes.\n\n"
	  "  --format FORMAT    text or html\n"
	  "  -o, --output FILE  else it is printed\n",
	  OPT_FORMAT | OPT_OUTPUT | OPT_MODE, 1, 1, cmd_report },
	{ "why",
	  "why IN.pol SUBJECT OBJECT CLASS.PERMISSION [--self] [--mode MODE]\n"
	  "       casemate-policy why IN.pol --audit LINE\n\n"
	  "Is it permitted, by which rule; if not, what is nearest, and the "
	  "smallest\nchange that permits it, or what that would break. SUBJECT "
	  "and OBJECT are\nlabels, types with one label, or vms; OBJECT may be "
	  "self. Exit status 0\npermitted, 1 refused.\n\n"
	  "  --self        SUBJECT on itself, not on its like\n"
	  "  --audit LINE  the refusal that casemate audit shows, also as "
	  "JSON\n"
	  "  --mode MODE   the policy with what this mode adds\n",
	  OPT_SELF | OPT_AUDIT | OPT_MODE, 1, 4, cmd_why },
	{ "diff",
	  "diff OLD NEW [--fail-on-downward]\n\n"
	  "What two policies, sources or images, say differently, whatever "
	  "their order;\nthen the flows of information to a level that is not "
	  "above, in any number of\nsteps, that OLD has not. Exit status 0 no "
	  "difference, 1 some.\n\n"
	  "  --fail-on-downward  exit status 3 if there is such a flow\n",
	  OPT_DOWNWARD, 2, 2, cmd_diff },
	{ "lint",
	  "lint IN.pol [--mode MODE]\n\n"
	  "What is allowed and better were not: names without use, rules that "
	  "add\nnothing or can never permit anything, trust without need, vms "
	  "without a pin,\ndevices without a reset, rings nobody serves. Exit "
	  "status 1 if there is any.\n",
	  OPT_MODE, 1, 1, cmd_lint },
	{ "test",
	  "test IN.pol|IN.img [-o FILE] [--mode MODE]\n\n"
	  "Every decision there is, by the core's own monitor: subject, "
	  "object, "
	  "self or\nother, class, permission, permitted or why not; with tabs "
	  "between.\n",
	  OPT_OUTPUT | OPT_MODE, 1, 1, cmd_test },
	{ "coverage",
	  "coverage IN.pol COUNTS [--mode MODE]\n\n"
	  "What rules allow and nobody used, and what is left of them without "
	  "that.\nCOUNTS is what `casemate policy coverage --json` printed on "
	  "a "
	  "machine whose\ncore was started with the option coverage.\n",
	  OPT_MODE, 2, 2, cmd_coverage },
	{ "keygen",
	  "keygen KEY [--height 5|10]\n\n"
	  "Makes a private key in the file KEY, for 2^height signatures, and "
	  "prints\nthe public key: the core's option policy-key.\n\n"
	  "The file remembers which signatures were made: never copy it or "
	  "restore it\nfrom a backup. SP 800-208 demands hardware for this; "
	  "a file does not comply.\n\n"
	  "  --height 5|10  32 or 1,024 signatures (10)\n",
	  OPT_HEIGHT, 1, 1, cmd_keygen },
	{ "sign",
	  "sign KEY IN.img -o OUT.img\n\n"
	  "Signs an image, after the signatures it has: LMS (RFC 8554) of its "
	  "SHA-384.\nThe index is used up on disk before the signature is "
	  "made.\n\n"
	  "  -o, --output FILE  the image with one signature more\n",
	  OPT_OUTPUT, 2, 2, cmd_sign },
	{ "verify",
	  "verify IN.img --key PUBLIC [--key PUBLIC]\n\n"
	  "Was it signed by all these keys, in this order, and nobody else?\n"
	  "\n"
	  "  --key PUBLIC  what keygen printed, or a file with it\n",
	  OPT_KEY, 1, 1, cmd_verify },
};

static void print_usage(FILE *out)
{
	fputs("Usage: casemate-policy COMMAND ...\n\n", out);
	for (u32 i = 0; i < ARRAY_SIZE(verbs); i++) {
		fprintf(out, "  %.*s\n", (int)strcspn(verbs[i].help, "\n"),
			verbs[i].help);
	}
	fputs("\ncasemate-policy COMMAND --help says more; --version. All have "
	      "--json.\n"
	      "Exit status: 0 good or yes, 1 errors in the policy or no, 2 "
	      "usage or files.\n",
	      out);
}

static const struct verb *verb_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(verbs[i].name, name)) {
			return &verbs[i];
		}
	}
	return NULL;
}

static int unknown_verb(const char *name)
{
	struct guess g = { .wanted = name };

	for (u32 i = 0; i < ARRAY_SIZE(verbs); i++) {
		guess_offer(&g, verbs[i].name);
	}
	if (guess_is_near(&g)) {
		return tool_error("unknown command '%s'; did you mean '%s'?",
				  name, g.best);
	}
	(void)tool_error("unknown command '%s'", name);
	print_usage(stderr);
	return EXIT_USAGE;
}

static void print_help(const struct verb *v, FILE *out)
{
	fprintf(out,
		"Usage: casemate-policy %s\n  --json       the answer as "
		"JSON on standard output\n",
		v->help);
}

/* In the order of enum tool_option. */
static const struct option longs[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "mode", required_argument, NULL, 'm' },
	{ "cil", required_argument, NULL, 'c' },
	{ "expand", no_argument, NULL, 'e' },
	{ "format", required_argument, NULL, 'f' },
	{ "self", no_argument, NULL, 's' },
	{ "audit", required_argument, NULL, 'a' },
	{ "except-via", required_argument, NULL, 'v' },
	{ "fail-on-downward", no_argument, NULL, 'd' },
	{ "key", required_argument, NULL, 'k' },
	{ "height", required_argument, NULL, 'H' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static bool takes(const struct verb *v, int letter)
{
	for (u32 i = 0; longs[i].name; i++) {
		if (longs[i].val == letter) {
			return letter == 'j' || letter == 'h' ||
			       (v->options >> i & 1);
		}
	}
	return false;
}

static void take_value(struct options *opt, int letter)
{
	switch (letter) {
	case 'o':
		opt->out = optarg;
		break;
	case 'm':
		opt->mode = optarg;
		break;
	case 'c':
		opt->cil = optarg;
		break;
	case 'f':
		opt->format = optarg;
		break;
	case 'a':
		opt->audit = optarg;
		break;
	case 'v':
		opt->via = optarg;
		break;
	case 'H':
		opt->height = optarg;
		break;
	default:
		break;
	}
}

/* False: too many keys. */
static bool take(struct options *opt, int letter)
{
	take_value(opt, letter);
	opt->is_json |= letter == 'j';
	opt->is_expanded |= letter == 'e';
	opt->is_self |= letter == 's';
	opt->fails_on_downward |= letter == 'd';
	if (letter == 'k') {
		if (opt->n_keys == TOOL_KEYS) {
			return false;
		}
		opt->keys[opt->n_keys++] = optarg;
	}
	return true;
}

/* -1: go on; otherwise end with this. */
static int parse_options(const struct verb *v, int argc, char **argv,
			 struct options *opt)
{
	int letter;

	while ((letter = getopt_long(argc, argv, "o:h", longs, NULL)) != -1) {
		if (letter == 'h') {
			print_help(v, stdout);
			return EXIT_OK;
		}
		if (letter != '?' && !takes(v, letter)) {
			(void)tool_error("%s has no such option", v->name);
		}
		if (!takes(v, letter) || !take(opt, letter)) {
			print_help(v, stderr);
			return EXIT_USAGE;
		}
	}
	opt->operands = (const char *const *)argv + optind;
	opt->n_operands = (u32)(argc - optind);
	if (opt->n_operands < v->least || opt->n_operands > v->most) {
		(void)tool_error("%s: wrong number of arguments", v->name);
		print_help(v, stderr);
		return EXIT_USAGE;
	}
	return -1;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	struct options opt = { .is_json = false };
	const struct verb *v = verb_find(name);
	int end;

	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") ||
	    !strcmp(name, "help")) {
		print_usage(stdout);
		return EXIT_OK;
	}
	if (!strcmp(name, "--version")) {
		puts("casemate-policy " VERSION);
		return EXIT_OK;
	}
	if (!v) {
		return unknown_verb(name);
	}
	end = parse_options(v, argc - 1, argv + 1, &opt);
	return end >= 0 ? end : v->run(&opt);
}
