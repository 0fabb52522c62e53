/* SPDX-License-Identifier: Apache-2.0 */
/* See model.h. Built without sanitizers and without coverage: it runs after
 * every call, and is not what is tested. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "grants.h"
#include "refmon/refmon.h"
#include "vmm/event_ports.h"
#include "vmm/frame.h"
#include "vmm/grant_table.h"
#include "vmm/p2m.h"

#include <xen/xen.h>
#include <xen/grant_table.h>

#define DOMAINS CASEMATE_MAX_DOMAINS
#define LEAVES 2304u
#define LABELS 64u
#define RUN 8u /* so many marked bytes in a row are no accident */
#define CONTROL 55u
#define GRANT_OP 20u
#define GRANT_COPY 5u
#define MARKS (GTF_reading | GTF_writing)

struct leaf {
	gfn_t gfn;
	mfn_t mfn;
	u32 kind;
	bool is_write, is_exec;
};
struct view { /* of one domain */
	bool is_there;
	u64 created_ns;
	u32 count;
	struct leaf leaf[LEAVES];
};
struct level {
	u32 sens, cats;
};
struct seen { /* what a domain was before the call */
	u8 state;
	bool is_paused;
	u32 label;
	u64 max_frames, created_ns;
	u8 digest[48];
};

static struct view views[2][DOMAINS];
static u32 now; /* which of the two */
static u8 shadow[FAKE_RAM][PAGE_SIZE];
static struct frame last_frame[FAKE_RAM];
static bool is_touched[FAKE_RAM];
static u32 touched[FAKE_RAM], touched_count;
static u8 claims[FAKE_RAM];   /* RAM leaves, core uses */
static u32 wanted[FAKE_RAM];  /* references */
static u8 was_used[FAKE_RAM]; /* in this input */
static struct seen seen[DOMAINS];
static struct mapping map_now[DOMAINS][CASEMATE_MAX_MAPTRACK];
static struct mapping map_last[DOMAINS][CASEMATE_MAX_MAPTRACK];
static u32 live[DOMAINS];
static struct level low[LABELS], high[LABELS];
static u8 taint[LABELS];	       /* 0: none */
static bool is_forbidden[LABELS][256]; /* marks in a label's memory */

static const struct act *act;

/* ---- levels, from the labels' names ----------------------------------- */

static const u8 marks[] = { 0xb1, 0xc1, 0xd2, 0xe4, 0xf8 };

static struct level level_of(const char *text, size_t bytes)
{
	struct level l = { 0, 0 };
	const char *colon = memchr(text, ':', bytes);

	l.sens = text[0] == 'S' || text[0] == 's';
	if (colon != NULL) {
		l.cats = colon[1] == 'c' ? 1 : colon[1] == '7' ? 2 : 4;
	}
	return l;
}

static u8 mark_of(struct level l)
{
	return marks[l.sens == 0 ? 0 : l.cats == 4 ? 4 : 1 + l.cats];
}

static bool dominates(struct level a, struct level b)
{
	return a.sens >= b.sens && (a.cats & b.cats) == b.cats;
}

/* May information flow from a domain of label a to one of label b? */
static bool may_flow(u32 a, u32 b)
{
	return dominates(high[b], low[a]);
}

void model_labels(void)
{
	u32 i, j, n = refmon_label_count();

	if (n > LABELS) {
		fuzz_fail("too many labels for the model");
	}
	for (i = 0; i < n; i++) {
		const char *name = refmon_label_name(i);
		const char *at = strchr(name, '@') + 1;
		const char *dots = strstr(at, "..");

		low[i] = level_of(at, dots == NULL ? strlen(at)
						   : (size_t)(dots - at));
		high[i] = dots == NULL ? low[i]
				       : level_of(dots + 2, strlen(dots + 2));
		taint[i] = dots == NULL ? mark_of(low[i]) : 0;
	}
	memset(is_forbidden, 0, sizeof(is_forbidden));
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			if (taint[i] != 0 && !may_flow(i, j)) {
				is_forbidden[j][taint[i]] = true;
			}
		}
	}
}

u8 model_taint(u32 domid)
{
	return taint[domains[domid].label];
}

static bool may(u32 s, u32 o, u32 cls, u32 perm)
{
	return refmon_decide(domains[s].label, domains[o].label, s == o, cls,
			     perm) == REFMON_PERMIT;
}

static bool is_trusted(u32 domid)
{
	return taint[domains[domid].label] == 0;
}

/* ---- what the core touches -------------------------------------------- */

/* Every access of the core to memory asks for the frame first. */
void *__real_hw_frame(mfn_t mfn);
void *__wrap_hw_frame(mfn_t mfn);

void *__wrap_hw_frame(mfn_t mfn)
{
	const struct frame *f;

	if (mfn >= FAKE_RAM) {
		fuzz_fail("the core reaches for frame %lx, which is none", mfn);
	}
	f = fake_frame(mfn);
	if (act != NULL && (f->type == FRAME_ABSENT || f->type == FRAME_CORE ||
			    (f->type == FRAME_FREE && f->is_dirty == 0))) {
		fuzz_fail("the core reaches for frame %lx of type %u", mfn,
			  f->type);
	}
	if (!is_touched[mfn]) {
		is_touched[mfn] = true;
		touched[touched_count] = (u32)mfn;
		touched_count += 1;
	}
	return __real_hw_frame(mfn);
}

/* ---- nested page tables, walked by hand -------------------------------- */

