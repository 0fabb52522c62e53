/* SPDX-License-Identifier: Apache-2.0 */
/* Atomic access to memory that guests share with the core. It must never use
 * such memory as an index, a length or a pointer. */
#include "vmm/shared.h"

#include "lib/mem.h"

#include <xen/xen.h>
#include <xen/grant_table.h>

#define ORDER __ATOMIC_SEQ_CST

_Static_assert(sizeof(struct grant_entry_v1) == sizeof(u64), "grant entry");
_Static_assert(offsetof(struct grant_entry_v1, domid) == 2, "grant entry");
_Static_assert(offsetof(struct grant_entry_v1, frame) == 4, "grant entry");
_Static_assert(offsetof(struct shared_info, evtchn_pending) == 2048, "ABI");
_Static_assert(offsetof(struct shared_info, evtchn_mask) == 2560, "ABI");
_Static_assert(sizeof(struct vcpu_info) == 64, "ABI");
_Static_assert(CASEMATE_MAX_PORTS <= 4096, "2-level ABI");

/* The word of shared_info, in the table at this offset, that has the port's
 * bit; NULL where there is no shared_info. */
static u64 *word_of(const struct domain *d, size_t table, u32 port)
{
	u8 *page = d->shared == MFN_NONE ? NULL : hw_frame(d->shared);

	return page == NULL ? NULL : (u64 *)(void *)(page + table) + port / 64u;
}
#define PENDING offsetof(struct shared_info, evtchn_pending)
#define MASK offsetof(struct shared_info, evtchn_mask)

static struct vcpu_info *info_of(const struct vcpu *v)
{
	u8 *page = v->info.mfn == MFN_NONE ? NULL : hw_frame(v->info.mfn);

	return page == NULL ? NULL : (void *)(page + v->info.offset);
}

static u64 bit_of(u32 n)
{
	return 1ull << (n % 64u);
}

static bool bit_test(const u64 *word, u32 n)
{
	u64 old = word == NULL ? 0 : __atomic_load_n(word, ORDER);

	return (old & bit_of(n)) != 0;
}

static bool bit_set(u64 *word, u32 n)
{
	return word == NULL ||
	       (__atomic_fetch_or(word, bit_of(n), ORDER) & bit_of(n)) != 0;
}

static bool bit_clear(u64 *word, u32 n)
{
	return word != NULL &&
	       (__atomic_fetch_and(word, ~bit_of(n), ORDER) & bit_of(n)) != 0;
}

bool shared_test_and_set_pending(struct domain *d, u32 port)
{
	return bit_set(word_of(d, PENDING, port), port);
}

void shared_clear_pending(struct domain *d, u32 port)
{
	(void)bit_clear(word_of(d, PENDING, port), port);
}

bool shared_is_pending(struct domain *d, u32 port)
{
	return bit_test(word_of(d, PENDING, port), port);
}

bool shared_is_masked(struct domain *d, u32 port)
{
	return bit_test(word_of(d, MASK, port), port);
}

bool shared_test_and_clear_mask(struct domain *d, u32 port)
{
	return bit_clear(word_of(d, MASK, port), port);
}

bool shared_raise_upcall(struct vcpu *v, u32 port)
{
	struct vcpu_info *info = info_of(v);

	return info != NULL &&
	       !bit_set(&info->evtchn_pending_sel, port / 64u) &&
	       __atomic_exchange_n(&info->evtchn_upcall_pending, 1, ORDER) == 0;
}

bool shared_is_upcall_pending(struct vcpu *v)
{
	struct vcpu_info *info = info_of(v);

	return info != NULL &&
	       __atomic_load_n(&info->evtchn_upcall_pending, ORDER) != 0;
}

static u64 *entry_of(const struct domain *d, u32 ref)
{
	u64 *page = hw_frame(d->grant_frames[ref / CASEMATE_GRANTS_PER_FRAME]);

	return &page[ref % CASEMATE_GRANTS_PER_FRAME];
}

u64 shared_grant_load(const struct domain *d, u32 ref)
{
	return __atomic_load_n(entry_of(d, ref), ORDER);
}

void shared_grant_store(struct domain *d, u32 ref, u64 entry)
{
	__atomic_store_n(entry_of(d, ref), entry, ORDER);
}

bool shared_grant_mark(struct domain *d, u32 ref, u64 seen, u16 flags)
{
	return __atomic_compare_exchange_n(entry_of(d, ref), &seen,
					   seen | flags, false, ORDER, ORDER);
}

void shared_grant_unmark(struct domain *d, u32 ref, u16 flags)
{
	(void)__atomic_fetch_and(entry_of(d, ref), ~(u64)flags, ORDER);
}

void shared_copy(mfn_t to, u32 to_offset, mfn_t from, u32 from_offset, u32 n)
{
	u8 *dst = hw_frame(to);
	const u8 *src = hw_frame(from);

	memmove(dst + to_offset, src + from_offset, n);
}
