/* SPDX-License-Identifier: Apache-2.0 */
/* Domains and their virtual processors: static tables, one big lock. */
#pragma once

#include "abi/control.h"
#include "abi/limits.h"
#include "hw/hw.h"
#include "lib/types.h"

enum vcpu_state {
	VCPU_DOWN,     /* never started, or waiting for INIT/SIPI */
	VCPU_RUNNABLE, /* wants a processor */
	VCPU_RUNNING,  /* on one now */
	VCPU_BLOCKED   /* halted: waits for an event, interrupt or time-out */
};

/* Guest memory the core writes on its own behalf: a pinned frame and offset. */
struct shared_area {
	mfn_t mfn; /* MFN_NONE: not registered */
	u32 offset;
	mfn_t mfn2; /* second page when the area straddles; else MFN_NONE */
};

struct vapic {
	u32 id;
	bool init_pending; /* INIT received: SIPI may start it */
	u32 tpr, svr, esr, lvt[6], timer_initial, timer_divide;
	u64 icr;
	u32 irr[8], isr[8];
};

struct vcpu {
	struct hw_vcpu hw;
	domid_t domid;
	u8 id;
	u8 state;	 /* enum vcpu_state */
	u32 cpu;	 /* where it runs or ran last */
	u64 vruntime_ns; /* fairness clock, see sched.c */
	u64 run_since_ns;
	u64 cpu_ns;
	u64 timer_ns;	   /* one-shot deadline, ~0 = none */
	u64 periodic_ns;   /* 0 = off */
	u64 poll_until_ns; /* SCHEDOP_poll time-out, ~0 = none */
	u32 poll_port;	   /* port polled, or ~0 */
	u32 virq_port[24]; /* per-vCPU and global VIRQs bound here; 0 = none */
	struct shared_area info;     /* vcpu_info: always valid once online */
	struct shared_area time;     /* secondary vcpu_time_info */
	struct shared_area runstate; /* vcpu_runstate_info */
	bool is_info_moved;
	bool is_polling;
	bool flush;    /* drop cached translations at the next entry */
	bool in_guest; /* set under the lock, cleared on exit before it */
	u64 runstate_ns[4];
	u64 runstate_since_ns;
	u8 runstate_now;
	int offer; /* local APIC vector offered at this entry, or -1 */
	struct vapic apic;
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
	gfn_t ram_end; /* end of RAM below CASEMATE_MAX_RAM_GFN */
	u64 created_ns;
	u64 hypercalls;
	u64 denials;
	mfn_t npt_root;
	mfn_t shared;	  /* shared_info frame */
	gfn_t shared_gfn; /* where the guest has it; MFN_NONE = nowhere */
	gfn_t grant_gfns[CASEMATE_MAX_GRANT_FRAMES]; /* likewise */
	mfn_t grant_frames[CASEMATE_MAX_GRANT_FRAMES];
	u32 grant_frame_count;
	u64 store_port, console_port;
	u64 callback_irq;   /* HVM_PARAM_CALLBACK_IRQ as set */
	u8 callback_vector; /* 0 = none yet */
	u8 digest[48];
	u64 progress;	   /* cursor of a long operation (populate, teardown) */
	u32 stage;	   /* of teardown, see domain_end.c */
	gfn_t pending_gfn; /* the populate call in progress */
	u64 pending_count;
	struct vcpu vcpus[CASEMATE_MAX_VCPUS];
};

extern struct domain domains[CASEMATE_MAX_DOMAINS];

/* The domain with this id in any state but FREE; NULL otherwise. Resolves
 * DOMID_SELF (0x7ff0) against `self`. */
struct domain *domain_find(domid_t id, const struct domain *self);

/* ---- the reference monitor's door (mediate.c) ---------------------- */

struct hypercall_row;
/* The only way to a permit: may `v`'s domain use permission `perm` of the
 * row's class on domain `object`? 0, or -EPERM after an audit record. */
err_t mediate(struct vcpu *v, const struct hypercall_row *row,
	      const struct domain *object, u32 perm);
/* The same question without an audit record, where a refusal only selects a
 * weaker operation (grant copy_to -> push). */
bool mediate_quiet(const struct domain *subject, const struct domain *object,
		   u32 cls, u32 perm);
/* On a domain that does not exist yet: only its label is known. */
err_t mediate_label(struct vcpu *v, const struct hypercall_row *row, u32 label,
		    u32 perm);
/* For calls that work on the caller alone but name a domain: 0 if it is the
 * caller, else -ESRCH or an audited -EPERM. */
err_t mediate_own(struct vcpu *v, const struct hypercall_row *row, domid_t id);
/* On an initial object (core, policy, audit, console) instead of a domain. */
err_t mediate_core(struct vcpu *v, const struct hypercall_row *row, u32 initial,
		   u32 perm);

/* ---- scheduling (sched.c) ------------------------------------------ */

void vcpu_wake(struct vcpu *v);	 /* blocked -> runnable; kicks a processor */
void vcpu_block(struct vcpu *v); /* the running vCPU stops until woken */
/* Something for the guest to notice (an upcall): leaves guest mode or wakes. */
void vcpu_notify(struct vcpu *v);
static inline struct domain *vcpu_domain(const struct vcpu *v)
{
	return &domains[v->domid];
}
