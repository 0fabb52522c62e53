/* SPDX-License-Identifier: Apache-2.0 */
/* The reference monitor: every way an image is refused, every cause of a
 * decision, and what single flipped bytes can do (nothing). */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "image_builder.h"
#include "refmon/parts.h"

static struct image_spec spec;
static u8 image[IMAGE_ROOM];

/* flow_holds() cannot fail on an image; the test makes it fail. */
static bool flow_is_broken;
bool __real_flow_holds(void);
bool __wrap_flow_holds(void);
bool __wrap_flow_holds(void)
{
	return !flow_is_broken && __real_flow_holds();
}

/* What the check of the theorem sees when the decision goes wrong: one more
 * set of permissions for one pair of labels. */
static u32 wrong_subject, wrong_object;
static const u32 *wrong_masks;
u32 __real_decide_allowed(u32 s, u32 o, bool is_self, u32 cls);
u32 __wrap_decide_allowed(u32 s, u32 o, bool is_self, u32 cls);
u32 __wrap_decide_allowed(u32 s, u32 o, bool is_self, u32 cls)
{
	u32 av = __real_decide_allowed(s, o, is_self, cls);

	if (wrong_masks != NULL && s == wrong_subject && o == wrong_object) {
		av |= wrong_masks[cls];
	}
	return av;
}

static bool flow_survives(u32 s, u32 o, const u32 *masks)
{
	bool holds;

	wrong_subject = s;
	wrong_object = o;
	wrong_masks = masks;
	holds = __real_flow_holds();
	wrong_masks = NULL;
	return holds;
}

/* From a block of exactly the right size, so that ASan sees overreads. */
static enum refmon_error install_bytes(const u8 *bytes, u32 n)
{
	u8 *copy = malloc(n + (n == 0));
	enum refmon_error e;

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	e = refmon_install(copy, n);
	free(copy);
	return e;
}

static enum refmon_error install(void)
{
	return install_bytes(image, image_emit(&spec, image));
}

static void install_sample(void)
{
	image_sample(&spec);
	assert_int_equal(install(), REFMON_OK);
}

static void all_denied(void)
{
	assert_int_equal(refmon_label_count(), 0);
	for (u32 s = 0; s < 8u; s++) {
		for (u32 o = 0; o < 8u; o++) {
			assert_int_equal(refmon_decide(s, o, s == o,
						       CLASS_event,
						       PERM_event_send),
					 REFMON_BAD_QUERY);
		}
	}
	assert_string_equal(refmon_label_name(0), "");
	assert_false(refmon_label_is_domain(0));
	assert_false(refmon_label_same_level(0, 0));
	assert_int_equal(refmon_initial(POLICY_INITIAL_DOM0),
			 POLICY_MAX_LABELS);
}

/* The bent sample must be refused so, whatever was installed before. */
static void refused(enum refmon_error want)
{
	struct image_spec *bent = malloc(sizeof(*bent));

	assert_non_null(bent);
	*bent = spec;
	install_sample();
	spec = *bent;
	free(bent);
	assert_int_equal(install(), want);
	all_denied();
	image_sample(&spec);
}

/* Same, for the serialized sample with one byte changed. */
static void refused_byte(u32 at, u8 value, enum refmon_error want)
{
	u32 n;

	install_sample();
	n = image_emit(&spec, image);
	image[at] = value;
	assert_int_equal(install_bytes(image, n), want);
	all_denied();
}

static void test_before_install(void **state)
{
	(void)state;
	all_denied();
}

static void test_sample_and_large(void **state)
{
	(void)state;
	install_sample();
	assert_int_equal(refmon_label_count(), 8);
	image_large(&spec);
	assert_int_equal(install(), REFMON_OK);
	assert_int_equal(refmon_label_count(), POLICY_MAX_LABELS);
}

static void test_short(void **state)
{
	u32 n;

	(void)state;
	image_sample(&spec);
	n = image_emit(&spec, image);
	for (u32 i = 0; i < n; i++) {
		enum refmon_error e = install_bytes(image, i);

		assert_int_equal(e, REFMON_E_SHORT);
	}
	all_denied();
}

