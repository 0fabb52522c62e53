/* SPDX-License-Identifier: Apache-2.0 */
/* No device answers, with two exceptions: the timer ports read zero, so that
 * Linux's calibration gives up at once instead of after seconds; and the ACPI
 * sleep register switches the guest off. */
#include "vmm/port_io.h"

#include "abi/control.h"
#include "vmm/domain_end.h"

#include <xen/xen.h>
#include <xen/sched.h>

#define PORT_PIT_FIRST 0x40u
#define PORT_PIT_LAST 0x43u
#define PORT_GATE 0x61u
#define GATE_OUT 0x20u
#define SLEEP_ENABLE 0x20u

u32 port_read(u16 port)
{
	if (port >= PORT_PIT_FIRST && port <= PORT_PIT_LAST) {
		return 0;
	}
	if (port == PORT_GATE) {
		return GATE_OUT;
	}
	if (port == CASEMATE_SLEEP_PORT) {
		return 0;
	}
	return 0xffffffffu;
}

void port_write(struct vcpu *v, u16 port, u32 value)
{
	if (port == CASEMATE_SLEEP_PORT && (value & SLEEP_ENABLE) != 0) {
		domain_shutdown(vcpu_domain(v), SHUTDOWN_poweroff);
	}
}
