/* SPDX-License-Identifier: Apache-2.0 */
/* memory_op (xen/memory.h): a domain's own memory map. Another domain's memory
 * is never mapped here, whatever the policy says: grants are the only way. */
#include "lib/mem.h"
#include "vmm/copy.h"
#include "vmm/frame.h"
#include "vmm/grant.h"
#include "vmm/ops.h"
#include "vmm/p2m.h"

#include <xen/xen.h>
#include <xen/memory.h>

#define MAX_ORDER 4u
#define BATCH 32u /* extents a call handles before it lets others in */
#define E820_RAM 1u
#define E820_RESERVED 2u
#define E820_ACPI 3u

/* Give up the RAM frame at gfn, if it is RAM. */
static err_t drop_ram(struct domain *d, gfn_t gfn)
{
	struct p2m_entry e = p2m_get(d, gfn);

	if (e.kind != P2M_RAM || d->is_dom0) {
		return E_INVAL; /* dom0 keeps its frames: devices know them */
	}
	p2m_clear(d, gfn);
	p2m_flush(d);
	frame_release(e.mfn);
	return 0;
}

static err_t add_ram(struct domain *d, gfn_t gfn)
{
	mfn_t mfn;
	err_t err;

	if (d->is_dom0 || p2m_get(d, gfn).kind != P2M_NONE) {
		return E_INVAL;
	}
	err = frame_alloc(d->id, FRAME_OWNED, &mfn);
	if (err != 0) {
		return err;
	}
	err = p2m_set(d, gfn, mfn, P2M_RAM);
	if (err != 0) {
		frame_release(mfn);
	}
	return err;
}

/* One extent of 1 << order pages at gfn; undone when it fails half-way. */
static err_t adjust_extent(struct domain *d, gfn_t gfn, u32 order, bool is_add)
{
	u64 i;

	for (i = 0; i < 1ull << order; i++) {
		err_t err = is_add ? add_ram(d, gfn + i) : drop_ram(d, gfn + i);

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
	err_t err;

	if (copy_from_guest(v, &r, arg, sizeof(r)) != 0) {
		return E_FAULT;
	}
	err = mediate_own(v, row, r.domid);
	if (err != 0) {
		return err;
	}
	if (r.extent_order > MAX_ORDER || r.nr_extents > (1u << 25)) {
		return E_INVAL;
	}
	for (batch = 0; done < r.nr_extents; batch++) {
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

/* The shared_info frame has one place in the map at most; RAM there makes way. */
static err_t map_shared(struct domain *d, gfn_t gfn, mfn_t mfn)
{
	struct p2m_entry e = p2m_get(d, gfn);

	if (e.kind == P2M_RAM && !d->is_dom0) {
		err_t err = drop_ram(d, gfn);

		if (err != 0) {
			return err;
		}
	} else if (e.kind == P2M_RAM) {
		/* dom0's RAM frame stays its own, only hidden from it. */
		p2m_clear(d, gfn);
		p2m_flush(d);
	} else if (e.kind != P2M_NONE) {
		return E_INVAL;
	}
	return p2m_set(d, gfn, mfn, P2M_SHARED);
}

static void unmap_old(struct domain *d, gfn_t *where)
{
	if (*where != MFN_NONE) {
		p2m_clear(d, *where);
		p2m_flush(d);
		*where = MFN_NONE;
	}
}

static err_t add_to_physmap(struct vcpu *v, const struct hypercall_row *row,
			    gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct xen_add_to_physmap a;
	gfn_t *where;
	mfn_t mfn = d->shared;
	err_t err;

	if (copy_from_guest(v, &a, arg, sizeof(a)) != 0) {
		return E_FAULT;
	}
	err = mediate_own(v, row, a.domid);
	if (err != 0) {
		return err;
	}
	if (a.space == XENMAPSPACE_shared_info && a.idx == 0) {
		where = &d->shared_gfn;
	} else if (a.space == XENMAPSPACE_grant_table &&
		   a.idx < CASEMATE_MAX_GRANT_FRAMES) {
		where = &d->grant_gfns[a.idx];
		err = grant_frame(d, (u32)a.idx, &mfn);
		if (err != 0) {
			return err;
		}
	} else {
		return E_INVAL;
	}
	if (a.gpfn == *where) {
		return 0;
	}
	err = map_shared(d, a.gpfn, mfn);
	if (err == 0) {
		unmap_old(d, where);
		*where = a.gpfn;
	}
	return err;
}

/* Remove one's own RAM from the map: it returns to the core, scrubbed. */
static err_t remove_from_physmap(struct vcpu *v,
				 const struct hypercall_row *row, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct xen_remove_from_physmap r;
	err_t err;

	if (copy_from_guest(v, &r, arg, sizeof(r)) != 0) {
		return E_FAULT;
	}
	err = mediate_own(v, row, r.domid);
	return err != 0 ? err : drop_ram(d, r.gpfn);
}

/* Asked for the audit trail; the answer after a permit is still no. */
static err_t foreign(struct vcpu *v, const struct hypercall_row *row,
		     domid_t peer)
{
	struct domain *object = domain_find(peer, vcpu_domain(v));
	err_t err;

	if (object == NULL) {
		return E_SRCH;
	}
	err = mediate(v, row, object, (u32)__builtin_ctz(row->perms));
	return err != 0 ? err : E_OPNOTSUPP;
}

static err_t add_batch(struct vcpu *v, const struct hypercall_row *row,
		       gva_t arg)
{
	struct xen_add_to_physmap_batch a;

	if (copy_from_guest(v, &a, arg, sizeof(a)) != 0) {
		return E_FAULT;
	}
	if (a.space != XENMAPSPACE_gmfn_foreign) {
		return E_OPNOTSUPP;
	}
	return foreign(v, row, a.u.foreign_domid);
}

static err_t acquire(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct xen_mem_acquire_resource a;

	if (copy_from_guest(v, &a, arg, sizeof(a)) != 0) {
		return E_FAULT;
	}
	return foreign(v, row, a.domid);
}

struct map_entry { /* packed 20-byte E820 entry, as words */
	u32 word[5];
};

/* Empty where it would end before it starts. */
static struct map_entry map_entry(u64 start, u64 end, u32 type)
{
	u64 bytes = end > start ? end - start : 0;
	struct map_entry e = { { (u32)start, (u32)(start >> 32), (u32)bytes,
				 (u32)(bytes >> 32), type } };

	return e;
}

static err_t memory_map(struct vcpu *v, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct xen_memory_map m;
	struct map_entry e[4] = {
		map_entry(0, 0xa0000, E820_RAM),
		map_entry(0x100000, d->ram_end << PAGE_SHIFT, E820_RAM),
		map_entry(CASEMATE_ACPI_GFN << PAGE_SHIFT, 0xfc001000ull,
			  E820_ACPI),
		map_entry(0xfeff8000ull, 0xff000000ull, E820_RESERVED),
	};
	u32 n;

	if (copy_from_guest(v, &m, arg, sizeof(m)) != 0) {
		return E_FAULT;
	}
	if (d->is_dom0) {
		return E_NOSYS; /* its start_info has the map */
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
		return add_batch(v, row, arg);
	case XENMEM_acquire_resource:
		return acquire(v, row, arg);
	default:
		return E_NOSYS;
	}
}
