/* SPDX-License-Identifier: Apache-2.0 */
/* Random calls of the control interface, from several threads at once:
 *
 *     dom0-control SEED CALLS THREADS [DOMID...]
 *
 * The domains named are left alone, and dom0 is; all others that there are in
 * the end are destroyed, and every frame must be free again. Nothing else is
 * kept from: structures, states, ranges and pointers are what chance gives,
 * near enough to the right ones to get far. */
#include "stress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#define MAX_THREADS 8
#define OPS 15u /* one more than there are */

static bool is_spared[65536];
static uint64_t seed, calls;
static atomic_ullong issued;
static atomic_uint good[OPS];

struct side {
	uint64_t random;
	struct door door;
};

static uint32_t below(struct side *s, uint32_t limit)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (uint32_t)((s->random * 0x2545f4914f6cdd1dull >> 32) % limit);
}

static bool one_in(struct side *s, uint32_t n)
{
	return below(s, n) == 0;
}

static uint64_t wild(struct side *s)
{
	static const uint64_t odd[] = { 0,	    1,
					0xfeffc,    0xfefff,
					0xc0000,    (1ull << 28) - 1,
					1ull << 28, 1ull << 52,
					1ull << 63, ~0ull,
					0xffffffff, 0x7fffffff };

	return odd[below(s, sizeof(odd) / sizeof(odd[0]))] + below(s, 3) - 1;
}

static uint64_t number(struct side *s, uint32_t limit)
{
	return one_in(s, 12) ? wild(s) : below(s, limit);
}

static uint32_t domain(struct side *s)
{
	return (uint32_t)(one_in(s, 24) ? wild(s) : below(s, 104));
}

/* Where nothing of dom0's is: it would only hurt itself. */
static uint64_t wild_pointer(struct side *s)
{
	static const uint64_t odd[] = { 0,
					8,
					4096 - 8,
					1ull << 47,
					0x7ffffffff000,
					1ull << 63,
					0xffff800000000000,
					~7ull };

	return odd[below(s, sizeof(odd) / sizeof(odd[0]))];
}

static uint64_t buffer(struct side *s)
{
	uint64_t at = (uintptr_t)s->door.buffer;

	if (one_in(s, 12)) {
		return wild_pointer(s);
	}
	return at +
	       (one_in(s, 8) ? below(s, 4096) : below(s, DOOR_PAGES) * 4096);
}

/* In `page`, what sub-op `op` may find there. */
static void make(struct side *s, uint32_t op, void *page)
{
	uint32_t domid = domain(s);

	memset(page, 0, 256);
	switch (op) {
	case CTL_CREATE:
		*(struct ctl_create *)page = (struct ctl_create){
			.label = (uint32_t)number(s, 20),
			.vcpu_count = (uint32_t)number(s, 6),
			.max_frames = number(s, 6000),
			.flags = one_in(s, 16) ? (uint32_t)wild(s) : 0
		};
		break;
	case CTL_POPULATE:
		*(struct ctl_populate *)page = (struct ctl_populate){
			.domid = domid,
			.flags = one_in(s, 16) ? (uint32_t)wild(s) : 0,
			.gfn = number(s, 4000),
			.count = one_in(s, 4) ? number(s, 4000) : below(s, 64),
			.done = one_in(s, 8) ? wild(s) : 0
		};
		break;
	case CTL_LOAD:
		*(struct ctl_load *)page =
			(struct ctl_load){ .domid = domid,
					   .kind = (uint32_t)number(s, 7),
					   .gfn = number(s, 4000),
					   .count = number(s, 8),
					   .buffer = buffer(s),
					   .done = one_in(s, 8) ? wild(s) : 0 };
		break;
	case CTL_START:
		*(struct ctl_start *)page = (struct ctl_start){
			.domid = domid,
			.flags = below(s, 3),
			.entry = (uint32_t)number(s, 4000) * 4096,
			.start_info = (uint32_t)number(s, 4000)
		};
		break;
	case CTL_AUDIT_READ:
		*(struct ctl_audit *)page =
			(struct ctl_audit){ .next = number(s, 2000),
					    .buffer = buffer(s),
					    .count = (uint32_t)number(s, 66) };
		break;
	case CTL_POLICY_LOAD:
		*(struct ctl_policy *)page = (struct ctl_policy){
			.buffer = buffer(s),
			.bytes = (uint32_t)number(s, 170000),
			.done = one_in(s, 2) ? 0 : (uint32_t)number(s, 170000)
		};
		break;
	case CTL_INFO:
	case CTL_LABEL:
	case CTL_COVERAGE:
		*(uint32_t *)page = (uint32_t)number(s, 20);
		break;
	default: /* one domain */
		*(struct ctl_domain *)page = (struct ctl_domain){
			.domid = domid,
			.reserved = one_in(s, 16) ? (uint32_t)wild(s) : 0
		};
		break;
	}
}

