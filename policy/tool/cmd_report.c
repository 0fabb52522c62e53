/* SPDX-License-Identifier: Apache-2.0 */
/* report: the whole policy on one page, for whoever has to accept it. Nothing
 * in it depends on time or place: two of one policy are the same bytes. */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

#include "lang/classes.h"
#include "lang/flow.h"
#include "measure/sha384.h"
#include "picture.h"
#include "refmon/refmon.h"

enum page_format {
	PAGE_TEXT,
	PAGE_HTML,
	PAGE_JSON
};

/* One shape for all formats: sections of rows of cells. */
struct page {
	FILE *out;
	enum page_format format;
	bool has_section; /* in JSON: a comma comes before the next */
	bool has_row;
};

static void put(const struct page *p, const char *text)
{
	if (p->format == PAGE_HTML) {
		xml_text(p->out, text);
	} else if (p->format == PAGE_JSON) {
		json_string(p->out, text);
	} else {
		fputs(text, p->out);
	}
}

/* What stands around and between the pieces of a page, by format. */
static void mark(const struct page *p, const char *text, const char *html,
		 const char *json)
{
	fputs(p->format == PAGE_HTML   ? html
	      : p->format == PAGE_JSON ? json
				       : text,
	      p->out);
}

static void section(struct page *p, const char *title)
{
	mark(p, "\n", "</table>\n<h2>",
	     p->has_section ? "]},\n{\"title\":" : "{\"title\":");
	put(p, title);
	mark(p, "\n", "</h2>\n<table>\n", ",\"rows\":[");
	p->has_section = true;
	p->has_row = false;
}

/* Cells up to NULL. */
static void row(struct page *p, const char *const *cells)
{
	mark(p, "  ", "<tr>", p->has_row ? ",[" : "[");
	for (u32 i = 0; cells[i]; i++) {
		mark(p, i ? "  " : "", "<td>", i ? "," : "");
		put(p, cells[i]);
		mark(p, "", "</td>", "");
	}
	mark(p, "\n", "</tr>\n", "]");
	p->has_row = true;
}

#define ROW(page, ...) row(page, (const char *const[]){ __VA_ARGS__, NULL })

/* ---- the sections */

static const char html_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
	"charset=\"utf-8\"><title>";
static const char html_style[] =
	"</title><style>body{font:14px sans-serif;max-width:70em}"
	"td{padding:1px 12px 1px 0;vertical-align:top}</style></head><body>\n"
	"<h1>Policy ";

static void put_head(struct page *p, const struct policy *q)
{
	char version[32], digest[2 * SHA384_BYTES + 1];
	u8 bytes[SHA384_BYTES];
	struct sha384 h;

	sha384_init(&h);
	sha384_update(&h, q->image, q->view.header->total_bytes);
	sha384_final(&h, bytes);
	for (u32 i = 0; i < SHA384_BYTES; i++) {
		snprintf(digest + 2 * (size_t)i, 3, "%02x", bytes[i]);
	}
	snprintf(version, sizeof(version), "version %llu",
		 (unsigned long long)q->view.header->version);
	mark(p, "Policy ", html_head, "{\"name\":");
	put(p, q->view.header->name);
	mark(p, "\n", html_style, ",\"sections\":[\n");
	if (p->format == PAGE_HTML) {
		put(p, q->view.header->name);
	}
	mark(p, "", "</h1>\n<table>\n", "");
	section(p, "Identity");
	ROW(p, version);
	ROW(p, "image sha384", digest);
}

static void put_trusted(struct page *p, const struct model *m)
{
	bool is_any = false;

	section(p, "Trusted types: what may move information down");
	for (u32 i = 0; i < m->n_types; i++) {
		const struct model_type *t = &m->types[i];
		char *low, *high;

		if (!t->is_trusted) {
			continue;
		}
		low = level_text(m, &t->range.low);
		high = level_text(m, &t->range.high);
		ROW(p, t->name->text, low, "..", high, "because", t->because);
		free(low);
		free(high);
		is_any = true;
	}
	if (!is_any) {
		ROW(p, "none");
	}
}

static void put_names(struct page *p, const struct model *m)
{
	section(p, "Levels, lowest first");
	for (u32 i = 0; i < m->n_sens; i++) {
		ROW(p, m->sens[i]->text);
	}
	section(p, "Compartments");
	for (u32 i = 0; i < m->n_cats; i++) {
		ROW(p, m->cats[i]->text);
	}
	section(p, "Labels");
	for (u32 i = 0; i < m->n_labels; i++) {
		ROW(p, refmon_label_name(i),
		    kind_name(m->types[m->labels[i].type].kind));
	}
}

