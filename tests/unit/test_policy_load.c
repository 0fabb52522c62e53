/* SPDX-License-Identifier: Apache-2.0 */
/* Another policy at run time: what is refused changes nothing; what is loaded
 * finds its domains by the names of their labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "abi/audit.h"
#include "fake_guest.h"
#include "fake_policy.h"
#include "lms_sign.h"
#include "measure/sha384.h"
#include "vmm/audit.h"
#include "vmm/coverage.h"
#include "vmm/event.h"
#include "vmm/grant_table.h"
#include "refmon/state.h"
#include "vmm/policy_load.h"

#include <cmocka.h>

#define CALL CASEMATE_HYPERCALL
#define SOURCE 0x20000ull
#define ROOM (IMAGE_ROOM + 2 * LMS_TEST_BYTES)

static struct lms_test_key keys[2];
static struct image_spec spec;
static u8 image[ROOM];
static u32 image_bytes; /* with signatures */
static struct domain *dom0, *red;

static struct policy_keys known(u32 count)
{
	struct policy_keys k = { .count = count };

	for (u32 i = 0; i < count; i++) {
		memcpy(k.key[i], keys[i].public, LMS_KEY_BYTES);
	}
	return k;
}

/* spec, signed by the first `count` keys. */
static void emit(u32 count)
{
	u8 digest[SHA384_BYTES];
	struct sha384 h;

	image_bytes = image_emit(&spec, image);
	((struct policy_header *)image)->total_bytes = image_bytes;
	sha384_init(&h);
	sha384_update(&h, image, image_bytes);
	sha384_final(&h, digest);
	for (u32 i = 0; i < count; i++) {
		lms_test_sign(&keys[i], 3, digest, sizeof(digest),
			      image + image_bytes);
		image_bytes += LMS_TEST_BYTES;
	}
}

/* Started with a policy of version 1 signed by so many keys. */
static void start(u32 count)
{
	struct policy_keys k = known(count);

	fake_power_on();
	guest_timers_forget();
	image_sample(&spec);
	spec.rows[R_ALL].av[CLASS_policy] = refmon_class_perms[CLASS_policy];
	emit(count);
	assert_string_equal(policy_start(&k, image, image_bytes), "");
	dom0 = guest_make(0, LB_DOM0, 1, 128);
	red = guest_make(1, LB_RED, 1, 64);
	spec.header.version = 2;
}

static int setup(void **state)
{
	(void)state;
	start(1);
	return 0;
}

static void put(void)
{
	for (u32 at = 0; at < image_bytes; at += PAGE_SIZE) {
		u32 n = image_bytes - at < PAGE_SIZE ? image_bytes - at
						     : (u32)PAGE_SIZE;

		memcpy(guest_at(dom0, SOURCE + at), image + at, n);
	}
}

static struct ctl_policy load(long wanted)
{
	struct ctl_policy c = { .buffer = SOURCE, .bytes = image_bytes };

	put();
	assert_int_equal(guest_op(dom0, CALL, CTL_POLICY_LOAD, &c, sizeof(c)),
			 wanted);
	return c;
}

static void check_event(u8 cause, u32 outcome)
{
	struct audit_record r;

	assert_true(audit_get(audit_next() - 1, &r));
	assert_int_equal(r.cause, cause);
	assert_int_equal(r.subject_domid, 0);
	assert_int_equal(r.hypercall, outcome);
}

/* Refused: the old policy decides as before. */
static struct ctl_policy refused(u32 outcome)
{
	struct ctl_policy c = load(0);

	assert_int_equal(c.outcome, outcome);
	assert_int_equal(policy_in_force()->version, 1);
	assert_int_equal(refmon_label_count(), 8);
	assert_int_equal(refmon_decide(LB_DOM0, LB_RED, false, CLASS_domain,
				       PERM_domain_pause),
			 REFMON_PERMIT);
	check_event(AUDIT_POLICY_REFUSED, outcome);
	return c;
}

static void test_loaded(void **state)
{
	struct ctl_policy c;

	(void)state;
	emit(1);
	c = load(0);
	assert_int_equal(c.outcome, POLICY_LOADED);
	assert_int_equal(policy_in_force()->version, 2);
	assert_int_equal(c.revoked_grants + c.revoked_ports, 0);
	check_event(AUDIT_POLICY_LOADED, 0);
	/* the same once more is not newer */
	assert_int_equal(load(0).outcome, POLICY_NOT_NEWER);
	assert_int_equal(policy_in_force()->version, 2);
}

static void test_not_newer(void **state)
{
	(void)state;
	spec.header.version = 1;
	emit(1);
	(void)refused(POLICY_NOT_NEWER);
	spec.header.version = 0;
	emit(1);
	(void)refused(POLICY_NOT_NEWER);
}

