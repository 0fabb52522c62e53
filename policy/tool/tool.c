/* SPDX-License-Identifier: Apache-2.0 */
/* Reading policies, and saying what is wrong with them. */
#include "tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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
