/* SPDX-License-Identifier: Apache-2.0 */
/* The control interface of dom0's tools (abi/control.h): find the domain, ask
 * the monitor, check, act. The dispatcher copies in and back. */
#include "vmm/control.h"

#include "lib/checked.h"
#include "lib/mem.h"
#include "vmm/coverage.h"
#include "vmm/domain_end.h"
#include "vmm/launch.h"
#include "vmm/policy_load.h"
#include "vmm/sched.h"

#define LOAD_BATCH 1u /* pages hashed before others are let in */

const u16 control_bytes[] = { [CTL_INFO] = sizeof(struct ctl_info),
			      [CTL_CREATE] = sizeof(struct ctl_create),
			      [CTL_POPULATE] = sizeof(struct ctl_populate),
			      [CTL_LOAD] = sizeof(struct ctl_load),
			      [CTL_START] = sizeof(struct ctl_start),
			      [CTL_DESTROY] = sizeof(struct ctl_domain),
			      [CTL_PAUSE] = sizeof(struct ctl_domain),
			      [CTL_UNPAUSE] = sizeof(struct ctl_domain),
			      [CTL_GETINFO] = sizeof(struct ctl_getinfo),
			      [CTL_LABEL] = sizeof(struct ctl_label),
			      [CTL_AUDIT_READ] = sizeof(struct ctl_audit),
			      [CTL_STATS] = sizeof(struct ctl_stats),
			      [CTL_POLICY_LOAD] = sizeof(struct ctl_policy),
			      [CTL_COVERAGE] = sizeof(struct ctl_coverage) };

/* Find the domain named, if the caller may do this to it and it is in the
 * state this needs (STATE_FREE: any). */
static err_t object(const struct control_call *c, u32 state,
		    struct domain **out)
{
	struct domain *d;
	err_t err;

	if (c->arg.domid >= CASEMATE_MAX_DOMAINS ||
	    domains[c->arg.domid].state == STATE_FREE) {
		return E_SRCH;
	}
	d = &domains[c->arg.domid];
	*out = d;
	err = mediate(c->v, c->row, d, c->row->perm);
	return err == 0 && state != STATE_FREE && d->state != state ? E_BUSY
								    : err;
}

static err_t info(struct ctl_info *c)
{
	*c = (struct ctl_info){
		.abi_version = CASEMATE_CONTROL_VERSION,
		.cpu_count = hw_cpu_count(),
		.total_frames = frame_total_count(),
		.free_frames = frame_free_count(),
		.uptime_ns = hw_time_ns(),
		.label_count = refmon_label_count(),
		.domain_limit = CASEMATE_MAX_DOMAINS,
		.vcpu_limit = CASEMATE_MAX_VCPUS,
		.policy_version = policy_in_force()->version,
		.core_version = "0.1",
	};
	memcpy(c->policy_name, policy_in_force()->name, sizeof(c->policy_name));
	return 0;
}

/* There is no domain to ask about yet, so the question is about its label. */
static err_t create(struct control_call *call)
{
	struct ctl_create *c = &call->arg.create;
	domid_t id;
	err_t err = mediate_label(call->v, call->row, c->label,
				  PERM_domain_create);

	if (err != 0) {
		return err;
	}
	if (!refmon_label_is_domain(c->label) || c->flags != 0 ||
	    c->vcpu_count == 0 || c->vcpu_count > CASEMATE_MAX_VCPUS ||
	    c->max_frames > CASEMATE_MAX_FRAMES) {
		return E_INVAL;
	}
	err = launch_create(c->label, c->vcpu_count, c->max_frames, &id);
	if (err == 0) {
		c->domid = id;
		c->store_port = (u32)domains[id].store_port;
		c->console_port = (u32)domains[id].console_port;
	}
	return err;
}

static err_t populate(struct control_call *call)
{
	struct ctl_populate *c = &call->arg.populate;
	struct domain *d;
	err_t err = object(call, STATE_BUILDING, &d);

	if (err == 0 && (c->flags != 0 || c->count == 0 ||
			 c->count > CASEMATE_MAX_RAM_GFN ||
			 !range_within(c->gfn, c->count, P2M_MAX_GFN))) {
		err = E_INVAL;
	}
	return err != 0 ? err : launch_populate(d, c->gfn, c->count, &c->done);
}

