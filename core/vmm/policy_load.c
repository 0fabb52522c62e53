/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replacing the policy. The new image is copied, hashed and its signatures are
 * examined before anything changes. Then one piece, with every other call and
 * every return to a guest held back: install, or put the old one back; give
 * each domain the label of the same name; undo what is no longer permitted.
 */
#include "vmm/policy_load.h"

#include "lib/checked.h"
#include "lib/mem.h"
#include "measure/sha384.h"
#include "refmon/refmon.h"
#include "vmm/audit.h"
#include "vmm/copy.h"
#include "vmm/coverage.h"
#include "vmm/event.h"
#include "vmm/grant_table.h"

#define ROOM (POLICY_IMAGE_MAX + CASEMATE_POLICY_KEYS * CASEMATE_SIGNATURE_MAX)
#define NOT_ASKED 0xfffeu

_Static_assert(CASEMATE_MAX_DOMAINS <= 128u, "struct ctl_policy, missing");

static struct policy_keys keys;

/* As the policy image's header is aligned. */
union image {
	struct policy_header h;
	u8 bytes[POLICY_IMAGE_MAX];
};
static union image in_force;

static struct {
	union {
		struct policy_header h;
		u8 bytes[ROOM];
	} is;
	u32 size; /* with signatures */
	u32 done; /* bytes taken; beyond the last, steps of the examination */
	u32 key;  /* whose signature is being examined */
	u32 at;	  /* where it is */
	struct sha384 hash;
	u8 digest[SHA384_BYTES];
	struct lms lms;
} next;

static u16 label_now[POLICY_MAX_LABELS]; /* by the old number */

const struct policy_header *policy_in_force(void)
{
	return &in_force.h;
}

/* ---- examining ------------------------------------------------------ */

/* Is it as long as its header says, with a signature for each key? */
static bool size_fits(const struct policy_header *h, u32 bytes)
{
	u32 signatures = 0;
	u32 i;

	for (i = 0; i < keys.count; i++) {
		signatures += lms_signature_bytes(keys.key[i]);
	}
	return bytes >= sizeof(*h) && bytes <= ROOM &&
	       h->total_bytes <= POLICY_IMAGE_MAX &&
	       h->total_bytes >= sizeof(*h) &&
	       bytes == h->total_bytes + signatures;
}

static void signature_begin(void)
{
	const u8 *key = keys.key[next.key];

	(void)lms_begin(&next.lms, key, next.is.bytes + next.at,
			lms_signature_bytes(key), next.digest, SHA384_BYTES);
}

/* Some of the work; true when all signatures are good. */
static bool examine(u32 *outcome)
{
	const u8 *key = keys.key[next.key];

	if (next.at == 0) {
		sha384_final(&next.hash, next.digest);
		next.at = next.is.h.total_bytes;
		signature_begin();
	}
	if (lms_step(&next.lms)) {
		return false;
	}
	if (!lms_is_good(&next.lms)) {
		*outcome = POLICY_UNSIGNED;
		return false;
	}
	next.at += lms_signature_bytes(key);
	next.key += 1;
	if (next.key == keys.count) {
		return true;
	}
	signature_begin();
	return false;
}

static void begin(u32 size)
{
	next.size = size;
	next.done = 0;
	next.key = 0;
	next.at = 0;
	sha384_init(&next.hash);
}

/* The image's part of these bytes goes into the digest. */
static void take(u32 bytes)
{
	u64 end = min64(next.is.h.total_bytes, next.done + bytes);

	if (end > next.done) {
		sha384_update(&next.hash, next.is.bytes + next.done,
			      (u32)end - next.done);
	}
	next.done += bytes;
}

/* ---- the change ------------------------------------------------------ */

/* Names of both policies were examined when they were installed: every one
 * ends. */
static const char *name_of(const struct policy_header *h, const u8 *image,
			   u32 label)
{
	const struct policy_label *labels =
		(const void *)(image + sizeof(*h) +
			       h->type_count * sizeof(struct policy_type) +
			       h->level_count * sizeof(struct policy_level));

	return (const char *)image + h->total_bytes -
	       round_up8(h->names_bytes) + labels[label].name;
}

static bool is_same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* The label of the new policy that is called as this one of the old was. */
static u16 label_after(u32 old)
{
	const char *name = name_of(&in_force.h, in_force.bytes, old);
	u32 i;

	if (label_now[old] != NOT_ASKED) {
		return label_now[old];
	}
	label_now[old] = AUDIT_LABEL_GONE;
	for (i = 0; i < refmon_label_count(); i++) {
		if (is_same(name, refmon_label_name(i))) {
			label_now[old] = (u16)i;
		}
	}
	return label_now[old];
}

/* Does the policy just installed have every domain's label? */
static bool labels_stay(struct ctl_policy *c)
{
	u32 i;

	for (i = 0; i < POLICY_MAX_LABELS; i++) {
		label_now[i] = NOT_ASKED;
	}
	for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
		if (domains[i].state != STATE_FREE &&
		    !refmon_label_is_domain(label_after(domains[i].label))) {
			c->missing[i / 64] |= 1ull << (i % 64);
		}
	}
	return (c->missing[0] | c->missing[1]) == 0;
}

static u16 label_renamed(u16 label)
{
	return label < in_force.h.label_count ? label_after(label) : label;
}

static void relabel(void)
{
	u32 i;

	for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
		if (domains[i].state != STATE_FREE) {
			domains[i].label = label_after(domains[i].label);
		}
	}
	for (i = 0; i < AUDIT_RING_RECORDS; i++) {
		audit_relabel(i, label_renamed(audit_ring[i].subject_label),
			      label_renamed(audit_ring[i].object_label));
	}
}

