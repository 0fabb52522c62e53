/* SPDX-License-Identifier: Apache-2.0 */
/* hvm_op: the parameters a guest reads at boot and its upcall vector. */
#include "vmm/hypercall.h"

#include <xen/hvm/params.h>

#define CALLBACK_TYPE(via) ((via) >> 56)
#define CALLBACK_VECTOR 2u

static err_t get(const struct domain *d, u32 index, u64 *value)
{
	switch (index) {
	case HVM_PARAM_CALLBACK_IRQ:
		*value = d->callback_irq;
		return 0;
	case HVM_PARAM_STORE_PFN:
		*value = d->is_dom0 ? 0 : CASEMATE_STORE_GFN;
		return 0;
	case HVM_PARAM_STORE_EVTCHN:
		*value = d->store_port;
		return 0;
	case HVM_PARAM_CONSOLE_PFN:
		*value = d->is_dom0 ? 0 : CASEMATE_CONSOLE_GFN;
		return 0;
	case HVM_PARAM_CONSOLE_EVTCHN:
		*value = d->console_port;
		return 0;
	default:
		return E_INVAL;
	}
}

/* Only the vector form: there is no interrupt controller to raise a line on.
 * Zero switches upcalls off. */
static err_t set(struct domain *d, u32 index, u64 value)
{
	if (index != HVM_PARAM_CALLBACK_IRQ) {
		return E_INVAL;
	}
	if (value != 0 &&
	    (CALLBACK_TYPE(value) != CALLBACK_VECTOR || (value & 0xffu) < 32)) {
		return E_INVAL;
	}
	d->callback_irq = value;
	d->callback_vector = (u8)value;
	return 0;
}

err_t hvm_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct domain *d = vcpu_domain(v);
	struct xen_hvm_param p;
	err_t err = take_own(v, row, arg, &p, sizeof(p), &p.domid);

	if (err != 0) {
		return err;
	}
	if (row->subop == HVMOP_set_param) {
		return set(d, p.index, p.value);
	}
	err = get(d, p.index, &p.value);
	return err != 0 ? err : copy_to_guest(v, arg, &p, sizeof(p));
}
