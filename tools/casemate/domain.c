/* SPDX-License-Identifier: Apache-2.0 */
/* Domains as domain 0's tool sees them. */
#include "casemate/domain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A dying domain is gone when the last page that domain 0 maps of it is given
 * back: xenstored and xenconsoled need a moment for that. */
#define DESTROY_TRIES 50
#define DESTROY_WAIT_NS 20000000l

int domain_next(struct door *door, uint32_t domid, struct ctl_getinfo *info)
{
	memset(info, 0, sizeof(*info));
	info->domid = domid;
	return door_call(door, CTL_GETINFO, info, sizeof(*info));
}

int domain_get(struct door *door, uint32_t domid, struct ctl_getinfo *info)
{
	int rc = domain_next(door, domid, info);

	if (rc == 0 && info->domid != domid) {
		return -ESRCH;
	}
	return rc;
}

int domain_record(const struct ctl_getinfo *info, struct record *record)
{
	if (record_read(info->domid, record) != 0 ||
	    record->created_ns != info->created_ns) {
		return -1;
	}
	return 0;
}

void domain_name(const struct ctl_getinfo *info, char name[GUEST_NAME_MAX + 1])
{
	struct record record;

	name[0] = '\0';
	if (info->domid == 0) {
		snprintf(name, GUEST_NAME_MAX + 1, "Domain-0");
	} else if (domain_record(info, &record) == 0) {
		snprintf(name, GUEST_NAME_MAX + 1, "%s", record.name);
	}
}

void domain_label(struct door *door, uint32_t label,
		  char name[GUEST_LABEL_MAX + 1])
{
	struct ctl_label entry = { .label = label };

	if (door_call(door, CTL_LABEL, &entry, sizeof(entry)) == 0) {
		entry.name[sizeof(entry.name) - 1] = '\0';
		snprintf(name, GUEST_LABEL_MAX + 1, "%s", entry.name);
	} else {
		snprintf(name, GUEST_LABEL_MAX + 1, "#%u", label);
	}
}

const char *domain_state(const struct ctl_getinfo *info)
{
	switch (info->state) {
	case STATE_BUILDING:
		return "building";
	case STATE_SHUTDOWN:
		return "shutdown";
	case STATE_DYING:
		return "dying";
	case STATE_RUNNING:
		if ((info->flags & INFO_PAUSED) != 0) {
			return "paused";
		}
		return (info->flags & INFO_BLOCKED) != 0 ? "blocked"
							 : "running";
	default:
		return "unknown";
	}
}

static int find_by_name(struct door *door, const char *name,
			struct ctl_getinfo *info, struct fail *fail)
{
	char found[GUEST_NAME_MAX + 1];
	uint32_t next = 0;
	int rc;

	while ((rc = domain_next(door, next, info)) == 0) {
		domain_name(info, found);
		if (strcmp(found, name) == 0) {
			return 0;
		}
		next = info->domid + 1;
	}
	if (rc != -ESRCH) {
		return door_fail(fail, rc, "listing the domains");
	}
	return fail_set(fail,
			"no domain is named '%s'; `casemate list` shows names "
			"and ids",
			name);
}

int domain_find(struct door *door, const char *name_or_id,
		struct ctl_getinfo *info, struct fail *fail)
{
	char *end;
	unsigned long id = strtoul(name_or_id, &end, 10);
	char what[64];
	int rc;

	if (end == name_or_id || *end != '\0' || id > UINT32_MAX) {
		return find_by_name(door, name_or_id, info, fail);
	}
	rc = domain_get(door, (uint32_t)id, info);
	if (rc == 0) {
		return 0;
	}
	snprintf(what, sizeof(what), "domain %lu", id);
	return door_fail(fail, rc, what);
}

static int destroy_in_core(struct door *door, uint32_t domid)
{
	struct ctl_domain arg = { .domid = domid };

	return door_call(door, CTL_DESTROY, &arg, sizeof(arg));
}

/* Repeat until it is gone: a dying domain that others still map goes away with
 * the first call after they let go. If they take longer, it stays `dying`. */
