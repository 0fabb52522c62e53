/* SPDX-License-Identifier: Apache-2.0 */
/* xl.cfg's syntax, as far as finding `key = ...` needs it: strings, comments,
 * brackets; a statement ends with a line or a semicolon outside of them. */
#include "casemate/keys.h"

#include <ctype.h>
#include <string.h>

struct scan {
	const char *at;
	const char *end;
	unsigned int line;
};

static void step(struct scan *s)
{
	if (*s->at == '\n') {
		s->line++;
	}
	s->at++;
}

static void skip_comment(struct scan *s)
{
	while (s->at < s->end && *s->at != '\n') {
		s->at++;
	}
}

static void skip_string(struct scan *s)
{
	char quote = *s->at;

	step(s);
	while (s->at < s->end && *s->at != quote) {
		if (*s->at == '\\' && s->at + 1 < s->end) {
			step(s);
		}
		step(s);
	}
	if (s->at < s->end) {
		step(s);
	}
}

static void skip_value(struct scan *s)
{
	int depth = 0;

	while (s->at < s->end) {
		char c = *s->at;

		if (c == '#') {
			skip_comment(s);
			continue;
		}
		if (c == '"' || c == '\'') {
			skip_string(s);
			continue;
		}
		if (depth <= 0 && (c == '\n' || c == ';')) {
			return;
		}
		depth += (c == '[') - (c == ']');
		step(s);
	}
}

static void take_key(struct keys *keys, struct scan *s)
{
	unsigned int line = s->line;
	size_t bytes = 0;
	char name[KEY_BYTES];

	while (s->at < s->end &&
	       (isalnum((unsigned char)*s->at) || *s->at == '_')) {
		if (bytes < KEY_BYTES - 1) {
			name[bytes++] = *s->at;
		}
		step(s);
	}
	name[bytes] = '\0';
	if (bytes != 0 && keys->count < KEYS_MAX) {
		memcpy(keys->key[keys->count].name, name, bytes + 1);
		keys->key[keys->count].line = line;
		keys->count++;
	}
	skip_value(s);
}

void keys_scan(struct keys *keys, const char *text, size_t bytes)
{
	struct scan s = { text, text + bytes, 1 };

	keys->count = 0;
	while (s.at < s.end) {
		if (*s.at == '#') {
			skip_comment(&s);
		} else if (isspace((unsigned char)*s.at) || *s.at == ';') {
			step(&s);
		} else {
			take_key(keys, &s);
		}
	}
}

unsigned int keys_line(const struct keys *keys, const char *name)
{
	for (unsigned int i = keys->count; i > 0; i--) {
		if (strcmp(keys->key[i - 1].name, name) == 0) {
			return keys->key[i - 1].line;
		}
	}
	return 0;
}
