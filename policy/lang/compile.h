/* SPDX-License-Identifier: Apache-2.0 */
/* From a source to an image that the core accepts. */
#pragma once

#include "check.h"
#include "image.h"

/* A source and all that was made of it. */
struct job {
	struct source source; /* given; the rest is zero before */
	struct diags diags;
	struct tokens tokens;
	struct ast ast;
	struct model *model;
	struct image image; /* empty: errors, or there is no such mode */
};

/* Checks the policy in every mode; the image, and what is selected in the
 * model, are of one. mode NULL: without what the modes add. */
void job_compile(struct job *j, const char *mode);
void job_free(struct job *j);
