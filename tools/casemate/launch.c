/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create -> record -> populate -> load -> xenstore -> start. Until the start
 * the domain is `building`; whoever finds a building domain that no process
 * holds destroys it. So each step may fail, or the process be killed.
 */
#include "casemate/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "casemate/keeper.h"

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

void launch_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/* A keeper that died must not take the creator with it. */
	signal(SIGPIPE, SIG_IGN);
}

int launch_signal(void)
{
	return caught;
}

static int check_signal(struct fail *fail)
{
	if (caught != 0) {
		return fail_set(fail,
				"interrupted by %s; nothing of the guest is "
				"left",
				strsignal(caught));
	}
	return 0;
}

static int check_name(struct door *door, const char *name, struct fail *fail)
{
	struct ctl_getinfo info;
	struct fail not_found = { 0 };

	if (domain_find(door, name, &info, &not_found) == 0) {
		return fail_set(fail,
				"a guest named '%s' exists (domain %u); "
				"destroy it or choose another name",
				name, info.domid);
	}
	return 0;
}

/* Under the lock, so that nobody takes the new domain for an abandoned one, and
 * no two guests get one name. */
static int make_domain(struct launch *l, struct fail *fail)
{
	char what[GUEST_LABEL_MAX + 64];
	struct ctl_getinfo info;
	int rc;

	if (check_name(l->door, l->record.name, fail) != 0) {
		return -1;
	}
	rc = door_call(l->door, CTL_CREATE, &l->made, sizeof(l->made));
	if (rc != 0) {
		snprintf(what, sizeof(what),
			 "creating a domain with label '%s'", l->guest->label);
		return door_fail(fail, rc, what);
	}
	l->is_made = true;
	l->record.domid = l->made.domid;
	rc = domain_get(l->door, l->made.domid, &info);
	if (rc != 0) {
		return door_fail(fail, rc, "looking at the new domain");
	}
	l->record.created_ns = info.created_ns;
	l->record_fd = record_write(&l->record, fail);
	return l->record_fd < 0 ? -1 : 0;
}

static int sink_create(void *self, const struct plan *plan, struct fail *fail)
{
	struct launch *l = self;
	int lock, rc;

	if (check_signal(fail) != 0) {
		return -1;
	}
	lock = record_lock_all(fail);
	if (lock < 0) {
		return -1;
	}
	l->made = (struct ctl_create){ .label = l->label,
				       .vcpu_count = plan->vcpus,
				       .max_frames = plan->max_frames };
	rc = make_domain(l, fail);
	record_unlock(lock);
	if (rc == 0) {
		keeper_tell(l->keeper_fd, l->record.domid,
			    l->record.created_ns);
	}
	return rc;
}

static int sink_populate(void *self, uint64_t gfn, uint64_t count,
			 struct fail *fail)
{
	struct launch *l = self;
	struct ctl_populate arg = { .domid = l->made.domid,
				    .gfn = gfn,
				    .count = count };
	char what[128];
	int rc;

	if (check_signal(fail) != 0) {
		return -1;
	}
	rc = door_call(l->door, CTL_POPULATE, &arg, sizeof(arg));
	if (rc == 0) {
		return 0;
	}
	snprintf(what, sizeof(what),
		 "giving the guest memory (%llu of %llu pages at 0x%llx)",
		 (unsigned long long)arg.done, (unsigned long long)count,
		 (unsigned long long)gfn * PLAN_PAGE);
	return door_fail(fail, rc, what);
}

static int sink_load(void *self, uint32_t kind, uint64_t gfn, uint32_t count,
		     struct fail *fail)
{
	struct launch *l = self;
	struct ctl_load arg = { .domid = l->made.domid,
				.kind = kind,
				.gfn = gfn,
				.count = count,
				.buffer = (uintptr_t)door_buffer(l->door) };
	char what[128];
	int rc;

	if (check_signal(fail) != 0) {
		return -1;
	}
	rc = door_call(l->door, CTL_LOAD, &arg, sizeof(arg));
	if (rc == 0) {
		return 0;
	}
	snprintf(what, sizeof(what), "loading %u pages at 0x%llx", count,
		 (unsigned long long)gfn * PLAN_PAGE);
	return door_fail(fail, rc, what);
}

static int sink_start(void *self, uint32_t entry, uint32_t start_info,
		      struct fail *fail)
{
	struct launch *l = self;
	struct ctl_start arg = { .domid = l->made.domid,
				 .flags = l->start_flags,
				 .entry = entry,
				 .start_info = start_info };
	const struct store_guest keys = { l->made.domid, l->made.store_port,
					  l->made.console_port, l->record.uuid,
					  l->guest };
	int rc;

	if (check_signal(fail) != 0 ||
	    store_add_guest(l->store, &keys, fail) != 0 ||
	    check_signal(fail) != 0) {
		return -1;
	}
	rc = door_call(l->door, CTL_START, &arg, sizeof(arg));
	if (rc != 0) {
		return door_fail(fail, rc, "starting the guest");
	}
	memcpy(l->digest, arg.digest, sizeof(l->digest));
	return 0;
}

static const struct plan_sink core_sink = { sink_create, sink_populate,
					    sink_load, sink_start };

/* The first error stays in fail; one of the roll-back is added to it. */
static void roll_back(struct launch *l, struct fail *fail)
{
	struct fail second = { 0 };
	size_t used = strlen(fail->text);

	if (!l->is_made) {
		return;
	}
	if (domain_destroy(l->door, l->made.domid, l->record.created_ns,
			   &second) != 0) {
		snprintf(fail->text + used, sizeof(fail->text) - used,
			 "; and cleaning up failed: %.300s; `casemate list` "
			 "tries again",
			 second.text);
	}
	if (l->record_fd >= 0) {
		close(l->record_fd);
		l->record_fd = -1;
	}
}

int launch_run(struct launch *launch, const struct plan *plan,
	       struct fail *fail)
{
	launch->is_made = false;
	launch->record_fd = -1;
	if (plan_run(plan, &core_sink, launch, door_buffer(launch->door),
		     DOOR_BUFFER_PAGES, fail) != 0) {
		roll_back(launch, fail);
		return -1;
	}
	return 0;
}
