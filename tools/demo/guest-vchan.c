/* SPDX-License-Identifier: Apache-2.0 */
/* Exchanges data both ways over Debian's libxenvchan, unchanged:
 *
 *     guest-vchan serve PEER PATH BYTES    wait for PEER at xenstore PATH
 *     guest-vchan connect PEER PATH BYTES  connect to PEER's PATH
 *
 * The client sends BYTES, the server checks them and sends BYTES back; each
 * direction has its own pattern and ends with a checksum over it.
 */
#include <stdint.h>
#include <unistd.h>

#include <libxenvchan.h>

#include "try.h"

#define CHUNK 1024u

/* FNV-1a, 64 bits: enough to see a lost, doubled or torn byte. */
static uint64_t checksum(uint64_t sum, const uint8_t *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		sum = (sum ^ data[i]) * 0x100000001b3ull;
	}
	return sum;
}

static void fill(uint8_t *data, size_t bytes, uint32_t *state)
{
	for (size_t i = 0; i < bytes; i++) {
		*state = *state * 1664525u + 1013904223u;
		data[i] = (uint8_t)(*state >> 24);
	}
}

static void fail(const char *what)
{
	printf("VCHAN failed: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void send_all(struct libxenvchan *chan, const void *data, size_t bytes)
{
	if (libxenvchan_send(chan, data, bytes) != (int)bytes) {
		fail("send");
	}
}

static void receive_all(struct libxenvchan *chan, void *data, size_t bytes)
{
	if (libxenvchan_recv(chan, data, bytes) != (int)bytes) {
		fail("receive");
	}
}

static void send_pattern(struct libxenvchan *chan, size_t bytes, uint32_t seed)
{
	uint64_t sum = 0xcbf29ce484222325ull;
	uint8_t chunk[CHUNK];

	for (size_t left = bytes; left > 0;) {
		size_t now = left < CHUNK ? left : CHUNK;

		fill(chunk, now, &seed);
		sum = checksum(sum, chunk, now);
		send_all(chan, chunk, now);
		left -= now;
	}
	send_all(chan, &sum, sizeof(sum));
}

static void receive_pattern(struct libxenvchan *chan, size_t bytes,
			    unsigned int peer)
{
	uint64_t sum = 0xcbf29ce484222325ull;
	uint8_t chunk[CHUNK];
	uint64_t told;

	for (size_t left = bytes; left > 0;) {
		size_t now = left < CHUNK ? left : CHUNK;

		receive_all(chan, chunk, now);
		sum = checksum(sum, chunk, now);
		left -= now;
	}
	receive_all(chan, &told, sizeof(told));
	printf("VCHAN received=%zu from=%u checksum=%016llx %s\n", bytes, peer,
	       (unsigned long long)sum, sum == told ? "ok" : "WRONG");
	fflush(stdout);
	if (sum != told) {
		exit(1);
	}
}

static struct libxenvchan *connect_to(unsigned int peer, const char *path)
{
	for (int i = 0; i < 100; i++) {
		struct libxenvchan *chan =
			libxenvchan_client_init(quiet(), (int)peer, path);

		/* Only a server that is not there yet is worth a wait. */
		if (chan || errno != ENOENT) {
			return chan;
		}
		usleep(100000);
	}
	return NULL;
}

static int serve(unsigned int peer, const char *path, size_t bytes)
{
	struct libxenvchan *chan = libxenvchan_server_init(quiet(), (int)peer,
							   path, 4096, 4096);

	if (!chan) {
		try_errno("vchan-serve", peer);
		return 1;
	}
	chan->blocking = 1;
	try_done("vchan-serve", peer, "path=%s", path);
	receive_pattern(chan, bytes, peer);
	send_pattern(chan, bytes, 0x5eedu);
	/* Closing would take the ring from under an unread answer. */
	while (libxenvchan_is_open(chan) == 1) {
		libxenvchan_wait(chan);
	}
	libxenvchan_close(chan);
	return 0;
}

static int talk(unsigned int peer, const char *path, size_t bytes)
{
	struct libxenvchan *chan = connect_to(peer, path);

	if (!chan) {
		try_errno("vchan-connect", peer);
		return 1;
	}
	chan->blocking = 1;
	try_done("vchan-connect", peer, "path=%s", path);
	send_pattern(chan, bytes, 0xc11eu);
	receive_pattern(chan, bytes, peer);
	libxenvchan_close(chan);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "serve") == 0) {
		return serve(number(argv[2]), argv[3], number(argv[4]));
	}
	if (argc == 5 && strcmp(argv[1], "connect") == 0) {
		return talk(number(argv[2]), argv[3], number(argv[4]));
	}
	fprintf(stderr, "usage: guest-vchan serve|connect PEER PATH BYTES\n");
	return 2;
}
