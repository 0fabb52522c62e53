/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "refmon/state.h"
#include "vmm/policy_load.h"

enum {
	ROW_NONE,
	ROW_OTHERS,
	ROW_SELF,
	ROW_COUNT
};

static struct image_spec spec;
static u8 image[IMAGE_ROOM];

static void install(void)
{
	static const struct policy_keys none = { 0 };
	const char *why = policy_start(&none, image, image_emit(&spec, image));

	if (why[0] != '\0') {
		fail_msg("policy refused: %s", why);
	}
}

static void everything(void)
{
	u32 c, t, o;

	image_sample(&spec);
	memset(spec.rows, 0, sizeof(spec.rows));
	memset(spec.strict, 0, sizeof(spec.strict));
	spec.header.row_count = ROW_COUNT;
	for (c = 0; c < POLICY_CLASSES; c++) {
		spec.rows[ROW_SELF].av[c] = refmon_class_perms[c];
		spec.rows[ROW_OTHERS].av[c] = refmon_class_perms[c] &
					      ~refmon_class_self[c];
	}
	for (t = 0; t < spec.header.type_count; t++) {
		spec.self[t] = ROW_SELF;
		for (o = 0; o < spec.header.type_count; o++) {
			spec.pair[t][o] = ROW_OTHERS;
		}
	}
}

void fake_policy_open(void)
{
	everything();
	install();
}

void fake_policy_deny(void)
{
	everything();
	memset(spec.rows, 0, sizeof(spec.rows));
	memset(spec.self, 0, sizeof(spec.self));
	memset(spec.pair, 0, sizeof(spec.pair));
	spec.header.row_count = 1;
	install();
}

void fake_policy_without(u32 cls, u32 perm)
{
	everything();
	spec.rows[ROW_SELF].av[cls] &= ~(1u << perm);
	spec.rows[ROW_OTHERS].av[cls] &= ~(1u << perm);
	install();
}
