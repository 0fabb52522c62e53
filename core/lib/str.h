/* SPDX-License-Identifier: Apache-2.0 */
/* Text of bounded length: command lines and names. Never writes past to_bytes,
 * never reads past a NUL. */
#pragma once

#include "lib/types.h"

u32 str_length(const char *s, u32 limit);
bool str_equal(const char *a, const char *b);
/* Does s begin with the prefix? */
bool str_begins(const char *s, const char *prefix);
/* Copy up to `bytes` characters, always terminated; false if cut short. */
bool str_copy(char *to, u32 to_bytes, const char *from, u32 bytes);
/* Where `what` first occurs in s, or NULL. */
const char *str_find(const char *s, const char *what);
/* Length of the word at s: up to a blank or the end. */
u32 str_word(const char *s);
const char *str_skip_blanks(const char *s);
/* Decimal digits at *s; moves *s past them. False: none, or too large. */
bool str_number(const char **s, u64 *value);
