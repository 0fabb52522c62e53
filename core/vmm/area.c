/* SPDX-License-Identifier: Apache-2.0 */
/* Registered areas: resolve once, pin, write through the core's own view. */
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
	*a = AREA_NONE;
}

err_t area_register(struct domain *d, struct shared_area *a, gpa_t first,
		    gpa_t last)
{
	struct shared_area fresh = AREA_NONE;
	err_t err;

	if (first == ~0ull || last == ~0ull) {
		return E_FAULT;
	}
	fresh.offset = (u32)(first & PAGE_MASK);
	err = pin(d, first >> PAGE_SHIFT, &fresh.mfn);
	if (err == 0 && (last & PAGE_MASK) < fresh.offset) {
		err = pin(d, last >> PAGE_SHIFT, &fresh.mfn2);
	}
	area_release(err == 0 ? a : &fresh);
	if (err == 0) {
		*a = fresh;
	}
	return err;
}

void area_write(const struct shared_area *a, u32 at, const void *src, u32 bytes)
{
	u32 start = a->offset + at;
	u32 head = start < PAGE_SIZE ? PAGE_SIZE - start : 0;

	if (a->mfn == MFN_NONE) {
		return;
	}
	if (head > bytes) {
		head = bytes;
	}
	memcpy((u8 *)hw_frame(a->mfn) + start, src, head);
	if (head < bytes) {
		memcpy((u8 *)hw_frame(a->mfn2) + (start + head - PAGE_SIZE),
		       (const u8 *)src + head, bytes - head);
	}
}
