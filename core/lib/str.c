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

bool str_equal(const char *a, const char *b)
{
	u64 i = 0;

	while (a[i] != '\0' && a[i] == b[i]) {
		i++;
	}
	return a[i] == b[i];
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
	bool is_whole = n < to_bytes;
	u32 i;

	if (to_bytes == 0) {
		return false;
	}
	if (!is_whole) {
		n = to_bytes - 1u;
	}
	for (i = 0; i < n; i++) {
		to[i] = from[i];
	}
	to[n] = '\0';
	return is_whole;
}

const char *str_find(const char *s, const char *what)
{
	for (; *s != '\0'; s++) {
		if (str_begins(s, what)) {
			return s;
		}
	}
	return NULL;
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

bool str_number(const char **s, u64 *value)
{
	const char *p = *s;
	u64 v = 0;

	while (*p >= '0' && *p <= '9') {
		u64 digit = (u64)(*p - '0');

		if (v > (~0ull - digit) / 10u) {
			return false;
		}
		v = v * 10u + digit;
		p++;
	}
	if (p == *s) {
		return false;
	}
	*s = p;
	*value = v;
	return true;
}
