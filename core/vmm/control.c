/* SPDX-License-Identifier: Apache-2.0 */
/* The control interface of dom0's tools (abi/control.h): copy the structure in
 * once, find the domain, ask the monitor, check, act, copy back. */
#include "vmm/control.h"

#include "lib/mem.h"
#include "vmm/audit.h"
#include "vmm/domain_make.h"
#include "vmm/domain_end.h"
#include "vmm/frame.h"
#include "vmm/hypercall.h"
#include "vmm/launch.h"
#include "vmm/p2m.h"
#include "vmm/sched.h"

#define VERSION "0.1"
#define LOAD_BATCH 2u /* pages hashed before others are let in */

static char policy_name[32];
static u64 policy_version;

void control_set_policy(const struct policy_header *h)
{
	memcpy(policy_name, h->name, sizeof(policy_name));
	policy_version = h->version;
}

/* Copy the structure in and find its domain, if the caller may do this to it.
 * `id` is in the structure. */
static err_t object(struct vcpu *v, const struct hypercall_row *row, gva_t arg,
		    void *copy, u32 bytes, const u32 *id, struct domain **out)
{
	if (copy_from_guest(v, copy, arg, bytes) != 0) {
		return E_FAULT;
	}
	if (*id >= CASEMATE_MAX_DOMAINS || domains[*id].state == STATE_FREE) {
		return E_SRCH;
	}
	*out = &domains[*id];
	return mediate(v, row, *out, row_perm(row));
}

static void text(char *to, u32 size, const char *from)
{
	u32 i;

	memset(to, 0, size);
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
	text(c.core_version, sizeof(c.core_version), VERSION);
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
	struct ctl_populate c = { 0 };
	struct domain *d;
	err_t err = object(v, row, arg, &c, sizeof(c), &c.domid, &d);

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
	struct ctl_load c = { 0 };
	struct domain *d;
	u32 batch;
	err_t err = object(v, row, arg, &c, sizeof(c), &c.domid, &d);

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
	struct ctl_start c = { 0 };
	struct domain *d;
	err_t err = object(v, row, arg, &c, sizeof(c), &c.domid, &d);

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

/*@ requires d: \valid(d) && is_domain(d->id) && d == &domains[d->id];
    requires access: is_paused != 0
      ? someone_may(d->id, CLASS_domain, PERM_domain_pause)
      : someone_may(d->id, CLASS_domain, PERM_domain_unpause);
    assigns *d;
    ensures set: \result == 0 ==> d->is_paused == is_paused;
*/
static err_t set_paused(struct domain *d, bool is_paused)
{
	u32 i;

	if (d->state != STATE_RUNNING) {
		return E_BUSY;
	}
	d->is_paused = is_paused;
	if (is_paused) {
		(void)sched_stop_domain(d);
	}
	for (i = 0; i < d->vcpu_count && !is_paused; i++) {
		sched_start(&d->vcpus[i]);
	}
	return 0;
}

/* destroy, pause, unpause: never of the caller itself, never of domain 0. */
static err_t life_cycle(struct vcpu *v, const struct hypercall_row *row,
			gva_t arg)
{
	struct ctl_domain c = { 0 };
	struct domain *d;
	err_t err = object(v, row, arg, &c, sizeof(c), &c.domid, &d);

	if (err != 0) {
		return err;
	}
	if (c.reserved != 0 || d->is_dom0 || d == vcpu_domain(v)) {
		return E_INVAL;
	}
	return row->subop == CTL_DESTROY
		       ? domain_destroy(d)
		       : set_paused(d, row->subop == CTL_PAUSE);
}

static err_t getinfo(struct vcpu *v, const struct hypercall_row *row, gva_t arg)
{
	struct ctl_getinfo c;
	struct domain *d;
	err_t err = copy_from_guest(v, &c, arg, sizeof(c));

	if (err != 0) {
		return err;
	}
	d = info_next(c.domid);
	err = d == NULL ? E_SRCH : mediate(v, row, d, PERM_domain_getinfo);
	if (err != 0) {
		return err;
	}
	c = info_of(d);
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
