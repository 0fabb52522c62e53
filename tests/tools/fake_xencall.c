/* SPDX-License-Identifier: Apache-2.0 */
/* libxencall with a core behind it: domains, frames and launch digests in one
 * mapped file, guarded by a lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xencall.h>

#include "abi/audit.h"
#include "abi/control.h"
#include "fake.h"
#include "launch/digest.h"

#include <mbedtls/sha512.h>

#define DOMAINS 8u
#define RANGES 4u
#define DEFAULT_FRAMES 1000000ull

struct fake_domain {
	struct ctl_getinfo info;
	struct {
		uint64_t gfn;
		uint64_t count;
	} range[RANGES];
	uint32_t range_count;
	struct ctl_stats stats;
};

struct state {
	uint64_t free_frames;
	uint64_t clock_ns;
	uint64_t audit_count;
	struct fake_domain domains[DOMAINS];
};

struct xencall_handle {
	int fd;
	struct state *state;
};

static const struct ctl_label labels[] = {
	{ 0, CTL_LABEL_DOMAIN, "dom0_t@low..high" },
	{ 1, 0, "core_t@low" },
	{ 2, CTL_LABEL_DOMAIN, "guest_t@unclassified" },
	{ 3, CTL_LABEL_DOMAIN, "guest_t@secret:crypto" },
	{ 4, CTL_LABEL_DOMAIN, "guest_t@secret" },
	{ 5, CTL_LABEL_DOMAIN, "printer_t@unclassified" },
};
#define LABELS (sizeof(labels) / sizeof(*labels))

static void reset(struct state *s)
{
	const char *frames = getenv("CASEMATE_FAKE_FRAMES");

	s->free_frames = frames == NULL ? DEFAULT_FRAMES
					: strtoull(frames, NULL, 10);
	s->clock_ns = 1000;
	s->domains[0].info.state = STATE_RUNNING;
	s->domains[0].info.vcpu_count = 2;
	s->domains[0].info.frames = 65536;
}

xencall_handle *xencall_open(struct xentoollog_logger *logger,
			     unsigned int flags)
{
	xencall_handle *h = calloc(1, sizeof(*h));

	(void)logger;
	(void)flags;
	h->fd = open(fake_path("core"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (h->fd < 0 || ftruncate(h->fd, sizeof(struct state)) != 0) {
		free(h);
		return NULL;
	}
	h->state = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE,
			MAP_SHARED, h->fd, 0);
	flock(h->fd, LOCK_EX);
	if (h->state->clock_ns == 0) {
		reset(h->state);
	}
	flock(h->fd, LOCK_UN);
	return h;
}

int xencall_close(xencall_handle *h)
{
	munmap(h->state, sizeof(struct state));
	close(h->fd);
	free(h);
	return 0;
}

void *xencall_alloc_buffer_pages(xencall_handle *h, size_t pages)
{
	(void)h;
	return aligned_alloc(4096, pages * 4096);
}

void xencall_free_buffer_pages(xencall_handle *h, void *p, size_t pages)
{
	(void)h;
	(void)pages;
	free(p);
}

static struct fake_domain *get(struct state *s, uint32_t domid)
{
	if (domid >= DOMAINS || s->domains[domid].info.state == STATE_FREE) {
		return NULL;
	}
	return &s->domains[domid];
}

static int ctl_info(struct state *s, struct ctl_info *arg)
{
	*arg = (struct ctl_info){ .abi_version = CASEMATE_CONTROL_VERSION,
				  .cpu_count = 2,
				  .total_frames = DEFAULT_FRAMES,
				  .free_frames = s->free_frames,
				  .uptime_ns = s->clock_ns,
				  .label_count = LABELS,
				  .domain_limit = DOMAINS,
				  .vcpu_limit = 4,
				  .policy_version = 1,
				  .policy_name = "fake",
				  .core_version = "0" };
	return 0;
}

static int ctl_create(struct state *s, struct ctl_create *arg)
{
	struct launch_record r = { .op = LAUNCH_CREATE,
				   .arg0 = arg->vcpu_count,
				   .arg1 = arg->max_frames };
	uint32_t domid = 1;

	if (arg->label >= LABELS) {
		return -EINVAL;
	}
	while (domid < DOMAINS && get(s, domid) != NULL) {
		domid++;
	}
	if (domid == DOMAINS) {
		return -ENOSPC;
	}
	memset(&s->domains[domid], 0, sizeof(s->domains[domid]));
	s->domains[domid].info = (struct ctl_getinfo){
		.domid = domid,
		.state = STATE_BUILDING,
		.label = arg->label,
		.shutdown_reason = ~0u,
		.vcpu_count = arg->vcpu_count,
		.max_frames = arg->max_frames,
		.created_ns = s->clock_ns,
	};
	memcpy(r.data, labels[arg->label].name, sizeof(r.data));
	digest_extend(s->domains[domid].info.digest, &r);
	arg->domid = domid;
	arg->store_port = 1;
	arg->console_port = 2;
	return 0;
}

static int ctl_populate(struct state *s, struct ctl_populate *arg)
{
	const struct launch_record r = { .op = LAUNCH_POPULATE,
					 .arg0 = arg->gfn,
					 .arg1 = arg->count };
	struct fake_domain *d = get(s, arg->domid);

	if (d == NULL || d->info.state != STATE_BUILDING) {
		return d == NULL ? -ESRCH : -EBUSY;
	}
	arg->done = arg->count < s->free_frames ? arg->count : s->free_frames;
	s->free_frames -= arg->done;
	d->info.frames += arg->done;
	if (arg->done < arg->count || d->info.frames > d->info.max_frames ||
	    d->range_count == RANGES) {
		return -ENOMEM;
	}
	d->range[d->range_count].gfn = arg->gfn;
	d->range[d->range_count++].count = arg->count;
	digest_extend(d->info.digest, &r);
	return 0;
}

static int is_populated(const struct fake_domain *d, uint64_t gfn)
{
	for (uint32_t i = 0; i < d->range_count; i++) {
		if (gfn >= d->range[i].gfn &&
		    gfn - d->range[i].gfn < d->range[i].count) {
			return 1;
		}
	}
	return 0;
}

static int ctl_load(struct state *s, struct ctl_load *arg)
{
	struct fake_domain *d = get(s, arg->domid);
	const uint8_t *page = (const uint8_t *)(uintptr_t)arg->buffer;

	if (d == NULL || d->info.state != STATE_BUILDING) {
		return d == NULL ? -ESRCH : -EBUSY;
	}
	if (arg->buffer % 4096 != 0 || arg->count > CASEMATE_LOAD_MAX_PAGES) {
		return -EINVAL;
	}
	for (; arg->done < arg->count; arg->done++, page += 4096) {
		struct launch_record r = { .op = LAUNCH_PAGE,
					   .kind = arg->kind,
					   .arg0 = arg->gfn + arg->done };

		if (!is_populated(d, r.arg0)) {
			return -EINVAL;
		}
		mbedtls_sha512_ret(page, 4096, r.data, 1);
		memset(r.data + 48, 0, sizeof(r.data) - 48);
		digest_extend(d->info.digest, &r);
	}
	return 0;
}

static int ctl_start(struct state *s, struct ctl_start *arg)
{
	const struct launch_record r = { .op = LAUNCH_START,
					 .arg0 = arg->entry,
					 .arg1 = arg->start_info };
	struct fake_domain *d = get(s, arg->domid);

	if (d == NULL || d->info.state != STATE_BUILDING) {
		return d == NULL ? -ESRCH : -EBUSY;
	}
	digest_extend(d->info.digest, &r);
	memcpy(arg->digest, d->info.digest, sizeof(arg->digest));
	d->info.state = STATE_RUNNING;
	d->info.flags = arg->flags & CTL_START_PAUSED ? INFO_PAUSED : 0;
	return 0;
}

static int ctl_domain(struct state *s, int op, struct ctl_domain *arg)
{
	struct fake_domain *d = get(s, arg->domid);

	if (d == NULL || arg->domid == 0) {
		return d == NULL ? -ESRCH : -EPERM;
	}
	if (op == CTL_DESTROY) {
		s->free_frames += d->info.frames;
		d->info.state = STATE_FREE;
	} else if (d->info.state != STATE_RUNNING) {
		return -EBUSY;
	} else {
		d->info.flags = op == CTL_PAUSE ? INFO_PAUSED : 0;
	}
	return 0;
}

static int ctl_getinfo(struct state *s, struct ctl_getinfo *arg)
{
	for (uint32_t i = arg->domid; i < DOMAINS; i++) {
		if (get(s, i) != NULL) {
			*arg = s->domains[i].info;
			return 0;
		}
	}
	return -ESRCH;
}

static int ctl_label(struct ctl_label *arg)
{
	if (arg->label >= LABELS) {
		return -ENOENT;
	}
	*arg = labels[arg->label];
	return 0;
}

/* A number that a test chose, or another. */
static uint64_t chosen(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtoull(text, NULL, 0);
}

