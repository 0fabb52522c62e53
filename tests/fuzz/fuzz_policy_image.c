/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy image: arbitrary bytes to the monitor. Every input has an answer
 * with a text. What is accepted keeps the flow theorem, worked out here from
 * the image itself; what is refused leaves a monitor that permits nothing. All
 * decisions are total, also on numbers that mean nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/types.h"
#include "refmon/refmon.h"
#include "refmon/state.h"

struct image {
	struct policy_header h;
	const struct policy_type *types;
	const struct policy_level *levels;
	const struct policy_label *labels;
};

static u32 padded(u32 n)
{
	return (n + 7u) & ~7u;
}

/* Where the sections lie; the image was accepted. */
static struct image sections(const u8 *data)
{
	struct image i;
	u32 at = sizeof(i.h);

	memcpy(&i.h, data, sizeof(i.h));
	i.types = (const void *)(data + at);
	at += padded(i.h.type_count * 8u);
	i.levels = (const void *)(data + at);
	at += i.h.level_count * 136u;
	i.labels = (const void *)(data + at);
	return i;
}

static bool dominates(const struct policy_level *a,
		      const struct policy_level *b)
{
	u32 i;

	for (i = 0; i < POLICY_CAT_WORDS; i++) {
		if ((b->cat[i] & ~a->cat[i]) != 0) {
			return false;
		}
	}
	return a->sens >= b->sens;
}

/* May information flow from a label to another? */
static bool may_flow(const struct image *i, u32 from, u32 to)
{
	return dominates(&i->levels[i->labels[to].high],
			 &i->levels[i->labels[from].low]);
}

static void decision_check(const struct image *i, u32 s, u32 o, u32 cls,
			   u32 perm)
{
	bool is_self = s == o && perm % 2 == 1;
	enum refmon_cause c = refmon_decide(s, o, is_self, cls, perm);
	bool is_read = (refmon_class_reads[cls] >> perm & 1u) != 0;
	bool is_write = (refmon_class_writes[cls] >> perm & 1u) != 0;

	if (c > REFMON_BAD_QUERY) {
		fuzz_fail("decision %d of %u on %u, class %u, permission %u", c,
			  s, o, cls, perm);
	}
	if (c == REFMON_PERMIT &&
	    ((is_read && !may_flow(i, o, s)) ||
	     (is_write && !may_flow(i, s, o)) ||
	     (refmon_class_perms[cls] >> perm & 1u) == 0 ||
	     (!is_self && (refmon_class_self[cls] >> perm & 1u) != 0))) {
		fuzz_fail("label %u may use %u.%u on label %u, against the "
			  "levels",
			  s, cls, perm, o);
	}
}

/* All pairs of a small policy; some of a large one. */
static void decisions_check(const struct image *i)
{
	u32 n = i->h.label_count, step = n > 24 ? n / 12 : 1;
	u32 s, o, k;

	for (s = 0; s < n; s += step) {
		for (o = 0; o < n; o += step) {
			for (k = 0; k < POLICY_CLASSES * POLICY_PERMS; k++) {
				decision_check(i, s, o, k / POLICY_PERMS,
					       k % POLICY_PERMS);
			}
		}
	}
}

/* An untrusted label has one level; each string ends within the pool. */
static void labels_check(const struct image *i)
{
	u32 l;

	if (refmon_label_count() != i->h.label_count) {
		fuzz_fail("%u labels, the image has %u", refmon_label_count(),
			  i->h.label_count);
	}
	for (l = 0; l < i->h.label_count; l++) {
		const struct policy_label *p = &i->labels[l];
		u16 flags = i->types[p->type].flags;

		if (p->type >= i->h.type_count || p->low >= i->h.level_count ||
		    p->high >= i->h.level_count ||
		    !dominates(&i->levels[p->high], &i->levels[p->low]) ||
		    (p->low != p->high && (flags & POLICY_TYPE_TRUSTED) == 0)) {
			fuzz_fail("label %u is malformed and accepted", l);
		}
		if (strlen(refmon_label_name(l)) >= POLICY_MAX_NAMES ||
		    refmon_label_is_domain(l) !=
			    ((flags & POLICY_TYPE_DOMAIN) != 0)) {
			fuzz_fail("label %u is not what the image says", l);
		}
	}
	for (l = 0; l < POLICY_INITIAL_COUNT; l++) {
		if (refmon_initial((enum policy_initial)l) >=
		    i->h.label_count) {
			fuzz_fail("initial label %u does not exist", l);
		}
	}
}

/* Questions without sense have an answer, and it is no. */
static void nonsense_check(u32 labels)
{
	static const u32 odd[] = { 0,	1,     31,    32,	  255,
				   256, 65535, 65536, 0x80000000, ~0u };
	u32 i, j;

	for (i = 0; i < 10; i++) {
		for (j = 0; j < 10; j++) {
			u32 s = odd[i] < labels ? labels : odd[i];

			if (refmon_decide(s, odd[j], false, 2, 3) !=
				    REFMON_BAD_QUERY ||
			    refmon_decide(odd[j], s, true, 2, 3) !=
				    REFMON_BAD_QUERY ||
			    refmon_decide(0, 0, false, 16u + odd[i], odd[j]) !=
				    REFMON_BAD_QUERY ||
			    refmon_decide(0, 0, true, odd[j] % 16u,
					  32u + odd[i] % 1024u) !=
				    REFMON_BAD_QUERY) {
				fuzz_fail("nonsense is no bad query");
			}
		}
		if (odd[i] >= labels && (refmon_label_is_domain(odd[i]) ||
					 refmon_label_name(odd[i])[0] != 0)) {
			fuzz_fail("label %u exists", odd[i]);
		}
	}
}

/* The same bytes with the class table in place: mutations of it are refused
 * at once, and so of no use. */
static void classes_fill(u8 *image, size_t bytes)
{
	struct policy_header h;
	u32 c;

	if (bytes < sizeof(h)) {
		return;
	}
	memcpy(&h, image, sizeof(h));
	for (c = 0; c < POLICY_CLASSES; c++) {
		h.classes[c].perms = refmon_class_perms[c];
		h.classes[c].reads = refmon_class_reads[c];
		h.classes[c].writes = refmon_class_writes[c];
		h.classes[c].self = refmon_class_self[c];
	}
	h.magic = POLICY_MAGIC;
	h.total_bytes = (u32)bytes;
	memcpy(image, &h, sizeof(h));
}

static void install(const u8 *image, size_t bytes)
{
	enum refmon_error e = refmon_install(image, (u32)bytes);

	if (refmon_error_text(e)[0] == '\0') {
		fuzz_fail("error %d has no text", e);
	}
	if (e == REFMON_OK) {
		struct image i = sections(image);

		labels_check(&i);
		decisions_check(&i);
		nonsense_check(i.h.label_count);
	} else {
		if (refmon_label_count() != 0) {
			fuzz_fail("refused, and in force");
		}
		nonsense_check(0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	u8 *copy = malloc(bytes + 1); /* exact: ASan sees one byte more */

	memcpy(copy, data, bytes);
	copy = realloc(copy, bytes == 0 ? 1 : bytes);
	install(copy, bytes);
	classes_fill(copy, bytes);
	install(copy, bytes);
	free(copy);
	return 0;
}
