/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the event and grant code stands on, made of host memory: frames, p2m,
 * guest copies, asking the monitor, the scheduler. Strict where the real thing
 * is: a frame let go before the flush, or touched after its release, fails the
 * test.
 */
#pragma once

#include "lib/types.h"
#include "refmon/refmon.h"
#include "vmm/copy.h"
#include "vmm/domain.h"
#include "vmm/frame.h"
#include "vmm/hypercall.h"
#include "vmm/p2m.h"

#define FAKE_FRAMES 256u
#define FAKE_ARGS_VA 0x10000ull /* where hypercall arguments may be put */
#define FAKE_ARGS_BYTES 65536u

extern u8 fake_args[FAKE_ARGS_BYTES];
extern bool fake_copy_out_fails; /* copy_to_guest gives -EFAULT */
extern int fake_copy_out_after;	 /* so many copies out work before that */
extern u32 fake_notified[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_VCPUS];
extern u32 fake_woken[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_VCPUS];
extern u32 fake_flushes;
extern u32 fake_denials;       /* refusals that mediate() audited */
extern u32 fake_revocations;   /* refusals of mediate_again() */
extern u32 fake_core_allow[8]; /* on the core, by label */
extern u32 fake_last_perm;     /* of the last mediate() */
extern u32 fake_asked;	       /* calls of mediate() */
extern bool fake_p2m_full;     /* p2m_set gives -ENOMEM */
extern u32 fake_level[8];      /* of each label */
/* frame_alloc gives -ENOMEM. */
extern bool fake_frames_full;
/* Called by p2m_get: what another processor does meanwhile. */
extern void (*fake_meanwhile)(void);
/* Permissions by subject, object, class: one bit each. */
extern u32 fake_allow[8][8][16];

struct p2m_entry {
	mfn_t mfn;
	u32 kind; /* P2M_NONE: mfn is MFN_NONE */
};
struct p2m_entry p2m_get(const struct domain *d, gfn_t gfn);
void fake_reset(void);
/* A running domain with shared_info and `ram` frames at gfn 0 .. ram - 1. */
struct domain *fake_domain(domid_t id, u32 label, u32 vcpus, u32 ram);
u32 fake_frame_refs(mfn_t mfn);
u8 fake_frame_type(mfn_t mfn);
/* Live non-RAM slots in a domain's p2m. */
u32 fake_p2m_grants(const struct domain *d);
struct hypercall_row fake_row(u8 cls, u16 subop);
