/* SPDX-License-Identifier: Apache-2.0 */
/* Copy-in launch. What runs is what was measured: the page is copied into the
 * guest's frame first, and the digest is taken from that frame. */
#include "vmm/launch.h"

#include "measure/sha384.h"
#include "refmon/refmon.h"
#include "vmm/copy.h"
#include "vmm/domain_make.h"
#include "vmm/domain_end.h"
#include "vmm/event.h"
#include "vmm/grant.h"
#include "vmm/p2m.h"

#define POPULATE_BATCH 128u
#define GREF_CONSOLE 0u /* GNTTAB_RESERVED_CONSOLE */
#define GREF_STORE 1u	/* GNTTAB_RESERVED_XENSTORE */

/* D' = SHA-384(D || record) */
static void extend(struct domain *d, const struct launch_record *r)
{
	struct sha384 h;

	sha384_init(&h);
	sha384_update(&h, d->digest, SHA384_BYTES);
	sha384_update(&h, (const u8 *)r, sizeof(*r));
	sha384_final(&h, d->digest);
}

static void record(struct domain *d, u32 op, u64 arg0, u64 arg1,
		   const char *data)
{
	struct launch_record r = { .op = op, .arg0 = arg0, .arg1 = arg1 };
	u32 i;

	for (i = 0; i < sizeof(r.data) - 1 && data[i] != '\0'; i++) {
		r.data[i] = (u8)data[i];
	}
	extend(d, &r);
}

/* A page for a ring shared with domain 0, granted by its reserved reference,
 * and the port that goes with it. */
static err_t ring_make(struct domain *d, gfn_t gfn, u32 ref, u64 *port)
{
	u32 p = 0;
	err_t err = p2m_add_ram(d, gfn);

	if (err == 0) {
		err = event_offer(d, 0, &p);
	}
	if (err == 0) {
		*port = p;
		grant_permit(d, ref, 0, gfn);
	}
	return err;
}

/* A free slot, round robin so that ids are not reused at once; 0: none. */
static domid_t slot_find(void)
{
	static domid_t last;
	u32 i;

	for (i = 1; i < CASEMATE_MAX_DOMAINS; i++) {
		last = 1 + last % (CASEMATE_MAX_DOMAINS - 1);
		if (domains[last].state == STATE_FREE) {
			return last;
		}
	}
	return 0;
}

err_t launch_create(u32 label, u32 vcpus, u64 max_frames, domid_t *out)
{
	struct domain *d;
	domid_t id;
	err_t err;

	domain_reap();
	id = slot_find();
	if (id == 0) {
		return E_NOSPC;
	}
	d = &domains[id];
	err = domain_make(id, label, vcpus, max_frames);
	if (err == 0) {
		err = ring_make(d, CASEMATE_STORE_GFN, GREF_STORE,
				&d->store_port);
	}
	if (err == 0) {
		err = ring_make(d, CASEMATE_CONSOLE_GFN, GREF_CONSOLE,
				&d->console_port);
	}
	if (err == 0) {
		record(d, LAUNCH_CREATE, vcpus, max_frames,
		       refmon_label_name(label));
		*out = id;
		return 0;
	}
	/* Bounded: it never ran, and holds a handful of frames. */
	while (domain_destroy(d) == E_RESTART) {
	}
	return err;
}

err_t launch_populate(struct domain *d, gfn_t gfn, u64 count, u64 *done)
{
	u32 batch;
	err_t err = 0;

	if (d->pending_count == 0) {
		d->pending_gfn = gfn;
		d->pending_count = count;
	} else if (d->pending_gfn != gfn || d->pending_count != count) {
		return E_BUSY; /* another caller's populate is under way */
	}
	for (batch = 0; err == 0 && d->progress < count; batch++) {
		if (batch == POPULATE_BATCH) {
			return E_RESTART;
		}
		err = p2m_add_ram(d, gfn + d->progress);
		if (err == 0) {
			d->progress += 1;
		}
	}
	/* The range is over, complete or not: record what there is now. */
	record(d, LAUNCH_POPULATE, gfn, d->progress, "");
	*done = d->progress;
	if (gfn < CASEMATE_MAX_RAM_GFN && gfn + *done > d->ram_end) {
		d->ram_end = gfn + *done;
	}
	d->pending_count = 0;
	d->progress = 0;
	return err;
}

err_t launch_load(struct vcpu *caller, struct domain *d, u32 kind, gfn_t gfn,
		  gva_t from)
{
	struct launch_record r = { LAUNCH_PAGE, kind, gfn, 0, { 0 }, 0 };
	mfn_t mfn = p2m_ram(d, gfn);
	struct sha384 h;
	err_t err;

	if (mfn == MFN_NONE) {
		return E_INVAL;
	}
	err = copy_from_guest(caller, hw_frame(mfn), from, PAGE_SIZE);
	sha384_init(&h);
	sha384_update(&h, hw_frame(mfn), PAGE_SIZE);
	sha384_final(&h, r.data);
	extend(d, &r); /* also after a fault: part of the page may be there */
	return err;
}

err_t launch_start(struct domain *d, u32 entry, u32 start_info, bool is_paused)
{
	if (d->pending_count != 0) {
		return E_BUSY;
	}
	record(d, LAUNCH_START, entry, start_info, "");
	domain_start(d, entry, start_info, is_paused);
	return 0;
}
