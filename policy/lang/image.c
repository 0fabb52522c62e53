/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the policy image: sections in their one order, nothing that depends
 * on the order of declarations, no time stamp. */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#include "classes.h"

/* Little-endian hosts only; the core is x86. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "image byte order");

struct builder {
	const struct model *model;
	struct policy_header header;
	VEC(u8) body; /* what follows the header */
	VEC(char) names;
	VEC(struct policy_row) rows; /* unique, sorted */
};

static void put(struct builder *b, const void *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		*VEC_PUSH(&b->body) = ((const u8 *)data)[i];
	}
}

static void put_padding(struct builder *b)
{
	while (b->body.n % 8) {
		put(b, "", 1);
	}
}

/* The offset of a text in the names pool. */
static u32 put_name(struct builder *b, const char *text)
{
	u32 offset = b->names.n;

	do {
		*VEC_PUSH(&b->names) = *text;
	} while (*text++);
	return offset;
}

static int row_order(const void *a, const void *b)
{
	const struct policy_row *x = a;
	const struct policy_row *y = b;

	for (u32 i = 0; i < POLICY_CLASSES; i++) {
		if (x->av[i] != y->av[i]) {
			return x->av[i] < y->av[i] ? -1 : 1;
		}
	}
	return 0;
}

static void add_row(struct builder *b, const struct access *access)
{
	memcpy(VEC_PUSH(&b->rows)->av, access->av, sizeof(access->av));
}

static void unique_rows(struct builder *b)
{
	u32 n = 1;

	qsort(b->rows.at, b->rows.n, sizeof(b->rows.at[0]), row_order);
	for (u32 i = 1; i < b->rows.n; i++) {
		if (row_order(&b->rows.at[n - 1], &b->rows.at[i])) {
			b->rows.at[n++] = b->rows.at[i];
		}
	}
	b->rows.n = n;
}

static void collect_rows(struct builder *b)
{
	const struct model *m = b->model;
	struct access none = { { 0 } };

	add_row(b, &none);
	for (u32 s = 0; s < m->n_types; s++) {
		add_row(b, &m->self[s]);
		for (u32 o = 0; o < m->n_types; o++) {
			add_row(b, &m->pair[s][o]);
		}
	}
	unique_rows(b);
}

static void put_row_index(struct builder *b, const struct access *access)
{
	struct policy_row key, *row;
	u16 index;

	memcpy(key.av, access->av, sizeof(key.av));
	row = bsearch(&key, b->rows.at, b->rows.n, sizeof(key), row_order);
	index = (u16)(row - b->rows.at);
	put(b, &index, sizeof(index));
}

static void put_types(struct builder *b)
{
	const struct model *m = b->model;

	for (u32 i = 0; i < m->n_types; i++) {
		const struct model_type *type = &m->types[i];
		struct policy_type out = { 0, 0, 0 };

		out.flags = type->kind == TYPE_DOMAIN ? POLICY_TYPE_DOMAIN
						      : POLICY_TYPE_OBJECT;
		out.flags |= type->is_trusted ? POLICY_TYPE_TRUSTED : 0;
		out.name = (u16)put_name(b, type->name->text);
		put(b, &out, sizeof(out));
	}
}

static void put_levels(struct builder *b)
{
	const struct model *m = b->model;

	for (u32 i = 0; i < m->n_levels; i++) {
		struct policy_level out = { .sens = m->levels[i].sens };
		char *text = level_text(m, &m->levels[i]);

		memcpy(out.cat, m->levels[i].cat, sizeof(out.cat));
		out.name = put_name(b, text);
		put(b, &out, sizeof(out));
		free(text);
	}
}

static void put_labels(struct builder *b)
{
	const struct model *m = b->model;

	for (u32 i = 0; i < m->n_labels; i++) {
		const struct model_label *label = &m->labels[i];
		struct policy_label out = { .type = (u16)label->type };
		char *text = label_text(m, label);

		out.low = (u16)level_find(m, &label->low);
		out.high = (u16)level_find(m, &label->high);
		out.name = (u16)put_name(b, text);
		put(b, &out, sizeof(out));
		free(text);
	}
}

