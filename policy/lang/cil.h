/* SPDX-License-Identifier: Apache-2.0 */
/* The same policy in SELinux CIL, for secilc, SETools and libsepol. */
#pragma once

#include "model.h"

/* Acting on oneself is exported as access to the type NAME_self. */
void cil_write(const struct model *m, FILE *out);
