/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks nobody: the guest that the others must not reach. It fills all its
 * free memory with secrets and answers each line on its console with that line
 * and whether every secret is still in its place. */
#include "attack.h"

#include <xen/io/console.h>

const char claim_name[] = "bystander";

extern u8 kernel_end[];

static volatile struct xencons_interface *ring;
static u32 port;

static u64 first(void)
{
	return ((u64)kernel_end + PAGE - 1) & ~(u64)(PAGE - 1);
}

static void fill(void)
{
	u64 end = ram_end(), at;

	for (at = first(); at < end; at += 8) {
		*(volatile u64 *)at = secret_word(at);
	}
}

/* The first word that is not what was put there, or 0. */
static u64 damaged(void)
{
	u64 end = ram_end(), at;

	for (at = first(); at < end; at += 8) {
		if (*(volatile u64 *)at != secret_word(at)) {
			return at;
		}
	}
	return 0;
}

static bool line_read(char *line, u32 room)
{
	static u32 n;

	while (ring->in_cons != ring->in_prod) {
		char c = ring->in[ring->in_cons % sizeof(ring->in)];

		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		ring->in_cons += 1;
		if (c == '\n' || c == '\r' || n == room - 1) {
			line[n] = 0;
			n = 0;
			return true;
		}
		line[n++] = c;
	}
	return false;
}

static void wait(void)
{
	struct sched_poll poll = { .nr_ports = 1 };

	clear_pending(port);
	if (ring->in_cons == ring->in_prod) {
		set_xen_guest_handle(poll.ports, &port);
		CHECK_IS(sched_call(SCHEDOP_poll, &poll), 0);
	}
}

void claim(void)
{
	char line[40];
	u64 pfn, number;

	CHECK_IS(hvm_get(HVM_PARAM_CONSOLE_PFN, &pfn), 0);
	CHECK_IS(hvm_get(HVM_PARAM_CONSOLE_EVTCHN, &number), 0);
	ring = (void *)(pfn * PAGE);
	port = (u32)number;
	mask(port);
	fill();
	say("filled");
	for (;;) {
		if (line_read(line, sizeof(line))) {
			u64 at = damaged();

			say("answer %s %s %l", line, at ? "damaged" : "intact",
			    at);
		} else {
			wait();
		}
	}
}