static void claim_meta(const struct domain *d, mfn_t mfn, const char *what,
		       u64 *metas)
{
	const struct frame *f;

	if (mfn >= FAKE_RAM) {
		fuzz_fail("domain %u: %s is frame %lx", d->id, what, mfn);
	}
	f = fake_frame(mfn);
	if (f->type != FRAME_META || f->owner != d->id || claims[mfn] != 0) {
		fuzz_fail("domain %u: %s is frame %lx of type %u, owner %u, "
			  "used %u times before",
			  d->id, what, mfn, f->type, f->owner, claims[mfn]);
	}
	claims[mfn] = 1;
	*metas += 1;
}

static void leaf_add(struct view *v, gfn_t gfn, u64 entry)
{
	struct leaf *l = &v->leaf[v->count];

	if (v->count == LEAVES) {
		fuzz_fail("too many leaves for the model");
	}
	l->gfn = gfn;
	l->mfn = (entry & 0x000ffffffffff000ull) >> 12;
	l->kind = entry >> 9 & 7u;
	l->is_write = (entry & 2u) != 0;
	l->is_exec = entry >> 63 == 0;
	v->count += 1;
}

static void walk(const struct domain *d, struct view *v, mfn_t table, u32 level,
		 gfn_t base, u64 *metas)
{
	const u64 *entries;
	u32 i;

	claim_meta(d, table, "a page table", metas);
	entries = (const void *)fake_memory(table);
	for (i = 0; i < 512; i++) {
		gfn_t gfn = base | (u64)i << (9 * level);

		if ((entries[i] & 1u) == 0) {
			if (entries[i] != 0) {
				fuzz_fail("domain %u: half an entry at gfn %lx",
					  d->id, gfn);
			}
			continue;
		}
		if (level == 0) {
			leaf_add(v, gfn, entries[i]);
		} else {
			walk(d, v, (entries[i] & 0x000ffffffffff000ull) >> 12,
			     level - 1, gfn, metas);
		}
	}
}

static const struct leaf *leaf_find(const struct view *v, gfn_t gfn)
{
	u32 from = 0, to = v->count;

	while (from < to) {
		u32 at = (from + to) / 2;

		if (v->leaf[at].gfn == gfn) {
			return &v->leaf[at];
		}
		if (v->leaf[at].gfn < gfn) {
			from = at + 1;
		} else {
			to = at;
		}
	}
	return NULL;
}

/* ---- owners ------------------------------------------------------------ */

static u64 orphans[DOMAINS]; /* on each one's account, in nobody's map */

static void frames_check(void)
{
	static u64 owned[DOMAINS], meta[DOMAINS];
	u64 free = 0;
	u32 i;

	memset(owned, 0, sizeof(owned));
	memset(meta, 0, sizeof(meta));
	memset(orphans, 0, sizeof(orphans));
	for (i = 0; i < FAKE_RAM; i++) {
		const struct frame *f = fake_frame(i);
		bool is_owned = f->type == FRAME_OWNED ||
				f->type == FRAME_ORPHAN;
		bool is_someones = is_owned || f->type == FRAME_META;

		if (f->type == FRAME_ABSENT) {
			continue;
		}
		if (is_someones != (f->owner < DOMAINS) ||
		    (is_someones && domains[f->owner].state == STATE_FREE)) {
			fuzz_fail("frame %x of type %u has owner %u", i,
				  f->type, f->owner);
		}
		if ((f->refs != 0 && f->type != FRAME_OWNED &&
		     f->type != FRAME_ORPHAN) ||
		    (f->refs == 0 && f->type == FRAME_ORPHAN)) {
			fuzz_fail("frame %x of type %u has %u references", i,
				  f->type, f->refs);
		}
		free += f->type == FRAME_FREE;
		if (is_owned) {
			owned[f->owner] += 1;
			orphans[f->owner] += f->type == FRAME_ORPHAN;
		} else if (f->type == FRAME_META) {
			meta[f->owner] += 1;
		}
		if (f->type != FRAME_FREE) {
			was_used[i] = 1;
		}
	}
	if (free != frame_free_count()) {
		fuzz_fail("%lu frames are free, the core counts %lu", free,
			  frame_free_count());
	}
	for (i = 0; i < DOMAINS; i++) {
		const struct domain *d = &domains[i];

		if (owned[i] != d->frames || meta[i] != d->meta_frames ||
		    d->frames > d->max_frames || d->meta_frames > d->max_meta) {
			fuzz_fail("domain %u: owns %lu and %lu frames, counts "
				  "%lu and %lu, may have %lu and %lu",
				  i, owned[i], meta[i], d->frames,
				  d->meta_frames, d->max_frames, d->max_meta);
		}
	}
}

/* ---- what a domain maps ------------------------------------------------ */

static void ram_check(const struct domain *d, const struct leaf *l)
{
	const struct frame *f = fake_frame(l->mfn);

	if (f->type != FRAME_OWNED || f->owner != d->id ||
	    claims[l->mfn] != 0 || !l->is_write || !l->is_exec) {
		fuzz_fail("domain %u: RAM at gfn %lx is frame %lx of type %u, "
			  "owner %u, mapped %u times before",
			  d->id, l->gfn, l->mfn, f->type, f->owner,
			  claims[l->mfn]);
	}
	claims[l->mfn] = 1;
}

static void shared_check(const struct domain *d, const struct leaf *l)
{
	gfn_t where = MFN_NONE;
	u32 i;

	if (l->mfn == d->shared) {
		where = d->shared_gfn;
	}
	for (i = 0; i < d->grant_frame_count; i++) {
		if (l->mfn == d->grant_frames[i]) {
			where = d->grant_gfns[i];
		}
	}
	if (where != l->gfn || l->is_exec || !l->is_write) {
		fuzz_fail("domain %u: shared page at gfn %lx is frame %lx, "
			  "which should be at %lx",
			  d->id, l->gfn, l->mfn, where);
	}
}

