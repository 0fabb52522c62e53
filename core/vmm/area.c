/* SPDX-License-Identifier: Apache-2.0 */
/* Registered areas: resolve once, pin, write through the core's own view. */
#include "vmm/area.h"

#include "lib/mem.h"
#include "vmm/copy.h"
#include "vmm/frame.h"
#include "vmm/p2m.h"

/* Take a reference on the RAM frame behind gfn. */
static err_t pin(struct domain *d, gfn_t gfn, mfn_t *out)
{
	struct p2m_entry e = p2m_get(d, gfn);

	if (e.kind != P2M_RAM || !frame_is_owned_by(e.mfn, d->id)) {
		return E_FAULT;
	}
	*out = e.mfn;
	return frame_get(e.mfn);
}

void area_release(struct shared_area *a)
{
	if (a->mfn != MFN_NONE) {
		frame_put(a->mfn);
	}
	if (a->mfn2 != MFN_NONE) {
		frame_put(a->mfn2);
	}
	a->mfn = MFN_NONE;
	a->mfn2 = MFN_NONE;
	a->offset = 0;
}

err_t area_register_gfn(struct domain *d, struct shared_area *a, gfn_t gfn,
			u32 offset, u32 bytes)
{
	struct shared_area fresh = { MFN_NONE, offset, MFN_NONE };
	err_t err;

	if (offset > PAGE_SIZE - bytes) {
		return E_INVAL;
	}
	err = pin(d, gfn, &fresh.mfn);
	if (err != 0) {
		return err;
	}
	area_release(a);
	*a = fresh;
	return 0;
}

err_t area_register(struct vcpu *caller, struct shared_area *a, gva_t va,
		    u32 bytes)
{
	struct domain *d = vcpu_domain(caller);
	struct shared_area fresh = { MFN_NONE, 0, MFN_NONE };
	gpa_t first = copy_translate(caller, va, true);
	gpa_t last = copy_translate(caller, va + bytes - 1, true);
	err_t err;

	if (first == ~0ull || last == ~0ull) {
		return E_FAULT;
	}
	fresh.offset = (u32)(first & PAGE_MASK);
	err = pin(d, first >> PAGE_SHIFT, &fresh.mfn);
	if (err != 0) {
		return err;
	}
	if (fresh.offset > PAGE_SIZE - bytes) {
		err = pin(d, last >> PAGE_SHIFT, &fresh.mfn2);
		if (err != 0) {
			frame_put(fresh.mfn);
			return err;
		}
	}
	area_release(a);
	*a = fresh;
	return 0;
}

void area_write(const struct shared_area *a, u32 at, const void *src, u32 bytes)
{
	u32 start = a->offset + at;
	u32 head = bytes;

	if (a->mfn == MFN_NONE) {
		return;
	}
	if (start >= PAGE_SIZE) {
		memcpy((u8 *)hw_frame(a->mfn2) + (start - PAGE_SIZE), src,
		       bytes);
		return;
	}
	if (head > PAGE_SIZE - start) {
		head = PAGE_SIZE - start;
	}
	memcpy((u8 *)hw_frame(a->mfn) + start, src, head);
	if (head < bytes) {
		memcpy(hw_frame(a->mfn2), (const u8 *)src + head, bytes - head);
	}
}
