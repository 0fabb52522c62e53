/* SPDX-License-Identifier: Apache-2.0 */
/* `casemate audit`: refused operations and changes of policy, one line or JSON
 * object each. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "abi/audit.h"
#include "casemate/cli.h"
#include "casemate/domain.h"
#include "casemate/names.h"

#define POLL_MS 200
#define NS_PER_S 1000000000ull

struct reader {
	struct door *door;
	bool json;
	uint64_t next;
	uint64_t boot_ns; /* wall clock at the core's time 0; 0: unknown */
};

static void find_boot_time(struct reader *r)
{
	struct ctl_info info = { 0 };
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (door_call(r->door, CTL_INFO, &info, sizeof(info)) == 0) {
		r->boot_ns = (uint64_t)now.tv_sec * NS_PER_S +
			     (uint64_t)now.tv_nsec - info.uptime_ns;
	}
}

/* "2026-01-31 12:00:00.123", or seconds since boot. */
static void time_text(const struct reader *r, uint64_t time_ns, char *text,
		      size_t bytes)
{
	uint64_t ns = r->boot_ns + time_ns;
	time_t seconds = (time_t)(ns / NS_PER_S);
	char day[40];
	struct tm tm;

	if (r->boot_ns == 0 || localtime_r(&seconds, &tm) == NULL) {
		snprintf(text, bytes, "+%.3f", (double)time_ns / 1e9);
		return;
	}
	strftime(day, sizeof(day), "%F %T", &tm);
	snprintf(text, bytes, "%s.%03u", day,
		 (unsigned int)(ns % NS_PER_S / 1000000));
}

/* "dom3 red guest_t@secret", with the name as far as it is still known. */
static void domain_text(const struct reader *r, uint32_t domid, uint32_t label,
			char *text, size_t bytes)
{
	char label_name[GUEST_LABEL_MAX + 1], name[GUEST_NAME_MAX + 1] = "";
	struct ctl_getinfo info;

	domain_label(r->door, label, label_name);
	if (domid == AUDIT_OBJECT_CORE) {
		snprintf(text, bytes, "core (%s)", label_name);
		return;
	}
	if (domain_get(r->door, domid, &info) == 0) {
		domain_name(&info, name);
	}
	snprintf(text, bytes, "dom%u%s%s (%s)", domid,
		 name[0] == '\0' ? "" : " ", name, label_name);
}

struct texts {
	char time[64];
	char subject[256];
	char object[256];
	char hypercall[NAME_HYPERCALL_BYTES];
};

/* What happened, and why. */
static const char *event_text(const struct audit_record *a)
{
	return a->cause == AUDIT_POLICY_LOADED	  ? "loaded"
	       : a->cause == AUDIT_POLICY_REFUSED ? "refused"
	       : (a->cause & AUDIT_REVOKED) != 0  ? "revoked"
						  : "denied";
}

static const char *cause_text(const struct audit_record *a)
{
	return a->cause == AUDIT_POLICY_LOADED ? "a new policy is in force"
	       : a->cause == AUDIT_POLICY_REFUSED
		       ? name_outcome(a->hypercall)
		       : name_cause(a->cause & ~AUDIT_REVOKED);
}

static void put_line(const struct audit_record *a, const struct texts *t)
{
	printf("%s #%llu %s -> %s: %s.%s %s: %s [%s, vcpu %u]\n", t->time,
	       (unsigned long long)a->sequence, t->subject, t->object,
	       name_class(a->cls), name_permission(a->cls, a->perm),
	       event_text(a), cause_text(a), t->hypercall, a->vcpu);
}

static void add_party(const struct reader *r, cJSON *json, const char *key,
		      uint32_t domid, uint32_t label)
{
	char name[GUEST_LABEL_MAX + 1];
	cJSON *party = cJSON_AddObjectToObject(json, key);

	domain_label(r->door, label, name);
	if (domid == AUDIT_OBJECT_CORE) {
		cJSON_AddStringToObject(party, "domid", "core");
	} else {
		cli_add_number(party, "domid", domid);
	}
	cJSON_AddStringToObject(party, "label", name);
}

