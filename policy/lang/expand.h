/* SPDX-License-Identifier: Apache-2.0 */
/* What vm, ring, use and diode statements stand for, in plain statements. */
#pragma once

#include "model.h"

/* In place of those statements it makes the same policy. */
void expand_print(const struct ast *ast, const struct model *m,
		  const struct source *s, FILE *out);
