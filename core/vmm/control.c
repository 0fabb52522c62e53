/* SPDX-License-Identifier: Apache-2.0 */
/* The control interface of dom0's tools (abi/control.h): copy the structure in
 * once, find the domain, ask the monitor, check, act, copy back. */
#include "abi/control.h"

#include "lib/mem.h"
#include "refmon/refmon.h"
#include "vmm/audit.h"
#include "vmm/control.h"
#include "vmm/copy.h"
#include "vmm/core_version.h"
#include "vmm/domain_end.h"
#include "vmm/frame.h"
#include "vmm/info.h"
#include "vmm/launch.h"
#include "vmm/ops.h"
#include "vmm/p2m.h"
#include "vmm/sched.h"

#define LOAD_BATCH 2u /* pages hashed before others are let in */

static char policy_name[32];
static u64 policy_version;

void control_set_policy(const struct policy_header *h)
{
	memcpy(policy_name, h->name, sizeof(policy_name));
	policy_version = h->version;
}

/* The domain in the structure, if the caller may do this to it. */
static err_t object(struct vcpu *v, const struct hypercall_row *row, u32 id,
		    struct domain **out)
{
	struct domain *d;

	if (id >= CASEMATE_MAX_DOMAINS || domains[id].state == STATE_FREE) {
		return E_SRCH;
	}
	d = &domains[id];
	*out = d;
	return mediate(v, row, d, (u32)__builtin_ctz(row->perms));
}

static void text(char *to, u32 size, const char *from)
{
	u32 i;

	for (i = 0; i < size - 1 && from[i] != '\0'; i++) {
		to[i] = from[i];
	}
}

static err_t info(struct vcpu *v, gva_t arg)
{
	struct ctl_info c = { 0 };

	c.abi_version = CASEMATE_CONTROL_VERSION;
	c.cpu_count = hw_cpu_count();
	c.total_frames = frame_total_count();
	c.free_frames = frame_free_count();
	c.uptime_ns = hw_time_ns();
	c.label_count = refmon_label_count();
	c.domain_limit = CASEMATE_MAX_DOMAINS;
	c.vcpu_limit = CASEMATE_MAX_VCPUS;
	c.policy_version = policy_version;
	memcpy(c.policy_name, policy_name, sizeof(c.policy_name));
	text(c.core_version, sizeof(c.core_version), CASEMATE_VERSION);
	return copy_to_guest(v, arg, &c, sizeof(c));
}

/* There is no domain to ask about yet, so the question is about its label. */
static err_t create(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct ctl_create c;
	domid_t id = 0;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err != 0) {
		return err;
	}
	err = mediate_label(v, row, c.label, PERM_domain_create);
	if (err != 0) {
		return err;
	}
	if (!refmon_label_is_domain(c.label) || c.flags != 0 ||
	    c.vcpu_count == 0 || c.vcpu_count > CASEMATE_MAX_VCPUS ||
	    c.max_frames > CASEMATE_MAX_FRAMES) {
		return E_INVAL;
	}
	err = launch_create(c.label, c.vcpu_count, c.max_frames, &id);
	if (err != 0) {
		return err;
	}
	c.domid = id;
	c.store_port = (u32)domains[id].store_port;
	c.console_port = (u32)domains[id].console_port;
	err = copy_to_guest(v, arg, &c, sizeof(c));
	if (err != 0) {
		launch_undo(&domains[id]);
	}
	return err;
}

static err_t populate(struct vcpu *v, const struct hypercall_row *row,
		      gva_t arg)
{
	struct ctl_populate c;
	struct domain *d;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err == 0) {
		err = object(v, row, c.domid, &d);
	}
	if (err != 0) {
		return err;
	}
	if (c.flags != 0 || c.count == 0 || c.count > CASEMATE_MAX_RAM_GFN ||
	    c.gfn >= P2M_MAX_GFN) {
		return E_INVAL;
	}
	if (d->state != STATE_BUILDING) {
		return E_BUSY;
	}
	err = launch_populate(d, c.gfn, c.count, &c.done);
	if (err != E_RESTART && copy_to_guest(v, arg, &c, sizeof(c)) != 0) {
		return E_FAULT;
	}
	return err;
}

static err_t load(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct ctl_load c;
	struct domain *d;
	u32 batch;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err == 0) {
		err = object(v, row, c.domid, &d);
	}
	if (err != 0) {
		return err;
	}
	if (c.kind < KIND_KERNEL || c.kind > KIND_OTHER || c.count == 0 ||
	    c.count > CASEMATE_LOAD_MAX_PAGES || c.done > c.count ||
	    c.gfn >= P2M_MAX_GFN || (c.buffer & PAGE_MASK) != 0) {
		return E_INVAL;
	}
	if (d->state != STATE_BUILDING) {
		return E_BUSY;
	}
	for (batch = 0; batch < LOAD_BATCH && c.done < c.count; batch++) {
		err = launch_load(v, d, c.kind, c.gfn + c.done,
				  c.buffer + c.done * PAGE_SIZE);
		if (err != 0) {
			return err;
		}
		c.done += 1;
	}
	if (copy_to_guest(v, arg, &c, sizeof(c)) != 0) {
		return E_FAULT;
	}
	return c.done < c.count ? E_RESTART : 0;
}

