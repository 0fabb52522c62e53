/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual machines, devices and modes: names and attributes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define DIGEST_CHARS 96u /* SHA-384 */
#define MAX_CPUS 128u
#define MAX_MEMORY_MIB (1u << 24)

static const struct token *token(const struct checker *c, u32 i)
{
	return i ? &c->ast->tokens[i] : NULL;
}

/* Once nothing is wrong: errors in a label were reported where labels are
 * collected. */
static u32 listed_label(struct checker *c, const struct ast_label *at)
{
	struct model_label label;

	return !c->diags->n_errors && check_label(c, at, &label)
		       ? label_find(c->model, &label)
		       : 0;
}

const struct model_vm *vm_find(const struct model *m, const char *name)
{
	for (u32 i = 0; i < m->vms.n; i++) {
		if (!strcmp(m->vms.at[i].name->text, name)) {
			return &m->vms.at[i];
		}
	}
	return NULL;
}

/* A vm's name may have dashes, as casemate's may. */
static void check_vm_name(struct checker *c, const struct token *name)
{
	if (parse_is_keyword(name->text)) {
		diag_error(c->diags, name->place, "'%s' is a reserved word",
			   name->text);
	} else if (name->place.bytes > 63 || name->text[0] == '_') {
		diag_error(c->diags, name->place,
			   "a vm's name is a letter, then at most 62 letters, "
			   "digits, '_' and '-'");
	}
	if (vm_find(c->model, name->text)) {
		diag_error(c->diags, name->place, "'%s' is declared twice",
			   name->text);
	}
}

static const char *check_digest(struct checker *c, const struct token *t)
{
	if (!t) {
		return NULL;
	}
	if (strlen(t->text) != DIGEST_CHARS ||
	    strspn(t->text, "0123456789abcdef") != DIGEST_CHARS) {
		diag_error(c->diags, t->place,
			   "a SHA-384 digest has %u hexadecimal digits in "
			   "lower case",
			   DIGEST_CHARS);
	}
	return t->text;
}

static u32 check_cpus(struct checker *c, const struct token *t)
{
	unsigned long n;
	char *end;

	if (!t) {
		return 0;
	}
	n = strtoul(t->text, &end, 10);
	if (*end || !n || n > MAX_CPUS) {
		diag_error(c->diags, t->place, "cpus is a number, 1 to %u",
			   MAX_CPUS);
	}
	return (u32)n;
}

static u64 check_memory(struct checker *c, const struct token *t)
{
	unsigned long n;
	char *end;

	if (!t) {
		return 0;
	}
	n = strtoul(t->text, &end, 10);
	if (n && n <= MAX_MEMORY_MIB && !strcmp(end, "M")) {
		return n;
	}
	if (n && n <= MAX_MEMORY_MIB / 1024 && !strcmp(end, "G")) {
		return n * 1024ull;
	}
	diag_error(c->diags, t->place,
		   "memory is a number with M or G, at most %uG",
		   MAX_MEMORY_MIB / 1024);
	return 0;
}

static void check_vm(struct checker *c, const struct ast_vm *at)
{
	struct model_vm vm = { .name = &c->ast->tokens[at->name] };

	check_vm_name(c, vm.name);
	vm.image = check_digest(c, token(c, at->image));
	vm.cpus = check_cpus(c, token(c, at->cpus));
	vm.memory_mib = check_memory(c, token(c, at->memory));
	vm.label = listed_label(c, &at->label);
	*VEC_PUSH(&c->model->vms) = vm;
}

/* dddd:bb:dd.f, digits hexadecimal in lower case, nothing between. */
static bool is_address(const char *text)
{
	static const char form[] = "xxxx:xx:1x.7";

	for (u32 i = 0; form[i]; i++) {
		const char *set = form[i] == 'x'   ? "0123456789abcdef"
				  : form[i] == '1' ? "01"
				  : form[i] == '7' ? "01234567"
				  : form[i] == ':' ? ":"
						   : ".";

		if (!text[i] || !strchr(set, text[i])) {
			return false;
		}
	}
	return true;
}

static bool check_address(struct checker *c, struct model_device *out)
{
	const char *text = c->diags->source->text + out->place.at;
	u32 bytes = sizeof(out->address) - 1;

	if (out->place.bytes != bytes || !is_address(text)) {
		diag_error(c->diags, out->place,
			   "a device's address is domain:bus:device.function, "
			   "as 0000:03:00.0");
		return false;
	}
	memcpy(out->address, text, bytes);
	for (u32 i = 0; i < c->model->devices.n; i++) {
		if (!strcmp(c->model->devices.at[i].address, out->address)) {
			diag_error(c->diags, out->place,
				   "the device is declared twice");
			return false;
		}
	}
	return true;
}

static void check_device(struct checker *c, const struct ast_device *at)
{
	struct model_device device = { .label = 0 };

	device.place = span_place(c->ast, at->address);
	device.reset = at->reset ? c->ast->tokens[at->reset].text : NULL;
	device.label = listed_label(c, &at->label);
	if (check_address(c, &device)) {
		*VEC_PUSH(&c->model->devices) = device;
	}
}

/* A mode is part of its image's name: does that fit? */
static void check_mode(struct checker *c, const struct token *name)
{
	struct model *m = c->model;

	check_name(c, name);
	if (strlen(m->name) + 1 + strlen(name->text) >= sizeof(m->name)) {
		diag_error(c->diags, name->place,
			   "the names of the policy and of the mode have more "
			   "than %zu characters together",
			   sizeof(m->name) - 2);
	}
	if (m->n_modes == MODEL_MAX_MODES) {
		diag_error(c->diags, name->place, "more than %u modes",
			   MODEL_MAX_MODES);
		return;
	}
	m->modes[m->n_modes++] = name;
}

/* May there be one more? The first one too many is reported. */
static bool is_room(struct checker *c, u32 i, struct place at, const char *what)
{
	if (i == MODEL_MAX_THINGS) {
		diag_error(c->diags, at, "more than %u %s", MODEL_MAX_THINGS,
			   what);
	}
	return i < MODEL_MAX_THINGS;
}

static void check_vms(struct checker *c)
{
	for (u32 i = 0; i < c->ast->vms.n; i++) {
		const struct ast_vm *at = &c->ast->vms.at[i];

		if (!is_room(c, i, c->ast->tokens[at->name].place, "vms")) {
			return;
		}
		check_vm(c, at);
	}
}

static void check_devices(struct checker *c)
{
	for (u32 i = 0; i < c->ast->devices.n; i++) {
		const struct ast_device *at = &c->ast->devices.at[i];

		if (!is_room(c, i, span_place(c->ast, at->address),
			     "devices")) {
			return;
		}
		check_device(c, at);
	}
}

void check_things(struct checker *c)
{
	check_vms(c);
	check_devices(c);
	for (u32 i = 0; i < c->ast->modes.n; i++) {
		check_mode(c, &c->ast->tokens[c->ast->modes.at[i]]);
	}
}
