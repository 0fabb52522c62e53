/* SPDX-License-Identifier: Apache-2.0 */
/* An accepted image as text: labels and rules in the words of the source. */
#include "dump.h"

#include "classes.h"

static const char *type_name(const struct image_view *v, u32 type)
{
	return v->names + v->types[type].name;
}

static const char *label_name(const struct image_view *v, u32 label)
{
	return v->names + v->labels[label].name;
}

static void dump_types(const struct image_view *v, FILE *out)
{
	for (u32 i = 0; i < v->header->type_count; i++) {
		u32 flags = v->types[i].flags;

		fprintf(out, "type %s %s%s\n", type_name(v, i),
			flags & POLICY_TYPE_DOMAIN ? "domain" : "object",
			flags & POLICY_TYPE_TRUSTED ? " trusted" : "");
	}
}

static void dump_labels(const struct image_view *v, FILE *out)
{
	for (u32 i = 0; i < v->header->label_count; i++) {
		fprintf(out, "label %s # %u\n", label_name(v, i), i);
	}
	for (u32 i = 0; i < POLICY_INITIAL_COUNT; i++) {
		fprintf(out, "initial %s %s\n", initial_names[i],
			label_name(v, v->header->initial[i]));
	}
}

void dump_access(const u32 *av, FILE *out)
{
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		if (!av[cls]) {
			continue;
		}
		fprintf(out, " %s {", class_name(cls));
		for (u32 perm = 0; perm < POLICY_PERMS; perm++) {
			if (av[cls] >> perm & 1) {
				fprintf(out, " %s", perm_name(cls, perm));
			}
		}
		fputs(" }", out);
	}
	fputc('\n', out);
}

static void dump_rules(const struct image_view *v, FILE *out)
{
	u32 n = v->header->type_count;

	for (u32 s = 0; s < n; s++) {
		if (v->self[s]) {
			fprintf(out, "allow %s self :", type_name(v, s));
			dump_access(v->rows[v->self[s]].av, out);
		}
		for (u32 o = 0; o < n; o++) {
			if (v->pair[s * n + o]) {
				fprintf(out, "allow %s %s :", type_name(v, s),
					type_name(v, o));
				dump_access(v->rows[v->pair[s * n + o]].av,
					    out);
			}
		}
	}
}

static void dump_strict(const struct image_view *v, FILE *out)
{
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		if (v->strict[cls]) {
			fputs("strict", out);
			dump_access(v->strict, out);
			return;
		}
	}
}

void dump_image(const struct image_view *v, FILE *out)
{
	fprintf(out, "policy \"%s\" version %llu\n", v->header->name,
		(unsigned long long)v->header->version);
	for (u32 i = 0; i < v->header->level_count; i++) {
		fprintf(out, "# level %u %s\n", i,
			v->names + v->levels[i].name);
	}
	dump_types(v, out);
	dump_labels(v, out);
	dump_rules(v, out);
	dump_strict(v, out);
}

static u32 count_trusted(const struct image_view *v)
{
	u32 n = 0;

	for (u32 i = 0; i < v->header->type_count; i++) {
		n += (v->types[i].flags & POLICY_TYPE_TRUSTED) != 0;
	}
	return n;
}

void summary_print(const struct image_view *v, FILE *out)
{
	const struct policy_header *h = v->header;
	const char *comma = "";

	fprintf(out,
		"policy \"%s\" version %llu: %u types, %u levels, %u labels, "
		"%u rows, %u bytes; trusted:",
		h->name, (unsigned long long)h->version, h->type_count,
		h->level_count, h->label_count, h->row_count, h->total_bytes);
	for (u32 i = 0; i < h->type_count; i++) {
		if (v->types[i].flags & POLICY_TYPE_TRUSTED) {
			fprintf(out, "%s %s", comma, type_name(v, i));
			comma = ",";
		}
	}
	fputs(count_trusted(v) ? "\n" : " none\n", out);
}

static void json_names(const struct image_view *v, FILE *out)
{
	const char *comma = "";

	fputs(",\"trusted\":[", out);
	for (u32 i = 0; i < v->header->type_count; i++) {
		if (v->types[i].flags & POLICY_TYPE_TRUSTED) {
			fputs(comma, out);
			json_string(out, type_name(v, i));
			comma = ",";
		}
	}
	fputs("],\"labels\":[", out);
	for (u32 i = 0; i < v->header->label_count; i++) {
		fputs(i ? "," : "", out);
		json_string(out, label_name(v, i));
	}
	fputc(']', out);
}

void summary_print_json(const struct image_view *v, FILE *out)
{
	const struct policy_header *h = v->header;

	fputs("{\"name\":", out);
	json_string(out, h->name);
	fprintf(out,
		",\"version\":%llu,\"types\":%u,\"levels\":%u,\"rows\":%u,"
		"\"bytes\":%u",
		(unsigned long long)h->version, h->type_count, h->level_count,
		h->row_count, h->total_bytes);
	json_names(v, out);
	fputc('}', out);
}