static void finish_destroy(struct door *door, uint32_t domid)
{
	const struct timespec wait = { 0, DESTROY_WAIT_NS };

	for (int i = 0; i < DESTROY_TRIES; i++) {
		if (destroy_in_core(door, domid) == -ESRCH) {
			return;
		}
		nanosleep(&wait, NULL);
	}
}

static int remove_keys(uint32_t domid, const char *uuid, struct fail *fail)
{
	struct store *store = store_open(fail);
	int rc;

	if (store == NULL) {
		return -1;
	}
	rc = store_remove_guest(store, domid, uuid, fail);
	store_close(store);
	return rc;
}

/* Under the lock: until it is released nobody makes a domain, so domid stays
 * what it is. */
static int destroy_locked(struct door *door, uint32_t domid, struct fail *fail)
{
	struct fail store_fail = { 0 };
	struct record record;
	char what[64];
	int keys;
	int rc = destroy_in_core(door, domid);

	if (rc != 0 && rc != -ESRCH) {
		snprintf(what, sizeof(what), "destroying domain %u", domid);
		return door_fail(fail, rc, what);
	}
	(void)record_read(domid, &record);
	keys = remove_keys(domid, record.uuid, &store_fail);
	if (rc == 0) {
		finish_destroy(door, domid);
	}
	if (keys != 0) {
		fail_set(fail, "%s", store_fail.text);
		return 1;
	}
	record_remove(domid);
	return 0;
}

int domain_destroy(struct door *door, uint32_t domid, uint64_t created_ns,
		   struct fail *fail)
{
	struct ctl_getinfo info;
	int lock = record_lock_all(fail);
	int rc = 0;

	if (lock < 0) {
		return -1;
	}
	/* Somebody else ended it, and the id may have a new owner. */
	if (created_ns == 0 || domain_get(door, domid, &info) != 0 ||
	    info.created_ns == created_ns) {
		rc = destroy_locked(door, domid, fail);
	}
	record_unlock(lock);
	return rc;
}

static int reap_building(struct door *door, bool is_there[CASEMATE_MAX_DOMAINS],
			 void (*report)(uint32_t domid), struct fail *fail)
{
	struct ctl_getinfo info;
	uint32_t next = 1;
	int result = 0;

	while (domain_next(door, next, &info) == 0) {
		bool is_left = info.state == STATE_BUILDING &&
			       !record_is_held(info.domid);

		next = info.domid + 1;
		is_there[info.domid % CASEMATE_MAX_DOMAINS] = true;
		if (info.state == STATE_DYING) {
			(void)destroy_in_core(door, info.domid);
		}
		if (!is_left) {
			continue;
		}
		if (destroy_locked(door, info.domid, fail) < 0) {
			result = -1;
		} else if (report != NULL) {
			report(info.domid);
		}
	}
	return result;
}

/* The domain is gone and its keys may not be. What is_there does not know of was
 * made since, or is gone. */
static void reap_records(struct door *door,
			 const bool is_there[CASEMATE_MAX_DOMAINS])
{
	uint32_t ids[CASEMATE_MAX_DOMAINS];
	uint32_t count = record_ids(ids, CASEMATE_MAX_DOMAINS);

	for (uint32_t i = 0; i < count; i++) {
		struct ctl_getinfo info;
		struct fail ignored = { 0 };

		if (!is_there[ids[i] % CASEMATE_MAX_DOMAINS] &&
		    !record_is_held(ids[i]) &&
		    domain_get(door, ids[i], &info) == -ESRCH) {
			(void)destroy_locked(door, ids[i], &ignored);
		}
	}
}

int domain_reap(struct door *door, void (*report)(uint32_t domid),
		struct fail *fail)
{
	bool is_there[CASEMATE_MAX_DOMAINS] = { false };
	int lock = record_lock_all(fail);
	int rc;

	if (lock < 0) {
		return -1;
	}
	rc = reap_building(door, is_there, report, fail);
	reap_records(door, is_there);
	record_unlock(lock);
	return rc;
}
