/* SPDX-License-Identifier: Apache-2.0 */
/* The reference monitor's interface: install a policy image, ask decisions.
 * No hardware, no guest memory, no allocation, no locks. */
#pragma once

#include "abi/policy_image.h"
#include "lib/types.h"

/* CLASS_x and PERM_x_y: the numbers of classes.def. */
#define CLASS(c, n) CLASS_##c = (n),
#define PERM(c, p, b, d) PERM_##c##_##p = (b),
enum refmon_number {
#include "refmon/classes.def"
};
#undef CLASS
#undef PERM

/* Why a decision was what it was; also the audit record's cause. */
enum refmon_cause {
	REFMON_PERMIT = 0,
	REFMON_NO_RULE = 1,    /* type enforcement has no rule */
	REFMON_READ_UP = 2,    /* information would flow down: O -> S */
	REFMON_WRITE_DOWN = 3, /* information would flow down: S -> O */
	REFMON_STRICT = 4,     /* the policy asks for equal levels here */
	REFMON_BAD_QUERY = 5,  /* nothing a policy can permit */
};

/* Why an image was refused. refmon_error_text() has a line for each. */
enum refmon_error {
	REFMON_OK = 0,
	REFMON_E_SHORT,	  /* shorter than its header or its sections */
	REFMON_E_MAGIC,	  /* not a policy image, or another format */
	REFMON_E_CLASSES, /* compiled against another class table */
	REFMON_E_COUNTS,  /* a count is out of range */
	REFMON_E_SIZE,	  /* trailing bytes, or total_bytes is wrong */
	REFMON_E_NAMES,	  /* names pool or a name offset is malformed */
	REFMON_E_TYPE,	  /* bad type entry */
	REFMON_E_LEVEL,	  /* bad level entry */
	REFMON_E_LABEL,	  /* bad label: range, order, untrusted multi-level */
	REFMON_E_ROW,	  /* bad row index or permission bit */
	REFMON_E_INITIAL, /* an initial label is missing or unfit */
	REFMON_E_PADDING, /* padding or reserved bytes not zero */
	REFMON_E_FLOW,	  /* the flow theorem does not hold */
};

/* The words the contracts below are written in: what "permitted" means. */
#ifdef __FRAMAC__
#include "refmon/spec.h"
#endif

/* Validate an image completely, then install it. On any error the monitor
 * denies everything (as before the first install). Bytes come from a boot
 * module; they are copied, and read during this call only. */
/*@ requires buf: \valid_read(image + (0 .. bytes - 1));
    requires apart: \separated(image + (0 .. bytes - 1), &pol_image[..],
      &pol_image_bytes, &pol_live);
    assigns pol_live, pol_image[..], pol_image_bytes, POLICY_TABLES;
    ensures inv: policy_inv;
    ensures live: pol_live == 1 <==> \result == REFMON_OK;
    ensures tables: \result == REFMON_OK ==> tables_ok && flow_ok;
*/
enum refmon_error refmon_install(const u8 *image, u32 bytes);

/*@ assigns \result \from e; */
const char *refmon_error_text(enum refmon_error e);

/* The decision. subject and object are label indices; is_self says that both
 * are the same instance. Returns REFMON_PERMIT or the cause of denial. */
/*@ requires inv: policy_inv;
    assigns \nothing;
    ensures exact: \result == REFMON_PERMIT <==>
      permitted(subject, object, is_self, cls, perm);
    ensures bad: \result == REFMON_BAD_QUERY <==>
      !query_ok(subject, object, is_self, cls, perm);
    ensures rule: \result == REFMON_NO_RULE <==>
      query_ok(subject, object, is_self, cls, perm) &&
      !te_allows(subject, object, is_self, cls, perm);
    ensures up: \result == REFMON_READ_UP <==>
      query_ok(subject, object, is_self, cls, perm) &&
      te_allows(subject, object, is_self, cls, perm) &&
      !read_down(subject, object, cls, perm);
    ensures down: \result == REFMON_WRITE_DOWN <==>
      query_ok(subject, object, is_self, cls, perm) &&
      te_allows(subject, object, is_self, cls, perm) &&
      read_down(subject, object, cls, perm) &&
      !write_up(subject, object, cls, perm);
    ensures strict: \result == REFMON_STRICT <==>
      query_ok(subject, object, is_self, cls, perm) &&
      te_allows(subject, object, is_self, cls, perm) &&
      read_down(subject, object, cls, perm) &&
      write_up(subject, object, cls, perm) &&
      !strict_ok(subject, object, cls, perm);
*/
enum refmon_cause refmon_decide(u32 subject, u32 object, bool is_self, u32 cls,
				u32 perm);

/* Label facts for audit text and the tools; "" for a bad index. */
/*@ requires inv: policy_inv;
    assigns \nothing;
    ensures exact: \result == (pol_live == 1 ? pol_label_count : 0);
*/
u32 refmon_label_count(void);

/*@ requires inv: policy_inv;
    assigns \result \from pol_live, pol_label_count, &pol_names[0],
      pol_label[0 .. POLICY_MAX_LABELS - 1].name;
    ensures name: pol_live == 1 && label < pol_label_count ==>
      \result == &pol_names[pol_label[label].name];
    ensures ends: pol_live == 1 && label < pol_label_count ==>
      (\exists integer n; pol_label[label].name <= n < POLICY_MAX_NAMES &&
        pol_names[n] == 0);
*/
const char *refmon_label_name(u32 label);

/* May a domain carry it? */
/*@ requires inv: policy_inv;
    assigns \nothing;
    ensures exact: \result == 1 <==> pol_live == 1 &&
      label < pol_label_count &&
      bit(pol_type[pol_label[label].type].flags, 1);
*/
bool refmon_label_is_domain(u32 label);

/* The type of a label, below POLICY_MAX_TYPES; of a bad index, that. */
/*@ requires inv: policy_inv;
    assigns \nothing;
    ensures known: pol_live == 1 && label < pol_label_count ==>
      \result == pol_label[label].type && \result < POLICY_MAX_TYPES;
    ensures unknown: pol_live == 0 || label >= pol_label_count ==>
      \result == POLICY_MAX_TYPES;
*/
u32 refmon_label_type(u32 label);

/* low == low and high == high */
/*@ requires inv: policy_inv;
    assigns \nothing;
    ensures exact: \result == 1 <==> pol_live == 1 &&
      a < pol_label_count && b < pol_label_count &&
      pol_label[a].low == pol_label[b].low &&
      pol_label[a].high == pol_label[b].high;
*/
bool refmon_label_same_level(u32 a, u32 b);

/* An initial label; of a bad question, a label that does not exist. */
/*@ requires inv: policy_inv;
    assigns \nothing;
    ensures known: pol_live == 1 && (u32)which < POLICY_INITIAL_COUNT ==>
      \result == pol_initial[which] && \result < pol_label_count;
    ensures unknown: pol_live == 0 || (u32)which >= POLICY_INITIAL_COUNT ==>
      \result == POLICY_MAX_LABELS;
*/
u32 refmon_initial(enum policy_initial which);
