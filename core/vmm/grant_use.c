/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uses of granted pages. A page is reached only through an entry that its owner
 * wrote, while its frame is owned by the granter. Nothing here lets a granter
 * see uses by a domain that may not tell it anything.
 *
 * WP-ALIAS: pol_live,pol_type_count,pol_level_count,pol_label_count
 * WP-ALIAS: pol_row_count,pol_sens_count,pol_cat_count,pol_names_bytes
 * WP-ALIAS: pol_type,pol_level,pol_label,pol_self,pol_pair,pol_rows
 * WP-ALIAS: pol_initial,pol_names,pol_dom
 * WP-ALIAS: refmon_class_perms,refmon_class_reads,refmon_class_writes
 * WP-ALIAS: refmon_class_self,audit_ring,audit_sequence,domains
 */
#include "vmm/grant_spec.h"

#include "vmm/shared.h"

u32 grant_live[CASEMATE_MAX_DOMAINS];
/*@ ghost u64 held_live[CASEMATE_MAX_DOMAINS]; */
/*@ ghost u64 held_reads[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_GRANTS]; */
/*@ ghost u64 held_writes[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_GRANTS]; */
/*@ ghost u64 held_frames[0x100000000]; */

/* Does the entry let `user` do this? */
/*@ requires entry: is_entry(u.granter, u.ref);
    assigns \nothing;
    ensures room: \result == GNTST_okay && u.is_shown != 0 ==>
      (u.is_write != 0 ? grant_actives[u.granter][u.ref].writers
        : grant_actives[u.granter][u.ref].readers) < 0xffff;
*/
static int entry_check(struct grant_use u, domid_t user, u64 entry)
{
	struct grant_active a = GRANT_ACTIVE(u.granter, u.ref);
	u32 same = u.is_write ? a.writers : a.readers;

	if ((entry & GTF_type_mask) != GTF_permit_access ||
	    (domid_t)(entry >> 16) != user ||
	    (u.is_write && (entry & GTF_readonly) != 0) ||
	    (u.is_shown && (a.readers != 0 || a.writers != 0) &&
	     a.gfn != entry >> 32)) {
		return GNTST_bad_gntref;
	}
	return u.is_shown && same == 0xffffu ? GNTST_no_space : GNTST_okay;
}

bool grant_use_is_shown(domid_t user, domid_t granter, bool is_write)
{
	return is_write ||
	       refmon_label_same_level(domains[user].label,
				       domains[granter].label) ||
	       mediate_quiet(&domains[user], &domains[granter], CLASS_grant,
			     PERM_grant_map_rw);
}

/* Count the use and show it in the entry, unless that changed meanwhile. */
/*@ requires inv: actives_ok && few_held;
    requires entry: is_entry(u.granter, u.ref) && has_entry(u.granter, u.ref) &&
      domains[u.granter].state != STATE_DYING;
    requires room: u.is_shown != 0 ==>
      (u.is_write != 0 ? grant_actives[u.granter][u.ref].writers
        : grant_actives[u.granter][u.ref].readers) < 0xffff;
    assigns grant_actives[u.granter][u.ref], held_reads[u.granter][u.ref],
      held_writes[u.granter][u.ref];
    ensures inv: actives_ok;
    ensures reads: held_reads[u.granter][u.ref] ==
      \old(held_reads[u.granter][u.ref]) + (\result != 0 &&
        u.is_shown != 0 && u.is_write == 0 ? 1 : 0);
    ensures writes: held_writes[u.granter][u.ref] ==
      \old(held_writes[u.granter][u.ref]) + (\result != 0 &&
        u.is_shown != 0 && u.is_write != 0 ? 1 : 0);
    ensures nothing: \result == 0 ==>
      grant_actives[u.granter][u.ref] == \old(grant_actives[u.granter][u.ref]);
*/
static bool use_begin(struct grant_use u, u64 entry)
{
	u16 flags = GTF_reading | (u.is_write ? GTF_writing : 0);
	struct grant_active a = GRANT_ACTIVE(u.granter, u.ref);

	if (!u.is_shown) {
		return true;
	}
	if (!shared_grant_mark(&domains[u.granter], u.ref, entry, flags)) {
		return false;
	}
	a.gfn = (u32)(entry >> 32);
	if (u.is_write) {
		a.writers += 1;
		/*@ ghost held_writes[u.granter][u.ref] =
		      held_writes[u.granter][u.ref] + 1; */
	} else {
		a.readers += 1;
		/*@ ghost held_reads[u.granter][u.ref] =
		      held_reads[u.granter][u.ref] + 1; */
	}
	GRANT_ACTIVE(u.granter, u.ref) = a;
	return true;
}

