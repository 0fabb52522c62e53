/* SPDX-License-Identifier: Apache-2.0 */
/* Two guests of one level that work together, giver and taker. The giver
 * grants a page to talk over and some to play with to whoever comes. */
#pragma once

#include "attack.h"

#define TALK_REF 8u   /* + the taker's number */
#define DATA_REF 112u /* + the taker's number */
#define DATA_PAGES 4u /* each with its own references */
#define DATA_STRIDE 128u
#define OFFERS 3000u

struct talk {
	volatile u32 taker; /* its number, once it is there */
	volatile u32 asked; /* the step that the taker wants done */
	volatile u32 done;  /* the last step that the giver did */
	volatile u32 port;  /* offered by the giver */
	volatile u32 offers;
};
enum step {
	STEP_OFFER = 1,
	STEP_SWAP,
	STEP_LOOK,
	STEP_PORTS,
	STEP_DIE
};

static inline void let_others(void)
{
	(void)sched_call(SCHEDOP_yield, NULL);
}
