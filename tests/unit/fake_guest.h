/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guests on the fake machine: made by the core's own domain_make(), with RAM
 * from guest frame 0 on and page tables of their own that map the linear
 * addresses below 1 GiB to themselves.
 */
#pragma once

#include "fake_hw.h"
#include "vmm/p2m.h"
#include "vmm/sched.h"
#include "vmm/time.h"

#define GUEST_PML4 0x1000ull
#define GUEST_PDPT 0x2000ull
#define GUEST_ARGS 0x10000ull	    /* where the helpers put arguments */
#define GUEST_NOWHERE 0x3fff0000ull /* paged, but no RAM there */

/* What d's map has there; the core agrees. */
struct p2m_entry {
	mfn_t mfn;
	u32 kind; /* P2M_NONE: mfn is MFN_NONE */
};
struct p2m_entry p2m_get(const struct domain *d, gfn_t gfn);
/* A running domain whose vCPU 0 is on processor 0. */
struct domain *guest_make(domid_t id, u32 label, u32 vcpus, u32 ram);
/* One that dom0 is still building: no RAM. */
struct domain *guest_building(domid_t id, u32 label, u64 max_frames);
void *guest_at(const struct domain *d, gpa_t gpa); /* NULL: no RAM there */
/* A hypercall by vCPU 0, restarted as the guest would. */
long guest_call(struct domain *d, u64 number, u64 a, u64 b, u64 c);
/* The same, with a structure copied to and from GUEST_ARGS as argument b. */
long guest_op(struct domain *d, u64 number, u64 subop, void *arg, u32 bytes);
/* Tear down, checking that it takes a bounded number of steps. */
void guest_destroy(struct domain *d);
/* Would the main loop take the processor from v, looking at the clock? */
static inline bool guest_gives_way(const struct vcpu *v)
{
	return sched_is_over(v) || fake_now - v->run.since_ns >= SCHED_SLICE_NS;
}
/* Without domains yet: no deadline is left of what ran before (time.c). */
static inline void guest_timers_forget(void)
{
	u64 now = fake_now;

	fake_now = TIME_NEVER - 1;
	for (fake_cpu = 0; fake_cpu < CASEMATE_MAX_CPUS; fake_cpu++) {
		time_run(TIME_NEVER);
	}
	fake_cpu = 0;
	fake_now = now;
}
/* Frames the domains hold, by the table itself. */
u64 guest_frames_held(void);
