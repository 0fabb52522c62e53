/* SPDX-License-Identifier: Apache-2.0 */
/* The audit ring: order, wrap, and a gap that a reader can count. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include "vmm/audit.h"

#include <cmocka.h>

#define RING ((u64)AUDIT_RING_RECORDS)

static void append(u32 mark)
{
	struct audit_record r;

	memset(&r, 0xee, sizeof(r)); /* the sequence is the ring's to give */
	r.hypercall = mark;
	r.time_ns = 1000ull * mark;
	audit_append(&r);
}

static void expect(u64 sequence, u32 mark)
{
	struct audit_record r;

	memset(&r, 0, sizeof(r));
	assert_true(audit_get(sequence, &r));
	assert_int_equal(r.sequence, sequence);
	assert_int_equal(r.hypercall, mark);
	assert_int_equal(r.time_ns, 1000ull * mark);
	assert_int_equal(r.subject_domid, 0xeeee);
	assert_int_equal(r.vcpu, 0xee);
}

static void absent(u64 sequence)
{
	struct audit_record r;

	memset(&r, 0x11, sizeof(r));
	assert_false(audit_get(sequence, &r));
	assert_int_equal(r.vcpu, 0x11); /* untouched */
}

/* One test: the ring starts empty and goes through its whole life. */
static void test_life(void **state)
{
	u64 i;

	(void)state;
	assert_int_equal(audit_next(), 0);
	assert_int_equal(audit_oldest(), 0);
	absent(0);
	absent(~0ull);
	append(7);
	assert_int_equal(audit_next(), 1);
	expect(0, 7);
	absent(1);
	for (i = 1; i < RING; i++) {
		append((u32)(7 + i));
	}
	assert_int_equal(audit_oldest(), 0); /* full, nothing lost */
	assert_int_equal(audit_next(), RING);
	expect(0, 7);
	expect(RING - 1, (u32)(6 + RING));
	append((u32)(7 + RING)); /* now the oldest goes */
	assert_int_equal(audit_oldest(), 1);
	absent(0);
	expect(1, 8);
	expect(RING, (u32)(7 + RING));
	for (i = RING + 1; i < 5 * RING + 3; i++) {
		append((u32)(7 + i));
	}
	assert_int_equal(audit_next(), 5 * RING + 3);
	assert_int_equal(audit_next() - audit_oldest(), RING);
	absent(audit_oldest() - 1);
	absent(audit_next());
	absent(audit_next() + RING); /* a slot that is in use */
	absent(~0ull);
	for (i = audit_oldest(); i < audit_next(); i++) {
		expect(i, (u32)(7 + i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
