/* SPDX-License-Identifier: Apache-2.0 */
/* memory_op (xen/memory.h): a domain's own memory map. Another domain's memory
 * is never mapped here, whatever the policy says: grants are the only way. */
#include "vmm/frame.h"
#include "vmm/grant.h"
#include "vmm/hypercall.h"
#include "vmm/p2m.h"

#include <xen/memory.h>

#define MAX_ORDER 4u
#define BATCH 32u /* extents a call handles before it lets others in */
#define MAIN_START 0x100000u
#define E820_RAM 1u
#define E820_RESERVED 2u
#define E820_ACPI 3u

static void unmap(struct domain *d, gfn_t gfn)
{
	p2m_clear(d, gfn);
	p2m_flush(d);
}

/* Give up the RAM frame at gfn, if it is RAM. */
static err_t drop_ram(struct domain *d, gfn_t gfn)
{
	mfn_t mfn = p2m_ram(d, gfn);

	if (mfn == MFN_NONE || d->is_dom0) {
		return E_INVAL; /* dom0 keeps its frames: devices know them */
	}
	unmap(d, gfn);
	frame_release(mfn);
	return 0;
}

/* One extent of 1 << order pages at gfn; undone when it fails half-way. */
static err_t adjust_extent(struct domain *d, gfn_t gfn, u32 order, bool is_add)
{
	u64 i;

	for (i = 0; i < 1ull << order; i++) {
		err_t err = is_add ? p2m_add_ram(d, gfn + i)
				   : drop_ram(d, gfn + i);

		if (err != 0) {
			while (is_add && i > 0) {
				i -= 1;
				(void)drop_ram(d, gfn + i);
			}
			return err;
		}
	}
	return 0;
}

/* Returns how many extents were handled, as Xen does; goes on in the same
 * hypercall after each batch, with the place in the first argument. */
static err_t reservation(struct vcpu *v, const struct hypercall_row *row,
			 gva_t arg, bool is_add)
{
	struct domain *d = vcpu_domain(v);
	struct xen_memory_reservation r;
	u64 done = (v->hw.regs.rdi & 0xffffffffu) >> MEMORY_OP_SHIFT;
	u32 batch;
	err_t err = take_own(v, row, arg, &r, sizeof(r), &r.domid);

	if (err != 0) {
		return err;
	}
	if (r.extent_order > MAX_ORDER || r.nr_extents > (1u << 25)) {
		return E_INVAL;
	}
	for (batch = 0; done < r.nr_extents && !d->is_dom0; batch++) {
		u64 gfn;

		if (batch == BATCH || (batch > 0 && r.extent_order > 0)) {
			v->hw.regs.rdi = (v->hw.regs.rdi & MEMORY_OP_MASK) |
					 (done << MEMORY_OP_SHIFT);
			return E_RESTART;
		}
		if (copy_from_guest(v, &gfn, (gva_t)r.extent_start.p + done * 8,
				    sizeof(gfn)) != 0 ||
		    adjust_extent(d, gfn, r.extent_order, is_add) != 0) {
			break;
		}
		done += 1;
	}
	return (err_t)done;
}

/* Move a frame of the core from *where to gfn; RAM there makes way. dom0's RAM
 * frame stays its own, only hidden from it. */
static err_t move_shared(struct domain *d, mfn_t mfn, gfn_t *where, gfn_t gfn)
{
	u32 kind = p2m_kind_at(d, gfn);
	err_t err = 0;

	if (kind == P2M_RAM && d->is_dom0) {
		unmap(d, gfn);
	} else if (kind != P2M_NONE) {
		err = drop_ram(d, gfn);
	}
	if (err == 0) {
		err = p2m_set(d, gfn, mfn, P2M_SHARED);
	}
	if (err != 0) {
		return err;
	}
	unmap(d, *where); /* MFN_NONE: nowhere, beyond the map */
	*where = gfn;
	return 0;
}

