/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about domains, for getinfo and for the stock daemons' getdomaininfo. */
#include "vmm/info.h"

#include "lib/mem.h"
#include "vmm/copy.h"
#include "vmm/domain_end.h"
#include "vmm/ops.h"

#include <xen/xen.h>

/* xen/domctl.h is for tools built against one Xen version; these are the parts
 * of version 0x15 that the stock daemons of Debian 12 use. */
#define DOMCTL_INTERFACE 0x15u
#define INF_DYING (1u << 0)
#define INF_HVM (1u << 1)
#define INF_SHUTDOWN (1u << 2)
#define INF_PAUSED (1u << 3)
#define INF_BLOCKED (1u << 4)
#define INF_RUNNING (1u << 5)
#define INF_HAP (1u << 8)
#define INF_REASON_SHIFT 16u
struct domctl_getdomaininfo {
	u32 command, interface;
	u16 domid;
	u16 pad[3];
	u16 id; /* xen_domctl_getdomaininfo from here */
	u16 pad1;
	u32 flags;
	u64 tot_pages, max_pages, outstanding, shr_pages, paged_pages;
	u64 shared_info_frame, cpu_time;
	u32 nr_online_vcpus, max_vcpu_id, ssidref;
	u8 handle[16];
	u32 cpupool;
	u8 gpaddr_bits, pad2[7];
	u32 arch[2];
};
_Static_assert(__builtin_offsetof(struct domctl_getdomaininfo, handle) ==
		       16 + 76,
	       "getdomaininfo layout");

u32 info_next(u32 from)
{
	u32 i;

	domain_reap();
	for (i = from; i < CASEMATE_MAX_DOMAINS; i++) {
		if (domains[i].state != STATE_FREE) {
			return i;
		}
	}
	return INFO_NONE;
}

u64 info_cpu_ns(const struct domain *d)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < d->vcpu_count; i++) {
		const struct vcpu *v = &d->vcpus[i];

		sum += v->cpu_ns;
		if (v->state == VCPU_RUNNING) {
			sum += hw_time_ns() - v->run_since_ns;
		}
	}
	return sum;
}

u32 info_online(const struct domain *d)
{
	u32 i, n = 0;

	for (i = 0; i < d->vcpu_count; i++) {
		n += d->vcpus[i].state != VCPU_DOWN ? 1 : 0;
	}
	return n;
}

bool info_is_blocked(const struct domain *d)
{
	u32 i;

	for (i = 0; i < d->vcpu_count; i++) {
		if (d->vcpus[i].state == VCPU_RUNNABLE ||
		    d->vcpus[i].state == VCPU_RUNNING) {
			return false;
		}
	}
	return true;
}

static u32 flags_of(const struct domain *d)
{
	u32 flags = INF_HVM | INF_HAP;

	flags |= d->is_paused || d->state == STATE_BUILDING ? INF_PAUSED : 0;
	if (d->state == STATE_DYING) {
		flags |= INF_DYING;
	} else if (d->state == STATE_SHUTDOWN) {
		flags |= INF_SHUTDOWN | d->shutdown_reason << INF_REASON_SHIFT;
	} else {
		flags |= info_is_blocked(d) ? INF_BLOCKED : INF_RUNNING;
	}
	return flags;
}

err_t domctl_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct domctl_getdomaininfo c;
	u32 id;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err != 0) {
		return err;
	}
	if (c.interface != DOMCTL_INTERFACE) {
		return E_ACCES;
	}
	id = info_next(c.domid);
	if (id == INFO_NONE) {
		return E_SRCH;
	}
	err = mediate(v, row, &domains[id], (u32)__builtin_ctz(row->perms));
	if (err != 0) {
		return err;
	}
	memset(&c.id, 0, sizeof(c) - 16);
	c.domid = (u16)id;
	c.id = (u16)id;
	c.flags = flags_of(&domains[id]);
	c.tot_pages = domains[id].frames;
	c.max_pages = domains[id].max_frames;
	c.cpu_time = info_cpu_ns(&domains[id]);
	c.nr_online_vcpus = info_online(&domains[id]);
	c.max_vcpu_id = domains[id].vcpu_count - 1;
	return copy_to_guest(v, arg, &c, sizeof(c));
}
