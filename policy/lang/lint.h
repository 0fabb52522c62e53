/* SPDX-License-Identifier: Apache-2.0 */
/* What is allowed in a policy and better were not: found once it compiles. */
#pragma once

#include "compile.h"

/* Warnings join those of the compiler in j->diags, less what is no fault of the
 * policy. The policy has no error,
 * and the image of the mode that is selected is in the monitor. */
void lint(struct job *j);