static void maps_read(const struct domain *d)
{
	u32 i;

	for (i = 0; i < CASEMATE_MAX_MAPTRACK; i++) {
		map_now[d->id][i] = grants_mapping(d->id, i);
	}
}

static u64 grant_entry(u32 granter, u32 ref)
{
	const struct domain *g = &domains[granter];
	const u64 *page;

	if (ref / 512u >= g->grant_frame_count) {
		fuzz_fail("domain %u: grant %u is outside of its table",
			  granter, ref);
	}
	page = (const void *)fake_memory(g->grant_frames[ref / 512u]);
	return page[ref % 512u];
}

bool model_grant_entry(u32 granter, u32 ref, u64 *entry)
{
	const struct domain *g = &domains[granter];

	if (g->state == STATE_FREE || ref / 512u >= g->grant_frame_count ||
	    g->grant_frames[ref / 512u] == MFN_NONE) {
		return false;
	}
	*entry = grant_entry(granter, ref);
	return true;
}

static bool is_same_map(const struct mapping *a, const struct mapping *b)
{
	return a->granter == b->granter && a->ref == b->ref &&
	       a->is_write == b->is_write && a->gfn == b->gfn &&
	       a->mfn == b->mfn;
}

/* A mapping that was not there before: does the entry say so? */
static void fresh_check(const struct domain *d, const struct mapping *m)
{
	const struct leaf *ram;
	u64 entry;

	if (domains[m->granter].state == STATE_DYING) {
		fuzz_fail("domain %u maps of domain %u, which is dying", d->id,
			  m->granter);
	}
	entry = grant_entry(m->granter, m->ref);
	ram = leaf_find(&views[now][m->granter], entry >> 32);
	if ((entry & GTF_type_mask) != GTF_permit_access ||
	    (u16)(entry >> 16) != d->id ||
	    (m->is_write && (entry & GTF_readonly) != 0) || ram == NULL ||
	    ram->kind != P2M_RAM || ram->mfn != m->mfn) {
		fuzz_fail("domain %u maps frame %lx of domain %u, whose grant "
			  "%u says %016lx",
			  d->id, m->mfn, m->granter, m->ref, entry);
	}
}

static void policy_check(const struct domain *d, const struct mapping *m)
{
	u32 g = m->granter;
	bool is_write = m->is_write;
	bool is_permitted =
		is_write ? may(d->id, g, CLASS_grant, PERM_grant_map_rw)
			 : may(d->id, g, CLASS_grant, PERM_grant_map_ro);

	if (!is_permitted || !may_flow(domains[g].label, d->label) ||
	    (is_write && !may_flow(d->label, domains[g].label))) {
		fuzz_fail("domain %u maps a page of domain %u %s, which the "
			  "policy refuses",
			  d->id, g, is_write ? "for writing" : "read-only");
	}
}

static void map_check(const struct domain *d, u32 handle)
{
	const struct mapping *m = &map_now[d->id][handle];
	const struct leaf *l = leaf_find(&views[now][d->id], m->gfn);
	const struct frame *f;

	if (m->granter >= DOMAINS || domains[m->granter].state == STATE_FREE ||
	    m->ref >= CASEMATE_MAX_GRANTS || m->mfn >= FAKE_RAM) {
		fuzz_fail("domain %u: handle %u is of domain %u, grant %u, "
			  "frame %lx",
			  d->id, handle, m->granter, m->ref, m->mfn);
	}
	if (l == NULL || l->mfn != m->mfn || l->is_exec ||
	    l->is_write != m->is_write ||
	    l->kind != (m->is_write ? P2M_GRANT_RW : P2M_GRANT_RO)) {
		fuzz_fail("domain %u: handle %u is not mapped at gfn %lx",
			  d->id, handle, m->gfn);
	}
	f = fake_frame(m->mfn);
	if (f->type != FRAME_ORPHAN &&
	    (f->type != FRAME_OWNED || f->owner != m->granter)) {
		fuzz_fail("domain %u maps frame %lx of type %u, owner %u, "
			  "granted by %u",
			  d->id, m->mfn, f->type, f->owner, m->granter);
	}
	policy_check(d, m);
	if (!is_same_map(m, &map_last[d->id][handle])) {
		fresh_check(d, m);
	}
	wanted[m->mfn] += 1;
	live[m->granter] += 1;
}

/* Each grant leaf has one handle; the number of handles was taken before. */
static void leaves_check(const struct domain *d)
{
	const struct view *v = &views[now][d->id];
	u32 i, grants = 0, handles = 0, ram = 0;

	for (i = 0; i < v->count; i++) {
		const struct leaf *l = &v->leaf[i];

		if (l->mfn >= FAKE_RAM) {
			fuzz_fail("domain %u maps frame %lx, which is none",
				  d->id, l->mfn);
		}
		switch (l->kind) {
		case P2M_RAM:
			ram_check(d, l);
			ram += 1;
			break;
		case P2M_SHARED:
			shared_check(d, l);
			break;
		case P2M_GRANT_RW:
		case P2M_GRANT_RO:
			grants += 1;
			break;
		default:
			fuzz_fail("domain %u: gfn %lx is of kind %u", d->id,
				  l->gfn, l->kind);
		}
	}
	for (i = 0; i < CASEMATE_MAX_MAPTRACK; i++) {
		if (map_now[d->id][i].granter != DOMID_NOBODY) {
			map_check(d, i);
			handles += 1;
		}
	}
	if (grants != handles) {
		fuzz_fail("domain %u: %u grant mappings, %u handles", d->id,
			  grants, handles);
	}
	if (!d->is_dom0 && ram + orphans[d->id] != d->frames) {
		fuzz_fail("domain %u: owns %lu frames, %u are mapped", d->id,
			  d->frames, ram);
	}
}

