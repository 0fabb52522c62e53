/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of an import. */
#include "import.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

/* What the whole must have, once every statement is good. */
static void check_whole(struct import *im)
{
	struct place start = { 0, 1 };
	struct diag *d;

	if (!im->has_order) {
		diag_error(&im->diags, start, "there is no sensitivityorder");
	}
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		if (!im->initial[i]) {
			d = diag_error(&im->diags, start,
				       "no context says the label of '%s'",
				       initial_names[i]);
			diag_hint(d, "(context %s (USER ROLE TYPE (LOW HIGH)))",
				  initial_names[i]);
		}
	}
}

/* Only types that become the policy's have to be named as it names. */
static void check_names(struct import *im)
{
	struct diag *d;

	for (u32 i = 0; i < im->types.n; i++) {
		const struct sexp *name = im->types.at[i].name;
		size_t n = strlen(name->text);

		if (!im->types.at[i].is_labelled ||
		    !import_is_name(im, name, "a type")) {
			continue;
		}
		if (n > 5 && !strcmp(name->text + n - 5, "_self")) {
			d = diag_error(&im->diags, name->place,
				       "'%s' is called like another type's "
				       "self",
				       name->text);
			diag_hint(d, "choose another name");
		}
	}
}

static void note_unlabelled(struct import *im)
{
	const char *first = NULL;
	u32 n = 0;

	for (u32 i = 0; i < im->types.n; i++) {
		if (!im->types.at[i].is_labelled && !im->types.at[i].is_self &&
		    !n++) {
			first = im->types.at[i].name->text;
		}
	}
	if (n) {
		import_note(im,
			    "%u type%s left out that no context has: %.63s%s",
			    n, n == 1 ? "" : "s", first,
			    n == 1 ? "" : " and others");
	}
}

/* The last word: what was written is a policy that the core takes. */
static void check_written(struct import *im, const char *text, size_t bytes)
{
	struct job j = { .source = { .path = "imported",
				     .text = text,
				     .bytes = (u32)bytes } };
	struct place start = { 0, 1 };

	job_compile(&j, NULL);
	for (u32 i = 0; i < j.diags.list.n && !im->diags.n_errors; i++) {
		if (j.diags.list.at[i].severity == SEVERITY_ERROR) {
			diag_error(&im->diags, start, "not a policy: %s",
				   j.diags.list.at[i].message);
		}
	}
	job_free(&j);
}

static void write_checked(struct import *im, FILE *out)
{
	char *text = NULL;
	size_t bytes;
	FILE *memory = open_memstream(&text, &bytes);

	import_write(im, memory);
	fclose(memory);
	check_written(im, text, bytes);
	fwrite(text, 1, bytes, out);
	free(text);
}

/* Each step only if nothing was wrong before. */
bool import_cil(struct import *im, FILE *out)
{
	im->diags.source = &im->source;
	im->pair =
		zalloc(sizeof(*im->pair) * IMPORT_MAX_TYPES * IMPORT_MAX_TYPES);
	source_index(&im->source);
	sexp_read(&im->source, &im->x, &im->diags);
	if (!im->diags.n_errors) {
		import_statements(im);
	}
	if (!im->diags.n_errors) {
		check_whole(im);
		check_names(im);
	}
	if (!im->diags.n_errors) {
		import_judge(im);
	}
	if (!im->diags.n_errors) {
		note_unlabelled(im);
		write_checked(im, out);
	}
	diag_sort(&im->diags);
	return !im->diags.n_errors;
}

void import_free(struct import *im)
{
	VEC_FREE(&im->sens);
	VEC_FREE(&im->cats);
	VEC_FREE(&im->types);
	VEC_FREE(&im->attrs);
	VEC_FREE(&im->levels);
	VEC_FREE(&im->labels);
	VEC_FREE(&im->exprs);
	VEC_FREE(&im->constraints);
	VEC_FREE(&im->notes);
	free(im->pair);
	sexp_free(&im->x);
	diag_free(&im->diags);
	source_free(&im->source);
}
