/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest file says. Strings are owned by the structure's holder. */
#pragma once

#include <stdint.h>

#define GUEST_NAME_MAX 63u
#define GUEST_LABEL_MAX 95u
#define GUEST_MEMORY_MIN_MIB 4u
#define GUEST_MEMORY_MAX_MIB 3072u

enum guest_on_crash {
	ON_CRASH_DESTROY,
	ON_CRASH_PRESERVE
};

/* The keys that errors found after parsing are about. */
enum guest_key {
	KEY_KERNEL,
	KEY_RAMDISK,
	KEY_CMDLINE,
	KEY_MEMORY,
	KEY_LABEL,
	KEY_COUNT
};

struct guest {
	const char *file;	       /* the guest file */
	unsigned int lines[KEY_COUNT]; /* of its keys; 0: not in the file */
	char name[GUEST_NAME_MAX + 1];
	char label[GUEST_LABEL_MAX + 1];
	char *kernel;  /* path */
	char *ramdisk; /* path, or NULL */
	char *cmdline; /* never NULL */
	uint32_t memory_mib;
	uint32_t vcpus;
	enum guest_on_crash on_crash;
};
