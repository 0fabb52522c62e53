/* SPDX-License-Identifier: Apache-2.0 */
/* Direct boot (QEMU -kernel) by the PVH protocol. */
#pragma once

#include "lib/types.h"

/* Read struct hvm_start_info into boot and the map. */
void pvh_read(u64 info);
/* The one module, split as modules= says; after cmdline_parse(). */
void pvh_read_modules(void);
