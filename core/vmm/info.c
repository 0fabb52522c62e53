/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about domains, for getinfo and for the stock daemons' getdomaininfo. */
#include "lib/mem.h"
#include "vmm/domain_make.h"
#include "vmm/domain_end.h"
#include "vmm/hypercall.h"

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

struct domain *info_next(u32 from)
{
	u32 i = from;

	domain_reap();
	while (i < CASEMATE_MAX_DOMAINS && domains[i].state == STATE_FREE) {
		i += 1;
	}
	return i < CASEMATE_MAX_DOMAINS ? &domains[i] : NULL;
}

static void vcpus_fill(struct ctl_getinfo *c, const struct domain *d)
{
	u32 i;

	c->flags |= INFO_BLOCKED;
	for (i = 0; i < d->vcpu_count; i++) {
		const struct vcpu *v = &d->vcpus[i];

		c->cpu_ns += v->cpu_ns;
		c->vcpus_online += v->state != VCPU_DOWN ? 1 : 0;
		if (v->state == VCPU_RUNNING) {
			c->cpu_ns += hw_time_ns() - v->run_since_ns;
		}
		if (v->state == VCPU_RUNNABLE || v->state == VCPU_RUNNING) {
			c->flags &= ~INFO_BLOCKED;
		}
	}
}

struct ctl_getinfo info_of(const struct domain *d)
{
	struct ctl_getinfo c = { 0 };

	c.domid = d->id;
	c.state = d->state;
	c.label = d->label;
	c.flags = d->is_paused ? INFO_PAUSED : 0;
	c.shutdown_reason = d->shutdown_reason;
	c.vcpu_count = d->vcpu_count;
	c.frames = d->frames;
	c.max_frames = d->max_frames;
	c.created_ns = d->created_ns;
	c.hypercalls = d->hypercalls;
	c.denials = d->denials;
	memcpy(c.digest, d->digest, sizeof(c.digest));
	vcpus_fill(&c, d);
	return c;
}

static u32 flags_of(const struct ctl_getinfo *c)
{
	u32 flags = INF_HVM | INF_HAP;

	if ((c->flags & INFO_PAUSED) != 0 || c->state == STATE_BUILDING) {
		flags |= INF_PAUSED;
	}
	switch (c->state) {
	case STATE_DYING:
		return flags | INF_DYING;
	case STATE_SHUTDOWN:
		return flags | INF_SHUTDOWN |
		       c->shutdown_reason << INF_REASON_SHIFT;
	default:
		return flags | ((c->flags & INFO_BLOCKED) != 0 ? INF_BLOCKED
							       : INF_RUNNING);
	}
}

err_t domctl_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct domctl_getdomaininfo c;
	struct ctl_getinfo info;
	struct domain *d;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err != 0) {
		return err;
	}
	if (c.interface != DOMCTL_INTERFACE) {
		return E_ACCES;
	}
	d = info_next(c.domid);
	err = d == NULL ? E_SRCH : mediate(v, row, d, PERM_domain_getinfo);
	if (err != 0) {
		return err;
	}
	info = info_of(d);
	memset(&c.id, 0, sizeof(c) - 16);
	c.domid = d->id;
	c.id = d->id;
	c.flags = flags_of(&info);
	c.tot_pages = info.frames;
	c.max_pages = info.max_frames;
	c.cpu_time = info.cpu_ns;
	c.nr_online_vcpus = info.vcpus_online;
	c.max_vcpu_id = info.vcpu_count - 1;
	return copy_to_guest(v, arg, &c, sizeof(c));
}