/* Nothing is examined: the test says what comes of it. */
static int ctl_policy(struct ctl_policy *arg)
{
	const unsigned char *image =
		(const unsigned char *)(uintptr_t)arg->buffer;

	if (arg->bytes < 4 || memcmp(image, "good", 4) != 0) {
		arg->outcome = POLICY_TOO_LONG;
		return 0;
	}
	arg->outcome = (uint32_t)chosen("CASEMATE_FAKE_OUTCOME", 0);
	arg->detail = 7;
	arg->missing[0] = chosen("CASEMATE_FAKE_MISSING", 0);
	arg->revoked_grants = arg->outcome == POLICY_LOADED ? 3 : 0;
	arg->revoked_ports = arg->outcome == POLICY_LOADED ? 1 : 0;
	return 0;
}

/* dom0's type offered to guests; guests asked for their own port masks. */
static int ctl_coverage(struct ctl_coverage *arg)
{
	if (chosen("CASEMATE_FAKE_COVERAGE", 0) == 0) {
		return -ENOSYS;
	}
	memset(arg->used, 0, sizeof(arg->used));
	if (arg->subject == 0 && arg->object == 2) {
		arg->used[2] = 1; /* event.offer */
	}
	if (arg->subject == 2 && arg->object == CTL_COVERAGE_SELF) {
		arg->used[2] = 1u << 8; /* event.mask */
	}
	return 0;
}

