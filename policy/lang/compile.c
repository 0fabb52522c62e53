/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a compilation, and the modes one after the other. */
#include "compile.h"

#include <stdlib.h>
#include <string.h>

#include "refmon/refmon.h"
#include "verify.h"

/* The core has the last word: it must take the image. */
static bool install(struct job *j, struct image *out)
{
	struct place where = j->tokens.list.at[j->ast.policy].place;
	enum refmon_error e;

	image_build(j->model, where, out, &j->diags);
	if (!out->bytes) {
		return false;
	}
	e = refmon_install(out->bytes, out->n);
	if (e != REFMON_OK) {
		diag_error(&j->diags, where, "the core refuses the image: %s",
			   refmon_error_text(e));
	}
	return e == REFMON_OK;
}

static void verify(struct job *j)
{
	struct checker c = { &j->ast, j->model, &j->diags, true };
	struct flow_graph *flows = zalloc(sizeof(*flows));

	flow_build(j->model, flows);
	verify_rules(&c);
	verify_macros(&c, flows);
	verify_claims(&c, flows);
	free(flows);
}

static bool is_selected(const struct job *j, u32 mode, const char *name)
{
	if (!mode || !name) {
		return !mode && !name;
	}
	return !strcmp(j->model->modes[mode - 1]->text, name);
}

/* Errors of one mode do not keep those of the next from being found. */
static void compile_mode(struct job *j, u32 mode, const char *name)
{
	struct image image = { NULL, 0 };

	model_select(j->model, mode);
	if (install(j, &image)) {
		verify(j);
	}
	if (is_selected(j, mode, name)) {
		j->image = image;
	} else {
		image_free(&image);
	}
}

static u32 mode_find(const struct job *j, const char *name)
{
	for (u32 i = 1; i <= j->model->n_modes; i++) {
		if (is_selected(j, i, name)) {
			return i;
		}
	}
	return 0;
}

void job_compile(struct job *j, const char *mode)
{
	j->diags.source = &j->source;
	j->model = zalloc(sizeof(*j->model));
	source_index(&j->source);
	lex(&j->source, &j->tokens, &j->diags);
	parse(&j->tokens, &j->ast, &j->diags);
	check(&j->ast, j->model, &j->diags);
	if (!j->diags.n_errors) {
		for (u32 i = 0; i <= j->model->n_modes; i++) {
			compile_mode(j, i, mode);
		}
		model_select(j->model, mode ? mode_find(j, mode) : 0);
	}
	diag_sort(&j->diags);
}

void job_free(struct job *j)
{
	image_free(&j->image);
	model_free(j->model);
	ast_free(&j->ast);
	lex_free(&j->tokens);
	diag_free(&j->diags);
	source_free(&j->source);
}
