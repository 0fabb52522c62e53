/* SPDX-License-Identifier: Apache-2.0 */
/* Boot log and fatal messages on the serial console. */
#pragma once

#include "lib/types.h"

/* Formats: %s %u %x (u32), %lu %lx (u64), and no others. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* After the boot log: print() becomes silent, panic() does not. */
void print_quiet(void);
/* One readable line, then halt: for boot refusals and broken invariants. After
 * the boot log a second line has the calls that led there. */
void __attribute__((noreturn, format(printf, 1, 2)))
panic(const char *format, ...);
