/* SPDX-License-Identifier: Apache-2.0 */
/* Text, and the core's command line; see boot.h. */
#include "boot/boot.h"

#include "abi/limits.h"
#include "lib/print.h"

#define DOM0_MIB_MIN 64u
#define DOM0_MIB_MAX (1u << 20)
#define SEPARATOR " -- "

struct boot_info boot = { .dom0_bytes = 640u * MIB, .dom0_vcpus = 2 };
struct policy_keys boot_keys;
bool boot_coverage;
static const char *modules;

const char *str_after(const char *s, const char *prefix)
{
	while (*prefix != '\0' && *s == *prefix) {
		s++;
		prefix++;
	}
	return *prefix == '\0' ? s : NULL;
}

u32 str_word(const char *s)
{
	u32 n = 0;

	while (s[n] != '\0' && s[n] != ' ' && s[n] != '\t') {
		n++;
	}
	return n;
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

void str_copy(char *to, u32 room, const char *from, u32 bytes)
{
	u32 i;

	for (i = 0; i < bytes && from[i] != '\0'; i++) {
		if (i + 1u == room) {
			panic("a command line is longer than %u characters", i);
		}
		to[i] = from[i];
	}
	to[i] = '\0';
}

/* SIZE, SIZEM (both MiB) or SIZEG. */
static void option_memory(const char *value)
{
	bool is_ok = str_number(&value, DOM0_MIB_MAX, &boot.dom0_bytes);

	if (*value == 'G') {
		boot.dom0_bytes *= 1024u;
	}
	if (*value == 'G' || *value == 'M') {
		value++;
	}
	if (!is_ok || str_word(value) != 0 || boot.dom0_bytes < DOM0_MIB_MIN ||
	    boot.dom0_bytes > DOM0_MIB_MAX) {
		panic("dom0_mem= must be a size such as 640M or 2G, %uM to %uM",
		      DOM0_MIB_MIN, DOM0_MIB_MAX);
	}
	boot.dom0_bytes *= MIB;
}

static void option_vcpus(const char *value)
{
	u64 n = 0;

	if (!str_number(&value, CASEMATE_MAX_VCPUS, &n) ||
	    str_word(value) != 0 || n < 1u) {
		panic("dom0_vcpus= must be 1 to %u", CASEMATE_MAX_VCPUS);
	}
	boot.dom0_vcpus = (u32)n;
}

static u32 hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? (u32)(c - '0')
	       : c >= 'a' && c <= 'f' ? (u32)(c - 'a' + 10)
				      : 16u;
}

/* One key's digits, at *s; moves *s past them. */
static bool key_take(const char **s, u8 *key)
{
	u32 i;

	for (i = 0; i < LMS_KEY_BYTES; i++) {
		u32 high = hex_digit((*s)[0]);
		u32 low = high < 16u ? hex_digit((*s)[1]) : 16u;

		if (low == 16u) {
			return false;
		}
		key[i] = (u8)(16u * high + low);
		*s += 2;
	}
	return lms_signature_bytes(key) != 0;
}

/* HEX[,HEX] */
static void option_keys(const char *value)
{
	bool is_good = true;

	boot_keys.count = 0;
	do {
		is_good = boot_keys.count < CASEMATE_POLICY_KEYS &&
			  key_take(&value, boot_keys.key[boot_keys.count]);
		boot_keys.count += 1;
	} while (is_good && *value++ == ',');
	if (!is_good || str_word(value - 1) != 0) {
		panic("policy-key= must be one or two public keys of %u "
		      "hexadecimal digits, with a comma between",
		      2u * LMS_KEY_BYTES);
	}
}

static void option(const char *word)
{
	const char *value;

	if ((value = str_after(word, "dom0_mem=")) != NULL) {
		option_memory(value);
	} else if ((value = str_after(word, "dom0_vcpus=")) != NULL) {
		option_vcpus(value);
	} else if ((value = str_after(word, "modules=")) != NULL) {
		modules = value;
	} else if ((value = str_after(word, "policy-key=")) != NULL) {
		option_keys(value);
	} else if ((value = str_after(word, "coverage")) != NULL &&
		   *value == '\0') {
		boot_coverage = true;
	} else if (*word != '\0') {
		print("casemate: warning: unknown option '%s' ignored\n", word);
	}
}

const char *cmdline_parse(const char *text, u32 bytes)
{
	char *at = boot.cmdline;

	modules = "";
	str_copy(boot.cmdline, sizeof(boot.cmdline), text, bytes);
	while (*at != '\0' && str_after(at, SEPARATOR) == NULL) {
		u32 n = str_word(at);
		char end = at[n];

		at[n] = '\0';
		option(at);
		at[n] = end;
		at += n != 0 ? n : 1;
	}
	if (*at != '\0' && boot.dom0_cmdline[0] == '\0') {
		str_copy(boot.dom0_cmdline, sizeof(boot.dom0_cmdline),
			 at + sizeof(SEPARATOR) - 1u, sizeof(boot.cmdline));
	}
	*at = '\0';
	return modules;
}
