/* SPDX-License-Identifier: Apache-2.0 */
/* Boot log and fatal messages on the serial console. Guests' lines come there,
 * too: once they run, the core has nothing to print. */
#pragma once

#include "lib/types.h"

/* Formats: %s %u %x (u32), %lu %lx (u64), and no others. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One readable line, then halt: for boot refusals and broken invariants. After
 * panic_is_defect() a second line has the calls that led there. */
void panic_is_defect(void);
void __attribute__((noreturn, format(printf, 1, 2)))
panic(const char *format, ...);
