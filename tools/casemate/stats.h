/* SPDX-License-Identifier: Apache-2.0 */
/* A domain's counters (CTL_STATS), and what can be said of them. */
#pragma once

#include <cjson/cJSON.h>

#include "casemate/door.h"

/* 0 and the counters of that domain, or a negative errno. */
int stats_get(struct door *door, uint32_t domid, struct ctl_stats *stats);
/* What happened from one time to another. */
struct ctl_stats stats_since(const struct ctl_stats *before,
			     const struct ctl_stats *now);

/* A cause's name; NULL past the last. */
const char *stats_cause(uint32_t cause);
uint64_t stats_exits(const struct ctl_stats *stats);
/* So long at most took `percent` of all exits; in ns, 0 without exits. */
double stats_percentile(const struct ctl_stats *stats, double percent);

/* Add "exits" and "latency" to a domain's object. */
void stats_add_json(const struct ctl_stats *stats, cJSON *json);
/* The same as lines of text, what is zero left out. */
void stats_print(const struct ctl_stats *stats);
