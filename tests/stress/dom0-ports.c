/* SPDX-License-Identifier: Apache-2.0 */
/* How many of dom0's event channels are in each state: one line of JSON. */
#include "stress.h"

#include <xen/xen.h>
#include <xen/event_channel.h>

static const char *const names[] = { "closed", "unbound", "interdomain",
				     "pirq",   "virq",	  "ipi" };
#define STATES (sizeof(names) / sizeof(names[0]))

int main(void)
{
	struct door door = door_open();
	struct evtchn_status *s = (void *)door.page;
	unsigned int counts[STATES] = { 0 };

	for (uint32_t port = 1; port < 1024; port++) {
		*s = (struct evtchn_status){ .dom = DOMID_SELF, .port = port };
		if (raw_call(&door, __HYPERVISOR_event_channel_op,
			     EVTCHNOP_status, (uintptr_t)s) != 0 ||
		    s->status >= STATES) {
			die("EVTCHNOP_status");
		}
		counts[s->status]++;
	}
	for (size_t i = 0; i < STATES; i++) {
		printf("%s\"%s\": %u", i == 0 ? "{" : ", ", names[i],
		       counts[i]);
	}
	printf("}\n");
	return 0;
}
