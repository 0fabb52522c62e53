/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that declare: levels, types, labels, virtual machines, devices. */
#include <string.h>

#include "parse.h"

/* policy "NAME" version NUMBER */
bool parse_policy(struct parser *p)
{
	u32 keyword = p->i - 1;

	if (p->ast->has_policy) {
		diag_error(p->diags, p->t[keyword].place,
			   "a second policy statement");
		return false;
	}
	p->ast->has_policy = true;
	p->ast->policy = keyword;
	p->ast->name = p->i;
	if (!take(p, TOKEN_STRING, "the policy's name in quotes") ||
	    !take_word(p, "version")) {
		return false;
	}
	p->ast->version = p->i;
	return take(p, TOKEN_NUMBER, "a version number");
}

/* levels LOWEST < ... < HIGHEST */
bool parse_levels(struct parser *p)
{
	if (p->ast->has_levels) {
		diag_error(p->diags, p->t[p->i - 1].place,
			   "a second levels statement");
		return false;
	}
	p->ast->has_levels = true;
	return take_names(p, TOKEN_LESS, &p->ast->levels, "a level's name");
}

/* compartments NAME ... */
bool parse_compartments(struct parser *p)
{
	struct span s = { p->i, p->i };

	do {
		if (!take(p, TOKEN_WORD, "a compartment's name")) {
			return false;
		}
		s.end = p->i;
	} while (take_if(p, TOKEN_COMMA) ||
		 (now(p)->kind == TOKEN_WORD && !at_statement(p)));
	*VEC_PUSH(&p->ast->compartments) = s;
	return true;
}

/* range NAME LEVEL .. LEVEL */
bool parse_range(struct parser *p)
{
	struct ast_range range = { .name = p->i };

	if (!take(p, TOKEN_WORD, "a name for the range") ||
	    !take_level(p, &range.low) ||
	    !take(p, TOKEN_RANGE, "'..' and the highest level") ||
	    !take_level(p, &range.high)) {
		return false;
	}
	*VEC_PUSH(&p->ast->ranges) = range;
	return true;
}

/* trusted LEVEL .. LEVEL because "TEXT" */
static bool parse_trusted(struct parser *p, struct ast_type *type)
{
	if (!take_range(p, &type->range) || !take_word(p, "because")) {
		return false;
	}
	type->because = p->i;
	if (now(p)->kind == TOKEN_STRING && !now(p)->text[0]) {
		diag_error(p->diags, now(p)->place,
			   "a trusted type needs a reason");
	}
	return take(p, TOKEN_STRING, "the reason in quotes");
}

/* domain|object|device [ trusted ... ] */
static bool parse_type_kind(struct parser *p, struct ast_type *type)
{
	static const char *const kinds[] = { [TYPE_DOMAIN] = "domain",
					     [TYPE_OBJECT] = "object",
					     [TYPE_DEVICE] = "device",
					     NULL };
	int kind = take_choice(p, kinds);

	if (kind < 0) {
		return false;
	}
	type->kind = (enum type_kind)kind;
	if (!take_word_if(p, "trusted")) {
		return true;
	}
	type->is_trusted = true;
	type->has_range = parse_trusted(p, type);
	return type->has_range;
}

/* type NAME KIND [ trusted ... ]
 * A name with an error after it is declared all the same: one error, not one
 * more for every use of the name. */
bool parse_type(struct parser *p)
{
	struct ast_type type = { .name = p->i };
	bool is_good;

	if (!take(p, TOKEN_WORD, "a type's name")) {
		return false;
	}
	is_good = parse_type_kind(p, &type);
	*VEC_PUSH(&p->ast->types) = type;
	return is_good;
}

/* typeset NAME = TYPE { , TYPE } */
bool parse_typeset(struct parser *p)
{
	struct ast_typeset set = { .name = p->i };

	if (!take(p, TOKEN_WORD, "a name for the set") ||
	    !take(p, TOKEN_EQUALS, "'='") ||
	    !take_names(p, TOKEN_COMMA, &set.members, "a type")) {
		return false;
	}
	*VEC_PUSH(&p->ast->typesets) = set;
	return true;
}

