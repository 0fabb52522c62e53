/* SPDX-License-Identifier: Apache-2.0 */
/* Builds policy images for tests; see image_builder.h. */
#include "image_builder.h"

#include <stdio.h>
#include <string.h>

#include "refmon/state.h"

#define BIT(b) (1u << (b))

static u32 padded(u32 n)
{
	return (n + 7u) & ~7u;
}

u32 image_at(const struct image_spec *s, enum image_section which)
{
	const struct policy_header *h = &s->header;
	const u32 size[] = { sizeof(*h),
			     8u * h->type_count,
			     136u * h->level_count,
			     8u * h->label_count,
			     padded(2u * h->type_count),
			     padded(2u * h->type_count * h->type_count),
			     64u * h->row_count,
			     4u * POLICY_CLASSES,
			     padded(h->names_bytes) };
	u32 at = 0;

	for (u32 i = 0; i <= (u32)which; i++) {
		at += size[i];
	}
	return at;
}

u32 image_name(struct image_spec *s, const char *text)
{
	u32 at = s->header.names_bytes;
	u32 n = (u32)strlen(text) + 1u;

	memcpy(s->names + at, text, n);
	s->header.names_bytes += n;
	return at;
}

u32 image_emit(const struct image_spec *s, u8 *out)
{
	const struct policy_header *h = &s->header;
	struct policy_header head = *h;
	u32 types = h->type_count;
	u32 end = image_at(s, AT_END);

	memset(out, 0, end);
	head.total_bytes = end;
	memcpy(out, &head, sizeof(head));
	memcpy(out + image_at(s, AT_TYPES), s->types, 8u * types);
	memcpy(out + image_at(s, AT_LEVELS), s->levels, 136u * h->level_count);
	memcpy(out + image_at(s, AT_LABELS), s->labels, 8u * h->label_count);
	memcpy(out + image_at(s, AT_SELF), s->self, 2u * types);
	for (u32 t = 0; t < types; t++) {
		memcpy(out + image_at(s, AT_PAIR) + 2u * types * t, s->pair[t],
		       2u * types);
	}
	memcpy(out + image_at(s, AT_ROWS), s->rows, 64u * h->row_count);
	memcpy(out + image_at(s, AT_STRICT), s->strict, sizeof(s->strict));
	memcpy(out + image_at(s, AT_NAMES), s->names, h->names_bytes);
	return end;
}

static void start(struct image_spec *s)
{
	memset(s, 0, sizeof(*s));
	s->header.magic = POLICY_MAGIC;
	s->header.format = POLICY_FORMAT;
	s->header.version = 1;
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		s->header.classes[c].perms = refmon_class_perms[c];
		s->header.classes[c].reads = refmon_class_reads[c];
		s->header.classes[c].writes = refmon_class_writes[c];
		s->header.classes[c].self = refmon_class_self[c];
	}
}

static void add_type(struct image_spec *s, const char *name, u16 flags)
{
	struct policy_type *t = &s->types[s->header.type_count++];

	t->flags = flags;
	t->name = (u16)image_name(s, name);
}

static void add_level(struct image_spec *s, const char *name, u32 sens, int cat)
{
	struct policy_level *l = &s->levels[s->header.level_count++];

	l->sens = sens;
	l->name = image_name(s, name);
	if (cat >= 0) {
		l->cat[cat / 64] = 1ull << (cat % 64);
	}
}

static void add_label(struct image_spec *s, const char *name, u32 type, u32 low,
		      u32 high)
{
	struct policy_label *l = &s->labels[s->header.label_count++];

	l->type = (u16)type;
	l->low = (u16)low;
	l->high = (u16)high;
	l->name = (u16)image_name(s, name);
}

static void sample_rows(struct image_spec *s)
{
	s->header.row_count = 4;
	/* Rows are in order when word 0, class domain, grows. */
	s->rows[R_SELF].av[CLASS_domain] = BIT(PERM_domain_self_info);
	s->rows[R_SELF].av[CLASS_event] = BIT(PERM_event_ipi);
	s->rows[R_PEER].av[CLASS_event] = BIT(PERM_event_bind) |
					  BIT(PERM_event_send) |
					  BIT(PERM_event_status);
	s->rows[R_PEER].av[CLASS_grant] = BIT(PERM_grant_map_ro) |
					  BIT(PERM_grant_push) |
					  BIT(PERM_grant_map_rw);
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		s->rows[R_ALL].av[c] = refmon_class_perms[c] &
				       ~refmon_class_self[c];
	}
}