static err_t add_to_physmap(struct vcpu *v, const struct hypercall_row *row,
			    gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct xen_add_to_physmap a;
	gfn_t *where = &d->shared_gfn;
	mfn_t mfn = d->shared;
	err_t err = take_own(v, row, arg, &a, sizeof(a), &a.domid);

	if (err != 0) {
		return err;
	}
	if (a.space == XENMAPSPACE_grant_table &&
	    a.idx < CASEMATE_MAX_GRANT_FRAMES) {
		where = &d->grant_gfns[a.idx];
		err = grant_frame(d, (u32)a.idx, &mfn);
	} else if (a.space != XENMAPSPACE_shared_info || a.idx != 0) {
		err = E_INVAL;
	}
	if (err != 0 || a.gpfn == *where) {
		return err;
	}
	return move_shared(d, mfn, where, a.gpfn);
}

/* Remove one's own RAM from the map: it returns to the core, scrubbed. */
static err_t remove_from_physmap(struct vcpu *v,
				 const struct hypercall_row *row, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct xen_remove_from_physmap r;
	err_t err = take_own(v, row, arg, &r, sizeof(r), &r.domid);

	return err != 0 ? err : drop_ram(d, r.gpfn);
}

/* add_to_physmap_batch and acquire_resource name another domain. Asked for the
 * audit trail; the answer after a permit is still no. */
static err_t foreign(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	bool is_batch = row->subop == XENMEM_add_to_physmap_batch;
	struct domain *object;
	u16 half[4]; /* domid, (space, size, foreign domid) */
	err_t err;

	if (copy_from_guest(v, half, arg, sizeof(half)) != 0) {
		return E_FAULT;
	}
	if (is_batch && half[1] != XENMAPSPACE_gmfn_foreign) {
		return E_OPNOTSUPP;
	}
	object = domain_find(half[is_batch ? 3 : 0], vcpu_domain(v));
	if (object == NULL) {
		return E_SRCH;
	}
	err = mediate(v, row, object, row->perm);
	return err != 0 ? err : E_OPNOTSUPP;
}
_Static_assert(offsetof(struct xen_add_to_physmap_batch, space) == 2 &&
		       offsetof(struct xen_add_to_physmap_batch, u) == 6 &&
		       offsetof(struct xen_mem_acquire_resource, domid) == 0,
	       "where the domains are named");

struct map_entry {
	u64 start, bytes;
	u32 type;
} __attribute__((packed));

static err_t memory_map(struct vcpu *v, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct xen_memory_map m;
	struct map_entry e[4] = {
		{ 0, 0xa0000, E820_RAM },
		{ MAIN_START, 0, E820_RAM },
		{ CASEMATE_ACPI_GFN << PAGE_SHIFT, 0x1000, E820_ACPI },
		{ 0xfeff8000u, 0x8000, E820_RESERVED },
	};
	u32 n;

	if (copy_from_guest(v, &m, arg, sizeof(m)) != 0) {
		return E_FAULT;
	}
	if (d->is_dom0) {
		return E_NOSYS; /* its start_info has the map */
	}
	if (d->ram_end << PAGE_SHIFT > MAIN_START) {
		e[1].bytes = (d->ram_end << PAGE_SHIFT) - MAIN_START;
	}
	n = m.nr_entries < 4 ? m.nr_entries : 4;
	if (copy_to_guest(v, (gva_t)m.buffer.p, e, n * sizeof(e[0])) != 0) {
		return E_FAULT;
	}
	m.nr_entries = n;
	return copy_to_guest(v, arg, &m, sizeof(m));
}

err_t memory_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	switch (row->subop) {
	case XENMEM_decrease_reservation:
		return reservation(v, row, arg, false);
	case XENMEM_populate_physmap:
		return reservation(v, row, arg, true);
	case XENMEM_current_reservation:
		return (err_t)vcpu_domain(v)->frames;
	case XENMEM_maximum_reservation:
		return (err_t)vcpu_domain(v)->max_frames;
	case XENMEM_memory_map:
		return memory_map(v, arg);
	case XENMEM_add_to_physmap:
		return add_to_physmap(v, row, arg);
	case XENMEM_remove_from_physmap:
		return remove_from_physmap(v, row, arg);
	case XENMEM_add_to_physmap_batch:
	case XENMEM_acquire_resource:
		return foreign(v, row, arg);
	default:
		return E_NOSYS;
	}
}
