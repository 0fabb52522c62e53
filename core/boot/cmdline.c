/* SPDX-License-Identifier: Apache-2.0 */
/* The core's command line; see boot.h. */
#include "boot/boot.h"

#include "abi/limits.h"
#include "lib/print.h"
#include "lib/str.h"

#define DOM0_MIB_MIN 64u
#define DOM0_MIB_MAX (1u << 20)
#define SEPARATOR " -- "

struct boot_info boot = { .dom0_bytes = 640u * MIB, .dom0_vcpus = 2 };
static const char *modules;

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

static void option(const char *word, u32 bytes)
{
	const char *value;
	char name[33];

	if ((value = str_after(word, "dom0_mem=")) != NULL) {
		option_memory(value);
	} else if ((value = str_after(word, "dom0_vcpus=")) != NULL) {
		option_vcpus(value);
	} else if ((value = str_after(word, "modules=")) != NULL) {
		modules = value;
	} else if (bytes != 0) {
		(void)str_copy(name, sizeof(name), word, bytes);
		print("casemate: warning: unknown option '%s' ignored\n", name);
	}
}

void cmdline_copy(char *to, u32 room, const char *from, u32 bytes)
{
	if (!str_copy(to, room, from, bytes)) {
		panic("a command line is longer than %u characters", room - 1u);
	}
}

const char *cmdline_parse(const char *text, u32 bytes)
{
	char *at = boot.cmdline;

	modules = "";
	cmdline_copy(boot.cmdline, sizeof(boot.cmdline), text, bytes);
	while (*at != '\0' && str_after(at, SEPARATOR) == NULL) {
		u32 n = str_word(at);

		option(at, n);
		at += n != 0 ? n : 1;
	}
	if (*at != '\0' && boot.dom0_cmdline[0] == '\0') {
		(void)str_copy(boot.dom0_cmdline, sizeof(boot.dom0_cmdline),
			       at + sizeof(SEPARATOR) - 1u,
			       sizeof(boot.cmdline));
	}
	*at = '\0';
	return modules;
}
