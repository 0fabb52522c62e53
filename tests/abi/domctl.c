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
SAME(tot_pages, tot_pages);
SAME(max_pages, max_pages);
SAME(outstanding, outstanding_pages);
SAME(shr_pages, shr_pages);
SAME(paged_pages, paged_pages);
SAME(shared_info_frame, shared_info_frame);
SAME(cpu_time, cpu_time);
SAME(nr_online_vcpus, nr_online_vcpus);
SAME(max_vcpu_id, max_vcpu_id);
SAME(ssidref, ssidref);
SAME(handle, handle);
SAME(cpupool, cpupool);
SAME(gpaddr_bits, gpaddr_bits);
SAME(arch, arch_config);
_Static_assert(INF_DYING == XEN_DOMINF_dying &&
		       INF_HVM == XEN_DOMINF_hvm_guest &&
		       INF_SHUTDOWN == XEN_DOMINF_shutdown &&
		       INF_PAUSED == XEN_DOMINF_paused &&
		       INF_BLOCKED == XEN_DOMINF_blocked &&
		       INF_RUNNING == XEN_DOMINF_running &&
		       INF_HAP == XEN_DOMINF_hap &&
		       INF_REASON_SHIFT == XEN_DOMINF_shutdownshift,
	       "flags");