static void put_json(const struct reader *r, const struct audit_record *a,
		     const struct texts *t)
{
	cJSON *json = cJSON_CreateObject();
	char *text;

	cli_add_number(json, "sequence", a->sequence);
	cli_add_number(json, "time_ns", a->time_ns);
	cJSON_AddStringToObject(json, "time", t->time);
	add_party(r, json, "subject", a->subject_domid, a->subject_label);
	add_party(r, json, "object", a->object_domid, a->object_label);
	cJSON_AddStringToObject(json, "class", name_class(a->cls));
	cJSON_AddStringToObject(json, "permission",
				name_permission(a->cls, a->perm));
	cJSON_AddStringToObject(json, "event", event_text(a));
	cJSON_AddStringToObject(json, "cause", cause_text(a));
	cJSON_AddStringToObject(json, "hypercall", t->hypercall);
	cli_add_number(json, "vcpu", a->vcpu);
	text = cJSON_PrintUnformatted(json);
	puts(text == NULL ? "" : text);
	cJSON_free(text);
	cJSON_Delete(json);
}

static void put_record(const struct reader *r, const struct audit_record *a)
{
	struct texts t;

	time_text(r, a->time_ns, t.time, sizeof(t.time));
	domain_text(r, a->subject_domid, a->subject_label, t.subject,
		    sizeof(t.subject));
	domain_text(r, a->object_domid, a->object_label, t.object,
		    sizeof(t.object));
	if (event_text(a)[0] == 'd') {
		name_hypercall(a->hypercall >> 16, a->hypercall & 0xffff,
			       t.hypercall);
	} else {
		snprintf(t.hypercall, sizeof(t.hypercall), "policy_load");
	}
	if (r->json) {
		put_json(r, a, &t);
	} else {
		put_line(a, &t);
	}
}

static void put_lost(const struct reader *r, uint64_t lost)
{
	if (lost == 0) {
		return;
	}
	if (r->json) {
		printf("{\"lost\":%llu}\n", (unsigned long long)lost);
	} else {
		printf("-- %llu records lost: the ring overwrote them --\n",
		       (unsigned long long)lost);
	}
}

/* Returns how many records were printed, or a negative errno. The records are
 * copied out of the door's buffer: printing them makes more calls. */
static int read_some(struct reader *r)
{
	struct audit_record records[CTL_AUDIT_MAX];
	struct ctl_audit arg = { .next = r->next,
				 .buffer = (uintptr_t)door_buffer(r->door),
				 .count = CTL_AUDIT_MAX };
	int rc = door_call(r->door, CTL_AUDIT_READ, &arg, sizeof(arg));

	if (rc != 0) {
		return rc;
	}
	if (arg.count > CTL_AUDIT_MAX) {
		return -EPROTO;
	}
	memcpy(records, door_buffer(r->door), arg.count * sizeof(records[0]));
	put_lost(r, arg.lost);
	for (uint32_t i = 0; i < arg.count; i++) {
		put_record(r, &records[i]);
	}
	r->next = arg.next;
	return (int)arg.count;
}

static int read_all(struct reader *r, bool follow, struct fail *fail)
{
	int count;

	for (;;) {
		count = read_some(r);
		if (count < 0) {
			return door_fail(fail, count,
					 "reading the audit records");
		}
		if (count == 0 && !follow) {
			return 0;
		}
		if (fflush(stdout) != 0) {
			return fail_set(fail, "output: %s", strerror(errno));
		}
		if (count == 0) {
			poll(NULL, 0, POLL_MS);
		}
	}
}

int cmd_audit(const struct options *options, struct fail *fail)
{
	struct reader r = { .door = door_open(fail),
			    .json = options->json,
			    .next = options->has_since ? options->since : 0 };
	int rc;

	if (r.door == NULL) {
		return EXIT_ERROR;
	}
	find_boot_time(&r);
	rc = read_all(&r, options->follow, fail);
	door_close(r.door);
	return rc == 0 ? EXIT_OK : EXIT_ERROR;
}
