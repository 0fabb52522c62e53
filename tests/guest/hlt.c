/* SPDX-License-Identifier: Apache-2.0 */
/* HLT with interrupts on always wakes: nothing is lost between STI and HLT. */
#include "lib.h"

const char claim_name[] = "hlt";

void claim(void)
{
	u32 port = bind_virq(VIRQ_TIMER, 0);
	u32 ipi = bind_ipi(0);
	u32 i;

	for (i = 0; i < 300; i++) {
		u32 before = upcalls[0];
		u64 start = time_ns();

		clear_selectors();
		clear_pending(port);
		set_timer(start + (i % 40) * 20000);
		while (upcalls[0] == before) {
			halt();
			CHECK(time_ns() < start + 5000 * MS);
		}
	}
	for (i = 0; i < 300; i++) { /* pending before HLT */
		u32 before = upcalls[0];

		clear_selectors();
		clear_pending(ipi);
		event_send(ipi);
		halt();
		/* One more may come when the core interrupted the upcall
		 * before it cleared its flag; none may be missing. */
		CHECK(upcalls[0] > before && upcalls[0] <= before + 2);
	}
	CHECK_IS(try_wrmsr(0x830, (1u << 18) | IPI_VECTOR), NO_FAULT);
	halt(); /* an interrupt through the APIC */
	CHECK_IS(ipis[0], 1);
}
