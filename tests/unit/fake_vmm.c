/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_vmm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS 2048u

static u8 memory[FAKE_FRAMES][PAGE_SIZE] __attribute__((aligned(4096)));
static struct frame table[FAKE_FRAMES];
static bool is_stale[FAKE_FRAMES]; /* unmapped somewhere, not flushed yet */

struct slot {
	gfn_t gfn;
	struct p2m_entry entry;
};
static struct slot slots[8][SLOTS];

struct domain domains[CASEMATE_MAX_DOMAINS];
u8 fake_args[FAKE_ARGS_BYTES];
bool fake_copy_out_fails;
int fake_copy_out_after;
u32 fake_notified[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_VCPUS];
u32 fake_woken[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_VCPUS];
u32 fake_flushes;
u32 fake_denials;
u32 fake_revocations;
u32 fake_core_allow[8];
u32 fake_last_perm;
u32 fake_asked;
bool fake_p2m_full;
bool fake_frames_full;
u32 fake_level[8];
void (*fake_meanwhile)(void);
u32 fake_allow[8][8][16];

/* ---- machine -------------------------------------------------------- */

void *hw_frame(mfn_t mfn)
{
	assert_true(mfn < FAKE_FRAMES);
	assert_int_not_equal(table[mfn].type, FRAME_FREE);
	return memory[mfn];
}

/* ---- frames --------------------------------------------------------- */

err_t frame_alloc(domid_t owner, u8 type, mfn_t *out)
{
	mfn_t mfn;

	for (mfn = 1; !fake_frames_full && mfn < FAKE_FRAMES; mfn++) {
		if (table[mfn].type == FRAME_FREE) {
			memset(memory[mfn], 0, PAGE_SIZE);
			table[mfn].owner = owner;
			table[mfn].type = type;
			table[mfn].refs = 0;
			*out = mfn;
			return 0;
		}
	}
	return E_NOMEM;
}

void frame_release(mfn_t mfn)
{
	struct frame *f = &table[mfn];

	assert_true(mfn < FAKE_FRAMES);
	assert_true(f->type == FRAME_OWNED || f->type == FRAME_META);
	f->owner = DOMID_NOBODY;
	f->type = f->refs != 0 ? FRAME_ORPHAN : FRAME_FREE;
}

err_t frame_get(mfn_t mfn)
{
	assert_true(mfn < FAKE_FRAMES);
	if (table[mfn].type != FRAME_OWNED) {
		return E_INVAL;
	}
	table[mfn].refs += 1;
	return 0;
}

void frame_put(mfn_t mfn)
{
	struct frame *f = &table[mfn];

	assert_true(mfn < FAKE_FRAMES);
	assert_true(f->refs > 0);
	assert_false(is_stale[mfn]); /* flush before the frame goes */
	f->refs -= 1;
	if (f->refs == 0 && f->type == FRAME_ORPHAN) {
		f->type = FRAME_FREE;
	}
}

bool frame_is_owned_by(mfn_t mfn, domid_t d)
{
	return mfn < FAKE_FRAMES && table[mfn].type == FRAME_OWNED &&
	       table[mfn].owner == d;
}

u32 fake_frame_refs(mfn_t mfn)
{
	return table[mfn].refs;
}

u8 fake_frame_type(mfn_t mfn)
{
	return table[mfn].type;
}

/* ---- guest-physical maps -------------------------------------------- */

static struct slot *slot_find(const struct domain *d, gfn_t gfn)
{
	u32 i;

	assert_true(d->id < 8);
	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &slots[d->id][i];

		if (s->entry.kind != P2M_NONE && s->gfn == gfn) {
			return s;
		}
	}
	return NULL;
}

struct p2m_entry p2m_get(const struct domain *d, gfn_t gfn)
{
	struct p2m_entry none = { MFN_NONE, P2M_NONE };
	struct slot *s = slot_find(d, gfn);

	if (fake_meanwhile != NULL) {
		fake_meanwhile();
	}
	return s == NULL ? none : s->entry;
}

mfn_t p2m_ram(const struct domain *d, gfn_t gfn)
{
	struct p2m_entry e = p2m_get(d, gfn);

	return e.kind == P2M_RAM && frame_is_owned_by(e.mfn, d->id) ? e.mfn
								    : MFN_NONE;
}