static void test_no_key(void **state)
{
	(void)state;
	start(0);
	emit(0);
	(void)refused(POLICY_NO_KEY);
}

static void test_unsigned(void **state)
{
	(void)state;
	emit(0);
	(void)refused(POLICY_TOO_LONG);
	emit(2);
	(void)refused(POLICY_TOO_LONG);
	for (u32 at = 400; at < image_bytes; at += 97) {
		emit(1);
		if (at < image_bytes) {
			image[at] ^= 1;
			(void)refused(POLICY_UNSIGNED);
		}
	}
}

static void test_sizes(void **state)
{
	u32 whole;

	(void)state;
	emit(1);
	whole = image_bytes;
	for (image_bytes = 0; image_bytes < whole; image_bytes += 333) {
		(void)refused(POLICY_TOO_LONG);
	}
	image_bytes = whole;
	((struct policy_header *)image)->total_bytes = 0xffffff00u;
	(void)refused(POLICY_TOO_LONG);
	((struct policy_header *)image)->total_bytes = 100;
	(void)refused(POLICY_TOO_LONG);
}

static void test_two_keys(void **state)
{
	u8 swap[LMS_TEST_BYTES];
	u8 *first;

	(void)state;
	start(2);
	emit(1);
	(void)refused(POLICY_TOO_LONG);
	emit(2);
	first = image + image_bytes - 2 * LMS_TEST_BYTES;
	memcpy(swap, first, sizeof(swap));
	memcpy(first, first + LMS_TEST_BYTES, sizeof(swap)); /* one of two */
	(void)refused(POLICY_UNSIGNED);
	memcpy(first, swap, sizeof(swap));
	assert_int_equal(load(0).outcome, POLICY_LOADED);
}

static void test_bad_image(void **state)
{
	struct ctl_policy c;

	(void)state;
	spec.header.initial[POLICY_INITIAL_DOM0] = 200;
	emit(1);
	c = refused(POLICY_BAD_IMAGE);
	assert_int_equal(c.detail, REFMON_E_INITIAL);
}

/* guest_t@S:3 is called otherwise: who carries it is named. */
static void test_no_label(void **state)
{
	struct ctl_policy c;

	(void)state;
	spec.labels[LB_RED].name = (u16)image_name(&spec, "guest_t@S:other");
	emit(1);
	c = refused(POLICY_NO_LABEL);
	assert_int_equal(c.missing[0], 2);
	assert_int_equal(c.missing[1], 0);
	assert_int_equal(red->label, LB_RED);
}

/* The label with the lowest number goes, and all others move. */
static void drop_first_label(void)
{
	memmove(spec.labels, spec.labels + 1, 7 * sizeof(spec.labels[0]));
	spec.header.label_count = 7;
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		spec.header.initial[i] -= 1;
	}
}

/* Domains and records move with their labels. */
static void test_relabelled(void **state)
{
	struct audit_record r, old = { .subject_domid = 1,
				       .subject_label = LB_RED,
				       .object_label = LB_BLACK };
	u32 dom0_label = dom0->label;

	(void)state;
	audit_append(&old);
	drop_first_label();
	emit(1);
	assert_int_equal(load(0).outcome, POLICY_LOADED);
	assert_int_equal(dom0->label, dom0_label - 1);
	assert_int_equal(red->label, LB_RED - 1);
	assert_true(audit_get(audit_next() - 2, &r));
	assert_int_equal(r.subject_label, LB_RED - 1);
	assert_int_equal(r.object_label, LB_BLACK - 1);
}

static void test_label_gone(void **state)
{
	struct audit_record r,
		old = { .subject_label = LB_BROKER, .object_label = LB_RED };

	(void)state;
	audit_append(&old);
	drop_first_label();
	emit(1);
	assert_int_equal(load(0).outcome, POLICY_LOADED);
	assert_true(audit_get(audit_next() - 2, &r));
	assert_int_equal(r.subject_label, AUDIT_LABEL_GONE);
	assert_int_equal(r.object_label, LB_RED - 1);
}

static void test_bad_buffer(void **state)
{
	struct ctl_policy c = { .buffer = GUEST_NOWHERE, .bytes = 5000 };

	(void)state;
	assert_int_equal(guest_op(dom0, CALL, CTL_POLICY_LOAD, &c, sizeof(c)),
			 E_FAULT);
	assert_int_equal(policy_in_force()->version, 1);
}

