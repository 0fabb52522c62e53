/* SPDX-License-Identifier: Apache-2.0 */
/* xen_version answers what Linux needs to run unmodified. */
#include "lib.h"

const char claim_name[] = "version";

static long version(u32 op, void *arg)
{
	return hypercall(__HYPERVISOR_xen_version, op, (u64)arg, 0, 0, 0);
}

void claim(void)
{
	struct xen_feature_info f = { .submap_idx = 0 };
	char text[16];
	u32 i;

	CHECK_IS(version(XENVER_version, NULL), (4 << 16) | 17);
	CHECK_IS(version(XENVER_pagesize, NULL), 4096);
	CHECK_IS(version(XENVER_extraversion, text), 0);
	for (i = 0; i < 16 && text[i] != 0; i++) {
	}
	CHECK(i < 16);
	CHECK_IS(version(XENVER_get_features, &f), 0);
	CHECK((f.submap & (1u << 2)) != 0); /* auto_translated_physmap */
	f.submap_idx = 7;
	CHECK(version(XENVER_get_features, &f) <= 0);
	CHECK(version(XENVER_commandline, spare) < 0); /* not ours to know */
	CHECK(version(XENVER_build_id, spare) < 0);
}
