/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a guest file (casemate.cfg(5)). */
#pragma once

#include <stdio.h>

#include "launch/guest.h"
#include "launch/fail.h"

/* Warnings (unknown keys) go to `warn`, one line each. Errors name file, line
 * and remedy. Relative paths in the file count from the file's directory.
 * config_free() in either case. */
int config_load(struct guest *guest, const char *path, FILE *warn,
		struct fail *fail);
void config_free(struct guest *guest);

/* An error whose text starts with one of the file's keys ("kernel ...") gets
 * file and line in front. */
void config_point(const struct guest *guest, struct fail *fail);
