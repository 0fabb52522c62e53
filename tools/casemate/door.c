/* SPDX-License-Identifier: Apache-2.0 */
/* Control hypercalls through libxencall and /dev/xen/privcmd. */
#include "casemate/door.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xencall.h>
#include <xentoollog.h>

#define ARGUMENT_BYTES 4096u

struct door {
	xentoollog_logger_stdiostream *log;
	xencall_handle *call;
	void *argument; /* one page, page aligned */
	uint8_t *buffer;
};

static int check_version(struct door *door, struct fail *fail)
{
	struct ctl_info info = { 0 };
	int rc = door_call(door, CTL_INFO, &info, sizeof(info));

	/* A policy may keep the core's state from this domain. */
	if (rc == -EPERM) {
		return 0;
	}
	if (rc == -ENOSYS) {
		return fail_set(fail, "this machine does not run under "
				      "Casemate; boot it from the Casemate "
				      "image");
	}
	if (rc != 0) {
		return door_fail(fail, rc, "asking the core for its version");
	}
	if (info.abi_version != CASEMATE_CONTROL_VERSION) {
		return fail_set(fail,
				"the core speaks control interface %u, this "
				"tool %u; install the casemate that came with "
				"the core",
				info.abi_version, CASEMATE_CONTROL_VERSION);
	}
	return 0;
}

static int open_call(struct door *door, struct fail *fail)
{
	/* The library's own messages would only repeat ours. */
	door->log = xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);
	door->call = xencall_open((xentoollog_logger *)door->log, 0);
	if (door->call == NULL) {
		return fail_set(fail,
				"cannot reach the core through "
				"/dev/xen/privcmd: %s; run casemate as root in "
				"domain 0, with module xen-privcmd loaded",
				strerror(errno));
	}
	door->argument = xencall_alloc_buffer_pages(door->call, 1);
	door->buffer = xencall_alloc_buffer_pages(door->call,
						  DOOR_BUFFER_PAGES);
	if (door->argument == NULL || door->buffer == NULL) {
		return fail_set(fail,
				"no memory for hypercall buffers: %s; "
				"give domain 0 more memory",
				strerror(errno));
	}
	return 0;
}

struct door *door_open(struct fail *fail)
{
	struct door *door = calloc(1, sizeof(*door));

	if (door == NULL) {
		fail_set(fail, "no memory");
		return NULL;
	}
	if (open_call(door, fail) != 0 || check_version(door, fail) != 0) {
		door_close(door);
		return NULL;
	}
	return door;
}

void door_close(struct door *door)
{
	if (door == NULL) {
		return;
	}
	if (door->buffer != NULL) {
		xencall_free_buffer_pages(door->call, door->buffer,
					  DOOR_BUFFER_PAGES);
	}
	if (door->argument != NULL) {
		xencall_free_buffer_pages(door->call, door->argument, 1);
	}
	if (door->call != NULL) {
		xencall_close(door->call);
	}
	if (door->log != NULL) {
		xtl_logger_destroy((xentoollog_logger *)door->log);
	}
	free(door);
}

uint8_t *door_buffer(struct door *door)
{
	return door->buffer;
}

int door_call(struct door *door, enum casemate_ctl op, void *arg, size_t bytes)
{
	int rc;

	if (bytes > ARGUMENT_BYTES) {
		return -EINVAL;
	}
	memcpy(door->argument, arg, bytes);
	errno = 0;
	rc = xencall2(door->call, CASEMATE_HYPERCALL, op,
		      (uintptr_t)door->argument);
	if (rc < 0) {
		rc = errno != 0 ? -errno : -EINVAL;
	}
	memcpy(arg, door->argument, bytes);
	return rc;
}

static const char *reason(int rc)
{
	switch (rc) {
	case -EPERM:
		return "the policy refuses it; `casemate audit` has the record";
	case -ESRCH:
		return "no such domain; `casemate list` shows them";
	case -EBUSY:
		return "the domain is in the wrong state for this; "
		       "`casemate info` shows it";
	case -ENOMEM:
		return "not enough free memory; destroy a guest or give this "
		       "one less memory";
	case -ENOSPC:
		return "every domain slot is taken; destroy a guest";
	case -ENOSYS:
		return "the core does not know this call; install the casemate "
		       "that came with the core";
	default:
		return NULL;
	}
}

int door_fail(struct fail *fail, int rc, const char *what)
{
	const char *text = reason(rc);

	if (text != NULL) {
		return fail_set(fail, "%s: %s", what, text);
	}
	return fail_set(fail,
			"%s: the core answers %s (%d); please report this",
			what, strerror(-rc), rc);
}
