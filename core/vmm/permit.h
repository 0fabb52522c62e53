/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the reference monitor (mediate.c): what may be asked, and what a
 * permit is worth. Every effect on another domain requires one of the
 * predicates below, which only the functions here establish. */
#pragma once

#include "refmon/refmon.h"
#include "vmm/audit.h"
#include "vmm/domain.h"

enum hypercall_object {
	/* initial objects: checked by the dispatcher */
	OBJECT_CORE_PUB = POLICY_INITIAL_CORE_PUB,
	OBJECT_CORE_STATE = POLICY_INITIAL_CORE_STATE,
	OBJECT_POLICY = POLICY_INITIAL_POLICY,
	OBJECT_AUDIT = POLICY_INITIAL_AUDIT,
	OBJECT_CONSOLE = POLICY_INITIAL_CONSOLE,
	OBJECT_SELF, /* the caller's own domain: checked by the dispatcher */
	OBJECT_PEER, /* a domain named in the arguments: checked by the handler
			once it has copied them in */
	OBJECT_ANY   /* unmapping, closing one's own: can never be denied */
};
struct hypercall_row {
	u16 number;
	u16 subop;
	u8 cls;
	u8 object; /* enum hypercall_object */
	u8 perm;   /* the lowest bit of perms: what the dispatcher asks, for
		    * all objects but PEER and ANY */
	u32 perms; /* mask: what its handler may ask */
} __attribute__((aligned(16))); /* so that an index is a shift */

/*@ ghost extern u32 acting; */ /* the domain whose call is handled now */

/*@ // What the policy says of two domains: s may use permission p of class c
    // on o (refmon/spec.h defines permitted() by the installed tables).
    predicate may{L}(integer s, integer o, integer c, integer p) =
      permitted(domains[s].label, domains[o].label, (s == o ? 1 : 0), c, p);

    // The same on a domain that has only a label yet, or on the core.
    predicate may_label{L}(integer s, integer label, integer c, integer p) =
      permitted(domains[s].label, label, 0, c, p);

    // Some domain may: where the effect does not depend on which one asked.
    predicate someone_may{L}(integer o, integer c, integer p) =
      \exists integer s; is_domain(s) && may(s, o, c, p);

    // The domain whose call is handled may.
    predicate acting_may{L}(integer o, integer c, integer p) =
      is_domain(acting) && may(acting, o, c, p);
    predicate acting_may_label{L}(integer label, integer c, integer p) =
      is_domain(acting) && may_label(acting, label, c, p);

    // v is where it belongs, and its domain is the one whose call is handled.
    predicate is_acting{L}(struct vcpu *v) =
      is_domain(v->domid) && v->id < CASEMATE_MAX_VCPUS &&
      v == &domains[v->domid].vcpus[v->id] && acting == v->domid;

    // What a use of a grant rests on, by direction.
    predicate may_use{L}(integer s, integer o, integer is_write) =
      is_write != 0
        ? may(s, o, CLASS_grant, PERM_grant_map_rw) ||
          may(s, o, CLASS_grant, PERM_grant_copy_to) ||
          may(s, o, CLASS_grant, PERM_grant_push)
        : may(s, o, CLASS_grant, PERM_grant_map_ro) ||
          may(s, o, CLASS_grant, PERM_grant_copy_from);

    // The policy has not changed: step by step, for the provers.
    predicate cats_same{L1,L2} = \forall integer a, i;
      \at(pol_level[a].cat[i], L1) == \at(pol_level[a].cat[i], L2);
    predicate levels_same{L1,L2} = \forall integer a, b;
      lvl_dom{L1}(a, b) <==> lvl_dom{L2}(a, b);
    predicate permits_same{L1,L2} = \forall integer s, o, self, c, p;
      permitted{L1}(s, o, self, c, p) <==> permitted{L2}(s, o, self, c, p);

    // What may be asked under this row.
    predicate asks(struct hypercall_row *row, integer p) =
      0 <= p < 32 && bit(row->perms, p);

    predicate caller_ok{L}(struct vcpu *v) = vcpu_ok(v) &&
      \separated(v, &audit_ring[0 .. AUDIT_RING_RECORDS - 1],
        &audit_sequence);
    // What asking writes is none of what it is asked about.
    predicate row_ok{L}(struct hypercall_row *row) = \valid_read(row) &&
      \separated(row, &domains[0 .. CASEMATE_MAX_DOMAINS - 1],
        &audit_ring[0 .. AUDIT_RING_RECORDS - 1], &audit_sequence);
    predicate object_ok{L}(struct vcpu *v, struct domain *object) =
      \valid_read(object) &&
      \separated(&object->id, &domains[v->domid].denials) &&
      \separated(&object->label, &domains[v->domid].denials) &&
      \separated(object, &audit_ring[0 .. AUDIT_RING_RECORDS - 1]) &&
      \separated(object, &audit_sequence);

    predicate audited{L1,L2} = \at(audit_sequence, L2) ==
      (u64)(\at(audit_sequence, L1) + 1);
    predicate silent{L1,L2} =
      \at(audit_sequence, L1) == \at(audit_sequence, L2);
*/

