/* SPDX-License-Identifier: Apache-2.0 */
/* Domains and their virtual processors: static tables, one big lock. */
#pragma once

#include "abi/control.h"
#include "abi/limits.h"
#include "hw/hw.h"
#include "lib/types.h"

enum vcpu_state {      /* RUNSTATE_* of xen/vcpu.h */
	VCPU_RUNNING,  /* on a processor now */
	VCPU_RUNNABLE, /* wants one */
	VCPU_BLOCKED,  /* halted: waits for an event, interrupt or time-out */
	VCPU_DOWN      /* never started, or waiting for INIT/SIPI */
};

/* Guest memory the core writes on its own behalf: a pinned frame and offset. */
struct shared_area {
	mfn_t mfn; /* MFN_NONE: not registered */
	u32 offset;
	mfn_t mfn2; /* second page when the area straddles; else MFN_NONE */
};

#define AREA_NONE ((struct shared_area){ MFN_NONE, 0, MFN_NONE })

struct vapic {
	bool init_pending; /* INIT received: SIPI may start it */
	bool has_irr;	   /* false: no bit of IRR is set */
	u32 reg[64];	   /* as in the memory-mapped page / 16 */
};

struct vcpu {
	struct hw_vcpu hw;
	domid_t domid;
	u8 id;
	u32 cpu;	 /* where it runs or ran last */
	u64 vruntime_ns; /* fairness clock, see sched.c */
	/* enum vcpu_state, since when, and time spent in each: laid out as the
	 * guest sees it, struct vcpu_runstate_info. sched.c alone writes it. */
	struct {
		u64 state, since_ns, spent_ns[4];
	} run;
	u64 timer_ns;	   /* one-shot deadline, ~0 = none */
	u64 poll_until_ns; /* SCHEDOP_poll time-out, ~0 = none */
	u32 poll_port;	   /* port polled */
	u32 virq_port[24]; /* per-vCPU and global VIRQs bound here; 0 = none */
	struct shared_area info;     /* vcpu_info: always valid once online */
	struct shared_area time;     /* secondary vcpu_time_info */
	struct shared_area runstate; /* vcpu_runstate_info */
	bool is_polling;
	bool flush;    /* drop cached translations at the next entry */
	bool in_guest; /* set under the lock, cleared on exit before it */
	int offer;     /* local APIC vector offered at this entry, or -1 */
	struct vapic apic;
	u64 exits[CTL_EXIT_CAUSES]; /* of struct ctl_stats */
	u64 latency[CTL_LATENCY_BUCKETS];
};

struct domain {
	domid_t id;
	u8 state; /* enum casemate_state */
	bool is_paused;
	bool is_dom0;
	u32 label;
	u32 vcpu_count;
	u32 shutdown_reason; /* ~0 = none */
	u64 frames;	     /* guest frames held, see frame.c */
	u64 max_frames;
	u64 meta_frames; /* core frames held on its account */
	u64 max_meta;
	u64 table_frames; /* its map's among meta_frames */
	gfn_t ram_end;	  /* end of RAM below CASEMATE_MAX_RAM_GFN */
	u64 created_ns;
	u64 hypercalls;
	u64 denials;
	mfn_t npt_root;
	mfn_t shared;	  /* shared_info frame */
	gfn_t shared_gfn; /* where the guest has it; MFN_NONE = nowhere */
	gfn_t grant_gfns[CASEMATE_MAX_GRANT_FRAMES]; /* likewise */
	mfn_t grant_frames[CASEMATE_MAX_GRANT_FRAMES];
	mfn_t active_frames[CASEMATE_MAX_GRANT_FRAMES]; /* see grant_store.c */
	mfn_t handle_frames[CASEMATE_MAX_HANDLE_FRAMES];
	u32 grant_frame_count;
	u64 store_port, console_port;
	u64 callback_irq; /* HVM_PARAM_CALLBACK_IRQ as set: the low byte is the
			   * vector of the upcall, 0 = none yet */
	u8 digest[48];
	u64 progress;	   /* cursor of a long operation (populate, teardown) */
	u32 stage;	   /* of teardown, see domain_end.c */
	gfn_t pending_gfn; /* the populate call in progress */
	u64 pending_count;
	struct vcpu vcpus[CASEMATE_MAX_VCPUS];
};

extern struct domain domains[CASEMATE_MAX_DOMAINS];

/*@ predicate is_domid(integer d) = 0 <= d < CASEMATE_MAX_DOMAINS;
    predicate is_domain{L}(integer i) =
      0 <= i < CASEMATE_MAX_DOMAINS && domains[i].state != STATE_FREE;

    // A domain's number is its place in the table.
    predicate domains_ok{L} = \forall integer i; is_domain(i) ==>
      domains[i].id == i && 1 <= domains[i].vcpu_count <= CASEMATE_MAX_VCPUS &&
      domains[i].grant_frame_count <= CASEMATE_MAX_GRANT_FRAMES;

    // A vCPU knows whose it is.
    predicate vcpus_ok{L} = \forall integer i, j; is_domain(i) &&
      0 <= j < CASEMATE_MAX_VCPUS ==> domains[i].vcpus[j].domid == i;

    // A vCPU that belongs to a domain.
    predicate vcpu_ok{L}(struct vcpu *v) = \valid(v) && is_domain(v->domid) &&
      \separated(v, &domains[v->domid].denials);
*/

/* The domain with this id in any state but FREE; NULL otherwise. Resolves
 * DOMID_SELF (0x7ff0) against `self`. */
/*@ requires self: \valid_read(self) && self->id < CASEMATE_MAX_DOMAINS;
    assigns \result \from id, self->id, &domains[0],
      domains[0 .. CASEMATE_MAX_DOMAINS - 1].state;
    ensures self: id == 0x7ff0 ==>
      \result == \null || \result == &domains[self->id];
    ensures other: id != 0x7ff0 ==> \result == \null ||
      (is_domain(id) && \result == &domains[id]);
*/
struct domain *domain_find(domid_t id, const struct domain *self);

/* ---- scheduling (sched.c) ------------------------------------------ */

/* blocked -> runnable; kicks a processor */
/*@ requires v: \valid(v);
    assigns v->run, v->vruntime_ns, v->is_polling, v->poll_until_ns;
*/
void vcpu_wake(struct vcpu *v);
/* Something for the guest to notice (an upcall): leaves guest mode or wakes. */
/*@ requires v: \valid(v);
    assigns v->run, v->vruntime_ns, v->is_polling, v->poll_until_ns;
*/
void vcpu_notify(struct vcpu *v);
/*@ requires \valid_read(v) && v->domid < CASEMATE_MAX_DOMAINS;
    assigns \result \from v->domid, &domains[0];
    ensures own: \result == &domains[v->domid];
*/
static inline struct domain *vcpu_domain(const struct vcpu *v)
{
	return &domains[v->domid];
}
