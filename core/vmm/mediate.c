/* SPDX-License-Identifier: Apache-2.0 */
/* Where mechanism asks the monitor. A refusal is audited here and nowhere
 * else, so no handler can refuse silently; mediate_quiet() only selects.
 *
 * WP-ALIAS: pol_live,pol_type_count,pol_level_count,pol_label_count
 * WP-ALIAS: pol_row_count,pol_sens_count,pol_cat_count,pol_names_bytes
 * WP-ALIAS: pol_type,pol_level,pol_label,pol_self,pol_pair,pol_rows
 * WP-ALIAS: pol_initial,pol_names,pol_dom
 * WP-ALIAS: refmon_class_perms,refmon_class_reads,refmon_class_writes
 * WP-ALIAS: refmon_class_self,audit_ring,audit_sequence,domains,coverage_used
 */
#include "vmm/permit.h"

#include "lib/bits.h"
#include "vmm/coverage.h"

/*@ assigns \result \from \nothing; */
u64 hw_time_ns(void);

/*@ requires v: caller_ok(v);
    requires row: row_ok(row);
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures no: \result == E_PERM;
    ensures audited: audited{Pre,Post};
    ensures record: audit_says{Pre,Post}(v->domid, object, row->cls, perm);
*/
static OUTLINED err_t deny(struct vcpu *v, const struct hypercall_row *row,
			   domid_t object, u32 label, u32 perm, u32 cause)
{
	struct audit_record r = { 0 };

	vcpu_domain(v)->denials += 1;
	r.time_ns = hw_time_ns();
	r.subject_domid = v->domid;
	r.object_domid = object;
	r.subject_label = (u16)vcpu_domain(v)->label;
	r.object_label = (u16)label;
	r.cls = row->cls;
	r.perm = (u8)perm;
	r.cause = (u8)cause;
	r.vcpu = v->id;
	r.hypercall = ((u32)row->number << 16) | row->subop;
	audit_append(&r);
	return E_PERM;
}

/* A permit, counted: rarely wanted, so not in everybody's way. With deny()'s
 * arguments, all of them: every call of a guest comes through here. */
/*@ requires v: caller_ok(v) && \valid_read(row);
    assigns \nothing; // of what the monitor or the core decides by
    ensures permit: \result == 0;
*/
static AS_WRITTEN err_t note(const struct vcpu *v,
			     const struct hypercall_row *row, domid_t object,
			     u32 label, u32 perm)
{
	coverage_mark(vcpu_domain(v)->label, label, object == v->domid,
		      row->cls, perm);
	return 0;
}

/* Object: a domain's number and label, or AUDIT_OBJECT_CORE and a label. */
/*@ requires v: caller_ok(v);
    requires row: row_ok(row);
    requires inv: policy_inv;
    assigns domains[v->domid].denials, audit_sequence,
      audit_ring[0 .. AUDIT_RING_RECORDS - 1];
    ensures result: \result == 0 || \result == E_PERM;
    ensures exact: \result == 0 <==> \old(asks(row, perm) &&
      permitted(domains[v->domid].label, label,
        (object == v->domid ? 1 : 0), row->cls, perm));
    ensures only: \result == 0 ==> asks(row, perm) &&
      permitted(domains[v->domid].label, label,
        (object == v->domid ? 1 : 0), row->cls, perm);
    ensures silent: \result == 0 ==> silent{Pre,Post};
    ensures audited: \result != 0 ==> audited{Pre,Post};
    ensures record: \result != 0 ==>
      audit_says{Pre,Post}(v->domid, object, row->cls, perm);
*/
static err_t ask(struct vcpu *v, const struct hypercall_row *row,
		 domid_t object, u32 label, u32 perm)
{
	u32 cause = REFMON_BAD_QUERY;

	if (perm < 32 && bit32_test(row->perms, perm)) {
		cause = refmon_decide(vcpu_domain(v)->label, label,
				      object == v->domid, row->cls, perm);
	}
	if (cause != REFMON_PERMIT) {
		return deny(v, row, object, label, perm, cause);
	}
	return coverage_used == NULL ? 0 : note(v, row, object, label, perm);
}

err_t mediate(struct vcpu *v, const struct hypercall_row *row,
	      const struct domain *object, u32 perm)
{
	err_t err = ask(v, row, object->id, object->label, perm);

	/*@ assert same: object == &domains[object->id] ==>
	      object->label == domains[object->id].label; */
	/*@ assert only: err == 0 ==>
	      permitted(domains[v->domid].label, object->label,
	        (v->domid == object->id ? 1 : 0), row->cls, perm); */
	/*@ assert may: err == 0 && object == &domains[object->id] ==>
	      permitted(domains[v->domid].label, domains[object->id].label,
	        (v->domid == object->id ? 1 : 0), row->cls, perm); */
	return err;
}

bool mediate_quiet(const struct domain *subject, const struct domain *object,
		   u32 cls, u32 perm)
{
	return refmon_decide(subject->label, object->label,
			     subject->id == object->id, cls,
			     perm) == REFMON_PERMIT;
}

bool mediate_again(const struct domain *subject, domid_t object, u32 label,
		   u32 cls, u32 perm)
{
	u32 cause = refmon_decide(subject->label, label, subject->id == object,
				  cls, perm);
	struct audit_record r = { 0 };

	if (cause == REFMON_PERMIT) {
		return true;
	}
	r.time_ns = hw_time_ns();
	r.subject_domid = subject->id;
	r.object_domid = object;
	r.subject_label = (u16)subject->label;
	r.object_label = (u16)label;
	r.cls = (u8)cls;
	r.perm = (u8)perm;
	r.cause = (u8)(cause | AUDIT_REVOKED);
	audit_append(&r);
	return false;
}

err_t mediate_label(struct vcpu *v, const struct hypercall_row *row, u32 label,
		    u32 perm)
{
	return ask(v, row, AUDIT_OBJECT_CORE, label, perm);
}

/* Whatever the policy says: the call has no meaning for another domain. */
err_t mediate_own(struct vcpu *v, const struct hypercall_row *row, domid_t id)
{
	const struct domain *object = domain_find(id, vcpu_domain(v));

	if (object == NULL) {
		return E_SRCH;
	}
	if (object->id == v->domid) {
		return 0;
	}
	return deny(v, row, object->id, object->label, row->perm,
		    REFMON_BAD_QUERY);
}

err_t mediate_core(struct vcpu *v, const struct hypercall_row *row, u32 initial,
		   u32 perm)
{
	return mediate_label(v, row, refmon_initial(initial), perm);
}
