/* SPDX-License-Identifier: Apache-2.0 */
/* Domain 0: the only domain the core builds itself. */
#pragma once

#include "hw/hw.h"

void dom0_build(const struct boot_info *boot);