static void put_rules(struct builder *b)
{
	const struct model *m = b->model;

	for (u32 s = 0; s < m->n_types; s++) {
		put_row_index(b, &m->self[s]);
	}
	put_padding(b);
	for (u32 s = 0; s < m->n_types; s++) {
		for (u32 o = 0; o < m->n_types; o++) {
			put_row_index(b, &m->pair[s][o]);
		}
	}
	put_padding(b);
	put(b, b->rows.at, b->rows.n * sizeof(b->rows.at[0]));
	put(b, m->strict.av, sizeof(m->strict.av));
}

/* NAME, or NAME/MODE: the images of two modes differ in name, too. That it
 * fits was checked with the mode. */
static void put_title(const struct model *m, char *out, size_t room)
{
	size_t used = strlen(m->name);

	memcpy(out, m->name, used);
	if (m->mode) {
		snprintf(out + used, room - used, "/%s",
			 m->modes[m->mode - 1]->text);
	}
}

static void fill_header(struct builder *b)
{
	const struct model *m = b->model;
	struct policy_header *h = &b->header;

	h->magic = POLICY_MAGIC;
	h->format = POLICY_FORMAT;
	h->total_bytes = (u32)sizeof(*h) + b->body.n;
	put_title(m, h->name, sizeof(h->name));
	h->version = m->version;
	h->type_count = m->n_types;
	h->level_count = m->n_levels;
	h->label_count = m->n_labels;
	h->row_count = b->rows.n;
	h->sens_count = m->n_sens;
	h->cat_count = m->n_cats;
	h->names_bytes = b->names.n;
	memcpy(h->initial, m->initial, sizeof(m->initial));
	for (u32 i = 0; i < POLICY_CLASSES; i++) {
		h->classes[i] = class_masks(i);
	}
}

static bool check_limits(const struct builder *b, struct place where,
			 struct diags *d)
{
	if (b->rows.n > POLICY_MAX_ROWS) {
		diag_error(d, where,
			   "the rules make %u distinct rows, at most %u fit",
			   b->rows.n, POLICY_MAX_ROWS);
	}
	if (b->names.n > POLICY_MAX_NAMES) {
		diag_error(d, where, "the names have %u bytes, at most %u fit",
			   b->names.n, POLICY_MAX_NAMES);
	}
	return b->rows.n <= POLICY_MAX_ROWS && b->names.n <= POLICY_MAX_NAMES;
}

void image_build(const struct model *m, struct place where, struct image *out,
		 struct diags *d)
{
	struct builder b = { .model = m };

	collect_rows(&b);
	put_types(&b);
	put_levels(&b);
	put_labels(&b);
	put_rules(&b);
	put(&b, b.names.at, b.names.n);
	put_padding(&b);
	fill_header(&b);
	*out = (struct image){ NULL, 0 };
	if (check_limits(&b, where, d)) {
		out->n = b.header.total_bytes;
		out->bytes = zalloc(out->n);
		memcpy(out->bytes, &b.header, sizeof(b.header));
		memcpy(out->bytes + sizeof(b.header), b.body.at, b.body.n);
	}
	VEC_FREE(&b.body);
	VEC_FREE(&b.names);
	VEC_FREE(&b.rows);
}

void image_free(struct image *image)
{
	free(image->bytes);
	*image = (struct image){ NULL, 0 };
}

static const u8 *section(const u8 **at, size_t bytes)
{
	const u8 *start = *at;

	*at += (bytes + 7) / 8 * 8;
	return start;
}

void image_view(const u8 *bytes, struct image_view *out)
{
	const struct policy_header *h = (const void *)bytes;
	const u8 *at = bytes + sizeof(*h);
	size_t types = h->type_count;

	out->header = h;
	out->types = (const void *)section(&at, types * sizeof(*out->types));
	out->levels = (const void *)section(&at, h->level_count *
							 sizeof(*out->levels));
	out->labels = (const void *)section(&at, h->label_count *
							 sizeof(*out->labels));
	out->self = (const void *)section(&at, types * sizeof(u16));
	out->pair = (const void *)section(&at, types * types * sizeof(u16));
	out->rows = (const void *)section(&at,
					  h->row_count * sizeof(*out->rows));
	out->strict = (const void *)section(&at, POLICY_CLASSES * sizeof(u32));
	out->names = (const char *)at;
}