err_t p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, u32 kind)
{
	u32 i = 0;

	if (gfn >= P2M_MAX_GFN) {
		return E_INVAL;
	}
	if (slot_find(d, gfn) != NULL) {
		return E_EXIST;
	}
	while (i < SLOTS && slots[d->id][i].entry.kind != P2M_NONE) {
		i += 1;
	}
	if (fake_p2m_full || i == SLOTS) {
		return E_NOMEM;
	}
	slots[d->id][i] = (struct slot){ gfn, { mfn, kind } };
	return 0;
}

err_t p2m_add_ram(struct domain *d, gfn_t gfn)
{
	mfn_t mfn;
	err_t err = frame_alloc(d->id, FRAME_OWNED, &mfn);

	return err != 0 ? err : p2m_set(d, gfn, mfn, P2M_RAM);
}

void p2m_clear(struct domain *d, gfn_t gfn)
{
	struct slot *s = slot_find(d, gfn);

	assert_non_null(s);
	if (s->entry.kind == P2M_GRANT_RW || s->entry.kind == P2M_GRANT_RO) {
		is_stale[s->entry.mfn] = true;
	}
	s->entry.kind = P2M_NONE;
}

void p2m_flush(struct domain *d)
{
	(void)d;
	fake_flushes += 1;
	memset(is_stale, 0, sizeof(is_stale));
}

u32 fake_p2m_grants(const struct domain *d)
{
	u32 n = 0;
	u32 i;

	for (i = 0; i < SLOTS; i++) {
		u32 kind = slots[d->id][i].entry.kind;

		n += kind == P2M_GRANT_RW || kind == P2M_GRANT_RO;
	}
	return n;
}

/* ---- guest copies --------------------------------------------------- */

static u8 *args_at(gva_t va, u32 bytes)
{
	if (va < FAKE_ARGS_VA || bytes > FAKE_ARGS_BYTES ||
	    va - FAKE_ARGS_VA > FAKE_ARGS_BYTES - bytes) {
		return NULL;
	}
	return &fake_args[va - FAKE_ARGS_VA];
}

err_t copy_from_guest(struct vcpu *v, void *dst, gva_t src, u32 bytes)
{
	const u8 *p = args_at(src, bytes);

	(void)v;
	if (p == NULL) {
		return E_FAULT;
	}
	memcpy(dst, p, bytes);
	return 0;
}

err_t copy_to_guest(struct vcpu *v, gva_t dst, const void *src, u32 bytes)
{
	u8 *p = args_at(dst, bytes);

	(void)v;
	if (fake_copy_out_fails && fake_copy_out_after-- <= 0) {
		return E_FAULT;
	}
	if (p == NULL) {
		return E_FAULT;
	}
	memcpy(p, src, bytes);
	return 0;
}

err_t copy_words_from_guest(struct vcpu *v, u32 *dst, gva_t src, u32 words)
{
	return copy_from_guest(v, dst, src, words * sizeof(*dst));
}

err_t copy_words_to_guest(struct vcpu *v, gva_t dst, const u32 *src, u32 words)
{
	return copy_to_guest(v, dst, src, words * sizeof(*src));
}

/* ---- the monitor ---------------------------------------------------- */

bool mediate_quiet(const struct domain *subject, const struct domain *object,
		   u32 cls, u32 perm)
{
	return ((fake_allow[subject->label][object->label][cls] >> perm) & 1) !=
	       0;
}

bool mediate_again(const struct domain *subject, domid_t object, u32 label,
		   u32 cls, u32 perm)
{
	bool is_so = object == AUDIT_OBJECT_CORE
			     ? fake_core_allow[subject->label] != 0
			     : mediate_quiet(subject, &domains[object], cls,
					     perm);

	(void)label;
	fake_revocations += !is_so;
	return is_so;
}

u32 refmon_initial(enum policy_initial which)
{
	return which;
}

err_t mediate(struct vcpu *v, const struct hypercall_row *row,
	      const struct domain *object, u32 perm)
{
	fake_asked += 1;
	fake_last_perm = perm;
	assert_true((row->perms >> perm) & 1);
	if (mediate_quiet(vcpu_domain(v), object, row->cls, perm)) {
		return 0;
	}
	fake_denials += 1;
	return E_PERM;
}

