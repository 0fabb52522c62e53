/* SPDX-License-Identifier: Apache-2.0 */
/* The three boot modules: dom0-kernel, dom0-initrd, policy. */
#pragma once

#include "lib/types.h"

/* One module of the loader; its line is "ROLE [rest]", at most `line_bytes`
 * characters. Panics if it is empty, there twice, or out of place. */
void module_add(const char *line, u32 line_bytes, u64 start, u64 bytes);
/* One module that holds several, each from a 4096-byte boundary, as the list
 * "ROLE:SIZE,ROLE:SIZE,..." says. */
void module_add_joined(const char *list, u64 start, u64 bytes);
/* Panics with the remedy when one is missing. */
void modules_check(u32 protocol);
/* Mark them BOOT_MODULE; panics if one does not lie in RAM. */
void modules_paint(void);
/* Move those that lie where dom0's memory will be. Final page tables only. */
void modules_move(void);
