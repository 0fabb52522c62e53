/* SPDX-License-Identifier: Apache-2.0 */
/* The structures that the core declares for itself, against Xen's headers for
 * tools. Compiled only (test_abi.py): every difference is an error. */
#include <stdint.h>

#define __XEN_TOOLS__ 1
#include <xen/domctl.h>

#include "vmm/info.c"

#define MINE(field) __builtin_offsetof(struct domctl_getdomaininfo, field)
#define XENS(field)                                                            \
	(__builtin_offsetof(struct xen_domctl, u) +                            \
	 __builtin_offsetof(struct xen_domctl_getdomaininfo, field))
#define SAME(mine, xens) _Static_assert(MINE(mine) == XENS(xens), #xens)

_Static_assert(DOMCTL_INTERFACE == XEN_DOMCTL_INTERFACE_VERSION, "version");
_Static_assert(XEN_DOMCTL_getdomaininfo == 5, "sub-op, see dispatch.c");
_Static_assert(MINE(command) == __builtin_offsetof(struct xen_domctl, cmd) &&
		       MINE(interface) ==
			       __builtin_offsetof(struct xen_domctl,
						  interface_version) &&
		       MINE(domid) ==
			       __builtin_offsetof(struct xen_domctl, domain),
	       "head");
_Static_assert(sizeof(struct domctl_getdomaininfo) ==
		       __builtin_offsetof(struct xen_domctl, u) +
			       sizeof(struct xen_domctl_getdomaininfo),
	       "size");
SAME(id, domain);
SAME(flags, flags);
_Static_assert(INF_DYING == XEN_DOMINF_dying &&
		       INF_HVM == XEN_DOMINF_hvm_guest &&
		       INF_SHUTDOWN == XEN_DOMINF_shutdown &&
		       INF_REASON_SHIFT == XEN_DOMINF_shutdownshift,
	       "flags");
