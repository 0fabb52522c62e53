/* SPDX-License-Identifier: Apache-2.0 */
/* Where mechanism asks the monitor. A refusal is audited here and nowhere
 * else, so no handler can refuse silently. */
#include "refmon/refmon.h"
#include "vmm/audit.h"
#include "vmm/domain.h"
#include "vmm/hypercall.h"

static err_t deny(struct vcpu *v, const struct hypercall_row *row,
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

static u32 decide(const struct hypercall_row *row, u32 subject, u32 object,
		  bool is_self, u32 perm)
{
	if (perm >= 32 || (row->perms & (1u << perm)) == 0) {
		return REFMON_BAD_QUERY;
	}
	return refmon_decide(subject, object, is_self, row->cls, perm);
}

err_t mediate(struct vcpu *v, const struct hypercall_row *row,
	      const struct domain *object, u32 perm)
{
	const struct domain *subject = vcpu_domain(v);
	u32 cause = decide(row, subject->label, object->label,
			   subject == object, perm);

	if (cause == REFMON_PERMIT) {
		return 0;
	}
	return deny(v, row, object->id, object->label, perm, cause);
}

bool mediate_quiet(const struct domain *subject, const struct domain *object,
		   u32 cls, u32 perm)
{
	return refmon_decide(subject->label, object->label, subject == object,
			     cls, perm) == REFMON_PERMIT;
}

err_t mediate_label(struct vcpu *v, const struct hypercall_row *row, u32 label,
		    u32 perm)
{
	u32 cause = decide(row, vcpu_domain(v)->label, label, false, perm);

	if (cause == REFMON_PERMIT) {
		return 0;
	}
	return deny(v, row, AUDIT_OBJECT_CORE, label, perm, cause);
}

/* The row's permission exists on the self plane only, so for another domain
 * the monitor refuses, and the attempt is on record. */
err_t mediate_own(struct vcpu *v, const struct hypercall_row *row, domid_t id)
{
	const struct domain *self = vcpu_domain(v);
	const struct domain *object = domain_find(id, self);
	err_t err;

	if (object == self) {
		return 0;
	}
	if (object == NULL) {
		return E_SRCH;
	}
	err = mediate(v, row, object, (u32)__builtin_ctz(row->perms));
	return err != 0 ? err : E_PERM;
}

err_t mediate_core(struct vcpu *v, const struct hypercall_row *row, u32 initial,
		   u32 perm)
{
	return mediate_label(v, row, refmon_initial(initial), perm);
}
