/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second opinion on the state of the core. It walks the nested page tables
 * by itself, counts owners, references, mappings and ports from the ground up,
 * keeps a copy of all memory, and asks the monitor itself what may be.
 */
#pragma once

#include "../unit/fake_hw.h"

#define MODEL_NOBODY 0xffffffffu

/* What the state is about to change by: a hypercall, or something else that
 * only touches what the core shares (time, interrupts). */
struct act {
	u32 caller; /* domain, or MODEL_NOBODY */
	u32 number; /* of the hypercall; ~0: no hypercall */
	u32 subop;
	u32 target; /* domain a control operation names, or MODEL_NOBODY */
};

/* What the levels of the installed policy's labels are. */
void model_labels(void);
/* The state is right as it is. */
void model_start(void);
void model_before(void);
/* Anything wrong is a finding. */
void model_after(const struct act *a);
/* What the core wrote just now was on nobody's behalf: scheduling. */
void model_aside(void);
/* At the end of an input: what takes too long after every call. */
void model_end(void);

/* The guest's own access to its memory, as the processor does it; false where
 * nothing is mapped, or not for writing. Within a page. */
bool model_guest_write(u32 domid, gpa_t gpa, const void *from, u32 bytes);
bool model_guest_read(u32 domid, gpa_t gpa, void *to, u32 bytes);
/* The byte that marks data of the domain's level; 0 for a trusted domain. */
u8 model_taint(u32 domid);
/* An entry of a domain's grant table; false where there is none. */
bool model_grant_entry(u32 granter, u32 ref, u64 *entry);