static void area_count(const struct domain *d, const struct shared_area *a)
{
	const mfn_t both[] = { a->mfn, a->mfn2 };
	u32 i;

	for (i = 0; i < 2; i++) {
		const struct frame *f;

		if (both[i] == MFN_NONE) {
			continue;
		}
		if (both[i] >= FAKE_RAM) {
			fuzz_fail("domain %u: an area in frame %lx", d->id,
				  both[i]);
		}
		f = fake_frame(both[i]);
		if (f->type != FRAME_ORPHAN &&
		    (f->type != FRAME_OWNED || f->owner != d->id)) {
			fuzz_fail("domain %u: an area in frame %lx of type %u, "
				  "owner %u",
				  d->id, both[i], f->type, f->owner);
		}
		wanted[both[i]] += 1;
	}
}

static void domain_walk(const struct domain *d)
{
	struct view *v = &views[now][d->id];
	u64 metas = 0;
	u32 i;

	v->is_there = true;
	v->created_ns = d->created_ns;
	v->count = 0;
	if (d->npt_root != MFN_NONE) {
		walk(d, v, d->npt_root, 3, 0, &metas);
	}
	if (metas != d->table_frames) {
		fuzz_fail("domain %u: %lu tables, it counts %lu", d->id, metas,
			  d->table_frames);
	}
	if (d->shared != MFN_NONE) {
		claim_meta(d, d->shared, "shared_info", &metas);
	}
	for (i = 0; i < CASEMATE_MAX_GRANT_FRAMES; i++) {
		if (d->grant_frames[i] != MFN_NONE) {
			claim_meta(d, d->grant_frames[i], "a grant frame",
				   &metas);
		}
		if (d->active_frames[i] != MFN_NONE) {
			claim_meta(d, d->active_frames[i], "counts of uses",
				   &metas);
		}
	}
	for (i = 0; i < CASEMATE_MAX_HANDLE_FRAMES; i++) {
		if (d->handle_frames[i] != MFN_NONE) {
			claim_meta(d, d->handle_frames[i], "handles", &metas);
		}
	}
	for (i = 0; i < d->vcpu_count; i++) {
		const struct vcpu *c = &d->vcpus[i];

		/* 0: a dying one's record of the machine was cleared */
		if (c->hw.vmcb != MFN_NONE &&
		    (d->state != STATE_DYING || c->hw.vmcb != 0)) {
			claim_meta(d, c->hw.vmcb, "a control block", &metas);
		}
		if (c->info.mfn != d->shared) { /* it was moved */
			area_count(d, &c->info);
		}
		area_count(d, &c->time);
		area_count(d, &c->runstate);
	}
	if (metas != d->meta_frames) {
		fuzz_fail("domain %u: %lu core frames, %lu are in use", d->id,
			  d->meta_frames, metas);
	}
	maps_read(d);
}

static void refs_check(void)
{
	u32 i;

	for (i = 0; i < FAKE_RAM; i++) {
		if (fake_frame(i)->refs != wanted[i]) {
			fuzz_fail("frame %x: %u references, %u mappings and "
				  "pins",
				  i, fake_frame(i)->refs, wanted[i]);
		}
	}
	for (i = 0; i < DOMAINS; i++) {
		if (domains[i].state != STATE_FREE &&
		    grant_live[i] != live[i]) {
			fuzz_fail("domain %u: %u mappings live, it counts %u",
				  i, live[i], grant_live[i]);
		}
	}
}

/* The counts of uses by entry, and that the marks are there while they must
 * be: only the granter itself could take them away, and it is not checked. A
 * dying one's are not kept. */
static void uses_check(const struct domain *d)
{
	static u16 uses[CASEMATE_MAX_GRANTS], writers[CASEMATE_MAX_GRANTS];
	u32 i, j;

	memset(uses, 0, sizeof(uses));
	memset(writers, 0, sizeof(writers));
	for (i = 0; live[d->id] != 0 && i < DOMAINS; i++) {
		for (j = 0; domains[i].state != STATE_FREE &&
			    j < CASEMATE_MAX_MAPTRACK;
		     j++) {
			const struct mapping *m = &map_now[i][j];

			if (m->granter == d->id && m->is_shown) {
				uses[m->ref] += 1;
				writers[m->ref] += m->is_write;
			}
		}
	}
	for (i = 0; d->state != STATE_DYING && i < CASEMATE_MAX_GRANTS; i++) {
		if (grants_uses(d->id, i) != uses[i] ||
		    grants_writers(d->id, i) != writers[i]) {
			fuzz_fail("domain %u: grant %u is used %u times, it "
				  "counts %u",
				  d->id, i, uses[i], grants_uses(d->id, i));
		}
	}
}

/* ---- ports ------------------------------------------------------------- */

static bool may_bind(u32 a, u32 b)
{
	return may(a, b, CLASS_event, PERM_event_bind) ||
	       may(b, a, CLASS_event, PERM_event_bind);
}