/* label LABEL ... */
bool parse_label(struct parser *p)
{
	struct ast_label label;

	do {
		memset(&label, 0, sizeof(label));
		if (!take_label(p, &label)) {
			return false;
		}
		*VEC_PUSH(&p->ast->labels) = label;
	} while (now(p)->kind == TOKEN_WORD && after(p)->kind == TOKEN_AT);
	return true;
}

/* initial SLOT LABEL */
bool parse_initial(struct parser *p)
{
	struct ast_initial initial = { .slot = p->i };

	if (!take(p, TOKEN_WORD, "an initial object's name") ||
	    !take_label(p, &initial.label)) {
		return false;
	}
	*VEC_PUSH(&p->ast->initials) = initial;
	return true;
}

/* image sha384 : DIGEST. A digest is a word or a number to the lexer. */
static bool parse_image(struct parser *p, struct ast_vm *vm)
{
	if (!take_word(p, "sha384") || !take(p, TOKEN_COLON, "':'")) {
		return false;
	}
	vm->image = p->i;
	return take_if(p, TOKEN_NUMBER) || take(p, TOKEN_WORD, "a digest");
}

static bool parse_number(struct parser *p, u32 *out, const char *what)
{
	*out = p->i;
	return take(p, TOKEN_NUMBER, what);
}

static bool parse_vm_attribute(struct parser *p, struct ast_vm *vm)
{
	static const char *const words[] = { "image", "cpus", "memory", NULL };
	u32 *const given[] = { &vm->image, &vm->cpus, &vm->memory };
	u32 at = p->i;
	int which = take_choice(p, words);

	if (which < 0) {
		return false;
	}
	if (*given[which]) {
		diag_error(p->diags, p->t[at].place, "'%s' is given twice",
			   words[which]);
		return false;
	}
	switch (which) {
	case 0:
		return parse_image(p, vm);
	case 1:
		return parse_number(p, &vm->cpus, "a number of processors");
	default:
		return parse_number(p, &vm->memory, "a size, as 512M or 4G");
	}
}

/* vm NAME LABEL [ image ... ] [ cpus N ] [ memory N ] */
bool parse_vm(struct parser *p)
{
	struct ast_vm vm = { .name = p->i };
	bool is_good = true;

	if (!take(p, TOKEN_WORD, "the vm's name") ||
	    !take_label(p, &vm.label)) {
		return false;
	}
	while (is_good && now(p)->kind == TOKEN_WORD && !at_statement(p) &&
	       !is_statement(now(p)->text)) {
		is_good = parse_vm_attribute(p, &vm);
	}
	*VEC_PUSH(&p->ast->vms) = vm;
	return is_good;
}

/* A part of a device's address: 0000, 1f, af. */
static bool take_hex(struct parser *p)
{
	return take_if(p, TOKEN_NUMBER) ||
	       take(p, TOKEN_WORD, "a device address, as 0000:03:00.0");
}

/* device ADDRESS LABEL [ reset flr|bus|none ] */
bool parse_device(struct parser *p)
{
	static const char *const resets[] = { "flr", "bus", "none", NULL };
	struct ast_device device = { .address = { p->i, p->i } };

	if (!take_hex(p) || !take(p, TOKEN_COLON, "':'") || !take_hex(p) ||
	    !take(p, TOKEN_COLON, "':'") || !take_hex(p) ||
	    !take(p, TOKEN_DOT, "'.' and a function") ||
	    !take(p, TOKEN_NUMBER, "a function")) {
		return false;
	}
	device.address.end = p->i;
	if (!take_label(p, &device.label)) {
		return false;
	}
	if (take_word_if(p, "reset")) {
		device.reset = p->i;
		if (take_choice(p, resets) < 0) {
			return false;
		}
	}
	*VEC_PUSH(&p->ast->devices) = device;
	return true;
}
