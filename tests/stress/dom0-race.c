/* SPDX-License-Identifier: Apache-2.0 */
/* Ends domains while something else is done to them, past dom0's tools:
 *
 *     dom0-race building LABEL     each long operation of a domain that is
 *                                  being made, cut short by a destroy
 *     dom0-race destroy DOMID...   by several threads at once each
 *     dom0-race life DOMID         paused, run on and asked after by several
 *                                  threads, then destroyed among them
 *     dom0-race grab MS DOMID...   maps what these grant to dom0, and binds
 *                                  what they offer, and lets go, again and
 *                                  again
 *
 * `building` says how often an operation was cut short: never would prove
 * nothing. It fails if a frame is missing afterwards. */
#include "stress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xengnttab.h>

#define THREADS 3
#define FRAMES 20000u /* of a domain being made */
#define ROUNDS 12u

static uint32_t domid;
static atomic_bool is_over;

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void run(void *(*function)(void *), void *argument, int threads)
{
	pthread_t started[THREADS];

	for (int i = 0; i < threads; i++) {
		pthread_create(&started[i], NULL, function, argument);
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(started[i], NULL);
	}
}

/* ---- destroy ---------------------------------------------------------- */

static void *destroy(void *unused)
{
	struct door door = door_open();
	int rc;

	(void)unused;
	for (int tries = 0; tries < 400; tries++) {
		rc = control_domain(&door, CTL_DESTROY, domid);
		if (rc == -ESRCH) {
			return NULL;
		}
		if (rc != 0) {
			fprintf(stderr, "destroy: %d\n", rc);
			exit(1);
		}
		usleep(rc == 0 && tries > 2 ? 5000 : 0);
	}
	return NULL; /* somebody keeps it: it stays dying */
}

static int destroy_all(int count, char **domids)
{
	for (int i = 0; i < count; i++) {
		domid = (uint32_t)atoi(domids[i]);
		run(destroy, NULL, THREADS);
	}
	return 0;
}

/* ---- life --------------------------------------------------------------- */

static void *disturb(void *unused)
{
	struct door door = door_open();
	struct ctl_getinfo info;

	(void)unused;
	while (!is_over) {
		(void)control_domain(&door, CTL_PAUSE, domid);
		info = (struct ctl_getinfo){ .domid = domid };
		(void)control(&door, CTL_GETINFO, &info, sizeof(info));
		(void)control_domain(&door, CTL_UNPAUSE, domid);
	}
	return NULL;
}

static int life(const char *text)
{
	pthread_t others[2];

	domid = (uint32_t)atoi(text);
	for (int i = 0; i < 2; i++) {
		pthread_create(&others[i], NULL, disturb, NULL);
	}
	usleep(300000);
	run(destroy, NULL, THREADS);
	is_over = true;
	for (int i = 0; i < 2; i++) {
		pthread_join(others[i], NULL);
	}
	return 0;
}

/* ---- building -------------------------------------------------------------- */

/* What is done to the domain while it is destroyed. */
static int populate(struct door *door)
{
	struct ctl_populate arg = { .domid = domid, .count = FRAMES };

	return control(door, CTL_POPULATE, &arg, sizeof(arg));
}

static int load(struct door *door)
{
	struct ctl_load arg = { .domid = domid,
				.kind = KIND_OTHER,
				.count = DOOR_PAGES,
				.buffer = (uintptr_t)door->buffer };
	int rc = 0;

	for (int i = 0; rc == 0 && i < 16; i++) {
		arg.done = 0;
		rc = control(door, CTL_LOAD, &arg, sizeof(arg));
	}
	return rc;
}

static int start(struct door *door)
{
	struct ctl_start arg = { .domid = domid, .flags = CTL_START_PAUSED };

	return control(door, CTL_START, &arg, sizeof(arg));
}

static const struct long_op {
	const char *name;
	int (*run)(struct door *door);
	bool is_populated; /* before */
} long_ops[] = { { "populate", populate, false },
		 { "load", load, true },
		 { "start", start, true } };

struct builder {
	const struct long_op *op;
	uint64_t took_us;
	int result;
};

static void *build(void *argument)
{
	struct builder *b = argument;
	struct door door = door_open();
	uint64_t begin = now_us();

	b->result = b->op->run(&door);
	b->took_us = now_us() - begin;
	return NULL;
}

static void make(struct door *door, uint32_t label, bool is_populated)
{
	struct ctl_create arg = { .label = label,
				  .vcpu_count = 4,
				  .max_frames = FRAMES + 16 };

	if (control(door, CTL_CREATE, &arg, sizeof(arg)) != 0) {
		die("CTL_CREATE");
	}
	domid = arg.domid;
	if (is_populated && populate(door) != 0) {
		die("CTL_POPULATE");
	}
}

