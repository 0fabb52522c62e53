/* SPDX-License-Identifier: Apache-2.0 */
/* Between p2m.c, the scheduler and teardown. */
#pragma once

#include "vmm/domain.h"

/* v has no stale translation on any processor when this returns. */
void p2m_flush_vcpu(struct vcpu *v);
/* Teardown of a dying domain: RAM frames first (bounded, true when done),
 * then the tables themselves. */
bool p2m_teardown_leaves(struct domain *d, u64 *cursor, u32 budget);
void p2m_teardown_tables(struct domain *d);