static void test_size(void **state)
{
	u32 n;

	(void)state;
	image_sample(&spec);
	n = image_emit(&spec, image);
	memset(image + n, 0, 16);
	assert_int_equal(install_bytes(image, n + 1u), REFMON_E_SIZE);
	assert_int_equal(install_bytes(image, n + 8u), REFMON_E_SIZE);
	refused_byte(12, image[12] ^ 8u, REFMON_E_SIZE);
	/* More than the monitor has room for; and the most it has. */
	assert_int_equal(install_bytes(image, IMAGE_ROOM), REFMON_E_SIZE);
	image_large(&spec);
	spec.header.names_bytes = POLICY_MAX_NAMES;
	n = image_emit(&spec, image);
	assert_int_equal(n, POLICY_IMAGE_MAX);
	assert_int_equal(install_bytes(image, n), REFMON_OK);
	assert_int_equal(install_bytes(image, n + 1u), REFMON_E_SIZE);
}

static void test_magic(void **state)
{
	(void)state;
	for (u32 i = 0; i < 8u; i++) {
		refused_byte(i, '?', REFMON_E_MAGIC);
	}
	refused_byte(8, 2, REFMON_E_MAGIC);
}

static void test_classes(void **state)
{
	(void)state;
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		for (u32 i = 0; i < 16u; i += 4u) {
			image_sample(&spec);
			image_emit(&spec, image);
			refused_byte(104u + 16u * c + i,
				     image[104u + 16u * c + i] ^ 1u,
				     REFMON_E_CLASSES);
		}
	}
}

static void test_counts(void **state)
{
	(void)state;
	image_sample(&spec);
	image_emit(&spec, image);
	refused_byte(56, 0, REFMON_E_COUNTS);
	refused_byte(57, 1, REFMON_E_COUNTS);
	refused_byte(60, 0, REFMON_E_COUNTS);
	refused_byte(60, 129, REFMON_E_COUNTS);
	refused_byte(64, 0, REFMON_E_COUNTS);
	refused_byte(67, 0xff, REFMON_E_COUNTS);
	refused_byte(68, 0, REFMON_E_COUNTS);
	refused_byte(69, 2, REFMON_E_COUNTS);
	refused_byte(72, 0, REFMON_E_COUNTS);
	refused_byte(72, 65, REFMON_E_COUNTS);
	refused_byte(77, 5, REFMON_E_COUNTS);
	refused_byte(82, 1, REFMON_E_COUNTS);
}

static void test_names(void **state)
{
	u32 names;

	(void)state;
	image_sample(&spec);
	spec.types[1].name = (u16)spec.header.names_bytes;
	refused(REFMON_E_NAMES);
	spec.types[1].name = 1; /* not the start of a string */
	refused(REFMON_E_NAMES);
	spec.levels[1].name = 0x10000;
	refused(REFMON_E_NAMES);
	spec.labels[2].name++;
	refused(REFMON_E_NAMES);
	names = image_at(&spec, AT_NAMES);
	refused_byte(names, 0x1b, REFMON_E_NAMES); /* escape: not on consoles */
	refused_byte(names + 1u, 0xe9, REFMON_E_NAMES);
	refused_byte(names + spec.header.names_bytes - 1u, 'x', REFMON_E_NAMES);
	memset(spec.header.name, 'x', 32);
	refused(REFMON_E_NAMES);
	spec.header.name[20] = 'x'; /* after the NUL */
	refused(REFMON_E_NAMES);
	spec.header.name[2] = '\n';
	refused(REFMON_E_NAMES);
}

static void test_type(void **state)
{
	(void)state;
	image_sample(&spec);
	spec.types[T_GUEST].flags |= 8;
	refused(REFMON_E_TYPE);
	spec.types[1].name = spec.types[0].name; /* twice the same */
	refused(REFMON_E_TYPE);
	spec.types[0].name = spec.types[3].name; /* out of order */
	refused(REFMON_E_TYPE);
}