/* Destroyed after `delay` us of it; true if that cut it short. */
static bool cut(struct door *door, uint32_t label, const struct long_op *op,
		uint64_t delay, uint64_t *took)
{
	uint64_t before = core_info(door).free_frames;
	struct builder b = { .op = op };
	pthread_t builder;

	make(door, label, op->is_populated);
	pthread_create(&builder, NULL, build, &b);
	usleep((useconds_t)delay);
	run(destroy, NULL, THREADS);
	pthread_join(builder, NULL);
	*took = b.took_us;
	if (core_info(door).free_frames != before) {
		fprintf(stderr, "%s: frames are missing\n", op->name);
		exit(1);
	}
	return b.result != 0;
}

static int building(const char *name)
{
	struct door door = door_open();
	uint32_t label = label_find(&door, name);

	for (size_t i = 0; i < sizeof(long_ops) / sizeof(long_ops[0]); i++) {
		const struct long_op *op = &long_ops[i];
		struct builder whole = { .op = op };
		unsigned int short_cut = 0;
		uint64_t took;

		/* How long it takes when nobody cuts it. */
		make(&door, label, op->is_populated);
		build(&whole);
		run(destroy, NULL, 1);
		for (unsigned int n = 0; n < ROUNDS; n++) {
			uint64_t delay = whole.took_us * n / ROUNDS;

			short_cut += cut(&door, label, op, delay, &took);
		}
		printf("building: %s takes %llu us, cut short %u of %u times\n",
		       op->name, (unsigned long long)whole.took_us, short_cut,
		       ROUNDS);
	}
	return 0;
}

/* ---- grab --------------------------------------------------------------------- */

#define FIRST_REF 8u
#define LAST_REF 72u

struct grabber {
	int count;
	char **domids;
	uint64_t end_us;
};
static atomic_uint mapped, bound;

static void *map(void *argument)
{
	const struct grabber *g = argument;
	xengnttab_handle *xgt = xengnttab_open(quiet(), 0);
	uint32_t n = 0;

	if (xgt == NULL) {
		die("/dev/xen/gntdev");
	}
	while (now_us() < g->end_us) {
		uint32_t from = (uint32_t)atoi(g->domids[n % g->count]);
		uint32_t ref = FIRST_REF + n++ % (LAST_REF - FIRST_REF);
		volatile uint32_t *page = xengnttab_map_grant_ref(
			xgt, from, ref, PROT_READ | PROT_WRITE);

		if (page != NULL) {
			page[1] = n;
			mapped++;
			xengnttab_unmap(xgt, (void *)page, 1);
		}
	}
	xengnttab_close(xgt);
	return NULL;
}

static void *bind(void *argument)
{
	const struct grabber *g = argument;
	struct door door = door_open();
	struct evtchn_bind_interdomain *op = (void *)door.page;
	struct evtchn_close *close = (void *)door.page;
	uint32_t n = 0;

	while (now_us() < g->end_us) {
		*op = (struct evtchn_bind_interdomain){
			.remote_dom = (domid_t)atoi(g->domids[n % g->count]),
			.remote_port = 3 + n % 600
		};
		n++;
		if (raw_call(&door, __HYPERVISOR_event_channel_op,
			     EVTCHNOP_bind_interdomain, (uintptr_t)op) == 0) {
			uint32_t port = op->local_port;

			bound++;
			close->port = port;
			(void)raw_call(&door, __HYPERVISOR_event_channel_op,
				       EVTCHNOP_close, (uintptr_t)close);
		}
	}
	return NULL;
}

static int grab(const char *ms, int count, char **domids)
{
	struct grabber g = { count, domids,
			     now_us() + strtoull(ms, NULL, 0) * 1000 };
	pthread_t mapper;

	pthread_create(&mapper, NULL, map, &g);
	bind(&g);
	pthread_join(mapper, NULL);
	printf("grab: mapped %u, bound %u\n", mapped, bound);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (strcmp(what, "building") == 0) {
		return building(argv[2]);
	}
	if (strcmp(what, "destroy") == 0) {
		return destroy_all(argc - 2, argv + 2);
	}
	if (strcmp(what, "life") == 0) {
		return life(argv[2]);
	}
	if (strcmp(what, "grab") == 0 && argc > 3) {
		return grab(argv[2], argc - 3, argv + 3);
	}
	fprintf(stderr, "usage: dom0-race building LABEL | destroy DOMID... | "
			"life DOMID | grab MS DOMID...\n");
	return 2;
}