/* The only way to a permit: may `v`'s domain use permission `perm` of the
 * row's class on domain `object`? 0, or -EPERM after an audit record. */
/*@ requires v: caller_ok(v);
    requires row: row_ok(row) && object_ok(v, object);
    requires inv: policy_inv;
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures result: \result == 0 || \result == E_PERM;
    ensures exact: \result == 0 <==> \old(asks(row, perm) &&
      permitted(domains[v->domid].label, object->label,
        (object->id == v->domid ? 1 : 0), row->cls, perm));
    ensures only: \result == 0 ==>
      permitted(domains[v->domid].label, object->label,
        (object->id == v->domid ? 1 : 0), row->cls, perm);
    ensures may: \result == 0 && object == &domains[object->id] ==>
      may(v->domid, object->id, row->cls, perm);
    ensures silent: \result == 0 ==> silent{Pre,Post};
    ensures audited: \result != 0 ==> audited{Pre,Post};
    ensures record: \result != 0 ==>
      audit_says{Pre,Post}(v->domid, object->id, row->cls, perm);
*/
err_t mediate(struct vcpu *v, const struct hypercall_row *row,
	      const struct domain *object, u32 perm);

/* The same question without an audit record, where a refusal only selects a
 * weaker operation (grant copy_to -> push). */
/*@ requires valid: \valid_read(subject) && \valid_read(object);
    requires inv: policy_inv;
    assigns \nothing;
    ensures exact: \result == 1 <==> permitted(subject->label, object->label,
      (subject->id == object->id ? 1 : 0), cls, perm);
*/
bool mediate_quiet(const struct domain *subject, const struct domain *object,
		   u32 cls, u32 perm);

/* After a change of policy: is what `subject` was permitted, on a domain or the
 * core (AUDIT_OBJECT_CORE), still so? A refusal is audited as a revocation. */
/*@ requires valid: \valid_read(subject);
    requires apart: \separated(subject,
      &audit_ring[0 .. AUDIT_RING_RECORDS - 1], &audit_sequence);
    requires inv: policy_inv;
    assigns audit_sequence, audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures exact: \result == 1 <==> \old(permitted(subject->label, label,
      (subject->id == object ? 1 : 0), cls, perm));
    ensures only: \result == 1 ==> permitted(subject->label, label,
      (subject->id == object ? 1 : 0), cls, perm);
    ensures silent: \result == 1 ==> silent{Pre,Post};
    ensures audited: \result == 0 ==> audited{Pre,Post};
    ensures record: \result == 0 ==>
      audit_says{Pre,Post}(subject->id, object, (u8)cls, perm);
*/
bool mediate_again(const struct domain *subject, domid_t object, u32 label,
		   u32 cls, u32 perm);

/* On a domain that does not exist yet: only its label is known. */
/*@ requires v: caller_ok(v);
    requires row: row_ok(row);
    requires inv: policy_inv;
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures result: \result == 0 || \result == E_PERM;
    ensures exact: \result == 0 <==>
      \old(asks(row, perm) && may_label(v->domid, label, row->cls, perm));
    ensures only: \result == 0 ==>
      may_label(v->domid, label, row->cls, perm);
    ensures silent: \result == 0 ==> silent{Pre,Post};
    ensures audited: \result != 0 ==> audited{Pre,Post};
*/
err_t mediate_label(struct vcpu *v, const struct hypercall_row *row, u32 label,
		    u32 perm);

/* For calls that work on the caller alone but name a domain: 0 if it is the
 * caller, else -ESRCH or an audited -EPERM. */
/*@ requires v: caller_ok(v);
    requires row: row_ok(row);
    requires inv: policy_inv && domains_ok;
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures result: \result == 0 || \result == E_SRCH || \result == E_PERM;
    ensures own: \result == 0 ==> id == v->domid || id == 0x7ff0;
    ensures silent: \result != E_PERM ==> silent{Pre,Post};
    ensures audited: \result == E_PERM ==> audited{Pre,Post};
*/
err_t mediate_own(struct vcpu *v, const struct hypercall_row *row, domid_t id);

/* On an initial object (core, policy, audit, console) instead of a domain. */
/*@ requires v: caller_ok(v);
    requires row: row_ok(row);
    requires inv: policy_inv;
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures result: \result == 0 || \result == E_PERM;
    ensures only: \result == 0 && pol_live == 1 &&
      initial < POLICY_INITIAL_COUNT ==>
      may_label(v->domid, pol_initial[initial], row->cls, perm);
    ensures silent: \result == 0 ==> silent{Pre,Post};
    ensures audited: \result != 0 ==> audited{Pre,Post};
*/
err_t mediate_core(struct vcpu *v, const struct hypercall_row *row, u32 initial,
		   u32 perm);
