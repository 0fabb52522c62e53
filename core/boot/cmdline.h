/* SPDX-License-Identifier: Apache-2.0 */
/* The core's command line: dom0_mem=SIZE[M|G], dom0_vcpus=N, modules=...;
 * what follows " -- " is dom0's command line. */
#pragma once

#include "lib/types.h"

/* Take the loader's text of at most `bytes` characters into boot.cmdline. */
void cmdline_set(const char *text, u32 bytes);
/* Options into boot; panics on a malformed value. */
void cmdline_parse(void);
/* The value of modules=, "" if absent; it ends at a blank or NUL. */
const char *cmdline_modules(void);
