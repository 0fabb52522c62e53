/* SPDX-License-Identifier: Apache-2.0 */
/* hvm_op: the parameters a guest reads at boot and its upcall vector. */
#include "vmm/hypercall.h"

#include <xen/hvm/params.h>

#define CALLBACK_VECTOR 2u /* the type, in the highest byte */

static err_t get(const struct domain *d, u32 index, u64 *value)
{
	const struct {
		u32 index;
		u64 value;
	} params[] = {
		{ HVM_PARAM_CALLBACK_IRQ, d->callback_irq },
		{ HVM_PARAM_STORE_PFN, d->is_dom0 ? 0 : CASEMATE_STORE_GFN },
		{ HVM_PARAM_STORE_EVTCHN, d->store_port },
		{ HVM_PARAM_CONSOLE_PFN,
		  d->is_dom0 ? 0 : CASEMATE_CONSOLE_GFN },
		{ HVM_PARAM_CONSOLE_EVTCHN, d->console_port },
	};
	u32 i;

	for (i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		if (params[i].index == index) {
			*value = params[i].value;
			return 0;
		}
	}
	return E_INVAL;
}

/* Only the vector form: there is no interrupt controller to raise a line on.
 * Zero switches upcalls off. */
static err_t set(struct domain *d, u32 index, u64 value)
{
	bool is_vector = value >> 56 == CALLBACK_VECTOR &&
			 (value & 0xffu) >= 32;

	if (index != HVM_PARAM_CALLBACK_IRQ || (value != 0 && !is_vector)) {
		return E_INVAL;
	}
	d->callback_irq = value;
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
