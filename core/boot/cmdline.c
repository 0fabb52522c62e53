/* SPDX-License-Identifier: Apache-2.0 */
/* The core's command line; see cmdline.h. */
#include "boot/cmdline.h"

#include "abi/limits.h"
#include "boot/main.h"
#include "lib/print.h"
#include "lib/str.h"

#define DOM0_BYTES_DEFAULT (640ull << 20)
#define DOM0_BYTES_MIN (64ull << 20)
#define DOM0_BYTES_MAX (1ull << 40)
#define DOM0_VCPUS_DEFAULT 2u
#define SEPARATOR " -- "

static const char *modules = "";

void cmdline_set(const char *text, u32 bytes)
{
	if (!str_copy(boot.cmdline, sizeof(boot.cmdline), text, bytes)) {
		panic("the command line is longer than %u characters",
		      (u32)sizeof(boot.cmdline) - 1u);
	}
}

const char *cmdline_modules(void)
{
	return modules;
}

/* SIZE, SIZEM (both MiB) or SIZEG. */
static void option_memory(const char *value)
{
	u32 shift = 20;
	u64 n = 0;

	if (!str_number(&value, &n) || n > DOM0_BYTES_MAX >> 20) {
		panic("dom0_mem= must be a size such as 640M or 2G");
	}
	if (*value == 'M') {
		value++;
	} else if (*value == 'G') {
		shift = 30;
		value++;
	}
	if (str_word(value) != 0 || n << shift < DOM0_BYTES_MIN ||
	    n << shift > DOM0_BYTES_MAX) {
		panic("dom0_mem= must be a size such as 640M or 2G, at least "
		      "64M");
	}
	boot.dom0_bytes = n << shift;
}

static void option_vcpus(const char *value)
{
	u64 n = 0;

	if (!str_number(&value, &n) || str_word(value) != 0 || n < 1u ||
	    n > CASEMATE_MAX_VCPUS) {
		panic("dom0_vcpus= must be 1 to %u", CASEMATE_MAX_VCPUS);
	}
	boot.dom0_vcpus = (u32)n;
}

static void option(const char *word, u32 bytes)
{
	char name[33];

	if (str_begins(word, "dom0_mem=")) {
		option_memory(word + 9);
	} else if (str_begins(word, "dom0_vcpus=")) {
		option_vcpus(word + 11);
	} else if (str_begins(word, "modules=")) {
		modules = word + 8;
	} else {
		(void)str_copy(name, sizeof(name), word, bytes);
		print("casemate: warning: unknown option '%s' ignored\n", name);
	}
}

static void cut_dom0_line(void)
{
	const char *cut = str_find(boot.cmdline, SEPARATOR);

	if (cut == NULL) {
		return;
	}
	if (boot.dom0_cmdline[0] == '\0') {
		(void)str_copy(boot.dom0_cmdline, sizeof(boot.dom0_cmdline),
			       cut + sizeof(SEPARATOR) - 1u,
			       sizeof(boot.cmdline));
	}
	boot.cmdline[cut - boot.cmdline] = '\0';
}

void cmdline_parse(void)
{
	const char *at;

	boot.dom0_bytes = DOM0_BYTES_DEFAULT;
	boot.dom0_vcpus = DOM0_VCPUS_DEFAULT;
	cut_dom0_line();
	at = str_skip_blanks(boot.cmdline);
	while (*at != '\0') {
		u32 n = str_word(at);

		option(at, n);
		at = str_skip_blanks(at + n);
	}
}
