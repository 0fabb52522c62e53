/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target uses. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A finding: one line, and the end of the process. */
void fuzz_fail(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