static int ctl_audit(struct state *s, struct ctl_audit *arg)
{
	struct audit_record *out =
		(struct audit_record *)(uintptr_t)arg->buffer;
	uint64_t first = s->audit_count > AUDIT_RING_RECORDS
				 ? s->audit_count - AUDIT_RING_RECORDS
				 : 0;
	uint32_t room = arg->count;

	arg->count = 0;
	arg->lost = arg->next < first ? first - arg->next : 0;
	arg->next += arg->lost;
	while (arg->next < s->audit_count && arg->count < room) {
		out[arg->count++] = (struct audit_record){
			.sequence = arg->next,
			.time_ns = arg->next * 1000,
			.subject_domid = (uint16_t)(arg->next % 3),
			.object_domid = arg->next % 2 ? AUDIT_OBJECT_CORE : 1,
			.subject_label = 2,
			.object_label = 3,
			.cls = 2,
			.perm = 1,
			.cause = (uint8_t)chosen("CASEMATE_FAKE_CAUSE",
						 1 + arg->next % 5),
			.hypercall = (uint32_t)chosen("CASEMATE_FAKE_HYPERCALL",
						      32u << 16),
		};
		arg->next++;
	}
	return 0;
}

/* Each look finds 100 hypercalls and 10 halts more; one took over 1 ms. */
static int ctl_stats(struct state *s, struct ctl_stats *arg)
{
	struct fake_domain *d = get(s, arg->domid);

	if (d == NULL) {
		return -ESRCH;
	}
	d->stats.domid = arg->domid;
	d->stats.clock_mul = 0x80000000u; /* a tick is a nanosecond */
	d->stats.clock_shift = 1;
	d->stats.exits[CTL_EXIT_HYPERCALL] += 100;
	d->stats.exits[CTL_EXIT_HLT] += 10;
	d->stats.latency[10] += 109;
	d->stats.latency[20] += 1;
	*arg = d->stats;
	return 0;
}

static void poke_line(struct state *s, const char *line)
{
	unsigned int domid, reason;
	unsigned long long count;

	if (sscanf(line, "shutdown %u %u", &domid, &reason) == 2 &&
	    get(s, domid) != NULL) {
		s->domains[domid].info.state = STATE_SHUTDOWN;
		s->domains[domid].info.shutdown_reason = reason;
	} else if (sscanf(line, "audit %llu", &count) == 1) {
		s->audit_count += count;
	}
}

static void poke(struct state *s)
{
	FILE *file = fopen(fake_path("poke"), "r");
	char line[128];

	if (file == NULL) {
		return;
	}
	while (fgets(line, sizeof(line), file) != NULL) {
		poke_line(s, line);
	}
	fclose(file);
	unlink(fake_path("poke"));
}

static int dispatch(struct state *s, uint64_t op, void *arg)
{
	switch (op) {
	case CTL_INFO:
		return ctl_info(s, arg);
	case CTL_CREATE:
		return ctl_create(s, arg);
	case CTL_POPULATE:
		return ctl_populate(s, arg);
	case CTL_LOAD:
		return ctl_load(s, arg);
	case CTL_START:
		return ctl_start(s, arg);
	case CTL_DESTROY:
	case CTL_PAUSE:
	case CTL_UNPAUSE:
		return ctl_domain(s, (int)op, arg);
	case CTL_GETINFO:
		return ctl_getinfo(s, arg);
	case CTL_LABEL:
		return ctl_label(arg);
	case CTL_AUDIT_READ:
		return ctl_audit(s, arg);
	case CTL_STATS:
		return ctl_stats(s, arg);
	case CTL_POLICY_LOAD:
		return ctl_policy(arg);
	case CTL_COVERAGE:
		return ctl_coverage(arg);
	default:
		return -ENOSYS;
	}
}

int xencall2(xencall_handle *h, unsigned int number, uint64_t op, uint64_t arg)
{
	static const char *const names[] = { "info",   "create",  "populate",
					     "load",   "start",	  "destroy",
					     "pause",  "unpause", "getinfo",
					     "label",  "audit",	  "stats",
					     "policy", "coverage" };
	int rc = number == CASEMATE_HYPERCALL && op <= CTL_COVERAGE
			 ? -fake_step(names[op])
			 : -ENOSYS;

	flock(h->fd, LOCK_EX);
	h->state->clock_ns += 1000;
	poke(h->state);
	if (rc == 0) {
		rc = dispatch(h->state, op, (void *)(uintptr_t)arg);
	}
	flock(h->fd, LOCK_UN);
	if (rc < 0) {
		errno = -rc;
		rc = -1;
	}
	return rc;
}
