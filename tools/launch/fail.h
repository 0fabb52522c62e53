/* SPDX-License-Identifier: Apache-2.0 */
/* One readable error text: what is wrong, where, and the remedy. The first
 * error is kept, later ones (while cleaning up) do not overwrite it. */
#pragma once

struct fail {
	char text[1024];
};

/* Always returns -1, so that `return fail_set(...)` reads well. */
int fail_set(struct fail *fail, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
