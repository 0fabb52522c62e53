/* SPDX-License-Identifier: Apache-2.0 */
/* The boot modules: find, check, move out of dom0's way. Their contents are
 * not looked at here. */
#include "boot/module.h"

#include "boot/main.h"
#include "boot/map.h"
#include "lib/mem.h"
#include "lib/print.h"
#include "lib/str.h"

#define LINE_BYTES 1152u
#define LOADER_END (1ull << 32)

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

static const struct role *role_find(const char *word, u32 n)
{
	u32 i;

	for (i = 0; i < ROLES; i++) {
		if (str_length(roles[i].name, 64) == n &&
		    str_begins(word, roles[i].name)) {
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
	if (bytes == 0) {
		panic("boot module '%s' is empty", r->name);
	}
	if (start >= LOADER_END || bytes > LOADER_END - start) {
		panic("boot module '%s' does not end below 4 GiB", r->name);
	}
	r->module->start = start;
	r->module->bytes = bytes;
}

static void dom0_line(const char *rest)
{
	if (*rest != '\0' &&
	    !str_copy(boot.dom0_cmdline, sizeof(boot.dom0_cmdline), rest,
		      LINE_BYTES)) {
		panic("dom0's command line is longer than %u characters",
		      (u32)sizeof(boot.dom0_cmdline) - 1u);
	}
}

void module_add(const char *line, u32 line_bytes, u64 start, u64 bytes)
{
	char text[LINE_BYTES];
	const struct role *r;
	u32 n;

	if (!str_copy(text, sizeof(text), line, line_bytes)) {
		panic("a boot module's command line is longer than %u "
		      "characters",
		      LINE_BYTES - 1u);
	}
	n = str_word(text);
	r = role_find(text, n);
	if (r == NULL) {
		text[n < 32u ? n : 32u] = '\0';
		print("casemate: warning: boot module '%s' has no known role; "
		      "ignored\n",
		      text);
		return;
	}
	module_set(r, start, bytes);
	if (r->module == &boot.dom0_kernel) {
		dom0_line(str_skip_blanks(text + n));
	}
}

/* Length of a role's name in ROLE:SIZE. */
static u32 joined_name(const char *p)
{
	u32 n = 0;

	while (p[n] != '\0' && p[n] != ':' && p[n] != ' ') {
		n++;
	}
	return n;
}

/* One ROLE:SIZE at p, placed at *at; moves *at on. Returns what follows. */
static const char *joined_one(const char *p, u64 *at, u64 end)
{
	u32 n = joined_name(p);
	const struct role *r = role_find(p, n);
	u64 bytes = 0;

	if (r == NULL || p[n] != ':') {
		panic("modules= must be a list of ROLE:SIZE with the roles "
		      "dom0-kernel, dom0-initrd, policy");
	}
	p += n + 1u;
	if (!str_number(&p, &bytes)) {
		panic("modules= gives no size for '%s'", r->name);
	}
	if (*at > end || bytes > end - *at) {
		panic("boot module '%s' is cut short: modules= says %lu bytes, "
		      "%lu are there",
		      r->name, bytes, *at > end ? 0 : end - *at);
	}
	module_set(r, *at, bytes);
	*at = (*at + bytes + PAGE_MASK) & ~(u64)PAGE_MASK;
	return p;
}

void module_add_joined(const char *list, u64 start, u64 bytes)
{
	u64 at = start;

	while (*list != '\0' && *list != ' ') {
		list = joined_one(list, &at, start + bytes);
		if (*list == ',') {
			list++;
		}
	}
}

void modules_check(u32 protocol)
{
	u32 i;

	for (i = 0; i < ROLES; i++) {
		const struct role *r = &roles[i];

		if (r->module->bytes != 0) {
			continue;
		}
		if (protocol == BOOT_PVH) {
			panic("boot module '%s' is missing: add it to the "
			      "-initrd file and '%s:SIZE' to modules=",
			      r->name, r->name);
		}
		panic("boot module '%s' is missing: add 'module2 %s %s' to "
		      "grub.cfg",
		      r->name, r->file, r->name);
	}
}

static u64 first_page(const struct boot_module *m)
{
	return m->start & ~(u64)PAGE_MASK;
}

static u64 end_page(const struct boot_module *m)
{
	return (m->start + m->bytes + PAGE_MASK) & ~(u64)PAGE_MASK;
}

void modules_paint(void)
{
	u32 i;

	for (i = 0; i < ROLES; i++) {
		const struct boot_module *m = roles[i].module;
		u64 end = end_page(m);

		if (map_covered(first_page(m), end, BOOT_RAM, BOOT_MODULE) !=
		    end) {
			panic("boot module '%s' does not lie in free memory",
			      roles[i].name);
		}
		map_paint(first_page(m), end, BOOT_MODULE);
	}
}

static bool module_must_move(const struct boot_module *m)
{
	return (m->start & PAGE_MASK) != 0 ||
	       m->start < MAP_DOM0_START + boot.dom0_bytes;
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
		if (module_must_move(m)) {
			m->start = boot_claim(m->bytes);
			memcpy((void *)m->start, (const void *)old[i].start,
			       m->bytes);
		}
	}
	for (i = 0; i < ROLES; i++) {
		map_paint(first_page(&old[i]), end_page(&old[i]), BOOT_RAM);
	}
	for (i = 0; i < ROLES; i++) {
		map_paint(first_page(roles[i].module),
			  end_page(roles[i].module), BOOT_MODULE);
	}
}