/* Nothing may happen to these. */
static bool is_harm(uint32_t op, const void *page)
{
	uint32_t domid = *(const uint32_t *)page;

	return (op == CTL_DESTROY || op == CTL_PAUSE) && domid < 65536 &&
	       is_spared[domid];
}

static void call_once(struct side *s)
{
	/* Making and filling more often than ending. */
	static const uint8_t often[] = { CTL_CREATE, CTL_POPULATE, CTL_POPULATE,
					 CTL_LOAD,   CTL_LOAD,	   CTL_START };
	uint32_t op = one_in(s, 2) ? often[below(s, sizeof(often))]
				   : below(s, OPS);
	uint8_t *page = s->door.page;
	uint64_t at = (uintptr_t)page;

	if (one_in(s, 16)) {
		page += 4096 - 8 * below(s, 20);
		at = (uintptr_t)page;
		page = s->door.page; /* crosses into what is not there */
	} else {
		make(s, op, page);
	}
	if (one_in(s, 32)) {
		at = wild_pointer(s);
	} else if (one_in(s, 16)) {
		page[below(s, 48)] ^= (uint8_t)(1 << below(s, 8));
	}
	if (is_harm(op, (void *)at == page ? page : (void *)&(uint32_t){ 0 })) {
		return;
	}
	if (raw_call(&s->door, CASEMATE_HYPERCALL, op, at) == 0) {
		good[op]++;
	}
}

/* A guest that is given such a page and starts there does run for a while:
 * mov $0x100000, %ecx; 1: loop 1b; hlt */
static void fill_code(uint8_t *buffer)
{
	memset(buffer, 0xf4, DOOR_PAGES * 4096);
	for (unsigned int i = 0; i < DOOR_PAGES; i++) {
		memcpy(buffer + i * 4096, "\xb9\x00\x00\x10\x00\xe2\xfe", 7);
	}
}

static void *run(void *argument)
{
	struct side *s = argument;

	while (issued++ < calls) {
		call_once(s);
	}
	return NULL;
}

/* Until nothing is left but who is spared; false if somebody stays. */
static bool clean_up(struct door *door)
{
	for (int tries = 0; tries < 200; tries++) {
		struct ctl_getinfo info = { .domid = 1 };
		unsigned int left = 0;

		while (control(door, CTL_GETINFO, &info, sizeof(info)) == 0) {
			if (!is_spared[info.domid]) {
				left++;
				(void)control_domain(door, CTL_DESTROY,
						     info.domid);
			}
			info = (struct ctl_getinfo){ .domid = info.domid + 1 };
		}
		if (left == 0) {
			return true;
		}
		usleep(50000);
	}
	return false;
}

static void report(const struct ctl_info *before, const struct ctl_info *after)
{
	printf("control: %llu calls, good:", (unsigned long long)calls);
	for (unsigned int i = 0; i < OPS; i++) {
		printf(" %u", good[i]);
	}
	printf("\ncontrol: %llu frames free, %llu before\n",
	       (unsigned long long)after->free_frames,
	       (unsigned long long)before->free_frames);
}

int main(int argc, char **argv)
{
	static struct side sides[MAX_THREADS];
	pthread_t threads[MAX_THREADS];
	struct door door = door_open();
	struct ctl_info before = core_info(&door), after;
	int count = argc > 3 ? atoi(argv[3]) : 0;
	bool is_clean;

	if (count < 1 || count > MAX_THREADS) {
		fprintf(stderr, "usage: dom0-control SEED CALLS THREADS "
				"[DOMID...]\n");
		return 2;
	}
	seed = strtoull(argv[1], NULL, 0);
	calls = strtoull(argv[2], NULL, 0);
	is_spared[0] = true;
	for (int i = 4; i < argc; i++) {
		is_spared[atoi(argv[i]) & 0xffff] = true;
	}
	for (int i = 0; i < count; i++) {
		sides[i] = (struct side){ .random = (seed * 16 + (uint64_t)i) *
							    0x9e3779b97f4a7c15 |
						    1,
					  .door = door_open() };
		fill_code(sides[i].door.buffer);
		pthread_create(&threads[i], NULL, run, &sides[i]);
	}
	for (int i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
	}
	is_clean = clean_up(&door);
	after = core_info(&door);
	report(&before, &after);
	return is_clean && after.free_frames == before.free_frames ? 0 : 1;
}
