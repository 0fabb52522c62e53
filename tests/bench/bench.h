/* SPDX-License-Identifier: Apache-2.0 */
/* What the measuring guest and its peer agree on. Each is told the other's
 * number by its command line, "peer=N". Runs on Casemate and on Xen. */
#pragma once

#include "lib.h"

#define REF_CONTROL 8u /* the peer's grants to the measuring guest */
#define REF_DATA 9u

enum command {
	COMMAND_NONE,
	COMMAND_SPIN,	/* look for events without ever halting */
	COMMAND_ANSWER, /* halt; answer each event */
	COMMAND_STOP,
};

/* One page of the peer's, granted. */
struct control {
	u32 is_ready;
	u32 port; /* of the peer's, offered to the measuring guest */
	u32 command;
	u32 seen;    /* commands taken */
	u32 cleared; /* events taken while spinning */
};

/* Own grant table frame 0, at spare[0]. */
void grants_init(void);
void grant_page(u32 ref, u32 domid, void *page);

/* How long a call keeps the core to itself: an upcall that stays pending comes
 * at each entry into the guest, so also between the pieces of a call that the
 * core interrupts and starts again. Prints HOLD name, ticks of the longest
 * piece, pieces. */
void hold_begin(void);
void hold_end(const char *name);
