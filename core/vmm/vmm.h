/* SPDX-License-Identifier: Apache-2.0 */
/* What boot calls in the vmm at last; hw/x86/smp.c on the other processors. */
#pragma once

/* Every processor's main loop. All processors enter after handover(). */
void __attribute__((noreturn)) vmm_cpu_main(void);
