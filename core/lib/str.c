/* SPDX-License-Identifier: Apache-2.0 */
/* Text of bounded length; see str.h. */
#include "lib/str.h"

const char *str_after(const char *s, const char *prefix)
{
	while (*prefix != '\0' && *s == *prefix) {
		s++;
		prefix++;
	}
	return *prefix == '\0' ? s : NULL;
}

bool str_copy(char *to, u32 to_bytes, const char *from, u32 bytes)
{
	u32 i = 0;

	while (i < bytes && from[i] != '\0' && i + 1u < to_bytes) {
		to[i] = from[i];
		i++;
	}
	to[i] = '\0';
	return i == bytes || from[i] == '\0';
}

u32 str_word(const char *s)
{
	u32 n = 0;

	while (s[n] != '\0' && s[n] != ' ' && s[n] != '\t') {
		n++;
	}
	return n;
}

const char *str_skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t') {
		s++;
	}
	return s;
}

bool str_number(const char **s, u64 max, u64 *value)
{
	const char *start = *s;

	*value = 0;
	for (; **s >= '0' && **s <= '9' && *value <= max; (*s)++) {
		*value = *value * 10u + (u64)(**s - '0');
	}
	return *s != start && *value <= max;
}