static err_t start(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct ctl_start c;
	struct domain *d;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err == 0) {
		err = object(v, row, c.domid, &d);
	}
	if (err != 0) {
		return err;
	}
	if ((c.flags & ~CTL_START_PAUSED) != 0) {
		return E_INVAL;
	}
	if (d->state != STATE_BUILDING) {
		return E_BUSY;
	}
	/* Whoever cannot take the answer does not start anything. */
	err = copy_to_guest(v, arg, &c, sizeof(c));
	if (err != 0) {
		return err;
	}
	err = launch_start(d, c.entry, c.start_info,
			   (c.flags & CTL_START_PAUSED) != 0);
	if (err != 0) {
		return err;
	}
	memcpy(c.digest, d->digest, sizeof(c.digest));
	return copy_to_guest(v, arg, &c, sizeof(c));
}

static err_t pause(struct domain *d)
{
	if (d->state != STATE_RUNNING) {
		return E_BUSY;
	}
	d->is_paused = true;
	sched_stop_domain(d);
	return 0;
}

static err_t unpause(struct domain *d)
{
	u32 i;

	if (d->state != STATE_RUNNING) {
		return E_BUSY;
	}
	d->is_paused = false;
	for (i = 0; i < d->vcpu_count; i++) {
		sched_start(&d->vcpus[i]);
	}
	return 0;
}

/* destroy, pause, unpause: never of the caller itself, never of domain 0. */
static err_t life_cycle(struct vcpu *v, const struct hypercall_row *row,
			gva_t arg)
{
	struct ctl_domain c;
	struct domain *d;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err == 0) {
		err = object(v, row, c.domid, &d);
	}
	if (err != 0) {
		return err;
	}
	if (c.reserved != 0 || d->is_dom0 || d == vcpu_domain(v)) {
		return E_INVAL;
	}
	switch (row->subop) {
	case CTL_DESTROY:
		return domain_destroy(d);
	case CTL_PAUSE:
		return pause(d);
	default:
		return unpause(d);
	}
}

static void getinfo_fill(struct ctl_getinfo *c, const struct domain *d)
{
	memset(c, 0, sizeof(*c));
	c->domid = d->id;
	c->state = d->state;
	c->label = d->label;
	c->flags = (d->is_paused ? INFO_PAUSED : 0) |
		   (info_is_blocked(d) ? INFO_BLOCKED : 0);
	c->shutdown_reason = d->shutdown_reason;
	c->vcpu_count = d->vcpu_count;
	c->vcpus_online = info_online(d);
	c->frames = d->frames;
	c->max_frames = d->max_frames;
	c->cpu_ns = info_cpu_ns(d);
	c->created_ns = d->created_ns;
	c->hypercalls = d->hypercalls;
	c->denials = d->denials;
	memcpy(c->digest, d->digest, sizeof(c->digest));
}

static err_t getinfo(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct ctl_getinfo c;
	u32 id;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err != 0) {
		return err;
	}
	id = info_next(c.domid);
	if (id == INFO_NONE) {
		return E_SRCH;
	}
	err = mediate(v, row, &domains[id], PERM_domain_getinfo);
	if (err != 0) {
		return err;
	}
	getinfo_fill(&c, &domains[id]);
	return copy_to_guest(v, arg, &c, sizeof(c));
}

static err_t label(struct vcpu *v, gva_t arg)
{
	struct ctl_label c;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err != 0) {
		return err;
	}
	if (c.label >= refmon_label_count()) {
		return E_NOENT;
	}
	c.flags = refmon_label_is_domain(c.label) ? CTL_LABEL_DOMAIN : 0;
	memset(c.name, 0, sizeof(c.name));
	text(c.name, sizeof(c.name), refmon_label_name(c.label));
	return copy_to_guest(v, arg, &c, sizeof(c));
}

static err_t audit(struct vcpu *v, gva_t arg)
{
	struct ctl_audit c;
	struct audit_record r;
	u32 wanted, n = 0;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err != 0) {
		return err;
	}
	if (c.count == 0 || c.count > CTL_AUDIT_MAX || c.reserved != 0) {
		return E_INVAL;
	}
	wanted = c.count;
	c.lost = c.next < audit_oldest() ? audit_oldest() - c.next : 0;
	c.next += c.lost;
	while (n < wanted && audit_get(c.next, &r)) {
		if (copy_to_guest(v, c.buffer + n * sizeof(r), &r, sizeof(r)) !=
		    0) {
			return E_FAULT;
		}
		n += 1;
		c.next += 1;
	}
	c.count = n;
	return copy_to_guest(v, arg, &c, sizeof(c));
}

err_t control_op(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	switch (row->subop) {
	case CTL_INFO:
		return info(v, arg);
	case CTL_CREATE:
		return create(v, row, arg);
	case CTL_POPULATE:
		return populate(v, row, arg);
	case CTL_LOAD:
		return load(v, row, arg);
	case CTL_START:
		return start(v, row, arg);
	case CTL_DESTROY:
	case CTL_PAUSE:
	case CTL_UNPAUSE:
		return life_cycle(v, row, arg);
	case CTL_GETINFO:
		return getinfo(v, row, arg);
	case CTL_LABEL:
		return label(v, arg);
	case CTL_AUDIT_READ:
		return audit(v, arg);
	default:
		return E_NOSYS;
	}
}
