/* SPDX-License-Identifier: Apache-2.0 */
/* Tries grants from a guest's user space, with stock libxengnttab:
 *
 *     guest-grant share PEER SECONDS TEXT  share a page holding TEXT with PEER
 *                                          and print each change of it
 *     guest-grant map PEER REF             map PEER's page, read and write
 *     guest-grant map-ro PEER REF          the same, read only
 *     guest-grant push PEER REF TEXT       copy TEXT into PEER's page (blind)
 *     guest-grant pull PEER REF            copy from PEER's page
 *     guest-grant sweep PEER FIRST LAST    map-ro of every reference
 */
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <xengnttab.h>

#include "try.h"

#define PAGE_BYTES 4096u

static void sleep_ms(long ms)
{
	struct timespec wait = { .tv_sec = ms / 1000,
				 .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&wait, NULL);
}

static int share(unsigned int peer, unsigned int seconds, const char *text)
{
	xengntshr_handle *xgs = xengntshr_open(quiet(), 0);
	char seen[PAGE_BYTES] = "";
	uint32_t ref;
	char *page;

	MUST(xgs, "/dev/xen/gntalloc");
	page = xengntshr_share_pages(xgs, peer, 1, &ref, 1);
	if (!page) {
		try_errno("grant-share", peer);
		return 1;
	}
	snprintf(page, PAGE_BYTES, "%s", text);
	snprintf(seen, sizeof(seen), "%s", text);
	try_done("grant-share", peer, "ref=%u", ref);
	for (unsigned int i = 0; i < seconds * 10; i++) {
		sleep_ms(100);
		page[PAGE_BYTES - 1] = '\0';
		if (strcmp(page, seen) != 0) {
			snprintf(seen, sizeof(seen), "%s", page);
			printf("PAGE ref=%u now=\"%s\"\n", ref, seen);
			fflush(stdout);
		}
	}
	xengntshr_unshare(xgs, page, 1);
	return 0;
}

static int map(xengnttab_handle *xgt, const char *what, unsigned int peer,
	       unsigned int ref, int prot)
{
	char *page = xengnttab_map_grant_ref(xgt, peer, ref, prot);

	if (!page) {
		try_errno(what, peer);
		return 1;
	}
	try_done(what, peer, "ref=%u text=\"%.60s\"", ref, page);
	if (prot & PROT_WRITE) {
		snprintf(page, PAGE_BYTES, "written by the mapper");
	}
	xengnttab_unmap(xgt, page, 1);
	return 0;
}

static int sweep(xengnttab_handle *xgt, unsigned int peer, unsigned int first,
		 unsigned int last)
{
	unsigned int mapped = 0;

	for (unsigned int ref = first; ref <= last; ref++) {
		char *page = xengnttab_map_grant_ref(xgt, peer, ref, PROT_READ);

		if (page) {
			mapped++;
			xengnttab_unmap(xgt, page, 1);
		}
	}
	if (mapped == 0) {
		try_errno("grant-sweep", peer);
		return 1;
	}
	try_done("grant-sweep", peer, "mapped=%u", mapped);
	return 0;
}

static int copy(xengnttab_handle *xgt, const char *what,
		xengnttab_grant_copy_segment_t *segment, unsigned int peer)
{
	char code[16];

	if (xengnttab_grant_copy(xgt, 1, segment) < 0) {
		try_errno(what, peer);
		return 1;
	}
	if (segment->status != 0) {
		snprintf(code, sizeof(code), "GNTST%d", segment->status);
		try_refused(what, peer, code);
		return 1;
	}
	return 0;
}

static int push(xengnttab_handle *xgt, unsigned int peer, unsigned int ref,
		const char *text)
{
	static char buffer[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
	xengnttab_grant_copy_segment_t segment = {
		.source.virt = buffer,
		.dest.foreign = { .ref = ref, .domid = (uint16_t)peer },
		.len = (uint16_t)(strlen(text) + 1),
		.flags = 1 << 1, /* GNTCOPY_dest_gref */
	};

	snprintf(buffer, sizeof(buffer), "%s", text);
	if (copy(xgt, "grant-push", &segment, peer) != 0) {
		return 1;
	}
	try_done("grant-push", peer, "ref=%u status=%d", ref, segment.status);
	return 0;
}

static int pull(xengnttab_handle *xgt, unsigned int peer, unsigned int ref)
{
	static char buffer[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
	xengnttab_grant_copy_segment_t segment = {
		.dest.virt = buffer,
		.source.foreign = { .ref = ref, .domid = (uint16_t)peer },
		.len = 64,
		.flags = 1 << 0, /* GNTCOPY_source_gref */
	};

	memset(buffer, 0, sizeof(buffer)); /* touched: the kernel pins it */
	if (copy(xgt, "grant-pull", &segment, peer) != 0) {
		return 1;
	}
	try_done("grant-pull", peer, "ref=%u text=\"%.60s\"", ref, buffer);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: guest-grant share|map|map-ro|push|pull|sweep "
			"PEER ...\n");
	return 2;
}

int main(int argc, char **argv)
{
	xengnttab_handle *xgt;

	if (argc == 5 && strcmp(argv[1], "share") == 0) {
		return share(number(argv[2]), number(argv[3]), argv[4]);
	}
	xgt = xengnttab_open(quiet(), 0);
	MUST(xgt, "/dev/xen/gntdev");
	if (argc == 4 && strcmp(argv[1], "map") == 0) {
		return map(xgt, "grant-map", number(argv[2]), number(argv[3]),
			   PROT_READ | PROT_WRITE);
	}
	if (argc == 4 && strcmp(argv[1], "map-ro") == 0) {
		return map(xgt, "grant-map-ro", number(argv[2]),
			   number(argv[3]), PROT_READ);
	}
	if (argc == 5 && strcmp(argv[1], "push") == 0) {
		return push(xgt, number(argv[2]), number(argv[3]), argv[4]);
	}
	if (argc == 4 && strcmp(argv[1], "pull") == 0) {
		return pull(xgt, number(argv[2]), number(argv[3]));
	}
	if (argc == 5 && strcmp(argv[1], "sweep") == 0) {
		return sweep(xgt, number(argv[2]), number(argv[3]),
			     number(argv[4]));
	}
	return usage();
}