/* A load begun later wins; the one before is told. */
static void test_two_loaders(void **state)
{
	struct ctl_policy one = { .buffer = SOURCE };

	(void)state;
	emit(1);
	put();
	one.bytes = image_bytes;
	assert_int_equal(policy_load(&dom0->vcpus[0], &one), E_RESTART);
	assert_int_equal(one.done, image_bytes);
	assert_int_equal(load(0).outcome, POLICY_LOADED);
	assert_int_equal(policy_load(&dom0->vcpus[0], &one), E_BUSY);
	one.done = 7;
	assert_int_equal(policy_load(&dom0->vcpus[0], &one), E_BUSY);
	/* nor may it become shorter on the way */
	spec.header.version = 3;
	emit(1);
	put();
	one.done = 0;
	one.bytes = image_bytes;
	assert_int_equal(policy_load(&dom0->vcpus[0], &one), E_RESTART);
	one.bytes -= 1;
	assert_int_equal(policy_load(&dom0->vcpus[0], &one), E_BUSY);
}

/* What is over is over, whatever it ended with: nobody goes on from there. */
static void test_no_going_on(void **state)
{
	struct ctl_policy c = { .buffer = SOURCE };

	(void)state;
	emit(1);
	for (u32 round = 0; round < 2; round++) {
		assert_int_equal(load(0).outcome,
				 round == 0 ? POLICY_LOADED : POLICY_NOT_NEWER);
		c.bytes = image_bytes;
		for (c.done = 1; c.done < image_bytes + 1000; c.done++) {
			assert_int_equal(policy_load(&dom0->vcpus[0], &c),
					 E_BUSY);
		}
	}
	assert_int_equal(policy_in_force()->version, 2);
}

static void test_not_permitted(void **state)
{
	struct ctl_policy c = { .buffer = SOURCE, .bytes = 50000 };

	(void)state;
	assert_int_equal(guest_op(red, CALL, CTL_POLICY_LOAD, &c, sizeof(c)),
			 E_PERM);
}

/* ---- at start-up ------------------------------------------------------ */

static void start_fails(u32 count, const char *why)
{
	struct policy_keys k = known(count);

	assert_string_equal(policy_start(&k, image, image_bytes), why);
	assert_int_equal(refmon_label_count(), 0);
}

static void test_start(void **state)
{
	static const char none[] =
		"it must come with one signature for each policy-key";
	struct policy_keys k = known(1);

	(void)state;
	(void)refmon_install(image, 0);
	emit(0);
	start_fails(1, none);
	emit(1);
	start_fails(2, none);
	image[500] ^= 4;
	start_fails(1, "a signature is not by its policy-key");
	image_bytes = 5;
	start_fails(1, none);
	emit(1);
	assert_string_equal(policy_start(&k, image, image_bytes), "");
	assert_int_equal(policy_in_force()->version, 2);
}

/* ---- coverage ---------------------------------------------------------- */

static void test_coverage(void **state)
{
	static u32 used[COVERAGE_BYTES / 4];
	struct ctl_coverage c = { .subject = LB_DOM0, .object = LB_RED };
	struct ctl_domain pause = { .domid = 1 };

	(void)state;
	assert_int_equal(guest_op(dom0, CALL, CTL_COVERAGE, &c, sizeof(c)),
			 E_NOSYS);
	coverage_used = used;
	assert_int_equal(guest_op(dom0, CALL, CTL_PAUSE, &pause, sizeof(pause)),
			 0);
	assert_int_equal(guest_op(dom0, CALL, CTL_COVERAGE, &c, sizeof(c)), 0);
	assert_int_equal(c.used[CLASS_domain], 1u << PERM_domain_pause);
	assert_int_equal(c.used[CLASS_grant], 0);
	c.object = CTL_COVERAGE_SELF;
	assert_int_equal(guest_op(dom0, CALL, CTL_COVERAGE, &c, sizeof(c)), 0);
	assert_int_equal(c.used[CLASS_domain], 0);
	c.object = 8;
	assert_int_equal(guest_op(dom0, CALL, CTL_COVERAGE, &c, sizeof(c)),
			 E_NOENT);
	c.object = LB_RED;
	emit(1);
	assert_int_equal(load(0).outcome, POLICY_LOADED);
	assert_int_equal(guest_op(dom0, CALL, CTL_COVERAGE, &c, sizeof(c)), 0);
	assert_int_equal(c.used[CLASS_domain], 0);
	coverage_used = NULL;
}

static int make_keys(void **state)
{
	(void)state;
	lms_test_make(&keys[0], 1);
	lms_test_make(&keys[1], 2);
	return 0;
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_loaded),	     T(test_not_newer),	 T(test_no_key),
		T(test_unsigned),    T(test_sizes),	 T(test_two_keys),
		T(test_bad_image),   T(test_no_label),	 T(test_relabelled),
		T(test_label_gone),  T(test_bad_buffer), T(test_two_loaders),
		T(test_start),	     T(test_coverage),	 T(test_not_permitted),
		T(test_no_going_on),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