static void bound_check(u32 d, u32 port, const struct port *p)
{
	const struct port *q;

	if (p->peer >= DOMAINS || p->peer_port >= CASEMATE_MAX_PORTS ||
	    domains[p->peer].state == STATE_FREE) {
		fuzz_fail("port %u of domain %u is bound to port %u of domain "
			  "%u",
			  port, d, p->peer_port, p->peer);
	}
	q = &ports.of[p->peer][p->peer_port];
	if (q->state != PORT_BOUND || q->peer != d || q->peer_port != port) {
		fuzz_fail("port %u of domain %u is bound to port %u of domain "
			  "%u, but not the other way",
			  port, d, p->peer_port, p->peer);
	}
	if (!may_bind(d, p->peer)) {
		fuzz_fail("domains %u and %u are bound, which the policy "
			  "refuses",
			  d, p->peer);
	}
}

static void port_check(u32 d, u32 port)
{
	const struct port *p = &ports.of[d][port];
	const struct domain *dom = &domains[d];

	if (p->vcpu >= dom->vcpu_count && p->state > PORT_RESERVED) {
		fuzz_fail("port %u of domain %u is for vCPU %u", port, d,
			  p->vcpu);
	}
	switch (p->state) {
	case PORT_BOUND:
		bound_check(d, port, p);
		break;
	case PORT_UNBOUND:
		if (p->peer == DOMID_NOBODY || p->peer == 0) {
			break; /* a builder offers to domain 0 */
		}
		if (p->peer >= DOMAINS ||
		    domains[p->peer].state == STATE_FREE ||
		    (!may(d, p->peer, CLASS_event, PERM_event_offer) &&
		     !may_bind(d, p->peer))) {
			fuzz_fail("port %u of domain %u is open for domain %u",
				  port, d, p->peer);
		}
		break;
	case PORT_VIRQ:
		if (p->peer >= VIRQ_COUNT ||
		    (dom->vcpus[p->peer < VIRQ_LOCAL_COUNT ? p->vcpu : 0]
				     .virq_port[p->peer] != port &&
		     dom->state != STATE_DYING)) {
			fuzz_fail("port %u of domain %u is for VIRQ %u, whose "
				  "port is another",
				  port, d, p->peer);
		}
		break;
	default:
		if (p->state > PORT_IPI ||
		    (port == 0) != (p->state == PORT_RESERVED)) {
			fuzz_fail("port %u of domain %u is in state %u", port,
				  d, p->state);
		}
	}
}

static void ports_check(void)
{
	u32 d, port, i;

	for (d = 0; d < DOMAINS; d++) {
		const struct domain *dom = &domains[d];

		if (dom->state == STATE_FREE) {
			continue;
		}
		for (port = 0; port < CASEMATE_MAX_PORTS; port++) {
			if (ports.of[d][port].state != PORT_FREE || port == 0) {
				port_check(d, port);
			}
		}
		for (i = 0; dom->state != STATE_DYING &&
			    i < dom->vcpu_count * VIRQ_COUNT;
		     i++) {
			u32 virq = i % VIRQ_COUNT;

			port = dom->vcpus[i / VIRQ_COUNT].virq_port[virq];
			if (port != 0 &&
			    (ports.of[d][port].state != PORT_VIRQ ||
			     ports.of[d][port].peer != virq)) {
				fuzz_fail("domain %u: VIRQ %u is bound to "
					  "port %u, which is not for it",
					  d, virq, port);
			}
		}
	}
}

/* ---- contents ---------------------------------------------------------- */

/* Whose doing it is: the caller's, or that of the domain it destroys, whose
 * mappings and channels go. */
static bool is_destroy(void)
{
	return act->number == CONTROL && act->subop == CTL_DESTROY;
}

static bool may_reach(u32 o)
{
	if (act->caller == MODEL_NOBODY || act->caller == o || o == 0) {
		return true; /* time; itself; VIRQ_DOM_EXC */
	}
	return may(act->caller, o, CLASS_event, PERM_event_send) ||
	       (act->target == o && act->number == CONTROL);
}

static bool is_within(const struct shared_area *a, u32 bytes, mfn_t mfn, u32 at)
{
	return (a->mfn == mfn && at >= a->offset && at < a->offset + bytes) ||
	       (a->mfn2 == mfn && at + PAGE_SIZE >= a->offset &&
		at + PAGE_SIZE < a->offset + bytes);
}

/* Is the byte one that the core writes on its own account, and may it now? */
static bool is_area(mfn_t mfn, u32 at)
{
	u32 i, j;

	for (i = 0; i < DOMAINS; i++) {
		const struct domain *d = &domains[i];

		for (j = 0; d->state != STATE_FREE && j < d->vcpu_count; j++) {
			const struct vcpu *v = &d->vcpus[j];

			if ((is_within(&v->info, 64, mfn, at) ||
			     is_within(&v->time, 32, mfn, at) ||
			     is_within(&v->runstate, 48, mfn, at)) &&
			    may_reach(i)) {
				return true;
			}
		}
	}
	return false;
}

/* A mark in somebody's grant entry: only where information may flow to it. */
static bool is_mark(u32 o, mfn_t mfn, u32 at)
{
	u8 changed = shadow[mfn][at] ^ fake_memory(mfn)[at];
	u32 s = act->caller;

	if (at % 8u != 0 || (changed & ~MARKS) != 0 || s == MODEL_NOBODY) {
		return false;
	}
	if (is_destroy()) {
		s = act->target;
	} else if (act->number != GRANT_OP) {
		return false;
	}
	return s < DOMAINS && may_flow(seen[s].label, domains[o].label);
}

