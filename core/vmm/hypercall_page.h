/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercall page of guests that ask for one (FreeBSD, NetBSD). */
#pragma once

#include "vmm/domain.h"

/* Write stubs into the guest's page at this guest-physical address. */
bool hypercall_page_fill(struct vcpu *v, gpa_t gpa);