static void test_level(void **state)
{
	struct policy_level l;

	(void)state;
	image_sample(&spec);
	spec.levels[L_S3].sens = 2;
	refused(REFMON_E_LEVEL);
	spec.levels[L_S3].cat[1] = 1ull << 7; /* compartment 71 of 0..70 */
	refused(REFMON_E_LEVEL);
	spec.levels[L_S3].cat[15] = 1ull << 63;
	refused(REFMON_E_LEVEL);
	spec.levels[L_S] = spec.levels[L_U];
	refused(REFMON_E_LEVEL);
	l = spec.levels[L_S3];
	spec.levels[L_S3] = spec.levels[L_S70];
	spec.levels[L_S70] = l;
	refused(REFMON_E_LEVEL);
}

static void test_label(void **state)
{
	(void)state;
	image_sample(&spec);
	spec.labels[LB_RED].type = 4;
	refused(REFMON_E_LABEL);
	spec.labels[LB_RED].low = 4;
	refused(REFMON_E_LABEL);
	spec.labels[LB_RED].high = 4;
	refused(REFMON_E_LABEL);
	spec.labels[LB_RED].low = L_U; /* an untrusted range, out of order */
	refused(REFMON_E_LABEL);
	spec.labels[LB_BLACK].high = L_S; /* an untrusted range, in order */
	refused(REFMON_E_LABEL);
	spec.labels[LB_DOM0].low = L_S3; /* upside down */
	spec.labels[LB_DOM0].high = L_U;
	refused(REFMON_E_LABEL);
	spec.labels[LB_DOM0].low = L_S70; /* incomparable */
	refused(REFMON_E_LABEL);
	spec.labels[LB_SECRET] = spec.labels[LB_BLACK];
	refused(REFMON_E_LABEL);
}

static void test_row(void **state)
{
	(void)state;
	image_sample(&spec);
	spec.self[T_CORE] = 4;
	refused(REFMON_E_ROW);
	spec.pair[T_CORE][T_CORE] = 4;
	refused(REFMON_E_ROW);
	spec.rows[R_NONE].av[CLASS_event] = 1;
	refused(REFMON_E_ROW);
	spec.rows[R_ALL].av[CLASS_event] |= 1u << 31;
	refused(REFMON_E_ROW);
	spec.rows[R_ALL].av[15] = 1; /* the class that does not exist */
	refused(REFMON_E_ROW);
	spec.rows[R_ALL] = spec.rows[R_PEER];
	refused(REFMON_E_ROW);
	spec.strict[CLASS_event] = 1u << 12;
	refused(REFMON_E_ROW);
	/* A self-plane permission between two instances. */
	spec.pair[T_GUEST][T_GUEST] = R_SELF;
	refused(REFMON_E_ROW);
}

static void test_initial(void **state)
{
	(void)state;
	image_sample(&spec);
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		spec.header.initial[i] = 8;
		refused(REFMON_E_INITIAL);
		spec.header.initial[i] = 0xffff;
		refused(REFMON_E_INITIAL);
		spec.header.initial[i] = i == POLICY_INITIAL_DOM0 ? LB_CORE_U
								  : LB_BLACK;
		refused(REFMON_E_INITIAL);
	}
}

static void test_padding(void **state)
{
	u32 at;

	(void)state;
	image_sample(&spec);
	refused_byte(84, 1, REFMON_E_PADDING);
	refused_byte(100, 1, REFMON_E_PADDING);
	refused_byte(103, 1, REFMON_E_PADDING);
	spec.types[2].reserved = 0x01000000;
	refused(REFMON_E_PADDING);
	at = image_at(&spec, AT_NAMES) + spec.header.names_bytes;
	assert_true(at < image_at(&spec, AT_END));
	refused_byte(at, 'x', REFMON_E_PADDING);
	/* With three types the index tables are padded, too. */
	spec.header.type_count = 3;
	image_emit(&spec, image);
	at = image_at(&spec, AT_SELF) + 2u * 3u;
	image[at] = 1;
	assert_int_equal(install_bytes(image, image_at(&spec, AT_END)),
			 REFMON_E_PADDING);
	image_emit(&spec, image);
	at = image_at(&spec, AT_PAIR) + 2u * 9u;
	image[at] = 1;
	assert_int_equal(install_bytes(image, image_at(&spec, AT_END)),
			 REFMON_E_PADDING);
}