static bool is_meta_ok(u32 o, mfn_t mfn, u32 at)
{
	const struct domain *d = &domains[o];
	u32 i;

	if (mfn == d->shared) { /* pending bits, and vcpu_info at its start */
		return may_reach(o) && at < 2048 + 128;
	}
	for (i = 0; i < CASEMATE_MAX_GRANT_FRAMES; i++) {
		if (mfn == d->grant_frames[i]) {
			return is_mark(o, mfn, at);
		}
		if (mfn == d->active_frames[i]) { /* no guest sees it */
			return act->number == GRANT_OP || is_destroy();
		}
	}
	return act->number == CONTROL && act->target == o &&
	       (act->subop == CTL_DESTROY || seen[o].state == STATE_BUILDING);
}

/* May the call change a byte of a RAM frame of domain o? */
static bool is_ram_ok(u32 o)
{
	u32 c = act->caller;

	if (act->number == GRANT_OP && act->subop == GRANT_COPY) {
		return may(c, o, CLASS_grant, PERM_grant_copy_to) ||
		       may(c, o, CLASS_grant, PERM_grant_push);
	}
	return act->number == CONTROL && act->subop == CTL_LOAD &&
	       act->target == o && seen[o].state == STATE_BUILDING &&
	       may(c, o, CLASS_launch, PERM_launch_load);
}

static bool is_zero(mfn_t mfn)
{
	const u64 *p = (const void *)fake_memory(mfn);
	u32 i;

	for (i = 0; i < 512; i++) {
		if (p[i] != 0) {
			return false;
		}
	}
	return true;
}

static void byte_check(mfn_t mfn, const struct frame *f, u32 at)
{
	bool is_ok = false;

	switch (f->type) {
	case FRAME_OWNED:
		is_ok = is_ram_ok(f->owner) || is_area(mfn, at);
		break;
	case FRAME_META:
		is_ok = is_meta_ok(f->owner, mfn, at);
		break;
	case FRAME_ORPHAN:
		is_ok = is_area(mfn, at);
		break;
	default:
		break;
	}
	if (!is_ok) {
		fuzz_fail("call %d.%u by domain %d changes byte %x of frame "
			  "%lx, type %u, owner %u, from %02x to %02x",
			  (int)act->number, act->subop, (int)act->caller, at,
			  mfn, f->type, f->owner, shadow[mfn][at],
			  fake_memory(mfn)[at]);
	}
}

/* Marks of a level that must not get here. dom0 may carry them down: it is
 * trusted to know what it does; then they count as washed. */
static void taint_check(mfn_t mfn, u32 owner)
{
	const bool *bad = is_forbidden[domains[owner].label];
	u8 *p = fake_memory(mfn);
	u32 i, n = 0;

	for (i = 0; i < PAGE_SIZE; i++) {
		n = !bad[p[i]] ? 0 : i > 0 && p[i] == p[i - 1] ? n + 1 : 1;
		if (n < RUN) {
			continue;
		}
		if (act->caller == MODEL_NOBODY || !is_trusted(act->caller)) {
			fuzz_fail("call %d.%u by domain %d: data marked %02x "
				  "in frame %lx of domain %u",
				  (int)act->number, act->subop,
				  (int)act->caller, p[i], mfn, owner);
		}
		for (; n > 0; n--) {
			p[i - (n - 1)] = 0x11;
		}
	}
}

static void content_check(mfn_t mfn)
{
	const struct frame *f = fake_frame(mfn);
	const struct frame *was = &last_frame[mfn];
	bool is_new = f->type != was->type || f->owner != was->owner;
	u32 at;

	if (memcmp(shadow[mfn], fake_memory(mfn), PAGE_SIZE) == 0 && !is_new) {
		return;
	}
	if (f->type == FRAME_FREE || (is_new && f->type == FRAME_OWNED)) {
		if (!is_zero(mfn)) {
			fuzz_fail("frame %lx is %s and not zero", mfn,
				  f->type == FRAME_FREE ? "free" : "given out");
		}
	} else if (!is_new && f->owner != act->caller) {
		for (at = 0; at < PAGE_SIZE; at++) {
			if (shadow[mfn][at] != fake_memory(mfn)[at]) {
				byte_check(mfn, f, at);
			}
		}
	}
	if (f->owner < DOMAINS) {
		taint_check(mfn, f->owner);
	}
	memcpy(shadow[mfn], fake_memory(mfn), PAGE_SIZE);
}

/* Does the domain's table, as it is now, grant the caller the frame? */
static bool is_granted(u32 o, mfn_t mfn, bool is_write)
{
	u16 refused = is_write ? GTF_readonly : 0;
	u32 ref;

	for (ref = 0; ref < domains[o].grant_frame_count * 512u; ref++) {
		const struct leaf *ram;
		u64 entry;

		if (!model_grant_entry(o, ref, &entry) ||
		    (entry & GTF_type_mask) != GTF_permit_access ||
		    (u16)(entry >> 16) != act->caller ||
		    (entry & refused) != 0) {
			continue;
		}
		ram = leaf_find(&views[now][o], entry >> 32);
		if (ram != NULL && ram->mfn == mfn) {
			return true;
		}
	}
	return false;
}

static bool holds_area(const struct domain *d, mfn_t mfn)
{
	u32 i;

	for (i = 0; i < d->vcpu_count; i++) {
		const struct vcpu *v = &d->vcpus[i];

		if (v->info.mfn == mfn || v->info.mfn2 == mfn ||
		    v->time.mfn == mfn || v->time.mfn2 == mfn ||
		    v->runstate.mfn == mfn || v->runstate.mfn2 == mfn) {
			return true;
		}
	}
	return false;
}

