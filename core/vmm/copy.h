/* SPDX-License-Identifier: Apache-2.0 */
/* The only way to touch guest memory by linear address: copy once into the
 * core, validate the copy, use the copy. Works on the calling vCPU, through
 * its own page tables; nothing of the content is assumed. */
#pragma once

#include "vmm/domain.h"
#include "vmm/frame.h"

#define COPY_MAX 4096u
/* 0, -EFAULT (address does not translate to RAM of the domain), or -EINVAL
 * (bytes > COPY_MAX). A failed copy_to_guest may have written a prefix. */
/*@ requires v: vcpu_ok(v);
    requires dst: \valid((u8 *)dst + (0 .. bytes - 1));
    assigns ((u8 *)dst)[0 .. bytes - 1];
    ensures result: \result == 0 || \result == E_FAULT || \result == E_INVAL;
*/
err_t copy_from_guest(struct vcpu *v, void *dst, gva_t src, u32 bytes);
/*@ requires v: vcpu_ok(v);
    requires src: \valid_read((u8 *)src + (0 .. bytes - 1));
    assigns \nothing; // of the core: only the caller's own RAM changes
    ensures result: \result == 0 || \result == E_FAULT || \result == E_INVAL;
*/
err_t copy_to_guest(struct vcpu *v, gva_t dst, const void *src, u32 bytes);
/* The same for 32-bit words, without a cast at the caller: for proved files. */
/*@ requires v: vcpu_ok(v);
    requires dst: \valid(dst + (0 .. words - 1));
    assigns dst[0 .. words - 1];
    ensures result: \result == 0 || \result == E_FAULT || \result == E_INVAL;
*/
err_t copy_words_from_guest(struct vcpu *v, u32 *dst, gva_t src, u32 words);
/*@ requires v: vcpu_ok(v);
    requires src: \valid_read(src + (0 .. words - 1));
    assigns \nothing; // of the core: only the caller's own RAM changes
    ensures result: \result == 0 || \result == E_FAULT || \result == E_INVAL;
*/
err_t copy_words_to_guest(struct vcpu *v, gva_t dst, const u32 *src, u32 words);
/* The guest-physical address of a linear one now, ~0 when there is none. */
/*@ requires v: vcpu_ok(v);
    assigns \result \from va, is_write;
*/
gpa_t copy_translate(struct vcpu *v, gva_t va, bool is_write);

/*
 * Areas that the core writes by itself: vcpu_info, time and runstate. Their
 * frames are pinned while registered.
 */

/* Pin the bytes of d's memory from guest-physical `first` to `last`, less than
 * a page: they may straddle two pages, which need not follow each other. ~0
 * stands for an address without memory. -EFAULT when not d's own RAM. */
/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires a: \valid(a);
    assigns *a, frame_state;
    ensures own: \result == 0 ==> frame_owner(a->mfn) == d->id &&
      a->offset < PAGE_SIZE;
    ensures same: \result != 0 ==> a->mfn == \old(a->mfn) &&
      a->mfn2 == \old(a->mfn2) && a->offset == \old(a->offset);
*/
err_t area_register(struct domain *d, struct shared_area *a, gpa_t first,
		    gpa_t last);
/*@ requires a: \valid(a);
    assigns *a, frame_state;
    ensures none: a->mfn == MFN_NONE && a->mfn2 == MFN_NONE;
*/
void area_release(struct shared_area *a);
/* Nothing happens when the area is not registered. */
/*@ requires a: \valid_read(a);
    requires src: \valid_read((u8 *)src + (0 .. bytes - 1));
    requires pair: a->mfn == MFN_NONE || a->offset + at + bytes <= PAGE_SIZE ||
      (a->mfn2 != MFN_NONE && a->offset + at + bytes <= 2 * PAGE_SIZE);
    assigns \nothing; // of the core: a pinned frame of the area's domain
*/
void area_write(const struct shared_area *a, u32 at, const void *src,
		u32 bytes);
