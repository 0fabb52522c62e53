/* SPDX-License-Identifier: Apache-2.0 */
/* How long an event to oneself and a timer take: medians, in nanoseconds of
 * the core's clock; with an emulator that counts instructions, exact ones. */
#include "attack.h"

const char claim_name[] = "latency";

#define ROUNDS 101u

static u32 sample[ROUNDS];

static u32 median(void)
{
	sort(sample, ROUNDS);
	return sample[ROUNDS / 2];
}

static void wait_upcall(u32 before)
{
	while (upcalls[0] == before) {
		halt();
	}
}

static void rest(u32 port)
{
	clear_pending(port);
	clear_selectors();
}

static u32 event(void)
{
	u32 port = bind_ipi(0), i;

	for (i = 0; i < ROUNDS; i++) {
		u32 before = upcalls[0];
		u64 start = time_ns();

		event_send(port);
		wait_upcall(before);
		sample[i] = (u32)(time_ns() - start);
		rest(port);
	}
	return median();
}

static u32 timer(void)
{
	u32 port = bind_virq(VIRQ_TIMER, 0), i;

	for (i = 0; i < ROUNDS; i++) {
		u32 before = upcalls[0];
		u64 at = time_ns() + MS;

		set_timer(at);
		wait_upcall(before);
		sample[i] = (u32)(time_ns() - at);
		rest(port);
	}
	return median();
}

void claim(void)
{
	u32 events = event();

	say("event %u timer %u", events, timer());
}
