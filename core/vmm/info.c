/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about domains, for getinfo and for the stock daemons' getdomaininfo. */
#include "lib/mem.h"
#include "vmm/domain_end.h"
#include "vmm/hypercall.h"

/* xen/domctl.h is for tools built against one Xen version; this is what the
 * stock daemons of Debian 12, of version 0x15, look at. */
#define DOMCTL_INTERFACE 0x15u
#define INF_DYING (1u << 0)
#define INF_HVM (1u << 1)
#define INF_SHUTDOWN (1u << 2)
#define INF_REASON_SHIFT 16u
struct domctl_getdomaininfo {
	u32 command, interface;
	u16 domid;
	u16 pad[3];
	u16 id; /* xen_domctl_getdomaininfo from here */
	u16 pad1;
	u32 flags;
	u8 rest[104]; /* counts and sizes: zero */
};

struct domain *info_next(u32 from)
{
	u32 i = from;

	domain_reap();
	while (i < CASEMATE_MAX_DOMAINS && domains[i].state == STATE_FREE) {
		i += 1;
	}
	return i < CASEMATE_MAX_DOMAINS ? &domains[i] : NULL;
}

struct ctl_getinfo info_of(const struct domain *d)
{
	struct ctl_getinfo c = { 0 };
	bool is_blocked = true;
	u32 i;

	c.domid = d->id;
	c.state = d->state;
	c.label = d->label;
	c.shutdown_reason = d->shutdown_reason;
	c.vcpu_count = d->vcpu_count;
	c.frames = d->frames;
	c.max_frames = d->max_frames;
	c.created_ns = d->created_ns;
	c.hypercalls = d->hypercalls;
	c.denials = d->denials;
	c.meta_frames = d->meta_frames;
	c.table_frames = d->table_frames;
	memcpy(c.digest, d->digest, sizeof(c.digest));
	for (i = 0; i < d->vcpu_count; i++) {
		const struct vcpu *v = &d->vcpus[i];

		c.cpu_ns += v->run.spent_ns[VCPU_RUNNING];
		c.vcpus_online += v->run.state != VCPU_DOWN ? 1 : 0;
		if (v->run.state == VCPU_RUNNING) {
			c.cpu_ns += hw_time_ns() - v->run.since_ns;
		}
		is_blocked = is_blocked && v->run.state >= VCPU_BLOCKED;
	}
	c.flags = (d->is_paused ? INFO_PAUSED : 0) |
		  (is_blocked ? INFO_BLOCKED : 0);
	return c;
}

struct ctl_stats stats_of(const struct domain *d)
{
	struct ctl_stats c = { .domid = d->id };
	u32 i, j;

	c.clock_mul = hw_clock()->mul;
	c.clock_shift = (int32_t)hw_clock()->shift;
	for (i = 0; i < d->vcpu_count; i++) {
		for (j = 0; j < CTL_EXIT_CAUSES; j++) {
			c.exits[j] += d->vcpus[i].exits[j];
		}
		for (j = 0; j < CTL_LATENCY_BUCKETS; j++) {
			c.latency[j] += d->vcpus[i].latency[j];
		}
	}
	return c;
}

err_t domctl_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct domctl_getdomaininfo c;
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
	c = (struct domctl_getdomaininfo){ .command = c.command,
					   .interface = DOMCTL_INTERFACE,
					   .domid = d->id,
					   .id = d->id,
					   .flags = INF_HVM };
	if (d->state == STATE_DYING) {
		c.flags |= INF_DYING;
	} else if (d->state == STATE_SHUTDOWN) {
		c.flags |= INF_SHUTDOWN | d->shutdown_reason
						  << INF_REASON_SHIFT;
	}
	return copy_to_guest(v, arg, &c, sizeof(c));
}
