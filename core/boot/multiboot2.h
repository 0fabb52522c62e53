/* SPDX-License-Identifier: Apache-2.0 */
/* What GRUB hands over. */
#pragma once

#include "lib/types.h"

/* Read the information structure into boot, the map and the modules. */
void multiboot2_read(u64 info);
