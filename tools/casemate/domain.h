/* SPDX-License-Identifier: Apache-2.0 */
/* Domains: find them, name them, destroy them and what belongs to them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/limits.h"
#include "casemate/door.h"
#include "casemate/record.h"
#include "casemate/store.h"

/* 0 and the first domain with id >= domid, or a negative errno. */
int domain_next(struct door *door, uint32_t domid, struct ctl_getinfo *info);
/* 0 and that domain, -ESRCH or another negative errno. */
int domain_get(struct door *door, uint32_t domid, struct ctl_getinfo *info);

/* The record that belongs to this living domain; -1 without one. */
int domain_record(const struct ctl_getinfo *info, struct record *record);
/* Its name, or "" when domain 0 has no record of it. */
void domain_name(const struct ctl_getinfo *info, char name[GUEST_NAME_MAX + 1]);
/* "running", "blocked", "paused", ... */
const char *domain_state(const struct ctl_getinfo *info);
/* A label's name, or "#N" when it cannot be had. */
void domain_label(struct door *door, uint32_t label,
		  char name[GUEST_LABEL_MAX + 1]);

/* A number is a domain id, anything else a name. */
int domain_find(struct door *door, const char *name_or_id,
		struct ctl_getinfo *info, struct fail *fail);

/* Destroy a domain, its xenstore keys and its record, in this order, so that a
 * repeated call finishes the work of an interrupted one. Without xenstored the
 * domain goes and the record stays until the keys can be removed; returns 1
 * then, with the reason in fail. Ids are used again: with created_ns, only the
 * domain made then is destroyed; 0 means whichever has the id. */
int domain_destroy(struct door *door, uint32_t domid, uint64_t created_ns,
		   struct fail *fail);

/* Finish what killed commands left: building domains without a creator, and
 * records of domains that are gone. `report` may be NULL. */
int domain_reap(struct door *door, void (*report)(uint32_t domid),
		struct fail *fail);