static void put_things(struct page *p, const struct model *m)
{
	section(p, "Virtual machines and devices");
	for (u32 i = 0; i < m->vms.n; i++) {
		ROW(p, m->vms.at[i].name->text,
		    refmon_label_name(m->vms.at[i].label),
		    m->vms.at[i].image ? m->vms.at[i].image : "any image");
	}
	for (u32 i = 0; i < m->devices.n; i++) {
		ROW(p, m->devices.at[i].address,
		    refmon_label_name(m->devices.at[i].label),
		    m->devices.at[i].reset ? m->devices.at[i].reset
					   : "no reset");
	}
}

/* Between types: one cell says it for all their labels. */
static void put_matrix(struct page *p, const struct model *m,
		       const struct flow_graph *g)
{
	section(p, "Who may send information to whom, by type");
	for (u32 s = 0; s < m->n_types; s++) {
		for (u32 o = 0; o < m->n_types; o++) {
			u32 n = 0;
			char pairs[40];

			for (u32 a = m->types[s].label_first;
			     a < m->types[s].label_end; a++) {
				for (u32 b = m->types[o].label_first;
				     b < m->types[o].label_end; b++) {
					n += a != b && flow_has(g, a, b);
				}
			}
			snprintf(pairs, sizeof(pairs), "%u pair%s of labels", n,
				 n == 1 ? "" : "s");
			if (n) {
				ROW(p, m->types[s].name->text, "->",
				    m->types[o].name->text, pairs);
			}
		}
	}
}

static void put_claim(struct page *p, const struct job *j, struct place at,
		      const char *kind)
{
	char *text = statement_text(j, at);
	char place[40];
	u32 line, column;

	source_locate(&j->source, at.at, &line, &column);
	snprintf(place, sizeof(place), "line %u", line);
	ROW(p, "holds", kind, place, text);
	free(text);
}

/* The compiler ended with an error if one did not hold. A conflict is several
 * in the model, one after the other, and one here. */
static void put_claims(struct page *p, const struct policy *q)
{
	const struct model *m = q->job.model;

	section(p, "Claims, checked over every pair of labels");
	for (u32 i = 0; i < m->nevers.n; i++) {
		put_claim(p, &q->job, m->nevers.at[i].place, "never");
	}
	for (u32 i = 0; i < m->asserts.n; i++) {
		const struct model_assert *a = &m->asserts.at[i];

		if (!i || a[-1].place.at != a->place.at) {
			put_claim(p, &q->job, a->place,
				  a->is_conflict ? "conflict" : "assert");
		}
	}
	if (!m->nevers.n && !m->asserts.n) {
		ROW(p, "none: nothing is claimed");
	}
}

static void put_limits(struct page *p)
{
	section(p, "What this does not say");
	ROW(p, "Timing, caches, scheduling and the exhaustion of shared "
	       "resources: see docs/COVERT.md.");
	ROW(p, "What a trusted type does between its levels rests on its "
	       "reason above.");
}

static void put_page(struct page *p, const struct policy *q)
{
	struct flow_graph *g = zalloc(sizeof(*g));

	flow_build(q->job.model, g);
	put_head(p, q);
	put_trusted(p, q->job.model);
	put_names(p, q->job.model);
	put_things(p, q->job.model);
	put_matrix(p, q->job.model, g);
	put_claims(p, q);
	put_limits(p);
	mark(p, "", "</table>\n</body></html>\n", "]}\n]}\n");
	free(g);
}

int cmd_report(const struct options *opt)
{
	const char *format = opt->format ? opt->format : "text";
	struct page page = { .format = PAGE_TEXT };
	struct policy p;
	struct text t;
	int status;

	if (opt->is_json) {
		page.format = PAGE_JSON;
	} else if (!strcmp(format, "html")) {
		page.format = PAGE_HTML;
	} else if (strcmp(format, "text") != 0) {
		return tool_error("--format is text or html, not %s", format);
	}
	status = policy_open_source(opt, opt->operands[0], &p);
	if (status == EXIT_OK) {
		text_begin(&t);
		page.out = t.out;
		put_page(&page, &p);
		status = text_end(&t, opt->out);
	}
	policy_close(&p);
	return status;
}
