/* SPDX-License-Identifier: Apache-2.0 */
/* Text of bounded length: command lines and names. Never writes past to_bytes,
 * never reads past a NUL. */
#pragma once

#include "lib/types.h"

/* What follows the prefix that s begins with; NULL if it does not. */
const char *str_after(const char *s, const char *prefix);
/* Copy up to `bytes` characters into to_bytes > 0, always terminated; false if cut short. */
bool str_copy(char *to, u32 to_bytes, const char *from, u32 bytes);
/* Length of the word at s: up to a blank or the end. */
u32 str_word(const char *s);
const char *str_skip_blanks(const char *s);
/* Decimal digits at *s; moves *s past them. False: none, or more than `max`,
 * which is far below 2^60. */
bool str_number(const char **s, u64 max, u64 *value);
