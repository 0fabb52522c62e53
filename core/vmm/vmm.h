/* SPDX-License-Identifier: Apache-2.0 */
/* What boot and hw call in the vmm. Everything else in vmm is internal. */
#pragma once

#include "hw/hw.h"

/* On the boot processor, after the policy was installed: take over memory,
 * build domain 0. Panics with one line on any defect of the boot modules. */
void vmm_init(const struct boot_info *boot);
/* Every processor's main loop. All processors enter after vmm_init(). */
void __attribute__((noreturn)) vmm_cpu_main(void);
