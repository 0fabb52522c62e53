/* SPDX-License-Identifier: Apache-2.0 */
/* Error texts of the launch library and of casemate. */
#include "launch/fail.h"

#include <stdarg.h>
#include <stdio.h>

int fail_set(struct fail *fail, const char *format, ...)
{
	va_list args;

	if (fail->text[0] != '\0') {
		return -1;
	}
	va_start(args, format);
	vsnprintf(fail->text, sizeof(fail->text), format, args);
	va_end(args);
	return -1;
}
