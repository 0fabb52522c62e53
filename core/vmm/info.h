/* SPDX-License-Identifier: Apache-2.0 */
/* What dom0's tools may know of a domain. */
#pragma once

#include "vmm/domain.h"

#define INFO_NONE 0xffffffffu
/* The first domain with id >= `from` that exists, or INFO_NONE. */
u32 info_next(u32 from);
u64 info_cpu_ns(const struct domain *d);
u32 info_online(const struct domain *d);
bool info_is_blocked(const struct domain *d);
