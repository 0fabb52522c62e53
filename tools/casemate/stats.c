/* SPDX-License-Identifier: Apache-2.0 */
/* A domain's counters, and what can be said of them. */
#include "casemate/stats.h"

#include <stdio.h>

#include "casemate/cli.h"

static const char *const causes[] = {
	[CTL_EXIT_IRQ] = "irq",	      [CTL_EXIT_HYPERCALL] = "hypercall",
	[CTL_EXIT_CPUID] = "cpuid",   [CTL_EXIT_HLT] = "hlt",
	[CTL_EXIT_IO] = "io",	      [CTL_EXIT_RDMSR] = "rdmsr",
	[CTL_EXIT_WRMSR] = "wrmsr",   [CTL_EXIT_XSETBV] = "xsetbv",
	[CTL_EXIT_CACHE] = "cache",   [CTL_EXIT_FAULT] = "fault",
	[CTL_EXIT_UNDEF] = "undef",   [CTL_EXIT_TRIPLE] = "triple",
	[CTL_EXIT_BROKEN] = "broken",
};
#define CAUSES (sizeof(causes) / sizeof(*causes))

int stats_get(struct door *door, uint32_t domid, struct ctl_stats *stats)
{
	*stats = (struct ctl_stats){ .domid = domid };
	return door_call(door, CTL_STATS, stats, sizeof(*stats));
}

struct ctl_stats stats_since(const struct ctl_stats *before,
			     const struct ctl_stats *now)
{
	struct ctl_stats d = *now;

	for (uint32_t i = 0; i < CTL_EXIT_CAUSES; i++) {
		d.exits[i] -= before->exits[i];
	}
	for (uint32_t i = 0; i < CTL_LATENCY_BUCKETS; i++) {
		d.latency[i] -= before->latency[i];
	}
	return d;
}

const char *stats_cause(uint32_t cause)
{
	return cause < CAUSES ? causes[cause] : NULL;
}

static uint64_t sum(const uint64_t *counters, uint32_t count)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < count; i++) {
		total += counters[i];
	}
	return total;
}

uint64_t stats_exits(const struct ctl_stats *stats)
{
	return sum(stats->exits, CTL_EXIT_CAUSES);
}

/* Where a bucket ends, in ns. */
static double bucket_end(const struct ctl_stats *stats, uint32_t bucket)
{
	int power = (int)bucket + 1 - 32 + stats->clock_shift;
	double mul = stats->clock_mul;

	if (power < -63 || power > 63) {
		return 0; /* no such clock */
	}
	return power < 0 ? mul / (double)(1ull << -power)
			 : mul * (double)(1ull << power);
}

double stats_percentile(const struct ctl_stats *stats, double percent)
{
	uint64_t total = sum(stats->latency, CTL_LATENCY_BUCKETS);
	uint64_t below = 0;

	for (uint32_t i = 0; i < CTL_LATENCY_BUCKETS; i++) {
		below += stats->latency[i];
		if (below != 0 &&
		    (double)below * 100.0 >= (double)total * percent) {
			return bucket_end(stats, i);
		}
	}
	return 0;
}

void stats_add_json(const struct ctl_stats *stats, cJSON *json)
{
	cJSON *exits = cJSON_AddObjectToObject(json, "exits");
	cJSON *latency = cJSON_AddArrayToObject(json, "latency");

	for (uint32_t i = 0; i < CAUSES; i++) {
		cli_add_number(exits, causes[i], stats->exits[i]);
	}
	for (uint32_t i = 0; i < CTL_LATENCY_BUCKETS; i++) {
		cJSON *bucket;

		if (stats->latency[i] == 0) {
			continue;
		}
		bucket = cJSON_CreateObject();
		cJSON_AddNumberToObject(bucket, "below_ns",
					bucket_end(stats, i));
		cli_add_number(bucket, "exits", stats->latency[i]);
		cJSON_AddItemToArray(latency, bucket);
	}
}

void stats_print(const struct ctl_stats *stats)
{
	printf("%-16s %llu\n", "exits", (unsigned long long)stats_exits(stats));
	for (uint32_t i = 0; i < CAUSES; i++) {
		if (stats->exits[i] != 0) {
			printf("  %-14s %llu\n", causes[i],
			       (unsigned long long)stats->exits[i]);
		}
	}
	puts("handled within");
	for (uint32_t i = 0; i < CTL_LATENCY_BUCKETS; i++) {
		if (stats->latency[i] != 0) {
			printf("  %11.1f us %llu\n",
			       bucket_end(stats, i) / 1000.0,
			       (unsigned long long)stats->latency[i]);
		}
	}
}