static void test_flow(void **state)
{
	(void)state;
	install_sample();
	assert_true(__real_flow_holds());
	/* A dominance table gone wrong in memory does not vouch for itself. */
	pol_dom[L_U].over[L_S3] ^= 1;
	assert_false(__real_flow_holds());
	pol_dom[L_U].over[L_S3] ^= 1;
	assert_true(__real_flow_holds());
	/* Neither does a decision that forgets a mask, for a single pair. */
	assert_false(flow_survives(LB_BLACK, LB_RED, refmon_class_reads));
	assert_true(flow_survives(LB_BLACK, LB_RED, refmon_class_self));
	assert_false(flow_survives(LB_RED, LB_BLACK, refmon_class_writes));
	assert_false(flow_survives(LB_BLUE, LB_RED, refmon_class_reads));
	assert_false(flow_survives(LB_BLUE, LB_RED, refmon_class_writes));
	assert_true(flow_survives(LB_RED, LB_RED, refmon_class_perms));
	flow_is_broken = true;
	assert_int_equal(install(), REFMON_E_FLOW);
	flow_is_broken = false;
	all_denied();
}

static enum refmon_cause ask(u32 s, u32 o, u32 cls, u32 perm)
{
	return refmon_decide(s, o, false, cls, perm);
}

static void test_causes(void **state)
{
	(void)state;
	install_sample();
	/* One level, one rule. */
	assert_int_equal(ask(LB_RED, LB_RED, CLASS_event, PERM_event_bind),
			 REFMON_PERMIT);
	/* No rule: never anything else, whatever the levels say. */
	assert_int_equal(ask(LB_RED, LB_BLACK, CLASS_event, PERM_event_close),
			 REFMON_NO_RULE);
	assert_int_equal(ask(LB_RED, LB_CORE_S3, CLASS_core, PERM_core_version),
			 REFMON_NO_RULE);
	/* B from below: reading fails first. From above: writing does. */
	assert_int_equal(ask(LB_BLACK, LB_RED, CLASS_event, PERM_event_bind),
			 REFMON_READ_UP);
	assert_int_equal(ask(LB_RED, LB_BLACK, CLASS_event, PERM_event_bind),
			 REFMON_WRITE_DOWN);
	/* Diode: W from below, R from above. */
	assert_int_equal(ask(LB_BLACK, LB_RED, CLASS_event, PERM_event_send),
			 REFMON_PERMIT);
	assert_int_equal(ask(LB_RED, LB_BLACK, CLASS_event, PERM_event_send),
			 REFMON_WRITE_DOWN);
	assert_int_equal(ask(LB_RED, LB_BLACK, CLASS_grant, PERM_grant_map_ro),
			 REFMON_PERMIT);
	assert_int_equal(ask(LB_BLACK, LB_RED, CLASS_grant, PERM_grant_map_ro),
			 REFMON_READ_UP);
	/* Incomparable levels: neither. */
	assert_int_equal(ask(LB_BLUE, LB_RED, CLASS_grant, PERM_grant_map_ro),
			 REFMON_READ_UP);
	assert_int_equal(ask(LB_BLUE, LB_RED, CLASS_grant, PERM_grant_push),
			 REFMON_WRITE_DOWN);
	/* Strict narrows what the levels would permit. */
	assert_int_equal(ask(LB_RED, LB_BLACK, CLASS_event, PERM_event_status),
			 REFMON_STRICT);
	assert_int_equal(ask(LB_BLACK, LB_RED, CLASS_event, PERM_event_status),
			 REFMON_READ_UP);
	assert_int_equal(ask(LB_RED, LB_RED, CLASS_event, PERM_event_status),
			 REFMON_PERMIT);
}

