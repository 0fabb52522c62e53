/* SPDX-License-Identifier: Apache-2.0 */
/* Text of bounded length; see str.h. */
#include "lib/str.h"

u32 str_length(const char *s, u32 limit)
{
	u32 n = 0;

	while (n < limit && s[n] != '\0') {
		n++;
	}
	return n;
}

bool str_begins(const char *s, const char *prefix)
{
	u64 i = 0;

	while (prefix[i] != '\0' && s[i] == prefix[i]) {
		i++;
	}
	return prefix[i] == '\0';
}

bool str_copy(char *to, u32 to_bytes, const char *from, u32 bytes)
{
	u32 n = str_length(from, bytes);
	u32 i;

	for (i = 0; i < n && i + 1u < to_bytes; i++) {
		to[i] = from[i];
	}
	to[i] = '\0';
	return i == n;
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