void image_sample(struct image_spec *s)
{
	struct policy_header *h;

	start(s);
	h = &s->header;
	strcpy(h->name, "sample");
	h->sens_count = 2;
	h->cat_count = 71;
	add_type(s, "broker_t", POLICY_TYPE_DOMAIN | POLICY_TYPE_TRUSTED);
	add_type(s, "core_t", POLICY_TYPE_OBJECT);
	add_type(s, "dom0_t", POLICY_TYPE_DOMAIN | POLICY_TYPE_TRUSTED);
	add_type(s, "guest_t", POLICY_TYPE_DOMAIN);
	add_level(s, "U", 0, -1);
	add_level(s, "S", 1, -1);
	add_level(s, "S:70", 1, 70);
	add_level(s, "S:3", 1, 3);
	add_label(s, "broker_t@U..S:3", T_BROKER, L_U, L_S3);
	add_label(s, "core_t@U", T_CORE, L_U, L_U);
	add_label(s, "core_t@S:3", T_CORE, L_S3, L_S3);
	add_label(s, "dom0_t@U..S:3", T_DOM0, L_U, L_S3);
	add_label(s, "guest_t@U", T_GUEST, L_U, L_U);
	add_label(s, "guest_t@S", T_GUEST, L_S, L_S);
	add_label(s, "guest_t@S:70", T_GUEST, L_S70, L_S70);
	add_label(s, "guest_t@S:3", T_GUEST, L_S3, L_S3);
	sample_rows(s);
	s->self[T_GUEST] = R_SELF;
	s->self[T_DOM0] = R_ALL;
	for (u32 t = 0; t < h->type_count; t++) {
		s->pair[T_DOM0][t] = R_ALL;
		s->pair[T_BROKER][t] = R_PEER;
	}
	s->pair[T_GUEST][T_GUEST] = R_PEER;
	s->strict[CLASS_event] = BIT(PERM_event_status);
	h->initial[POLICY_INITIAL_DOM0] = LB_DOM0;
	h->initial[POLICY_INITIAL_CORE_PUB] = LB_CORE_U;
	h->initial[POLICY_INITIAL_CORE_STATE] = LB_CORE_S3;
	h->initial[POLICY_INITIAL_POLICY] = LB_CORE_U;
	h->initial[POLICY_INITIAL_AUDIT] = LB_CORE_S3;
	h->initial[POLICY_INITIAL_CONSOLE] = LB_CORE_S3;
}

static void large_tables(struct image_spec *s)
{
	char name[16];

	for (u32 t = 0; t < POLICY_MAX_TYPES; t++) {
		snprintf(name, sizeof(name), "t%03u", t);
		add_type(s, name, 7);
	}
	/* One sensitivity and growing compartment sets: no early way out of
	 * any comparison, which is the slowest case. */
	for (u32 l = 0; l < POLICY_MAX_LEVELS; l++) {
		snprintf(name, sizeof(name), "l%03u", l);
		add_level(s, name, 0, -1);
		s->levels[l].cat[POLICY_CAT_WORDS - 1u] = l;
	}
	for (u32 i = 0; i < POLICY_MAX_LABELS; i++) {
		u32 n = POLICY_MAX_LABELS / POLICY_MAX_TYPES;
		u32 t = i / n, l = i % n * 16u + t % 16u;

		snprintf(name, sizeof(name), "b%04u", i);
		add_label(s, name, t, l, l);
	}
}

void image_large(struct image_spec *s)
{
	struct policy_header *h;

	start(s);
	h = &s->header;
	strcpy(h->name, "large");
	h->sens_count = POLICY_MAX_SENS;
	h->cat_count = 64u * POLICY_CAT_WORDS;
	large_tables(s);
	h->row_count = POLICY_MAX_ROWS;
	for (u32 r = 0; r < POLICY_MAX_ROWS; r++) {
		for (u32 c = 0; r > 0 && c < POLICY_CLASSES - 1u; c++) {
			s->rows[r].av[c] = refmon_class_perms[c] &
					   ~refmon_class_self[c];
		}
		s->rows[r].av[CLASS_domain] = r / 8u;
		s->rows[r].av[CLASS_grant] = r == 0 ? 0 : r % 8u;
	}
	for (u32 t = 0; t < POLICY_MAX_TYPES; t++) {
		s->self[t] = (u16)t;
		for (u32 o = 0; o < POLICY_MAX_TYPES; o++) {
			s->pair[t][o] = (u16)((t * 5u + o) % POLICY_MAX_ROWS);
		}
	}
}