/* The core has looked at another domain's RAM, or changed it: why? */
static void reach_check(mfn_t mfn)
{
	const struct frame *f = fake_frame(mfn);
	const struct frame *was = &last_frame[mfn];
	bool is_write;

	if (f->type != FRAME_OWNED || f->owner == act->caller ||
	    f->type != was->type || f->owner != was->owner ||
	    holds_area(&domains[f->owner], mfn)) {
		return;
	}
	is_write = memcmp(shadow[mfn], fake_memory(mfn), PAGE_SIZE) != 0;
	if (act->number == CONTROL && act->subop == CTL_LOAD &&
	    act->target == f->owner) {
		return;
	}
	if (act->number != GRANT_OP || act->subop != GRANT_COPY ||
	    !is_granted(f->owner, mfn, is_write)) {
		fuzz_fail("call %d.%u by domain %d reaches frame %lx of domain "
			  "%u, which does not grant it%s",
			  (int)act->number, act->subop, (int)act->caller, mfn,
			  f->owner, is_write ? " for writing" : "");
	}
}

static void contents_check(void)
{
	u32 i;

	for (i = 0; i < touched_count; i++) {
		is_touched[touched[i]] = false;
		reach_check(touched[i]);
		content_check(touched[i]);
	}
	touched_count = 0;
	for (i = 0; i < FAKE_RAM; i++) {
		const struct frame *f = fake_frame(i);

		if (f->type != last_frame[i].type ||
		    f->owner != last_frame[i].owner) {
			content_check(i);
			last_frame[i] = *f;
		}
	}
}

/* ---- domains, before and after ----------------------------------------- */

/* A translation that is gone may still be cached: every vCPU of the domain
 * must be out of guest mode and have been told to drop it. */
static void stale_check(const struct domain *d)
{
	const struct view *then = &views[1 - now][d->id];
	u32 i, j;

	if (!then->is_there || then->created_ns != d->created_ns) {
		return;
	}
	for (i = 0; i < then->count; i++) {
		const struct leaf *l = &then->leaf[i];
		const struct leaf *m = leaf_find(&views[now][d->id], l->gfn);

		if (m != NULL && m->mfn == l->mfn && m->kind == l->kind) {
			continue;
		}
		for (j = 0; d->state != STATE_DYING && j < d->vcpu_count; j++) {
			if (!d->vcpus[j].flush || d->vcpus[j].in_guest) {
				fuzz_fail("domain %u: gfn %lx was unmapped, "
					  "vCPU %u may still use it",
					  d->id, l->gfn, j);
			}
		}
		return;
	}
}

static bool is_step(u8 from, u8 to)
{
	switch (from) {
	case STATE_FREE:
		return to == STATE_BUILDING || to == STATE_DYING;
	case STATE_BUILDING:
		return to == STATE_RUNNING || to == STATE_DYING ||
		       to == STATE_FREE;
	case STATE_RUNNING:
		return to == STATE_SHUTDOWN || to == STATE_DYING;
	case STATE_SHUTDOWN:
		return to == STATE_DYING;
	default:
		return to == STATE_FREE;
	}
}

/* May the call make this step of the domain? The permission of the label it
 * had, or has now. */
static bool is_step_permitted(u32 i, u32 label)
{
	u32 c = act->caller;
	u32 perm = act->subop == CTL_DESTROY  ? PERM_domain_destroy
		   : act->subop == CTL_CREATE ? PERM_domain_create
					      : PERM_domain_pause;

	if (seen[i].state == STATE_DYING) {
		return true; /* the last one has let go */
	}
	if (c == MODEL_NOBODY || c == i) {
		return domains[i].state == STATE_SHUTDOWN;
	}
	if (act->number != CONTROL) {
		return false;
	}
	if (act->subop == CTL_START) {
		return refmon_decide(domains[c].label, label, false,
				     CLASS_launch,
				     PERM_launch_finalize) == REFMON_PERMIT;
	}
	return (act->subop == CTL_DESTROY || act->subop == CTL_CREATE) &&
	       refmon_decide(domains[c].label, label, false, CLASS_domain,
			     perm) == REFMON_PERMIT;
}

static void state_check(u32 i)
{
	const struct domain *d = &domains[i];
	struct seen *s = &seen[i];
	bool is_new = s->state == STATE_FREE || s->created_ns != d->created_ns;
	u32 label = is_new ? d->label : s->label;

	if (s->state != d->state &&
	    (!is_step(s->state, d->state) || !is_step_permitted(i, label))) {
		fuzz_fail("call %d.%u by domain %d: domain %u goes from state "
			  "%u to %u",
			  (int)act->number, act->subop, (int)act->caller, i,
			  s->state, d->state);
	}
	if (d->state != STATE_FREE &&
	    (d->id != i || !refmon_label_is_domain(d->label) ||
	     (!is_new &&
	      (s->label != d->label || s->max_frames != d->max_frames)))) {
		fuzz_fail("domain %u: label %u, quota %lu", i, d->label,
			  d->max_frames);
	}
	if (!is_new && d->state == STATE_RUNNING && s->state == d->state &&
	    (memcmp(s->digest, d->digest, 48) != 0 ||
	     (s->is_paused != d->is_paused && act->target != i))) {
		fuzz_fail("domain %u: changed by others while it runs", i);
	}
	*s = (struct seen){ d->state,	   d->is_paused,  d->label,
			    d->max_frames, d->created_ns, { 0 } };
	memcpy(s->digest, d->digest, 48);
}

