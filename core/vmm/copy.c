/* SPDX-License-Identifier: Apache-2.0 */
/* Guest linear address -> guest-physical -> machine, page by page. */
#include "vmm/copy.h"

#include "lib/mem.h"
#include "vmm/p2m.h"

#define PTE_P 1ull
#define PTE_W 2ull
#define PTE_PS (1ull << 7)
#define PTE_ADDRESS 0x000ffffffffff000ull

static bool is_canonical(gva_t va)
{
	u64 top = va >> 47;

	return top == 0 || top == 0x1ffffu;
}

/* One entry of a guest page table, read once. */
static u64 entry_read(const struct domain *d, u64 table, u32 index)
{
	struct p2m_entry e = p2m_get(d, (table & PTE_ADDRESS) >> PAGE_SHIFT);
	const u64 *entries;

	if (e.kind != P2M_RAM) {
		return 0;
	}
	entries = hw_frame(e.mfn);
	return __atomic_load_n(&entries[index], __ATOMIC_RELAXED);
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
	struct hw_paging p = hw_vcpu_paging(&v->hw);

	if (!p.is_paged || !p.is_long || !is_canonical(va)) {
		return ~0ull;
	}
	return walk(vcpu_domain(v), p.cr3, va, is_write);
}

/* The core's pointer to the guest byte at va, RAM only. A page that the
 * domain maps by grant is not RAM of its own: no hypercall argument there. */
static u8 *guest_byte(struct vcpu *v, gva_t va, bool is_write)
{
	gpa_t gpa = copy_translate(v, va, is_write);
	struct p2m_entry e;

	if (gpa == ~0ull) {
		return NULL;
	}
	e = p2m_get(vcpu_domain(v), gpa >> PAGE_SHIFT);
	if (e.kind != P2M_RAM) {
		return NULL;
	}
	return (u8 *)hw_frame(e.mfn) + (gpa & PAGE_MASK);
}

static err_t copy(struct vcpu *v, u8 *core, gva_t guest, u32 bytes,
		  bool is_to_guest)
{
	u32 done = 0;

	if (bytes > COPY_MAX) {
		return E_INVAL;
	}
	while (done < bytes) {
		gva_t va = guest + done;
		u32 left = PAGE_SIZE - (u32)(va & PAGE_MASK);
		u32 n = bytes - done < left ? bytes - done : left;
		u8 *p = guest_byte(v, va, is_to_guest);

		if (p == NULL) {
			return E_FAULT;
		}
		if (is_to_guest) {
			memcpy(p, core + done, n);
		} else {
			memcpy(core + done, p, n);
		}
		done += n;
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
