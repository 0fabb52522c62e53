/* SPDX-License-Identifier: Apache-2.0 */
/* The core's class table by name, made from the same file as the core's. */
#include "classes.h"

#include "refmon/refmon.h"

#include <string.h>

struct perm_row {
	u32 cls;
	u32 bit;
	const char *name;
	char direction;
};

#define CLASS(c, n) [n] = #c,
#define PERM(c, p, b, d)
static const char *const class_names[POLICY_CLASSES] = {
#include "refmon/classes.def"
};

#undef CLASS
#define CLASS(c, n)
#undef PERM
#define PERM(c, p, b, d) { CLASS_##c, (b), #p, #d[0] },
static const struct perm_row perm_rows[] = {
#include "refmon/classes.def"
};
#undef CLASS
#undef PERM

/* What the object of a class is (docs/POLICY.md). Several where things of
 * different kinds can be asked. */
#define ON_DOMAIN (1u << TYPE_DOMAIN)
#define ON_OBJECT (1u << TYPE_OBJECT)
#define ON_DEVICE (1u << TYPE_DEVICE)
static const u8 class_objects[POLICY_CLASSES] = {
	[CLASS_domain] = ON_DOMAIN,
	[CLASS_launch] = ON_DOMAIN,
	[CLASS_event] = ON_DOMAIN | ON_OBJECT | ON_DEVICE,
	[CLASS_grant] = ON_DOMAIN,
	[CLASS_memory] = ON_DOMAIN,
	[CLASS_sched] = ON_DOMAIN | ON_OBJECT,
	[CLASS_core] = ON_OBJECT,
	[CLASS_device] = ON_DEVICE,
	[CLASS_store] = ON_OBJECT | ON_DOMAIN,
	[CLASS_tpm] = ON_OBJECT | ON_DOMAIN,
	[CLASS_migrate] = ON_DOMAIN,
	[CLASS_policy] = ON_OBJECT,
	[CLASS_audit] = ON_OBJECT,
	[CLASS_console] = ON_OBJECT | ON_DOMAIN,
	[CLASS_message] = ON_DOMAIN,
};

static const struct perm_row *perm_row(u32 cls, u32 perm)
{
	for (u32 i = 0; i < ARRAY_SIZE(perm_rows); i++) {
		if (perm_rows[i].cls == cls && perm_rows[i].bit == perm) {
			return &perm_rows[i];
		}
	}
	return NULL;
}

const char *class_name(u32 cls)
{
	return cls < POLICY_CLASSES ? class_names[cls] : NULL;
}

const char *perm_name(u32 cls, u32 perm)
{
	const struct perm_row *row = perm_row(cls, perm);

	return row ? row->name : NULL;
}

char perm_direction(u32 cls, u32 perm)
{
	const struct perm_row *row = perm_row(cls, perm);

	return row ? row->direction : '\0';
}

struct policy_class class_masks(u32 cls)
{
	struct policy_class masks = { 0, 0, 0, 0 };

	for (u32 i = 0; i < ARRAY_SIZE(perm_rows); i++) {
		const struct perm_row *row = &perm_rows[i];
		u32 bit = 1u << row->bit;

		if (row->cls != cls) {
			continue;
		}
		masks.perms |= bit;
		masks.reads |= strchr("RB", row->direction) ? bit : 0;
		masks.writes |= strchr("WB", row->direction) ? bit : 0;
		masks.self |= row->direction == 'N' ? bit : 0;
	}
	return masks;
}

u32 class_find(const char *name)
{
	for (u32 i = 0; i < POLICY_CLASSES; i++) {
		if (class_names[i] && !strcmp(class_names[i], name)) {
			return i;
		}
	}
	return CLASS_NONE;
}

u32 perm_find(u32 cls, const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(perm_rows); i++) {
		if (perm_rows[i].cls == cls &&
		    !strcmp(perm_rows[i].name, name)) {
			return perm_rows[i].bit;
		}
	}
	return PERM_NONE;
}

void class_guess(struct guess *g)
{
	for (u32 i = 0; i < POLICY_CLASSES; i++) {
		if (class_names[i]) {
			guess_offer(g, class_names[i]);
		}
	}
}

void perm_guess(struct guess *g, u32 cls)
{
	for (u32 i = 0; i < ARRAY_SIZE(perm_rows); i++) {
		if (perm_rows[i].cls == cls) {
			guess_offer(g, perm_rows[i].name);
		}
	}
}

bool class_fits(u32 cls, enum type_kind kind)
{
	return class_objects[cls] >> kind & 1;
}

const char *kind_name(enum type_kind kind)
{
	static const char *const names[] = { [TYPE_DOMAIN] = "domain",
					     [TYPE_OBJECT] = "object",
					     [TYPE_DEVICE] = "device" };

	return names[kind];
}
