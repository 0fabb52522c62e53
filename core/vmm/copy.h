/* SPDX-License-Identifier: Apache-2.0 */
/* The only way to touch guest memory by linear address: copy once into the
 * core, validate the copy, use the copy. Works on the calling vCPU, through
 * its own page tables; nothing of the content is assumed. */
#pragma once

#include "vmm/domain.h"

#define COPY_MAX 4096u
/* 0, -EFAULT (address does not translate to RAM of the domain), or -EINVAL
 * (bytes > COPY_MAX). A failed copy_to_guest may have written a prefix. */
err_t copy_from_guest(struct vcpu *v, void *dst, gva_t src, u32 bytes);
err_t copy_to_guest(struct vcpu *v, gva_t dst, const void *src, u32 bytes);
/* The guest-physical address of a linear one now, ~0 when there is none. */
gpa_t copy_translate(struct vcpu *v, gva_t va, bool is_write);