/* Give the reference back; who may use what is as it was. */
/*@ requires handles: handles_ok;
    assigns frame_state, domains[0 .. CASEMATE_MAX_DOMAINS - 1].frames;
    ensures handles: handles_ok;
    ensures one: \old(frame_refs(mfn)) > 0 ==>
      frame_refs(mfn) == \old(frame_refs(mfn)) - 1;
    ensures others: \forall integer m; m != mfn ==>
      frame_refs(m) == \old(frame_refs(m));
    ensures owners: \forall integer m;
      frame_owner(m) == \old(frame_owner(m));
*/
static void page_put(u32 mfn)
{
	frame_put(mfn);
	//@ assert cats: cats_same{Pre,Here};
	//@ assert levels: levels_same{Pre,Here};
	//@ assert permits: permits_same{Pre,Here};
}

struct grant_opened grant_use_open(struct grant_use u, domid_t user)
{
	struct grant_opened o = { GNTST_bad_domain, u };
	struct domain *granter = &domains[u.granter];
	u64 entry;
	mfn_t mfn;

	if (granter->state == STATE_DYING) {
		return o;
	}
	o.status = GNTST_bad_gntref;
	if (u.ref >= granter->grant_frame_count * CASEMATE_GRANTS_PER_FRAME) {
		return o;
	}
	o.use.is_shown = grant_use_is_shown(user, u.granter, u.is_write);
	entry = shared_grant_load(granter, u.ref);
	o.status = entry_check(o.use, user, entry);
	if (o.status != GNTST_okay) {
		return o;
	}
	//@ ghost lemma_range(u.granter, u.ref, u.mfn);
	//@ assert live: live_ok(u.granter);
	mfn = p2m_ram(granter, entry >> 32);
	if (mfn >= MFN_LIMIT || frame_get(mfn) != 0) { /* MFN_NONE, too */
		o.status = GNTST_bad_page;
		return o;
	}
	//@ ghost lemma_range(u.granter, u.ref, (u32)mfn);
	//@ assert refs: refs_ok{Pre}(mfn);
	if (!use_begin(o.use, entry)) {
		page_put((u32)mfn);
		o.status = GNTST_bad_gntref;
		return o;
	}
	o.use.mfn = (u32)mfn;
	grant_live[u.granter] += 1;
	/*@ ghost held_live[u.granter] = held_live[u.granter] + 1; */
	/*@ ghost held_frames[o.use.mfn] = held_frames[o.use.mfn] + 1; */
	//@ assert live_one: held_live_is{Pre,Here}(o.use, 1);
	//@ assert reads_one: held_reads_is{Pre,Here}(o.use, 1);
	//@ assert writes_one: held_writes_is{Pre,Here}(o.use, 1);
	//@ assert frames_one: held_frames_is{Pre,Here}(o.use, 1);
	return o;
}

/* A dying granter reads its table no more, and it may be gone already. */
/*@ requires inv: actives_ok;
    requires entry: is_entry(u.granter, u.ref) && has_entry(u.granter, u.ref);
    requires shown: u.is_shown != 0;
    requires alive: domains[u.granter].state != STATE_DYING;
    requires held: (u.is_write != 0 ? held_writes[u.granter][u.ref]
      : held_reads[u.granter][u.ref]) > 0;
    assigns grant_actives[u.granter][u.ref], held_reads[u.granter][u.ref],
      held_writes[u.granter][u.ref];
    ensures inv: actives_ok;
    ensures reads: held_reads[u.granter][u.ref] ==
      \old(held_reads[u.granter][u.ref]) - (u.is_write == 0 ? 1 : 0);
    ensures writes: held_writes[u.granter][u.ref] ==
      \old(held_writes[u.granter][u.ref]) - (u.is_write != 0 ? 1 : 0);
*/
static void use_end(struct grant_use u)
{
	struct grant_active a = GRANT_ACTIVE(u.granter, u.ref);
	u16 over = 0;

	//@ ghost lemma_range(u.granter, u.ref, u.mfn);
	//@ assert exact: active_ok(u.granter, u.ref);
	if (u.is_write) {
		a.writers -= 1;
		/*@ ghost held_writes[u.granter][u.ref] =
		      held_writes[u.granter][u.ref] - 1; */
	} else {
		a.readers -= 1;
		/*@ ghost held_reads[u.granter][u.ref] =
		      held_reads[u.granter][u.ref] - 1; */
	}
	if (a.writers == 0) {
		over = GTF_writing | (a.readers == 0 ? GTF_reading : 0);
	}
	GRANT_ACTIVE(u.granter, u.ref) = a;
	shared_grant_unmark(&domains[u.granter], u.ref, over);
}

void grant_use_close(struct grant_use u)
{
	//@ ghost lemma_range(u.granter, u.ref, u.mfn);
	//@ assert live: live_ok(u.granter);
	//@ assert refs: refs_ok(u.mfn);
	page_put(u.mfn);
	grant_live[u.granter] -= 1;
	/*@ ghost held_live[u.granter] = held_live[u.granter] - 1; */
	/*@ ghost held_frames[u.mfn] = held_frames[u.mfn] - 1; */
	if (u.is_shown && domains[u.granter].state != STATE_DYING) {
		use_end(u);
	}
}
