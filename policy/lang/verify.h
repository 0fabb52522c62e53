/* SPDX-License-Identifier: Apache-2.0 */
/* Do the claims of a policy hold? For the mode that is selected in the model,
 * whose image is installed in the core's monitor. */
#pragma once

#include "check.h"
#include "flow.h"
#include "refmon/refmon.h"

/* Rules that can never permit anything are reported. */
void verify_rules(struct checker *c);

/* Rings, uses and diodes work, and open no more than they say. */
void verify_macros(struct checker *c, const struct flow_graph *flows);

/* never, assert and conflict. */
void verify_claims(struct checker *c, const struct flow_graph *flows);

/* Why a subject is refused an object, in words that stand between them. */
const char *verify_cause(enum refmon_cause cause);

/* A note on the rule by which information flows from one label to another. */
void verify_note_step(struct checker *c, const char *lead, u32 from, u32 to);

/* " in mode 'NAME'", or "". */
#define VERIFY_MODE_ROOM 80u
const char *verify_mode(const struct model *m, char *out, size_t room);
