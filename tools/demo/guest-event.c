/* SPDX-License-Identifier: Apache-2.0 */
/* Tries event channels from a guest's user space, with stock libxenevtchn:
 *
 *     guest-event offer PEER        an unbound port that PEER may bind
 *     guest-event bind PEER PORT    bind to PEER's port
 *     guest-event hold PEER SECONDS offer, wait for one event or the time
 */
#include <poll.h>
#include <xenevtchn.h>

#include "try.h"

static int offer(xenevtchn_handle *xce, unsigned int peer)
{
	int port = xenevtchn_bind_unbound_port(xce, peer);

	if (port < 0) {
		try_errno("event-offer", peer);
	} else {
		try_done("event-offer", peer, "port=%d", port);
	}
	return port;
}

static int bind_to(xenevtchn_handle *xce, unsigned int peer, unsigned int there)
{
	int port = xenevtchn_bind_interdomain(xce, peer, there);

	if (port < 0) {
		try_errno("event-bind", peer);
		return 1;
	}
	try_done("event-bind", peer, "port=%d", port);
	if (xenevtchn_notify(xce, port) < 0) {
		try_errno("event-send", peer);
	} else {
		try_done("event-send", peer, "port=%d", port);
	}
	return 0;
}

static int hold(xenevtchn_handle *xce, unsigned int peer, unsigned int seconds)
{
	struct pollfd fd = { .fd = xenevtchn_fd(xce), .events = POLLIN };

	if (offer(xce, peer) < 0) {
		return 1;
	}
	/* Binding the other end raises one event by itself. */
	if (poll(&fd, 1, (int)seconds * 1000) > 0) {
		printf("EVENT from=%u port=%d\n", peer, xenevtchn_pending(xce));
	} else {
		printf("EVENT from=%u none\n", peer);
	}
	return 0;
}

int main(int argc, char **argv)
{
	xenevtchn_handle *xce = xenevtchn_open(quiet(), 0);

	MUST(xce, "/dev/xen/evtchn");
	if (argc == 3 && strcmp(argv[1], "offer") == 0) {
		return offer(xce, number(argv[2])) < 0;
	}
	if (argc == 4 && strcmp(argv[1], "bind") == 0) {
		return bind_to(xce, number(argv[2]), number(argv[3]));
	}
	if (argc == 4 && strcmp(argv[1], "hold") == 0) {
		return hold(xce, number(argv[2]), number(argv[3]));
	}
	fprintf(stderr, "usage: guest-event offer|bind|hold PEER [...]\n");
	return 2;
}
