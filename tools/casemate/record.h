/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What domain 0 remembers of a domain, in RUN_DIR/domains/DOMID.json: its name
 * works without xenstored, and a killed `create` or `destroy` can be finished.
 *
 * The creator holds a lock on the record until it exits, so a building domain
 * whose record nobody locks was abandoned. RUN_DIR/lock is held while a domain
 * gets its record, and while abandoned ones are looked for.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "launch/fail.h"
#include "launch/guest.h"

#define UUID_BYTES 37

struct record {
	uint32_t domid;
	uint64_t created_ns; /* tells a reused domid from this one */
	char name[GUEST_NAME_MAX + 1];
	char uuid[UUID_BYTES];
	char config[PATH_MAX]; /* absolute */
	enum guest_on_crash on_crash;
};

/* Take RUN_DIR/lock, making the directories first. -1, or a descriptor that
 * record_unlock() closes. */
int record_lock_all(struct fail *fail);
void record_unlock(int fd);

void record_new_uuid(char uuid[UUID_BYTES]);

/* Write the record. Returns its locked descriptor, or -1. */
int record_write(const struct record *record, struct fail *fail);
/* 0 and the record, or -1 when there is no readable one. */
int record_read(uint32_t domid, struct record *record);
void record_remove(uint32_t domid);
/* Does a creator still hold it? */
bool record_is_held(uint32_t domid);
/* The records' domain ids, ascending; returns how many (at most max). */
uint32_t record_ids(uint32_t *ids, uint32_t max);
