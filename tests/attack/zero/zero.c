/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: a new guest finds nothing but zeroes in the memory of one that was
 * just destroyed, in its RAM and in what it populates later. */
#include "attack.h"

const char claim_name[] = "zero";

void claim(void)
{
	u64 gfn;

	start_check();
	for (gfn = HOLE; populate(gfn) == 1; gfn++) {
		zero_check((void *)(gfn * PAGE));
	}
	while (gfn > HOLE) {
		gfn -= 1;
		CHECK_IS(give_up(gfn), 1);
	}
	for (gfn = 0x800; gfn < ram_end() / PAGE; gfn++) {
		CHECK_IS(give_up(gfn), 1);
		CHECK_IS(populate(gfn), 1);
		zero_check((void *)(gfn * PAGE));
	}
	reach_check();
}
