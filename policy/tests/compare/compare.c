/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy-compare IMAGE BINARY ...: the core's monitor against libsepol.
 *
 * IMAGE is what casemate-policy wrote, BINARY is its CIL export compiled by
 * secilc; any number of such pairs. Every decision (subject label, object label, self or pair, class,
 * permission) of refmon_decide() must equal libsepol's, and so must the kind
 * of denial: no rule, or levels. Exit status 0 equal, 1 different, 2 trouble.
 */
#include <sepol/policydb/services.h>
#include <sepol/sepol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "refmon/refmon.h"

#define MAX_IMAGE_BYTES (1u << 20)
#define MAX_SHOWN 10u

struct perm {
	u32 cls;
	u32 bit;
	const char *class_name;
	const char *name;
	sepol_security_class_t sepol_class; /* 0: looked up at start */
	sepol_access_vector_t sepol_bit;
};

#define CLASS(c, n)
#define PERM(c, p, b, d) { CLASS_##c, (b), #c, #p, 0, 0 },
static struct perm perms[] = {
#include "refmon/classes.def"
};
#undef CLASS
#undef PERM
#define N_PERMS (sizeof(perms) / sizeof(perms[0]))

/* A label's contexts in libsepol: acting, acted upon, being oneself. */
struct sids {
	sepol_security_id_t subject;
	sepol_security_id_t object;
	sepol_security_id_t self;
};

static struct sids sids[POLICY_MAX_LABELS];
static unsigned long n_compared;
static unsigned long n_different;
static unsigned long n_permitted;

static void die(const char *what, const char *which)
{
	fprintf(stderr, "policy-compare: %s: %s\n", what, which);
	exit(2);
}

static void load_image(const char *path)
{
	static u8 image[MAX_IMAGE_BYTES];
	FILE *in = fopen(path, "rb");
	enum refmon_error e;
	u32 bytes;

	if (!in) {
		die("cannot open", path);
	}
	bytes = (u32)fread(image, 1, sizeof(image), in);
	fclose(in);
	e = refmon_install(image, bytes);
	if (e != REFMON_OK) {
		die(path, refmon_error_text(e));
	}
}

static void load_binary(const char *path)
{
	FILE *in = fopen(path, "rb");

	if (!in || sepol_set_policydb_from_file(in)) {
		die("libsepol cannot read", path);
	}
	fclose(in);
}

static void find_perms(void)
{
	for (size_t i = 0; i < N_PERMS; i++) {
		struct perm *p = &perms[i];

		if (sepol_string_to_security_class(p->class_name,
						   &p->sepol_class) ||
		    sepol_string_to_av_perm(p->sepol_class, p->name,
					    &p->sepol_bit)) {
			die("the CIL lacks", p->name);
		}
	}
}

/* sys_u:ROLE:TYPE[_self]:LOW-HIGH */
static sepol_security_id_t find_sid(const char *role, const char *label,
				    const char *suffix)
{
	static char context[2 * POLICY_MAX_NAMES];
	const char *at = strchr(label, '@');
	const char *range = strstr(at, "..");
	sepol_security_id_t sid;
	int n;

	if (range) {
		n = snprintf(context, sizeof(context),
			     "sys_u:%s:%.*s%s:%.*s-%s", role, (int)(at - label),
			     label, suffix, (int)(range - at - 1), at + 1,
			     range + 2);
	} else {
		n = snprintf(context, sizeof(context), "sys_u:%s:%.*s%s:%s",
			     role, (int)(at - label), label, suffix, at + 1);
	}
	if (sepol_context_to_sid(context, (size_t)n + 1, &sid)) {
		die("libsepol refuses the context", context);
	}
	return sid;
}

static void find_sids(void)
{
	for (u32 i = 0; i < refmon_label_count(); i++) {
		const char *label = refmon_label_name(i);

		sids[i].subject = find_sid("sys_r", label, "");
		sids[i].object = find_sid("object_r", label, "");
		sids[i].self = find_sid("object_r", label, "_self");
	}
}

/* What the monitor should answer, as far as libsepol can tell. */
static const char *sepol_answer(u32 s, u32 o, bool is_self,
				const struct perm *p)
{
	struct sepol_av_decision avd;
	unsigned int reason = 0;
	sepol_security_id_t object = is_self ? sids[o].self : sids[o].object;

	if (sepol_compute_av_reason(sids[s].subject, object, p->sepol_class,
				    p->sepol_bit, &avd, &reason)) {
		die("libsepol cannot decide", p->name);
	}
	if (avd.allowed & p->sepol_bit) {
		return "permit";
	}
	return reason & SEPOL_COMPUTEAV_CONS ? "levels" : "no rule";
}

static const char *refmon_answer(u32 s, u32 o, bool is_self,
				 const struct perm *p)
{
	switch (refmon_decide(s, o, is_self, p->cls, p->bit)) {
	case REFMON_PERMIT:
		return "permit";
	case REFMON_NO_RULE:
		return "no rule";
	case REFMON_READ_UP:
	case REFMON_WRITE_DOWN:
	case REFMON_STRICT:
		return "levels";
	default:
		return "bad query";
	}
}

static void compare_one(u32 s, u32 o, bool is_self, const struct perm *p)
{
	const char *ours = refmon_answer(s, o, is_self, p);
	const char *theirs = sepol_answer(s, o, is_self, p);

	n_compared++;
	n_permitted += !strcmp(ours, "permit");
	if (strcmp(ours, theirs) != 0 && n_different++ < MAX_SHOWN) {
		printf("different: %s -> %s%s %s %s: core %s, libsepol %s\n",
		       refmon_label_name(s), refmon_label_name(o),
		       is_self ? " (self)" : "", p->class_name, p->name, ours,
		       theirs);
	}
}

/* Bits that name no permission are never granted. */
static void compare_holes(u32 s, u32 o, bool is_self)
{
	u32 named[POLICY_CLASSES] = { 0 };

	for (size_t i = 0; i < N_PERMS; i++) {
		named[perms[i].cls] |= 1u << perms[i].bit;
	}
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		for (u32 bit = 0; bit < POLICY_PERMS; bit++) {
			if (named[cls] >> bit & 1) {
				continue;
			}
			n_compared++;
			n_different += refmon_decide(s, o, is_self, cls, bit) ==
				       REFMON_PERMIT;
		}
	}
}

static void compare_pair(u32 s, u32 o, bool is_self)
{
	for (size_t i = 0; i < N_PERMS; i++) {
		compare_one(s, o, is_self, &perms[i]);
	}
	compare_holes(s, o, is_self);
}

static void compare_policy(const char *image, const char *binary)
{
	load_image(image);
	load_binary(binary);
	find_perms();
	find_sids();
	for (u32 s = 0; s < refmon_label_count(); s++) {
		compare_pair(s, s, true);
		for (u32 o = 0; o < refmon_label_count(); o++) {
			compare_pair(s, o, false);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned long before;

	if (argc < 3 || argc % 2 == 0) {
		fputs("Usage: policy-compare IMAGE BINARY ...\n", stderr);
		return 2;
	}
	for (int i = 1; i < argc; i += 2) {
		before = n_different;
		compare_policy(argv[i], argv[i + 1]);
		if (argc > 3 && n_different > before) {
			printf("%s: %lu mismatches\n", argv[i],
			       n_different - before);
		}
	}
	printf("%lu decisions (%lu permitted), %lu mismatches\n", n_compared,
	       n_permitted, n_different);
	return n_different ? 1 : 0;
}