static void test_self_plane(void **state)
{
	(void)state;
	install_sample();
	assert_int_equal(refmon_decide(LB_RED, LB_RED, true, CLASS_event,
				       PERM_event_ipi),
			 REFMON_PERMIT);
	/* A twin is somebody else. */
	assert_int_equal(ask(LB_RED, LB_RED, CLASS_event, PERM_event_ipi),
			 REFMON_NO_RULE);
	/* The self row is its own row. */
	assert_int_equal(refmon_decide(LB_RED, LB_RED, true, CLASS_event,
				       PERM_event_bind),
			 REFMON_NO_RULE);
	assert_int_equal(refmon_decide(LB_DOM0, LB_DOM0, true, CLASS_event,
				       PERM_event_bind),
			 REFMON_PERMIT);
	assert_int_equal(refmon_decide(LB_RED, LB_BLUE, true, CLASS_event,
				       PERM_event_ipi),
			 REFMON_BAD_QUERY);
}

static void test_trusted_range(void **state)
{
	(void)state;
	install_sample();
	/* The broker may deal with both ends of its range, both ways... */
	assert_int_equal(ask(LB_BROKER, LB_BLACK, CLASS_event, PERM_event_bind),
			 REFMON_PERMIT);
	assert_int_equal(ask(LB_BROKER, LB_RED, CLASS_event, PERM_event_bind),
			 REFMON_PERMIT);
	/* ...but not beyond it. */
	assert_int_equal(ask(LB_BROKER, LB_BLUE, CLASS_event, PERM_event_bind),
			 REFMON_READ_UP);
}

static void test_bad_query(void **state)
{
	(void)state;
	install_sample();
	assert_int_equal(ask(8, 0, CLASS_event, 0), REFMON_BAD_QUERY);
	assert_int_equal(ask(0, 8, CLASS_event, 0), REFMON_BAD_QUERY);
	assert_int_equal(ask(~0u, ~0u, CLASS_event, 0), REFMON_BAD_QUERY);
	assert_int_equal(ask(0, 0, 16, 0), REFMON_BAD_QUERY);
	assert_int_equal(ask(0, 0, ~0u, 0), REFMON_BAD_QUERY);
	assert_int_equal(ask(0, 0, 15, 0), REFMON_BAD_QUERY);
	assert_int_equal(ask(0, 0, CLASS_event, 12), REFMON_BAD_QUERY);
	assert_int_equal(ask(0, 0, CLASS_event, 32), REFMON_BAD_QUERY);
	assert_int_equal(ask(0, 0, CLASS_event, ~0u), REFMON_BAD_QUERY);
}

static void test_labels(void **state)
{
	(void)state;
	install_sample();
	assert_string_equal(refmon_label_name(LB_RED), "guest_t@S:3");
	assert_string_equal(refmon_label_name(8), "");
	assert_true(refmon_label_is_domain(LB_RED));
	assert_false(refmon_label_is_domain(LB_CORE_U));
	assert_false(refmon_label_is_domain(8));
	assert_true(refmon_label_same_level(LB_RED, LB_CORE_S3));
	assert_false(refmon_label_same_level(LB_RED, LB_BLUE));
	assert_false(refmon_label_same_level(LB_DOM0, LB_BLACK));
	assert_false(refmon_label_same_level(8, 8));
	assert_int_equal(refmon_initial(POLICY_INITIAL_DOM0), LB_DOM0);
	assert_int_equal(refmon_initial(POLICY_INITIAL_AUDIT), LB_CORE_S3);
	assert_int_equal(refmon_initial(POLICY_INITIAL_COUNT),
			 POLICY_MAX_LABELS);
}

static void test_error_text(void **state)
{
	(void)state;
	for (u32 e = 0; e <= REFMON_E_FLOW; e++) {
		for (u32 f = 0; f < e; f++) {
			assert_string_not_equal(refmon_error_text(e),
						refmon_error_text(f));
		}
	}
	assert_non_null(refmon_error_text((enum refmon_error)99));
}

/* Dominance straight from the description, not from the monitor. */
static bool over(const struct policy_level *a, const struct policy_level *b)
{
	for (u32 w = 0; w < POLICY_CAT_WORDS; w++) {
		if ((b->cat[w] & ~a->cat[w]) != 0) {
			return false;
		}
	}
	return a->sens >= b->sens;
}