err_t mediate_own(struct vcpu *v, const struct hypercall_row *row, domid_t id)
{
	const struct domain *object = domain_find(id, vcpu_domain(v));

	(void)row;
	if (object == NULL) {
		return E_SRCH;
	}
	if (object == vcpu_domain(v)) {
		return 0;
	}
	fake_denials += 1;
	return E_PERM;
}

/* Core objects: domain 0's label only. */
err_t mediate_core(struct vcpu *v, const struct hypercall_row *row, u32 initial,
		   u32 perm)
{
	assert_true((row->perms >> perm) & 1);
	(void)initial;
	if (v->domid == 0) {
		return 0;
	}
	fake_denials += 1;
	return E_PERM;
}

bool refmon_label_same_level(u32 a, u32 b)
{
	return fake_level[a] == fake_level[b];
}

/* ---- domains and scheduling ----------------------------------------- */

struct domain *domain_find(domid_t id, const struct domain *self)
{
	if (id == 0x7ff0u) {
		id = self->id;
	}
	if (id >= CASEMATE_MAX_DOMAINS || domains[id].state == STATE_FREE) {
		return NULL;
	}
	return &domains[id];
}

void vcpu_notify(struct vcpu *v)
{
	fake_notified[v->domid][v->id] += 1;
}

void vcpu_wake(struct vcpu *v)
{
	fake_woken[v->domid][v->id] += 1;
}

void fake_reset(void)
{
	u32 i;

	memset(domains, 0, sizeof(domains));
	memset(slots, 0, sizeof(slots));
	memset(is_stale, 0, sizeof(is_stale));
	memset(fake_args, 0, sizeof(fake_args));
	memset(fake_notified, 0, sizeof(fake_notified));
	memset(fake_woken, 0, sizeof(fake_woken));
	memset(fake_allow, 0xff, sizeof(fake_allow));
	memset(fake_level, 0, sizeof(fake_level));
	for (i = 0; i < FAKE_FRAMES; i++) {
		table[i] = (struct frame){ DOMID_NOBODY, FRAME_FREE, 0, 0 };
	}
	fake_copy_out_fails = false;
	fake_copy_out_after = 0;
	fake_p2m_full = false;
	fake_frames_full = false;
	fake_meanwhile = NULL;
	fake_flushes = 0;
	fake_denials = 0;
	fake_revocations = 0;
	memset(fake_core_allow, 0xff, sizeof(fake_core_allow));
	fake_asked = 0;
}

struct domain *fake_domain(domid_t id, u32 label, u32 vcpus, u32 ram)
{
	struct domain *d = &domains[id];
	mfn_t mfn;
	u32 i;

	memset(d, 0, sizeof(*d));
	d->id = id;
	d->state = STATE_RUNNING;
	d->label = label;
	d->vcpu_count = vcpus;
	d->is_dom0 = id == 0;
	assert_int_equal(frame_alloc(id, FRAME_META, &d->shared), 0);
	for (i = 0; i < CASEMATE_MAX_HANDLE_FRAMES; i++) {
		d->handle_frames[i] = MFN_NONE;
	}
	for (i = 0; i < CASEMATE_MAX_VCPUS; i++) {
		d->vcpus[i].domid = id;
		d->vcpus[i].id = (u8)i;
		d->vcpus[i].info.mfn = i < vcpus ? d->shared : MFN_NONE;
		d->vcpus[i].info.offset = i * 64u;
		d->vcpus[i].poll_port = ~0u;
	}
	for (i = 0; i < ram; i++) {
		assert_int_equal(frame_alloc(id, FRAME_OWNED, &mfn), 0);
		assert_int_equal(p2m_set(d, i, mfn, P2M_RAM), 0);
	}
	return d;
}

struct hypercall_row fake_row(u8 cls, u16 subop)
{
	struct hypercall_row r = { cls == CLASS_event ? 32 : 20,
				   subop,
				   cls,
				   OBJECT_PEER,
				   0,
				   0xffffffffu };

	return r;
}
