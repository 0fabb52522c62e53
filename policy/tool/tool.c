/* SPDX-License-Identifier: Apache-2.0 */
/* Reading policies, and saying what is wrong with them. */
#include "tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lang/classes.h"
#include "lang/parse.h"
#include "measure/lms.h"
#include "refmon/refmon.h"

#define MAX_INPUT_BYTES (1u << 20)

int tool_file_error(const char *path, int error)
{
	return tool_error("%s: %s", path,
			  error == EFBIG ? "larger than 1 MiB, not a policy"
					 : strerror(error));
}

int tool_error(const char *format, ...)
{
	va_list args;

	fputs("casemate-policy: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

/* ---- input */

static int report_diags(const struct options *opt, const struct diags *d)
{
	if (!opt->is_json) {
		diag_print(d, stderr);
		return EXIT_NO;
	}
	fputs("{\"ok\":false,\"diagnostics\":", stdout);
	diag_print_json(d, stdout);
	puts(",\"policy\":null}");
	return EXIT_NO;
}

/* An image has no lines: one message, no place. */
static int report_image(const struct options *opt, const char *path,
			const char *why)
{
	if (!opt->is_json) {
		fprintf(stderr, "%s: error: the core refuses the image: %s\n",
			path, why);
		return EXIT_NO;
	}
	fputs("{\"ok\":false,\"diagnostics\":[{\"severity\":\"error\","
	      "\"file\":",
	      stdout);
	json_string(stdout, path);
	fputs(",\"line\":0,\"column\":0,\"length\":0,\"message\":", stdout);
	json_string(stdout, why);
	puts(",\"hint\":\"\"}],\"policy\":null}");
	return EXIT_NO;
}

static int no_such_mode(const struct options *opt, const struct policy *p)
{
	const struct model *m = p->job.model;
	struct guess g = { .wanted = opt->mode };

	for (u32 i = 0; i < m->n_modes; i++) {
		guess_offer(&g, m->modes[i]->text);
	}
	return guess_is_near(&g)
		       ? tool_error("%s has no mode '%s'; did you mean '%s'?",
				    p->path, opt->mode, g.best)
		       : tool_error("%s has no mode '%s'", p->path, opt->mode);
}

static bool is_image(const char *text, u32 bytes)
{
	const u64 magic = POLICY_MAGIC;

	return bytes >= sizeof(magic) && !memcmp(text, &magic, sizeof(magic));
}

static int read_input(const char *path, struct policy *p)
{
	memset(p, 0, sizeof(*p));
	p->path = path;
	p->text = file_read(path, MAX_INPUT_BYTES, &p->bytes);
	if (!p->text) {
		return tool_file_error(path, errno);
	}
	p->is_source = !is_image(p->text, p->bytes);
	return EXIT_OK;
}

static int open_source(const struct options *opt, struct policy *p)
{
	p->job.source = (struct source){ .path = p->path,
					 .text = p->text,
					 .bytes = p->bytes };
	job_compile(&p->job, opt->mode);
	if (p->job.diags.n_errors) {
		return report_diags(opt, &p->job.diags);
	}
	if (!p->job.image.bytes) {
		return no_such_mode(opt, p);
	}
	p->image = p->job.image.bytes;
	image_view(p->image, &p->view);
	policy_install(p); /* the monitor has the last mode's */
	return EXIT_OK;
}

/* Where the LMS type stands in a signature; those kinds begin with it. */
#define AT_LMS_TYPE 1128u

/* Does nothing but signatures follow? */
static bool ends_in_signatures(const u8 *at, u32 left)
{
	u8 kind[8];
	u32 bytes;

	while (left > AT_LMS_TYPE + 4u) {
		memcpy(kind, at + AT_LMS_TYPE, 4);
		memcpy(kind + 4, at + 4, 4);
		bytes = lms_signature_bytes(kind);
		if (!bytes || bytes > left) {
			return false;
		}
		at += bytes;
		left -= bytes;
	}
	return left == 0;
}

/* Signatures may follow an image: they are not the monitor's business. */
static u32 image_bytes(const struct policy *p)
{
	const struct policy_header *h = (const void *)p->text;

	return p->bytes > sizeof(*h) && h->total_bytes < p->bytes &&
			       ends_in_signatures((const u8 *)p->text +
							  h->total_bytes,
						  p->bytes - h->total_bytes)
		       ? h->total_bytes
		       : p->bytes;
}

static int open_image(const struct options *opt, struct policy *p)
{
	enum refmon_error e;

	if (opt->mode) {
		return tool_error("%s is an image, which has one mode: no "
				  "--mode",
				  p->path);
	}
	e = refmon_install((const u8 *)p->text, image_bytes(p));
	if (e != REFMON_OK) {
		return report_image(opt, p->path, refmon_error_text(e));
	}
	p->image = (const u8 *)p->text;
	image_view(p->image, &p->view);
	return EXIT_OK;
}

int policy_open(const struct options *opt, const char *path, struct policy *p)
{
	int status = read_input(path, p);

	if (status != EXIT_OK) {
		return status;
	}
	return p->is_source ? open_source(opt, p) : open_image(opt, p);
}

int policy_open_source(const struct options *opt, const char *path,
		       struct policy *p)
{
	int status = read_input(path, p);

	if (status == EXIT_OK && !p->is_source) {
		return tool_error("%s is an image; the source is needed", path);
	}
	return status == EXIT_OK ? open_source(opt, p) : status;
}

void policy_install(const struct policy *p)
{
	(void)refmon_install(p->image, p->view.header->total_bytes);
}

void policy_close(struct policy *p)
{
	if (p->is_source) {
		job_free(&p->job);
	}
	free(p->text);
}

/* ---- names */

static u32 label_exact(const char *name)
{
	u32 i = 0;

	while (i < refmon_label_count() &&
	       strcmp(refmon_label_name(i), name) != 0) {
		i++;
	}
	return i;
}

/* The one label of a type; none or several: POLICY_MAX_LABELS. */
static u32 label_of_type(const char *type)
{
	size_t n = strlen(type);
	u32 found = POLICY_MAX_LABELS;

	for (u32 i = 0; i < refmon_label_count(); i++) {
		const char *name = refmon_label_name(i);

		if (!strncmp(name, type, n) && name[n] == '@') {
			if (found != POLICY_MAX_LABELS) {
				return POLICY_MAX_LABELS;
			}
			found = i;
		}
	}
	return found;
}

u32 policy_label(const struct policy *p, const char *name)
{
	const struct model *m = p->is_source ? p->job.model : NULL;
	const struct model_vm *vm = m ? vm_find(m, name) : NULL;
	struct guess g = { .wanted = name };
	u32 label = label_exact(name);

	if (label < refmon_label_count()) {
		return label;
	}
	label = vm ? vm->label : label_of_type(name);
	if (label < refmon_label_count()) {
		return label;
	}
	for (u32 i = 0; i < refmon_label_count(); i++) {
		guess_offer(&g, refmon_label_name(i));
	}
	if (guess_is_near(&g)) {
		(void)tool_error("%s has no label '%s'; did you mean '%s'?",
				 p->path, name, g.best);
	} else {
		(void)tool_error("%s has no label '%s'; `casemate-policy show` "
				 "lists them",
				 p->path, name);
	}
	return POLICY_MAX_LABELS;
}

static bool unknown_word(const char *what, const struct guess *g)
{
	if (guess_is_near(g)) {
		(void)tool_error("unknown %s '%s'; did you mean '%s'?", what,
				 g->wanted, g->best);
	} else {
		(void)tool_error("unknown %s '%s'", what, g->wanted);
	}
	return false;
}

bool tool_permission(const char *text, u32 *cls, u32 *perm)
{
	char word[64];
	size_t n = strcspn(text, ".");
	struct guess g = { .wanted = word };

	if (n >= sizeof(word) || text[n] != '.') {
		(void)tool_error("'%s' is not CLASS.PERMISSION", text);
		return false;
	}
	memcpy(word, text, n);
	word[n] = '\0';
	*cls = class_find(word);
	if (*cls == CLASS_NONE) {
		class_guess(&g);
		return unknown_word("class", &g);
	}
	*perm = perm_find(*cls, text + n + 1);
	if (*perm == PERM_NONE) {
		g = (struct guess){ .wanted = text + n + 1 };
		perm_guess(&g, *cls);
		return unknown_word("permission", &g);
	}
	return true;
}

const char *cause_name(u32 cause)
{
	static const char *const names[] = {
		[REFMON_PERMIT] = "permitted",
		[REFMON_NO_RULE] = "no rule",
		[REFMON_READ_UP] = "read up",
		[REFMON_WRITE_DOWN] = "write down",
		[REFMON_STRICT] = "strict",
		[REFMON_BAD_QUERY] = "nothing a policy can permit",
	};

	return names[cause];
}

/* ---- output */

void text_begin(struct text *t)
{
	t->out = open_memstream(&t->at, &t->bytes);
	if (!t->out) {
		exit(tool_error("out of memory"));
	}
}

int text_end(struct text *t, const char *path)
{
	int error = 0;

	fclose(t->out);
	if (path) {
		error = file_write(path, t->at, t->bytes);
	} else {
		fwrite(t->at, 1, t->bytes, stdout);
	}
	free(t->at);
	return error ? tool_file_error(path, error) : EXIT_OK;
}

/* Do blanks or comments stand before it that mean nothing? */
static bool has_gap(const struct token *t)
{
	const struct place before = t[-1].place;

	return t->kind != TOKEN_COMMA &&
	       (t[-1].kind == TOKEN_COMMA ||
		before.at + before.bytes < t->place.at);
}

char *statement_text(const struct job *j, struct place at)
{
	struct parser p = { .t = j->tokens.list.at };
	struct text t;

	while (p.t[p.i].place.at < at.at) {
		p.i++;
	}
	text_begin(&t);
	fputs(p.t[p.i].text, t.out);
	for (p.i++; !at_statement(&p); p.i++) {
		const struct token *token = &p.t[p.i];

		fprintf(t.out, "%s%.*s", has_gap(token) ? " " : "",
			(int)token->place.bytes,
			j->source.text + token->place.at);
	}
	fclose(t.out);
	return t.at;
}

void print_place(const struct source *s, struct place p, FILE *out)
{
	u32 line, column;

	source_locate(s, p.at, &line, &column);
	fprintf(out, "%s:%u:%u", s->path, line, column);
}

void print_hex(const u8 *bytes, u32 n, FILE *out)
{
	for (u32 i = 0; i < n; i++) {
		fprintf(out, "%02x", bytes[i]);
	}
}