static void tell(u32 d)
{
	u32 port;

	for (port = 1; port < CASEMATE_MAX_PORTS; port++) {
		if (domains[d].state == STATE_RUNNING &&
		    ports.of[d][port].state == PORT_UNBOUND &&
		    ports.of[d][port].peer == DOMID_NOBODY) {
			event_tell(&domains[d], port);
		}
	}
}

static void install(struct ctl_policy *c)
{
	enum refmon_error e;
	u32 i;

	if (next.is.h.version <= in_force.h.version) {
		c->outcome = POLICY_NOT_NEWER;
		return;
	}
	e = refmon_install(next.is.bytes, next.is.h.total_bytes);
	c->outcome = e != REFMON_OK   ? POLICY_BAD_IMAGE
		     : labels_stay(c) ? POLICY_LOADED
				      : POLICY_NO_LABEL;
	c->detail = e;
	if (c->outcome != POLICY_LOADED) {
		/* it was accepted before */
		(void)refmon_install(in_force.bytes, in_force.h.total_bytes);
		return;
	}
	relabel();
	memcpy(in_force.bytes, next.is.bytes, next.is.h.total_bytes);
	coverage_reset();
	c->revoked_grants = grant_revoke();
	c->revoked_ports = event_revoke();
	/* Who waited at a channel that was cut must not wait for ever. */
	for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
		tell(i);
	}
}

static void report(const struct vcpu *v, const struct ctl_policy *c)
{
	const struct domain *d = vcpu_domain(v);
	struct audit_record r = { 0 };

	r.time_ns = hw_time_ns();
	r.subject_domid = d->id;
	r.object_domid = AUDIT_OBJECT_CORE;
	r.subject_label = (u16)d->label;
	r.object_label = (u16)refmon_initial(POLICY_INITIAL_POLICY);
	r.cls = CLASS_policy;
	r.perm = PERM_policy_activate;
	r.cause = c->outcome == POLICY_LOADED ? AUDIT_POLICY_LOADED
					      : AUDIT_POLICY_REFUSED;
	r.vcpu = v->id;
	r.hypercall = c->outcome;
	audit_append(&r);
}

/* ---- the calls ------------------------------------------------------- */

/* A page more; an outcome that is not POLICY_LOADED ends it. */
static err_t take_page(struct vcpu *v, struct ctl_policy *c)
{
	u32 bytes = (u32)min64(PAGE_SIZE, c->bytes - next.done);

	if (copy_from_guest(v, next.is.bytes + next.done, c->buffer + next.done,
			    bytes) != 0) {
		return E_FAULT;
	}
	take(bytes);
	c->outcome = size_fits(&next.is.h, c->bytes) ? POLICY_LOADED
						     : POLICY_TOO_LONG;
	return 0;
}

/* One piece; -E_RESTART: go on with the next. */
static err_t piece(struct vcpu *v, struct ctl_policy *c)
{
	bool is_examined = false;
	err_t err = 0;

	if (next.done < c->bytes) {
		err = take_page(v, c);
	} else {
		next.done += 1;
		is_examined = examine(&c->outcome);
	}
	if (is_examined) {
		install(c);
		return 0;
	}
	if (err == 0 && c->outcome == POLICY_LOADED) {
		c->done = next.done;
		return E_RESTART;
	}
	return err;
}

err_t policy_load(struct vcpu *v, struct ctl_policy *c)
{
	err_t err = 0;

	*c = (struct ctl_policy){ .buffer = c->buffer,
				  .bytes = c->bytes,
				  .done = c->done };
	if (keys.count == 0) {
		c->outcome = POLICY_NO_KEY;
	} else if (c->bytes > ROOM || c->bytes < sizeof(next.is.h)) {
		c->outcome = POLICY_TOO_LONG;
	}
	if (c->done == 0) {
		begin(c->bytes);
	}
	if (c->outcome == POLICY_LOADED &&
	    (c->done != next.done || c->bytes != next.size)) {
		return E_BUSY;
	}
	if (c->outcome == POLICY_LOADED) {
		err = piece(v, c);
	}
	if (err != E_RESTART) {
		next.size = 0; /* over: no call goes on from here */
	}
	if (err == 0) {
		report(v, c);
	}
	return err;
}

/* At start-up nobody waits. "" or what is wrong. */
static const char *signatures_check(const u8 *module, u32 bytes)
{
	u32 outcome = POLICY_LOADED;

	memcpy(next.is.bytes, module, min64(bytes, ROOM));
	if (!size_fits(&next.is.h, bytes)) {
		return "it must come with one signature for each policy-key";
	}
	begin(bytes);
	take(bytes);
	while (!examine(&outcome)) {
		if (outcome != POLICY_LOADED) {
			return "a signature is not by its policy-key";
		}
	}
	return "";
}

const char *policy_start(const struct policy_keys *given, const u8 *module,
			 u32 bytes)
{
	const char *why;
	enum refmon_error e;

	keys = *given;
	if (keys.count != 0) {
		why = signatures_check(module, bytes);
		if (why[0] != '\0') {
			return why;
		}
		bytes = next.is.h.total_bytes;
	}
	e = refmon_install(module, bytes);
	if (e == REFMON_OK) {
		memcpy(in_force.bytes, module, bytes);
	}
	return e == REFMON_OK ? "" : refmon_error_text(e);
}
