/* SPDX-License-Identifier: Apache-2.0 */
/* From a kernel file (bzImage or ELF) to the ELF image in memory. */
#pragma once

#include "launch/blob.h"

#define KERNEL_FILE_LIMIT (512ull << 20)
#define KERNEL_ELF_LIMIT (768ull << 20)

/* Consumes `file` (on success and on failure). `path` is for messages. */
int kernel_unpack(struct blob *file, struct blob *elf, const char *path,
		  struct fail *fail);
