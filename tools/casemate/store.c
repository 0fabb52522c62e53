/* SPDX-License-Identifier: Apache-2.0 */
/* xenstore: the keys a PVH guest and xenconsoled look for, and nothing more. */
#include "casemate/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "abi/control.h"
#include "casemate/probe.h"

#define PATH_BYTES 256
#define DUMP_DEPTH 16u

struct store {
	struct xs_handle *xs;
};

static int dead(struct fail *fail, const char *what)
{
	return fail_set(fail,
			"%s: xenstored does not answer (%s); start it (service "
			"xen or xenstored) and try again; list, info, pause, "
			"unpause, destroy and audit work without it",
			what, strerror(errno));
}

/* A call on an open connection failed: is it xenstored, or what we asked? */
static int refused(struct fail *fail, const char *what)
{
	switch (errno) {
	case EPIPE:
	case EIO:
	case ECONNRESET:
	case EBADF:
		return dead(fail, what);
	default:
		return fail_set(fail,
				"%s: xenstored refuses it (%s); look at its "
				"log, and at `casemate list` for domains that "
				"are still dying",
				what, strerror(errno));
	}
}

struct store *store_open(struct fail *fail)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL) {
		fail_set(fail, "no memory");
		return NULL;
	}
	if (probe_xenstored() == 0) {
		store->xs = xs_open(0);
	}
	if (store->xs == NULL) {
		dead(fail, "xenstore");
		free(store);
		return NULL;
	}
	return store;
}

void store_close(struct store *store)
{
	if (store != NULL) {
		xs_close(store->xs);
		free(store);
	}
}

/* key "": all of the domain's. */
static void key_path(char path[PATH_BYTES], uint32_t domid, const char *key)
{
	snprintf(path, PATH_BYTES, "/local/domain/%u%s%s", domid,
		 key[0] == '\0' ? "" : "/", key);
}

/* Who may use a key: the guest reads it, or owns it. */
enum access {
	READ_ONLY,
	OWNED
};

/* What a request costs xenstored grows with the domains there are: so none that
 * is not needed. A new key has the permissions of the one above it, and that
 * one is made with it. No transaction: at its end xenstored reads every key
 * again for each domain, and nobody looks before the domain is introduced. */
struct writer {
	struct xs_handle *xs;
	uint32_t domid;
	bool is_failed; /* the first error, in errno, stops the rest */
};

static void put(struct writer *w, const char *path, const char *value)
{
	w->is_failed = w->is_failed || !xs_write(w->xs, XBT_NULL, path, value,
						 (unsigned int)strlen(value));
}

static void give(struct writer *w, const char *path, enum access access)
{
	struct xs_permissions perms[2] = {
		{ .id = access == OWNED ? w->domid : 0, .perms = XS_PERM_NONE },
		{ .id = w->domid, .perms = XS_PERM_READ },
	};

	w->is_failed = w->is_failed ||
		       !xs_set_permissions(w->xs, XBT_NULL, path, perms,
					   access == OWNED ? 1 : 2);
}

static void __attribute__((format(printf, 3, 4)))
put_key(struct writer *w, const char *key, const char *format, ...)
{
	char path[PATH_BYTES];
	char value[PATH_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	key_path(path, w->domid, key);
	put(w, path, value);
}

static void give_key(struct writer *w, const char *key, enum access access)
{
	char path[PATH_BYTES];

	key_path(path, w->domid, key);
	give(w, path, access);
}

static void put_vm(struct writer *w, const struct store_guest *g)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "/vm/%s", g->uuid);
	put(w, path, "");
	give(w, path, READ_ONLY);
	snprintf(path, sizeof(path), "/vm/%s/name", g->uuid);
	put(w, path, g->guest->name);
	snprintf(path, sizeof(path), "/vm/%s/uuid", g->uuid);
	put(w, path, g->uuid);
}

static void put_console(struct writer *w, const struct store_guest *g)
{
	put_key(w, "console/backend-id", "0");
	put_key(w, "console/type", "xenconsoled");
	put_key(w, "console/output", "pty");
	put_key(w, "console/tty", "%s", "");
	put_key(w, "console/limit", "1048576");
	put_key(w, "console/ring-ref", "%llu", CASEMATE_CONSOLE_GFN);
	put_key(w, "console/port", "%u", g->console_port);
}

static void put_cpus(struct writer *w, uint32_t vcpus)
{
	char key[32];

	for (uint32_t i = 0; i < vcpus; i++) {
		snprintf(key, sizeof(key), "cpu/%u/availability", i);
		put_key(w, key, "online");
	}
}

/* target == static-max: the guest's balloon driver has nothing to do. */
static void put_memory(struct writer *w, uint32_t memory_mib)
{
	put_key(w, "memory/target", "%u", memory_mib * 1024u);
	put_key(w, "memory/static-max", "%u", memory_mib * 1024u);
}

/* While the path above is the guest's, what is made below it is too. */
static void put_owned(struct writer *w)
{
	static const char *const owned[] = { "control/shutdown",
					     "control/feature-poweroff",
					     "control/feature-reboot",
					     "data",
					     "device",
					     "drivers",
					     "error",
					     "attr",
					     "feature" };

	put_key(w, "", "%s", "");
	give_key(w, "", OWNED);
	for (size_t i = 0; i < sizeof(owned) / sizeof(*owned); i++) {
		put_key(w, owned[i], "%s", "");
	}
	give_key(w, "control", READ_ONLY);
	give_key(w, "", READ_ONLY);
}

