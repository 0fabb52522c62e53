/* SPDX-License-Identifier: Apache-2.0 */
/* What casemate keeps in xenstore for a guest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "launch/fail.h"
#include "launch/guest.h"

struct store;

struct store_guest {
	uint32_t domid;
	uint32_t store_port;
	uint32_t console_port;
	const char *uuid;
	const struct guest *guest;
};

/* NULL with a text that names the remedy when xenstored does not answer. It
 * never waits for a dead xenstored. */
struct store *store_open(struct fail *fail);
void store_close(struct store *store);

/* Write the guest's keys, then tell xenstored of the domain. If it fails, some
 * may be written: store_remove_guest(). */
int store_add_guest(struct store *store, const struct store_guest *guest,
		    struct fail *fail);
/* Undo it; what is already gone is no error. uuid may be "". */
int store_remove_guest(struct store *store, uint32_t domid, const char *uuid,
		       struct fail *fail);

/* NULL or the value, to be freed. `key` is below the domain's path. */
char *store_read(struct store *store, uint32_t domid, const char *key);
int store_write(struct store *store, uint32_t domid, const char *key,
		const char *value, struct fail *fail);

/* Print what domain 0 keeps in xenstore, a line a key. What a guest may write
 * is the guest's, names and values: left out, and said so. */
void store_dump(struct store *store, FILE *out);

/* A descriptor that becomes readable when some domain dies, or -1. */
int store_watch_deaths(struct store *store);
/* -1 when xenstored went away: close the store. */
int store_drain_watch(struct store *store);
