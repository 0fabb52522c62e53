/* SPDX-License-Identifier: Apache-2.0 */
/* The processor a guest sees: CPUID leaves and model-specific registers. */
#pragma once

#include "vmm/domain.h"

void cpu_model_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 out[4]);
/* false: #GP for the guest. */
bool cpu_model_rdmsr(struct vcpu *v, u32 msr, u64 *value);
bool cpu_model_wrmsr(struct vcpu *v, u32 msr, u64 value);
bool cpu_model_xcr0_is_valid(u64 xcr0);
