/* SPDX-License-Identifier: Apache-2.0 */
/* Guest linear address -> guest-physical -> machine, page by page; and areas
 * resolved once, pinned, and written through the core's own view. */
#include "vmm/copy.h"

#include "lib/mem.h"
#include "vmm/p2m.h"

#define PTE_P 1ull
#define PTE_W 2ull
#define PTE_PS (1ull << 7)
#define PTE_ADDRESS 0x000ffffffffff000ull

/* The core's pointer to a byte of the domain's own RAM; NULL elsewhere. A page
 * that it maps by grant is not its own: no hypercall argument there. */
static u8 *ram_byte(const struct domain *d, gpa_t gpa)
{
	mfn_t mfn = p2m_ram(d, gpa >> PAGE_SHIFT);

	return mfn == MFN_NONE ? NULL : (u8 *)hw_frame(mfn) + (gpa & PAGE_MASK);
}

/* One entry of a guest page table, read once. */
static u64 entry_read(const struct domain *d, u64 table, u64 index)
{
	const void *entry = ram_byte(d, (table & PTE_ADDRESS) + 8 * index);

	return entry == NULL
		       ? 0
		       : __atomic_load_n((const u64 *)entry, __ATOMIC_RELAXED);
}

/* The guest-physical address of va, or ~0. The caller is the guest's kernel:
 * user pages are fine, read-only ones only for reading. */
static gpa_t walk(const struct domain *d, u64 cr3, gva_t va, bool is_write)
{
	u64 entry = cr3;
	u32 level;

	for (level = 4; level > 0; level--) {
		u32 shift = PAGE_SHIFT + 9 * (level - 1);
		u64 span = (1ull << shift) - 1;

		entry = entry_read(d, entry, (va >> shift) & 511u);
		if ((entry & PTE_P) == 0 ||
		    (is_write && (entry & PTE_W) == 0)) {
			return ~0ull;
		}
		if (level == 1 || (level < 4 && (entry & PTE_PS) != 0)) {
			return (entry & PTE_ADDRESS & ~span) | (va & span);
		}
	}
	return ~0ull;
}

gpa_t copy_translate(struct vcpu *v, gva_t va, bool is_write)
{
	u64 root = hw_vcpu_cr3_long(&v->hw);

	/* Canonical are the 47-bit addresses and their complements. */
	if (root == ~0ull || (va + (1ull << 47)) >> 48 != 0) {
		return ~0ull;
	}
	return walk(vcpu_domain(v), root, va, is_write);
}

static err_t copy(struct vcpu *v, u8 *core, gva_t guest, u32 bytes,
		  bool is_to_guest)
{
	if (bytes > COPY_MAX) {
		return E_INVAL;
	}
	while (bytes > 0) {
		u32 left = PAGE_SIZE - (u32)(guest & PAGE_MASK);
		u32 n = bytes < left ? bytes : left;
		u8 *p = ram_byte(vcpu_domain(v),
				 copy_translate(v, guest, is_to_guest));

		if (p == NULL) {
			return E_FAULT;
		}
		memcpy(is_to_guest ? p : core, is_to_guest ? core : p, n);
		core += n;
		guest += n;
		bytes -= n;
	}
	return 0;
}

err_t copy_from_guest(struct vcpu *v, void *dst, gva_t src, u32 bytes)
{
	return copy(v, dst, src, bytes, false);
}

err_t copy_to_guest(struct vcpu *v, gva_t dst, const void *src, u32 bytes)
{
	return copy(v, (u8 *)src, dst, bytes, true);
}

/* Within a page, as nearly all are, without the ways of longer copies. */
err_t copy_words_from_guest(struct vcpu *v, u32 *dst, gva_t src, u32 words)
{
	const u32 bytes = sizeof(*dst);
	const u8 *p;
	u32 i;

	if ((src & PAGE_MASK) > PAGE_SIZE - words * bytes) {
		return copy_from_guest(v, dst, src, words * bytes);
	}
	p = ram_byte(vcpu_domain(v), copy_translate(v, src, false));
	for (i = 0; i < words && p != NULL; i++) {
		__builtin_memcpy(&dst[i], p + i * bytes, bytes);
	}
	return p == NULL ? E_FAULT : 0;
}

err_t copy_words_to_guest(struct vcpu *v, gva_t dst, const u32 *src, u32 words)
{
	return copy_to_guest(v, dst, src, words * sizeof(*src));
}

/* ---- areas ----------------------------------------------------------- */

/* Take a reference on d's own RAM frame at gpa. */
static err_t pin(struct domain *d, gpa_t gpa, mfn_t *out)
{
	mfn_t mfn = p2m_ram(d, gpa >> PAGE_SHIFT);

	if (mfn == MFN_NONE || frame_get(mfn) != 0) {
		return E_FAULT;
	}
	*out = mfn;
	return 0;
}

/* frame_put() does nothing where there is no frame. */
void area_release(struct shared_area *a)
{
	frame_put(a->mfn);
	frame_put(a->mfn2);
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
	err = pin(d, first, &fresh.mfn);
	if (err == 0 && (last & PAGE_MASK) < fresh.offset) {
		err = pin(d, last, &fresh.mfn2);
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
