/* SPDX-License-Identifier: Apache-2.0 */
/* The boot modules: find, check, move out of dom0's way. Their contents are
 * not looked at here. */
#include "boot/boot.h"

#include "lib/checked.h"
#include "lib/mem.h"
#include "lib/print.h"

#define LINE_BYTES 1152u

struct role {
	const char *name;
	const char *file; /* for the remedy */
	struct boot_module *module;
};
static const struct role roles[] = {
	{ "dom0-kernel", "/boot/vmlinux", &boot.dom0_kernel },
	{ "dom0-initrd", "/boot/initrd.img", &boot.dom0_initrd },
	{ "policy", "/boot/policy.img", &boot.policy },
};
#define ROLES (sizeof(roles) / sizeof(roles[0]))

/* The role whose name *p begins with; *p moves past it. */
static const struct role *role_take(const char **p)
{
	u32 i;

	for (i = 0; i < ROLES; i++) {
		const char *rest = str_after(*p, roles[i].name);

		if (rest != NULL) {
			*p = rest;
			return &roles[i];
		}
	}
	return NULL;
}

static void module_set(const struct role *r, u64 start, u64 bytes)
{
	if (r->module->bytes != 0) {
		panic("boot module '%s' is there twice", r->name);
	}
	if (bytes == 0 || !range_within(start, bytes, FOUR_GIB)) {
		panic("boot module '%s' is empty or does not end below 4 GiB",
		      r->name);
	}
	*r->module = (struct boot_module){ start, bytes };
}

void module_add(const char *line, u32 line_bytes, u64 start, u64 bytes)
{
	char text[LINE_BYTES];
	const char *p = text;
	const struct role *r;

	str_copy(text, sizeof(text), line, line_bytes);
	r = role_take(&p);
	if (r == NULL || str_word(p) != 0) {
		print("casemate: warning: a boot module without a known role "
		      "is ignored\n");
		return;
	}
	module_set(r, start, bytes);
	while (*p == ' ' || *p == '\t') {
		p++;
	}
	if (r->module == &boot.dom0_kernel && *p != '\0') {
		str_copy(boot.dom0_cmdline, sizeof(boot.dom0_cmdline), p,
			 sizeof(text));
	}
}

void module_add_joined(const char *list, u64 start, u64 bytes)
{
	u64 end = start + bytes;
	u64 at = start;

	while (str_word(list) != 0) {
		const struct role *r = role_take(&list);
		u64 size = 0;

		if (r == NULL || *list++ != ':' ||
		    !str_number(&list, FOUR_GIB, &size)) {
			panic("modules= must be a list of ROLE:SIZE with the "
			      "roles dom0-kernel, dom0-initrd, policy");
		}
		if (at > end || size > end - at) {
			panic("boot module '%s' is cut short: modules= says "
			      "%lu bytes",
			      r->name, size);
		}
		module_set(r, at, size);
		at = page_up(at + size);
		list += *list == ',' ? 1 : 0;
	}
}

static u64 end_page(const struct boot_module *m)
{
	return page_up(m->start + m->bytes);
}

static void paint(const struct boot_module *m, u32 type)
{
	map_paint(page_down(m->start), end_page(m), type);
}

void modules_paint(void)
{
	u32 i;

	for (i = 0; i < ROLES; i++) {
		const struct role *r = &roles[i];
		const struct boot_module *m = r->module;

		if (m->bytes == 0) {
			panic("boot module '%s' is missing: add 'module2 %s "
			      "%s' to grub.cfg, or '%s:SIZE' to modules=",
			      r->name, r->file, r->name, r->name);
		}
		if (map_covered(page_down(m->start), end_page(m)) !=
		    end_page(m)) {
			panic("boot module '%s' does not lie in free memory",
			      r->name);
		}
		paint(m, BOOT_MODULE);
	}
}

/* All are copied before the first old place is given up: modules that share
 * a page stay whole. */
void modules_move(void)
{
	struct boot_module old[ROLES];
	u32 i;

	for (i = 0; i < ROLES; i++) {
		struct boot_module *m = roles[i].module;

		old[i] = *m;
		m->start = boot_claim(m->bytes, ADDRESS_END);
		memcpy((void *)m->start, (void *)old[i].start, m->bytes);
	}
	for (i = 0; i < ROLES; i++) {
		paint(&old[i], BOOT_RAM);
		paint(roles[i].module, BOOT_MODULE);
	}
}
