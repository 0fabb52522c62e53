/* SPDX-License-Identifier: Apache-2.0 */
/* Classes and permissions from the core's own table; hypercalls from Xen's
 * public headers. */
#include "casemate/names.h"

#include <stddef.h>
#include <stdio.h>

#include "abi/control.h"
#include "refmon/refmon.h"

struct permission_name {
	uint32_t cls;
	uint32_t bit;
	const char *name;
};

#define CLASS(c, n) [n] = #c,
#define PERM(c, p, b, d)
static const char *const class_names[POLICY_CLASSES] = {
#include "refmon/classes.def"
};
#undef CLASS
#undef PERM

#define CLASS(c, n)
#define PERM(c, p, b, d) { CLASS_##c, (b), #p },
static const struct permission_name permission_names[] = {
#include "refmon/classes.def"
};
#undef CLASS
#undef PERM

struct op_name {
	uint32_t number;
	const char *name;
};

static const struct op_name hypercalls[] = {
	{ 7, "platform_op" },	    { 12, "memory_op" },
	{ 13, "multicall" },	    { 15, "set_timer_op" },
	{ 17, "xen_version" },	    { 18, "console_io" },
	{ 20, "grant_table_op" },   { 21, "vm_assist" },
	{ 24, "vcpu_op" },	    { 29, "sched_op" },
	{ 32, "event_channel_op" }, { 33, "physdev_op" },
	{ 34, "hvm_op" },	    { 35, "sysctl" },
	{ 36, "domctl" },	    { 55, "control" },
};

#define SUB(hypercall, op) ((hypercall) << 16 | (op))
static const struct op_name sub_ops[] = {
	{ SUB(12, 1), "decrease_reservation" },
	{ SUB(12, 6), "populate_physmap" },
	{ SUB(12, 7), "add_to_physmap" },
	{ SUB(12, 9), "memory_map" },
	{ SUB(12, 15), "remove_from_physmap" },
	{ SUB(12, 23), "add_to_physmap_range" },
	{ SUB(12, 28), "acquire_resource" },
	{ SUB(20, 0), "map_grant_ref" },
	{ SUB(20, 1), "unmap_grant_ref" },
	{ SUB(20, 2), "setup_table" },
	{ SUB(20, 5), "copy" },
	{ SUB(20, 6), "query_size" },
	{ SUB(29, 2), "shutdown" },
	{ SUB(29, 4), "remote_shutdown" },
	{ SUB(32, 0), "bind_interdomain" },
	{ SUB(32, 1), "bind_virq" },
	{ SUB(32, 3), "close" },
	{ SUB(32, 4), "send" },
	{ SUB(32, 5), "status" },
	{ SUB(32, 6), "alloc_unbound" },
	{ SUB(32, 10), "reset" },
	{ SUB(34, 0), "set_param" },
	{ SUB(34, 1), "get_param" },
	{ SUB(36, 5), "getdomaininfo" },
	{ SUB(55, 0), "info" },
	{ SUB(55, 1), "create" },
	{ SUB(55, 2), "populate" },
	{ SUB(55, 3), "load" },
	{ SUB(55, 4), "start" },
	{ SUB(55, 5), "destroy" },
	{ SUB(55, 6), "pause" },
	{ SUB(55, 7), "unpause" },
	{ SUB(55, 8), "getinfo" },
	{ SUB(55, 9), "label" },
	{ SUB(55, 10), "audit_read" },
};

const char *name_class(uint32_t cls)
{
	if (cls >= POLICY_CLASSES || class_names[cls] == NULL) {
		return "?";
	}
	return class_names[cls];
}

const char *name_permission(uint32_t cls, uint32_t permission)
{
	const size_t count = sizeof(permission_names) /
			     sizeof(*permission_names);

	for (size_t i = 0; i < count; i++) {
		if (permission_names[i].cls == cls &&
		    permission_names[i].bit == permission) {
			return permission_names[i].name;
		}
	}
	return "?";
}

const char *name_cause(uint32_t cause)
{
	switch (cause) {
	case REFMON_NO_RULE:
		return "no rule allows it";
	case REFMON_READ_UP:
		return "read up: information would flow down to the subject";
	case REFMON_WRITE_DOWN:
		return "write down: information would flow down to the object";
	case REFMON_STRICT:
		return "the policy asks for equal levels here";
	case REFMON_BAD_QUERY:
		return "nothing a policy can permit";
	default:
		return "?";
	}
}

const char *name_outcome(uint32_t outcome)
{
	static const char *const texts[] = {
		[POLICY_LOADED] = "loaded",
		[POLICY_NO_KEY] = "the core was started without policy-key",
		[POLICY_TOO_LONG] = "not as long as it should be: an image "
				    "with one signature for each policy-key",
		[POLICY_UNSIGNED] = "a signature is not by its policy-key",
		[POLICY_NOT_NEWER] = "its version is not above that of the "
				     "policy in force",
		[POLICY_BAD_IMAGE] = "the image is malformed",
		[POLICY_NO_LABEL] = "it lacks the label of a domain",
	};

	return outcome < sizeof(texts) / sizeof(*texts) ? texts[outcome] : "?";
}

static const char *find(const struct op_name *ops, size_t count,
			uint32_t number)
{
	for (size_t i = 0; i < count; i++) {
		if (ops[i].number == number) {
			return ops[i].name;
		}
	}
	return NULL;
}

void name_hypercall(uint32_t number, uint32_t sub_op,
		    char text[NAME_HYPERCALL_BYTES])
{
	const char *call = find(
		hypercalls, sizeof(hypercalls) / sizeof(*hypercalls), number);
	const char *op = find(sub_ops, sizeof(sub_ops) / sizeof(*sub_ops),
			      SUB(number, sub_op));

	if (call == NULL) {
		snprintf(text, NAME_HYPERCALL_BYTES, "hypercall %u/%u", number,
			 sub_op);
	} else if (op == NULL) {
		snprintf(text, NAME_HYPERCALL_BYTES, "%s/%u", call, sub_op);
	} else {
		snprintf(text, NAME_HYPERCALL_BYTES, "%s/%s", call, op);
	}
}
