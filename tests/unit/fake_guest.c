/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/hypercall.h"
#include "vmm/domain_end.h"
#include "vmm/domain_make.h"

#define RESTARTS 20000u
#define PTE_RWP 7ull
#define PTE_LARGE 0x80ull

struct domain *guest_building(domid_t id, u32 label, u64 max_frames)
{
	assert_int_equal(domain_make(id, label, 1, max_frames), 0);
	return &domains[id];
}

static void paging_make(struct domain *d)
{
	u64 *pml4 = guest_at(d, GUEST_PML4);
	u64 *pdpt = guest_at(d, GUEST_PDPT);
	u32 i;

	pml4[0] = GUEST_PDPT | PTE_RWP;
	pdpt[0] = PTE_RWP | PTE_LARGE;
	for (i = 0; i < d->vcpu_count; i++) {
		fake_of(&d->vcpus[i].hw)->paging = (struct fake_paging){
			GUEST_PML4, true, true, true, 0, 0
		};
	}
}

struct domain *guest_make(domid_t id, u32 label, u32 vcpus, u32 ram)
{
	struct domain *d = &domains[id];
	mfn_t mfn;
	u32 i;

	assert_int_equal(domain_make(id, label, vcpus, ram + 64u), 0);
	for (i = 0; i < ram; i++) {
		assert_int_equal(frame_alloc(id, FRAME_OWNED, &mfn), 0);
		assert_int_equal(p2m_set(d, i, mfn, P2M_RAM), 0);
	}
	paging_make(d);
	d->ram_end = ram;
	d->state = STATE_RUNNING;
	d->vcpus[0].run.state = VCPU_RUNNING;
	return d;
}

struct p2m_entry p2m_get(const struct domain *d, gfn_t gfn)
{
	struct p2m_entry e = { MFN_NONE, P2M_NONE };
	mfn_t table = table_find(d, gfn);

	if (table != MFN_NONE) {
		e.kind = leaf_get(table, (u32)(gfn % TABLE_ENTRIES), &e.mfn);
	}
	assert_int_equal(p2m_kind_at(d, gfn), e.kind);
	return e;
}

void *guest_at(const struct domain *d, gpa_t gpa)
{
	struct p2m_entry e = p2m_get(d, gpa >> PAGE_SHIFT);

	return e.kind != P2M_RAM ? NULL
				 : fake_memory(e.mfn) + (gpa & PAGE_MASK);
}

long guest_call(struct domain *d, u64 number, u64 a, u64 b, u64 c)
{
	struct vcpu *v = &d->vcpus[0];
	struct fake_vcpu *f = fake_of(&v->hw);
	u32 before = f->skips;
	u32 i;

	v->hw.regs.rax = number;
	v->hw.regs.rdi = a;
	v->hw.regs.rsi = b;
	v->hw.regs.rdx = c;
	f->fault = -1;
	for (i = 0; i < RESTARTS && f->skips == before; i++) {
		dispatch_hypercall(v, 3);
		if (f->fault >= 0) {
			return -1000 - f->fault;
		}
	}
	assert_int_equal(f->skips, before + 1);
	return (long)v->hw.regs.rax;
}

long guest_op(struct domain *d, u64 number, u64 subop, void *arg, u32 bytes)
{
	long result;

	memcpy(guest_at(d, GUEST_ARGS), arg, bytes);
	result = guest_call(d, number, subop, GUEST_ARGS, 1);
	memcpy(arg, guest_at(d, GUEST_ARGS), bytes);
	return result;
}

void guest_destroy(struct domain *d)
{
	u32 i = 0;

	d->vcpus[0].run.state = VCPU_DOWN;
	while (domain_destroy(d) == E_RESTART) {
		assert_true(i < RESTARTS);
		i += 1;
	}
}

u64 guest_frames_held(void)
{
	u64 n = 0;
	mfn_t mfn;

	for (mfn = 0; mfn < FAKE_RAM; mfn++) {
		n += fake_frame(mfn)->type == FRAME_OWNED ||
		     fake_frame(mfn)->type == FRAME_ORPHAN ||
		     fake_frame(mfn)->type == FRAME_META;
	}
	return n;
}
