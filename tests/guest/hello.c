/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel of a few pages boots and says so. */
#include "lib.h"

const char claim_name[] = "hello";

void claim(void)
{
	say("hello, this is domain %u", own_domid());
}
