/* SPDX-License-Identifier: Apache-2.0 */
/* xen_version (xen/version.h): who we are and which features we offer. */
#include "vmm/hypercall.h"

#include <xen/version.h>

#define VERSION ((4 << 16) | 17)

static err_t features(struct vcpu *v, gva_t arg)
{
	xen_feature_info_t info;

	if (copy_from_guest(v, &info, arg, sizeof(info)) != 0) {
		return E_FAULT;
	}
	if (info.submap_idx >= XENFEAT_NR_SUBMAPS) {
		return E_INVAL;
	}
	info.submap = (1u << XENFEAT_writable_page_tables) |
		      (1u << XENFEAT_auto_translated_physmap) |
		      (1u << XENFEAT_hvm_callback_vector) |
		      (1u << XENFEAT_hvm_safe_pvclock) |
		      (1u << XENFEAT_memory_op_vnode_supported);
	info.submap |= vcpu_domain(v)->is_dom0
			       ? (1u << XENFEAT_dom0) |
					 (1u << XENFEAT_direct_mapped)
			       : 1u << XENFEAT_not_direct_mapped;
	return copy_to_guest(v, arg, &info, sizeof(info));
}

err_t version_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	static const xen_extraversion_t extra = ".0-casemate";
	static const xen_capabilities_info_t caps = "hvm-3.0-x86_64";

	switch (row->subop) {
	case XENVER_version:
		return VERSION;
	case XENVER_extraversion:
		return copy_to_guest(v, arg, extra, sizeof(extra));
	case XENVER_capabilities:
		return copy_to_guest(v, arg, caps, sizeof(caps));
	case XENVER_get_features:
		return features(v, arg);
	case XENVER_pagesize:
		return (err_t)PAGE_SIZE;
	default:
		return E_NOSYS;
	}
}
