/* SPDX-License-Identifier: Apache-2.0 */
/* No device: every port reads all ones, but for the few that say otherwise. */
#include "lib.h"

const char claim_name[] = "ports";

static u32 expected(u32 port)
{
	if (port >= 0x40 && port <= 0x43) {
		return 0; /* the timer that is not there */
	}
	if (port == 0x61) {
		return 0x20;
	}
	return port == 0xb004 ? 0 : 0xff;
}

void claim(void)
{
	u32 port;

	for (port = 0; port < 0x10000; port++) {
		if (port < 0x1000 || port % 16 == 4) {
			u32 value = in((u16)port, 1);

			if (value != expected(port)) {
				fail("port %x reads %x", port, value);
			}
		}
	}
	CHECK_IS(in(0xcfc, 4), 0xffffffffu);
	CHECK_IS(in(0x10, 2), 0xffff);
	out(0xcf8, 4, 0x80000000);
	CHECK_IS(in(0xcf8, 4), 0xffffffffu);
	for (port = 0; port < 0x10000; port += 37) {
		if (port != 0xb004 && port != 0xb003 && port != 0xb002 &&
		    port != 0xb001) {
			out((u16)port, 1, 0xff);
			out((u16)port, 4, ~0u);
		}
	}
	CHECK_IS(try_string_out(0x3f8), 13);
}