/* What flows X -> Y needs high(Y) over low(X): on the tables in force. */
static void theorem_holds(void)
{
	u32 n = refmon_label_count();

	for (u32 i = 0; i < n * n; i++) {
		u32 s = i / n, o = i % n;
		const struct policy_level lv[4] = {
			pol_level[pol_label[s].low],
			pol_level[pol_label[s].high],
			pol_level[pol_label[o].low],
			pol_level[pol_label[o].high],
		};

		for (u32 cp = 0; cp < POLICY_CLASSES * POLICY_PERMS; cp++) {
			u32 c = cp / POLICY_PERMS, p = cp % POLICY_PERMS;

			if (ask(s, o, c, p) != REFMON_PERMIT) {
				continue;
			}
			assert_true((refmon_class_perms[c] >> p & 1u) != 0);
			assert_true((refmon_class_self[c] >> p & 1u) == 0);
			if ((refmon_class_reads[c] >> p & 1u) != 0) {
				assert_true(over(&lv[1], &lv[2]));
			}
			if ((refmon_class_writes[c] >> p & 1u) != 0) {
				assert_true(over(&lv[3], &lv[0]));
			}
		}
	}
}

/* Every byte of an image, each bit of it and all at once: refused with
 * nothing left permitted, or accepted with the theorem still true. */
static void test_flip_every_byte(void **state)
{
	u32 n, accepted = 0, denied = 0;

	(void)state;
	image_sample(&spec);
	n = image_emit(&spec, image);
	for (u32 i = 0; i < n; i++) {
		for (u32 b = 0; b < 9u; b++) {
			u8 flip = b < 8u ? (u8)(1u << b) : 0xff;

			image[i] ^= flip;
			if (install_bytes(image, n) == REFMON_OK) {
				theorem_holds();
				accepted++;
			} else {
				all_denied();
				denied++;
			}
			image[i] ^= flip;
		}
	}
	print_message("flips: %u refused, %u accepted and true\n", denied,
		      accepted);
	assert_true(denied > accepted);
}

/* Dominance and decision against the definition, for all label pairs. */
static void test_decision_is_definition(void **state)
{
	(void)state;
	install_sample();
	theorem_holds();
	for (u32 a = 0; a < spec.header.level_count; a++) {
		for (u32 b = 0; b < spec.header.level_count; b++) {
			assert_int_equal(
				mls_dominates(a, b),
				over(&spec.levels[a], &spec.levels[b]));
			assert_int_equal(pol_dom[a].over[b],
					 mls_dominates(a, b));
		}
	}
}

/* The masks against a second reading of classes.def. */
#define CLASS(c, n)
#define PERM(c, p, b, d) { CLASS_##c, b, #d[0] },
static const struct {
	u32 cls;
	u32 bit;
	char dir;
} table[] = {
#include "refmon/classes.def"
};
#undef CLASS
#undef PERM

static void test_class_table(void **state)
{
	u32 seen[POLICY_CLASSES] = { 0 };

	(void)state;
	for (u32 i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		u32 c = table[i].cls, m = 1u << table[i].bit;
		char d = table[i].dir;

		assert_int_equal(seen[c] & m, 0); /* no bit twice */
		seen[c] |= m;
		assert_int_equal((refmon_class_reads[c] & m) != 0,
				 d == 'R' || d == 'B');
		assert_int_equal((refmon_class_writes[c] & m) != 0,
				 d == 'W' || d == 'B');
		assert_int_equal((refmon_class_self[c] & m) != 0, d == 'N');
	}
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		assert_int_equal(seen[c], refmon_class_perms[c]);
		assert_int_equal(seen[c], refmon_class_reads[c] |
						  refmon_class_writes[c] |
						  refmon_class_self[c]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_install),
		cmocka_unit_test(test_sample_and_large),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_magic),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_level),
		cmocka_unit_test(test_label),
		cmocka_unit_test(test_row),
		cmocka_unit_test(test_initial),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_flow),
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_self_plane),
		cmocka_unit_test(test_trusted_range),
		cmocka_unit_test(test_bad_query),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_error_text),
		cmocka_unit_test(test_decision_is_definition),
		cmocka_unit_test(test_class_table),
		cmocka_unit_test(test_flip_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
