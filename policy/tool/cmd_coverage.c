/* SPDX-License-Identifier: Apache-2.0 */
/* coverage: what rules allow and nobody used, by what the core counted. */
#include "tool.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lang/classes.h"

#define MAX_COUNTS_BYTES (8u << 20)

/* What was used, as the model has what is allowed. */
struct used {
	struct access self[POLICY_MAX_TYPES];
	struct access pair[POLICY_MAX_TYPES][POLICY_MAX_TYPES];
};

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(item) ? item->valuestring : "";
}

static u32 perms_of(const cJSON *entry, u32 cls)
{
	const cJSON *perm;
	u32 av = 0, bit;

	cJSON_ArrayForEach(
		perm, cJSON_GetObjectItemCaseSensitive(entry, "permissions"))
	{
		bit = cJSON_IsString(perm) ? perm_find(cls, perm->valuestring)
					   : PERM_NONE;
		av |= bit == PERM_NONE ? 0 : 1u << bit;
	}
	return av;
}

static bool take_entry(const struct model *m, const cJSON *entry,
		       struct used *u)
{
	u32 s = type_find(m, text_of(entry, "subject"));
	u32 o = type_find(m, text_of(entry, "object"));
	u32 cls = class_find(text_of(entry, "class"));

	if (s == POLICY_MAX_TYPES || o == POLICY_MAX_TYPES ||
	    cls == CLASS_NONE) {
		return false;
	}
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(entry, "self"))) {
		u->self[s].av[cls] |= perms_of(entry, cls);
	} else {
		u->pair[s][o].av[cls] |= perms_of(entry, cls);
	}
	return true;
}

static int take_counts(const struct policy *p, const char *path,
		       const cJSON *json, struct used *u)
{
	const cJSON *entry;
	const char *name = text_of(json, "policy");
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(json,
								"version");

	if (strcmp(name, p->view.header->name) != 0 ||
	    !cJSON_IsNumber(version) ||
	    (u64)version->valuedouble != p->view.header->version) {
		return tool_error("%s: counts of policy '%s', not of '%s' "
				  "version %llu",
				  path, name, p->view.header->name,
				  (unsigned long long)p->view.header->version);
	}
	cJSON_ArrayForEach(entry,
			   cJSON_GetObjectItemCaseSensitive(json, "used"))
	{
		if (!take_entry(p->job.model, entry, u)) {
			return tool_error("%s: counts of another policy: it "
					  "has no %s, %s or %s",
					  path, text_of(entry, "subject"),
					  text_of(entry, "object"),
					  text_of(entry, "class"));
		}
	}
	return EXIT_OK;
}

static int read_counts(const struct policy *p, const char *path, struct used *u)
{
	u32 bytes;
	char *text = file_read(path, MAX_COUNTS_BYTES, &bytes);
	cJSON *json;
	int status;

	if (!text) {
		return tool_file_error(path, errno);
	}
	json = cJSON_Parse(text);
	status = json ? take_counts(p, path, json, u)
		      : tool_error("%s: not what casemate policy coverage "
				   "--json prints",
				   path);
	cJSON_Delete(json);
	free(text);
	return status;
}

/* What of a rule anybody used. */
static struct access used_of(const struct model *m, const struct model_rule *r,
			     const struct used *u)
{
	struct access all = { { 0 } };

	for (u32 s = 0; s < m->n_types; s++) {
		for (u32 o = 0; o < m->n_types; o++) {
			const struct access *a = r->is_self ? &u->self[s]
							    : &u->pair[s][o];

			if (!type_set_has(&r->subjects, s) ||
			    (!r->is_self && !type_set_has(&r->objects, o))) {
				continue;
			}
			for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
				all.av[cls] |= a->av[cls];
			}
		}
	}
	return all;
}

static void put_class(u32 cls, u32 av, FILE *out)
{
	fprintf(out, " %s {", class_name(cls));
	for (u32 perm = 0; perm < POLICY_PERMS; perm++) {
		if (av >> perm & 1) {
			fprintf(out, " %s", perm_name(cls, perm));
		}
	}
	fputs(" }", out);
}

static bool put_access(const struct access *a, FILE *out)
{
	bool is_any = false;

	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		if (a->av[cls]) {
			put_class(cls, a->av[cls], out);
			is_any = true;
		}
	}
	return is_any;
}

static void put_rule_json(const struct policy *p, const struct model_rule *r,
			  const struct access *idle, const struct access *rest,
			  bool is_first)
{
	u32 line, column;
	struct text t;

	source_locate(&p->job.source, r->place.at, &line, &column);
	printf("%s\n{\"line\":%u,\"unused\":", is_first ? "" : ",", line);
	text_begin(&t);
	(void)put_access(idle, t.out);
	fclose(t.out);
	json_string(stdout, t.at);
	free(t.at);
	text_begin(&t);
	(void)put_access(rest, t.out);
	fclose(t.out);
	fputs(",\"keep\":", stdout);
	json_string(stdout, t.at);
	free(t.at);
	putchar('}');
}

static void put_rule_text(const struct policy *p, const struct model_rule *r,
			  const struct access *idle, const struct access *rest)
{
	print_place(&p->job.source, r->place, stdout);
	fputs(": never used:", stdout);
	(void)put_access(idle, stdout);
	fputs("\n    the rule with what was used:", stdout);
	if (!put_access(rest, stdout)) {
		fputs(" none: remove it", stdout);
	}
	putchar('\n');
}

static void put_all(const struct options *opt, const struct policy *p,
		    const struct used *u)
{
	const struct model *m = p->job.model;
	u32 n = 0;

	fputs(opt->is_json ? "{\"rules\":[" : "", stdout);
	for (u32 i = 0; i < m->rules.n; i++) {
		const struct model_rule *r = &m->rules.at[i];
		struct access idle = r->access, rest = used_of(m, r, u);
		u32 any = 0;

		for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
			idle.av[cls] &= ~rest.av[cls];
			rest.av[cls] &= r->access.av[cls];
			any |= idle.av[cls];
		}
		if (!any || !model_rule_is_active(m, r) ||
		    r->origin != ORIGIN_ALLOW) {
			continue;
		}
		if (opt->is_json) {
			put_rule_json(p, r, &idle, &rest, n == 0);
		} else {
			put_rule_text(p, r, &idle, &rest);
		}
		n++;
	}
	puts(opt->is_json ? "\n]}" : n ? "" : "every rule was used in full");
}

int cmd_coverage(const struct options *opt)
{
	struct used *u = zalloc(sizeof(*u));
	struct policy p;
	int status = policy_open_source(opt, opt->operands[0], &p);

	if (status == EXIT_OK) {
		status = read_counts(&p, opt->operands[1], u);
	}
	if (status == EXIT_OK) {
		put_all(opt, &p, u);
	}
	policy_close(&p);
	free(u);
	return status;
}
