/* SPDX-License-Identifier: Apache-2.0 */
/* What the core's monitor takes on this machine: speed IMAGE. Prints
 * milliseconds for installing the image, flow check included, and nanoseconds
 * for a decision on random labels. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "refmon/refmon.h"

#define INSTALLS 20u
#define DECISIONS 20000000u
#define IMAGE_MAX (1u << 20)

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static unsigned char image[IMAGE_MAX];
	FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
	u32 bytes = in ? (u32)fread(image, 1, sizeof(image), in) : 0;
	u32 n, x = 1, permits = 0;
	double start = seconds(), installed, decided;

	for (u32 i = 0; i < INSTALLS; i++) {
		enum refmon_error e = refmon_install(image, bytes);

		if (e != REFMON_OK) {
			fprintf(stderr, "%s\n", refmon_error_text(e));
			return 1;
		}
	}
	installed = seconds();
	n = refmon_label_count();
	for (u32 i = 0; i < DECISIONS; i++) {
		x = x * 1664525u + 1013904223u;
		permits += refmon_decide((x >> 8) % n, (x >> 16) % n, false,
					 CLASS_grant, x >> 29) == REFMON_PERMIT;
	}
	decided = seconds();
	printf("{\"labels\":%u,\"bytes\":%u,\"install_ms\":%.3f,"
	       "\"decide_ns\":%.2f,\"permitted\":%u}\n",
	       n, bytes, (installed - start) / INSTALLS * 1e3,
	       (decided - installed) / DECISIONS * 1e9, permits);
	fclose(in);
	return 0;
}