static err_t load(struct control_call *call)
{
	struct ctl_load *c = &call->arg.load;
	struct domain *d;
	u32 batch;
	err_t err = object(call, STATE_BUILDING, &d);

	if (err == 0 &&
	    (c->kind < KIND_KERNEL || c->kind > KIND_OTHER || c->count == 0 ||
	     c->count > CASEMATE_LOAD_MAX_PAGES || c->done > c->count ||
	     c->gfn >= P2M_MAX_GFN || (c->buffer & PAGE_MASK) != 0)) {
		err = E_INVAL;
	}
	for (batch = 0; err == 0 && c->done < c->count; batch++) {
		if (batch == LOAD_BATCH) {
			return E_RESTART;
		}
		err = launch_load(call->v, d, c->kind, c->gfn + c->done,
				  c->buffer + c->done * PAGE_SIZE);
		c->done += err == 0 ? 1 : 0;
	}
	return err;
}

static err_t start(struct control_call *call)
{
	struct ctl_start *c = &call->arg.start;
	struct domain *d;
	err_t err = object(call, STATE_BUILDING, &d);

	if (err == 0 && (c->flags & ~CTL_START_PAUSED) != 0) {
		err = E_INVAL;
	}
	if (err == 0) {
		err = launch_start(d, c->entry, c->start_info,
				   (c->flags & CTL_START_PAUSED) != 0);
	}
	if (err == 0) {
		memcpy(c->digest, d->digest, sizeof(c->digest));
	}
	return err;
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
	for (i = 0; i < d->vcpu_count; i++) {
		sched_start(&d->vcpus[i]);
	}
	return 0;
}

/* destroy, pause, unpause: never of the caller itself, never of domain 0. */
static err_t life_cycle(struct control_call *c)
{
	struct domain *d;
	err_t err = object(c, STATE_FREE, &d);

	if (err == 0 && (c->arg.domain.reserved != 0 || d->is_dom0 ||
			 d == vcpu_domain(c->v))) {
		err = E_INVAL;
	}
	if (err != 0) {
		return err;
	}
	return c->row->subop == CTL_DESTROY
		       ? domain_destroy(d)
		       : set_paused(d, c->row->subop == CTL_PAUSE);
}

static err_t getinfo(struct control_call *c)
{
	const struct domain *d = info_next(c->arg.domid);
	err_t err = d == NULL ? E_SRCH
			      : mediate(c->v, c->row, d, PERM_domain_getinfo);

	if (err == 0) {
		c->arg.getinfo = info_of(d);
	}
	return err;
}

static err_t stats(struct control_call *c)
{
	struct domain *d;
	err_t err = object(c, STATE_FREE, &d);

	if (err == 0) {
		c->arg.stats = stats_of(d);
	}
	return err;
}

static err_t label(struct ctl_label *c)
{
	const char *name = refmon_label_name(c->label);
	u32 i;

	if (c->label >= refmon_label_count()) {
		return E_NOENT;
	}
	c->flags = refmon_label_is_domain(c->label) ? CTL_LABEL_DOMAIN : 0;
	memset(c->name, 0, sizeof(c->name));
	for (i = 0; i < sizeof(c->name) - 1u && name[i] != '\0'; i++) {
		c->name[i] = name[i];
	}
	return 0;
}

static err_t audit(struct vcpu *v, struct ctl_audit *c)
{
	struct audit_record r;
	u32 n;

	if (c->count == 0 || c->count > CTL_AUDIT_MAX || c->reserved != 0) {
		return E_INVAL;
	}
	c->lost = c->next < audit_oldest() ? audit_oldest() - c->next : 0;
	c->next += c->lost;
	for (n = 0; n < c->count && audit_get(c->next, &r); n++) {
		if (copy_to_guest(v, c->buffer + n * sizeof(r), &r,
				  sizeof(r)) != 0) {
			return E_FAULT;
		}
		c->next += 1;
	}
	c->count = n;
	return 0;
}

err_t control_op(struct control_call *c)
{
	switch (c->row->subop) {
	case CTL_INFO:
		return info(&c->arg.info);
	case CTL_CREATE:
		return create(c);
	case CTL_POPULATE:
		return populate(c);
	case CTL_LOAD:
		return load(c);
	case CTL_START:
		return start(c);
	case CTL_DESTROY:
	case CTL_PAUSE:
	case CTL_UNPAUSE:
		return life_cycle(c);
	case CTL_GETINFO:
		return getinfo(c);
	case CTL_LABEL:
		return label(&c->arg.label);
	case CTL_AUDIT_READ:
		return audit(c->v, &c->arg.audit);
	case CTL_STATS:
		return stats(c);
	case CTL_POLICY_LOAD:
		return policy_load(c->v, &c->arg.policy);
	case CTL_COVERAGE:
		return coverage_get(&c->arg.coverage);
	default:
		return E_NOSYS;
	}
}
