/* SPDX-License-Identifier: Apache-2.0 */
/* One refused operation, or one thing that a change of policy did, as the audit
 * ring keeps it and CTL_AUDIT_READ hands it out. Fixed size, no text: casemate
 * audit resolves labels to names. */
#pragma once

#include <stdint.h>

#define AUDIT_RING_RECORDS 1024u
#define AUDIT_OBJECT_CORE                                                      \
	0xffffu /* object_domid when the object is no domain */

/* Label of a record that the policy now loaded has no more. */
#define AUDIT_LABEL_GONE 0xffffu

/* Bits of a record's cause besides those of enum refmon_cause. */
#define AUDIT_REVOKED 0x80u /* what the rest refuses was there and is undone */
/* Instead of a refusal, by the subject on the policy. */
enum audit_event {
	AUDIT_POLICY_LOADED = 0x40,
	AUDIT_POLICY_REFUSED = 0x41 /* hypercall: enum casemate_policy */
};

struct audit_record {
	uint64_t sequence; /* 0, 1, 2 ... since boot, counts drops too */
	uint64_t time_ns;  /* system time since boot */
	uint16_t subject_domid;
	uint16_t object_domid;	/* or AUDIT_OBJECT_CORE */
	uint16_t subject_label; /* label indices of the loaded policy */
	uint16_t object_label;
	uint8_t cls;	    /* enum refmon_class */
	uint8_t perm;	    /* permission bit in that class */
	uint8_t cause;	    /* enum refmon_cause, or as above */
	uint8_t vcpu;	    /* the subject's vCPU */
	uint32_t hypercall; /* number << 16 | sub-op */
};

_Static_assert(sizeof(struct audit_record) == 32, "audit record layout");