static void put_read_only(struct writer *w, const struct store_guest *g)
{
	put_key(w, "control/platform-feature-xs_reset_watches", "1");
	put_key(w, "name", "%s", g->guest->name);
	put_key(w, "domid", "%u", g->domid);
	put_key(w, "vm", "/vm/%s", g->uuid);
	put_key(w, "store/port", "%u", g->store_port);
	put_key(w, "store/ring-ref", "%llu", CASEMATE_STORE_GFN);
	put_console(w, g);
	put_cpus(w, g->guest->vcpus);
	put_memory(w, g->guest->memory_mib);
	put_vm(w, g);
}

/* Keys of an earlier domain with this id must not survive. */
static int write_keys(struct store *store, const struct store_guest *g)
{
	struct writer w = { .xs = store->xs, .domid = g->domid };
	char path[PATH_BYTES];

	key_path(path, g->domid, "");
	w.is_failed = !xs_rm(w.xs, XBT_NULL, path) && errno != ENOENT;
	put_owned(&w);
	put_read_only(&w, g);
	return w.is_failed ? -1 : 0;
}

int store_add_guest(struct store *store, const struct store_guest *g,
		    struct fail *fail)
{
	if (write_keys(store, g) != 0) {
		return refused(fail, "writing the guest's keys to xenstore");
	}
	if (!xs_introduce_domain(store->xs, g->domid, CASEMATE_STORE_GFN,
				 g->store_port)) {
		return refused(fail, "introducing the guest to xenstored");
	}
	return 0;
}

static bool remove_path(struct store *store, const char *path)
{
	return xs_rm(store->xs, XBT_NULL, path) || errno == ENOENT;
}

int store_remove_guest(struct store *store, uint32_t domid, const char *uuid,
		       struct fail *fail)
{
	char path[PATH_BYTES];
	bool is_removed;

	/* An error only says that xenstored does not know the domain, or is
	 * dead; the next calls find out. */
	(void)xs_release_domain(store->xs, domid);
	key_path(path, domid, "");
	is_removed = remove_path(store, path);
	if (uuid[0] != '\0') {
		snprintf(path, sizeof(path), "/vm/%s", uuid);
		is_removed = remove_path(store, path) && is_removed;
	}
	if (!is_removed) {
		return refused(fail, "removing the guest's keys from xenstore");
	}
	return 0;
}

char *store_read(struct store *store, uint32_t domid, const char *key)
{
	char path[PATH_BYTES];
	unsigned int bytes;

	key_path(path, domid, key);
	return xs_read(store->xs, XBT_NULL, path, &bytes);
}

int store_write(struct store *store, uint32_t domid, const char *key,
		const char *value, struct fail *fail)
{
	char path[PATH_BYTES];

	key_path(path, domid, key);
	if (!xs_write(store->xs, XBT_NULL, path, value,
		      (unsigned int)strlen(value))) {
		return refused(fail, "writing to xenstore");
	}
	return 0;
}

/* The first entry names the owner, and what everybody else may do. */
static bool is_domain0s(const struct xs_permissions *perms, unsigned int count)
{
	for (unsigned int i = 1; i < count; i++) {
		if (perms[i].id != 0 && (perms[i].perms & XS_PERM_WRITE) != 0) {
			return false;
		}
	}
	return perms[0].id == 0 && (perms[0].perms & XS_PERM_WRITE) == 0;
}

static void dump_value(struct store *store, const char *path, FILE *out)
{
	unsigned int bytes = 0;
	char *value = xs_read(store->xs, XBT_NULL, path, &bytes);

	fprintf(out, "%s = \"", path);
	for (unsigned int i = 0; value != NULL && i < bytes; i++) {
		fputc(value[i] < ' ' || value[i] > '~' ? '?' : value[i], out);
	}
	fputs("\"\n", out);
	free(value);
}

static void dump_below(struct store *store, const char *path, FILE *out,
		       unsigned int depth)
{
	unsigned int count = 0;
	struct xs_permissions *perms = xs_get_permissions(store->xs, XBT_NULL,
							  path, &count);
	bool is_ours = perms != NULL && count > 0 && is_domain0s(perms, count);
	char **names;

	free(perms);
	if (!is_ours) {
		fprintf(out, "%s (a guest may write it: left out)\n", path);
		return;
	}
	dump_value(store, path, out);
	names = xs_directory(store->xs, XBT_NULL, path, &count);
	for (unsigned int i = 0;
	     names != NULL && depth < DUMP_DEPTH && i < count; i++) {
		char below[XENSTORE_ABS_PATH_MAX + 1];

		snprintf(below, sizeof(below), "%s/%s",
			 strcmp(path, "/") == 0 ? "" : path, names[i]);
		dump_below(store, below, out, depth + 1);
	}
	free(names);
}

void store_dump(struct store *store, FILE *out)
{
	dump_below(store, "/", out, 0);
}

int store_watch_deaths(struct store *store)
{
	if (!xs_watch(store->xs, "@releaseDomain", "casemate")) {
		return -1;
	}
	return xs_fileno(store->xs);
}

int store_drain_watch(struct store *store)
{
	char **event = xs_check_watch(store->xs);

	while (event != NULL) {
		free(event);
		event = xs_check_watch(store->xs);
	}
	return errno == EAGAIN ? 0 : -1;
}
