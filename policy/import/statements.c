/* SPDX-License-Identifier: Apache-2.0 */
/* Which statements of CIL mean something here, which nothing, and why the
 * others are refused. What is used is collected before it is used. */
#include <stdarg.h>
#include <string.h>

#include "import.h"

typedef void handler(struct import *im, const struct sexp *s);

enum {
	PASS_DECLARE,
	PASS_ORDER,
	PASS_FILL,
	PASS_LEVELS,
	PASS_LABELS,
	PASS_RULES,
	PASSES
};

static void mls(struct import *im, const struct sexp *s)
{
	if (!sexp_is(sexp_nth(&im->x, s, 1), "true")) {
		diag_error(&im->diags, s->place,
			   "a policy without levels: (mls true) is needed");
	}
}

static void handle_unknown(struct import *im, const struct sexp *s)
{
	if (sexp_is(sexp_nth(&im->x, s, 1), "allow")) {
		diag_error(&im->diags, s->place,
			   "handleunknown allow: the core refuses what no rule "
			   "names");
	}
}

static const struct {
	const char *word;
	u32 pass;
	handler *handle;
} meant[] = {
	{ "mls", PASS_DECLARE, mls },
	{ "handleunknown", PASS_DECLARE, handle_unknown },
	{ "class", PASS_DECLARE, import_class },
	{ "sensitivity", PASS_DECLARE, import_sensitivity },
	{ "category", PASS_DECLARE, import_category },
	{ "type", PASS_DECLARE, import_type },
	{ "typeattribute", PASS_DECLARE, import_attr },
	{ "sensitivityorder", PASS_ORDER, import_sens_order },
	{ "sensitivitycategory", PASS_FILL, import_sens_cats },
	{ "typeattributeset", PASS_FILL, import_members },
	{ "typetransition", PASS_FILL, import_transition },
	{ "level", PASS_LEVELS, import_named_level },
	{ "context", PASS_LABELS, import_context },
	{ "sidcontext", PASS_LABELS, import_context },
	{ "allow", PASS_RULES, import_allow },
	{ "mlsconstrain", PASS_RULES, import_constrain },
};

/* Contexts need users and roles, decisions do not: no rule here is about
 * them. The orders of classes, categories and SIDs decide nothing. */
static const char *const without_effect[] = {
	"classorder", "categoryorder", "sid",	   "sidorder",	"user",
	"role",	      "userrole",      "roletype", "userlevel", "userrange",
};

static const struct {
	const char *words; /* between blanks */
	const char *reason;
} refused[] = {
	{ " boolean booleanif tunable tunableif ",
	  "the core has no conditions: a mode is another image" },
	{ " typepermissive ", "the core has no permissive types" },
	{ " rangetransition ",
	  "labels do not change: list the ranges as labels" },
	{ " typechange typemember roletransition userprefix "
	  "defaultuser defaultrole defaulttype defaultrange ",
	  "the core computes no labels" },
	{ " allowx permissionx auditallowx dontauditx neverallowx ",
	  "the core has no extended permissions" },
	{ " typebounds rolebounds userbounds ", "the core has no bounds" },
	{ " block blockinherit blockabstract macro call in optional namespace ",
	  "write out what it stands for: checkpolicy -b -C prints a binary "
	  "policy as plain CIL" },
	{ " constrain validatetrans mlsvalidatetrans ",
	  "the core decides by types and levels: use mlsconstrain" },
	{ " neverallow ", "write it as 'never' in the policy" },
	{ " auditallow dontaudit ", "what the core denies it audits" },
	{ " common classcommon classpermission classpermissionset classmap "
	  "classmapping ",
	  "name classes and permissions where they are used" },
	{ " typealias typealiasactual sensitivityalias sensitivityaliasactual "
	  "categoryalias categoryaliasactual categoryset levelrange ",
	  "write the names it stands for" },
	{ " pirqcon iomemcon ioportcon pcidevicecon devicetreecon ",
	  "write it as 'device' in the policy" },
};

static const char *reason_for(const char *word)
{
	char key[80];

	snprintf(key, sizeof(key), " %.70s ", word);
	for (u32 i = 0; i < ARRAY_SIZE(refused); i++) {
		if (strstr(refused[i].words, key)) {
			return refused[i].reason;
		}
	}
	return NULL;
}

static bool has_effect(const char *word)
{
	for (u32 i = 0; i < ARRAY_SIZE(without_effect); i++) {
		if (!strcmp(without_effect[i], word)) {
			return false;
		}
	}
	return true;
}

static void refuse(struct import *im, const struct sexp *s, const char *word)
{
	struct guess g = { .wanted = word };
	const char *reason = reason_for(word);
	struct diag *d;

	if (reason) {
		d = diag_error(&im->diags, s->place, "'%s' cannot be imported",
			       word);
		diag_hint(d, "%s", reason);
		return;
	}
	for (u32 i = 0; i < ARRAY_SIZE(meant); i++) {
		guess_offer(&g, meant[i].word);
	}
	d = diag_error(&im->diags, s->place, "unknown statement '%s'", word);
	diag_did_you_mean(d, &g);
}

static void statement(struct import *im, const struct sexp *s, u32 pass)
{
	const struct sexp *word = s->text ? NULL : sexp_first(&im->x, s);

	if (!word || !word->text) {
		if (pass == PASS_DECLARE) {
			diag_error(&im->diags, s->place,
				   "expected a statement: (WORD ...)");
		}
		return;
	}
	for (u32 i = 0; i < ARRAY_SIZE(meant); i++) {
		if (!strcmp(meant[i].word, word->text)) {
			if (meant[i].pass == pass) {
				meant[i].handle(im, s);
			}
			return;
		}
	}
	if (pass == PASS_DECLARE && has_effect(word->text)) {
		refuse(im, s, word->text);
	}
}

void import_statements(struct import *im)
{
	const struct sexp *s;

	for (u32 pass = 0; pass < PASSES; pass++) {
		for (s = sexp_first(&im->x, &im->x.list.at[0]); s;
		     s = sexp_next(&im->x, s)) {
			statement(im, s, pass);
		}
	}
}

const struct sexp *import_arguments(struct import *im, const struct sexp *s,
				    u32 n)
{
	const struct sexp *word = sexp_first(&im->x, s);

	if (sexp_count(&im->x, s) != n + 1) {
		diag_error(&im->diags, s->place,
			   "'%s' takes %u argument%s, this has %u", word->text,
			   n, n == 1 ? "" : "s", sexp_count(&im->x, s) - 1);
		return NULL;
	}
	return sexp_next(&im->x, word);
}

void import_note(struct import *im, const char *format, ...)
{
	struct import_note *note = VEC_PUSH(&im->notes);
	va_list args;

	va_start(args, format);
	vsnprintf(note->text, sizeof(note->text), format, args);
	va_end(args);
}