/* Teardown begins when no vCPU of the domain is on a processor. */
static void stopped_check(const struct domain *d)
{
	u32 i;

	for (i = 0; i < d->vcpu_count; i++) {
		const struct vcpu *v = &d->vcpus[i];

		if ((v->in_guest && v->run.state != VCPU_RUNNING) ||
		    (d->state == STATE_DYING && d->stage + d->progress != 0 &&
		     (v->in_guest || v->run.state == VCPU_RUNNING))) {
			fuzz_fail("domain %u is torn down, vCPU %u runs", d->id,
				  i);
		}
	}
}

/* ---- entry points ------------------------------------------------------ */

static void look(void)
{
	u32 i;

	now = 1 - now;
	memset(claims, 0, sizeof(claims));
	memset(wanted, 0, sizeof(wanted));
	memset(live, 0, sizeof(live));
	frames_check();
	for (i = 0; i < DOMAINS; i++) {
		views[now][i].is_there = false;
		if (domains[i].state != STATE_FREE) {
			domain_walk(&domains[i]);
		}
	}
	for (i = 0; i < DOMAINS; i++) {
		if (domains[i].state != STATE_FREE) {
			leaves_check(&domains[i]);
			stopped_check(&domains[i]);
		}
	}
	refs_check();
	for (i = 0; i < DOMAINS; i++) {
		if (domains[i].state != STATE_FREE) {
			uses_check(&domains[i]);
			memcpy(map_last[i], map_now[i], sizeof(map_last[i]));
		} else if (views[1 - now][i].is_there) {
			memset(map_last[i], 0xff, sizeof(map_last[i]));
		}
	}
	ports_check();
}

void model_start(void)
{
	u32 i;

	if (touched_count == 0) {
		fuzz_fail("hw_frame() is not watched");
	}
	act = NULL;
	model_labels();
	memset(is_touched, 0, sizeof(is_touched));
	memset(was_used, 0, sizeof(was_used));
	touched_count = 0;
	for (i = 0; i < FAKE_RAM; i++) {
		last_frame[i] = *fake_frame(i);
		memcpy(shadow[i], fake_memory(i), PAGE_SIZE);
	}
	for (i = 0; i < DOMAINS; i++) {
		const struct domain *d = &domains[i];

		seen[i] = (struct seen){ d->state,	d->is_paused,  d->label,
					 d->max_frames, d->created_ns, { 0 } };
		memcpy(seen[i].digest, d->digest, 48);
	}
	memset(map_last, 0xff, sizeof(map_last)); /* granter: nobody */
	look();
}

void model_before(void)
{
	static const struct act some = { 0, 0, 0, 0 };
	u32 i, j;

	act = &some;			/* from here on the core is watched */
	for (i = 0; i < DOMAINS; i++) { /* as if each had run since */
		for (j = 0; j < domains[i].vcpu_count; j++) {
			domains[i].vcpus[j].flush = false;
		}
	}
}

void model_after(const struct act *a)
{
	u32 i;

	act = a;
	look();
	contents_check();
	for (i = 0; i < DOMAINS; i++) {
		if (domains[i].state != STATE_FREE) {
			stale_check(&domains[i]);
		}
		state_check(i);
	}
}

void model_aside(void)
{
	static const struct act nobody = { MODEL_NOBODY, ~0u, 0, MODEL_NOBODY };

	act = &nobody;
	contents_check();
}

void model_end(void)
{
	u32 i;

	for (i = 0; i < FAKE_RAM; i++) {
		const struct frame *f = fake_frame(i);

		if (was_used[i] && f->type == FRAME_FREE && f->is_dirty == 0 &&
		    !is_zero(i)) {
			fuzz_fail("frame %x is free and not zero", i);
		}
		if (was_used[i] &&
		    memcmp(shadow[i], fake_memory(i), PAGE_SIZE) != 0) {
			fuzz_fail("frame %x was changed unseen", i);
		}
	}
}

/* ---- the guest's own accesses ------------------------------------------ */

static u8 *reach(u32 domid, gpa_t gpa, u32 bytes, bool is_write)
{
	const struct leaf *l = leaf_find(&views[now][domid], gpa >> PAGE_SHIFT);

	if (l == NULL || (is_write && !l->is_write) ||
	    (gpa & PAGE_MASK) + bytes > PAGE_SIZE) {
		return NULL;
	}
	return fake_memory(l->mfn) + (gpa & PAGE_MASK);
}

bool model_guest_read(u32 domid, gpa_t gpa, void *to, u32 bytes)
{
	const u8 *p = reach(domid, gpa, bytes, false);

	if (p != NULL) {
		memcpy(to, p, bytes);
	}
	return p != NULL;
}

/* A guest never writes another level's mark: those only come by a leak. */
bool model_guest_write(u32 domid, gpa_t gpa, const void *from, u32 bytes)
{
	u8 *p = reach(domid, gpa, bytes, true);
	const u8 *q = from;
	mfn_t mfn;
	u32 i, j;

	if (p == NULL) {
		return false;
	}
	mfn = leaf_find(&views[now][domid], gpa >> PAGE_SHIFT)->mfn;
	for (i = 0; i < bytes; i++) {
		u8 c = q[i];

		for (j = 0; j < sizeof(marks); j++) {
			if (c == marks[j] && c != model_taint(domid)) {
				c = (u8)(c ^ 1u);
			}
		}
		p[i] = c;
		shadow[mfn][(gpa & PAGE_MASK) + i] = c;
	}
	return true;
}
