/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision. A rule must allow it AND the levels must permit the way the
 * information flows: R needs high(S) over low(O), W needs high(O) over low(S),
 * B both. Bounded time (no loop over the policy), no lock, no state written.
 */
#include "refmon/parts.h"

/* The permissions a rule gives. Those of the self plane do not exist between
 * two instances, whatever a row says. */
/*@ requires range: r < POLICY_MAX_ROWS && cls < POLICY_CLASSES;
    assigns \nothing;
    ensures exact: \forall integer p; 0 <= p < 32 ==>
      (bit(\result, p) <==> rule_allows(r, is_self, cls, p));
*/
static u32 rule_mask(u32 r, bool is_self, u32 cls)
{
	u32 av = pol_rows[r].av[cls];

	return is_self ? av : bits32_without(av, refmon_class_self[cls]);
}

/*@ requires ok: policy_ok;
    requires range: s < pol_label_count && o < pol_label_count;
    assigns \nothing;
    ensures exact: \result == row_of(s, o, is_self);
    ensures range: \result < POLICY_MAX_ROWS;
*/
static u32 row_index(u32 s, u32 o, bool is_self)
{
	//@ assert labels: label_range(s) && label_range(o);
	if (is_self) {
		return pol_self[pol_label[s].type];
	}
	return pol_pair[layout_line(pol_label[s].type) + pol_label[o].type];
}

/*@ requires ok: policy_ok;
    requires range: a < pol_label_count && b < pol_label_count;
    assigns \nothing;
    ensures exact: \result == 1 <==>
      lvl_dom(pol_label[a].high, pol_label[b].low);
*/
static bool high_over_low(u32 a, u32 b)
{
	//@ assert labels: label_range(a) && label_range(b);
	//@ assert row: dom_row_ok(pol_label[a].high);
	return pol_dom[pol_label[a].high].over[pol_label[b].low] != 0;
}

u32 decide_allowed(u32 s, u32 o, bool is_self, u32 cls)
{
	u32 av = rule_mask(row_index(s, o, is_self), is_self, cls);

	if (!high_over_low(s, o)) {
		av = bits32_without(av, refmon_class_reads[cls]);
	}
	/*@ assert reads: \forall integer p; 0 <= p < 32 ==>
	      (bit(av, p) <==> te_allows(s, o, is_self, cls, p) &&
	                       read_down(s, o, cls, p)); */
	if (!high_over_low(o, s)) {
		av = bits32_without(av, refmon_class_writes[cls]);
	}
	/*@ assert writes: \forall integer p; 0 <= p < 32 ==>
	      (bit(av, p) <==> te_allows(s, o, is_self, cls, p) &&
	        read_down(s, o, cls, p) && write_up(s, o, cls, p)); */
	if (pol_label[s].low != pol_label[o].low) {
		av = bits32_without(av, pol_rows[pol_row_count].av[cls]);
	}
	return av;
}

/* Is there such a pair of labels, and does the permission exist? */
/*@ requires inv: policy_inv;
    assigns \nothing;
    ensures exact: \result == 1 <==>
      query_ok(subject, object, is_self, cls, perm);
*/
static bool is_query(u32 subject, u32 object, bool is_self, u32 cls, u32 perm)
{
	return pol_live != 0 && cls < POLICY_CLASSES && perm < POLICY_PERMS &&
	       subject < pol_label_count && object < pol_label_count &&
	       (!is_self || subject == object) &&
	       bit32_test(refmon_class_perms[cls], perm);
}

/* A denial's cause is the first reason, in the order audit promises. */
/*@ requires inv: policy_inv;
    requires query: query_ok(subject, object, is_self, cls, perm);
    assigns \nothing;
    ensures rule: \result == REFMON_NO_RULE <==>
      !te_allows(subject, object, is_self, cls, perm);
    ensures up: \result == REFMON_READ_UP <==>
      te_allows(subject, object, is_self, cls, perm) &&
      !read_down(subject, object, cls, perm);
    ensures down: \result == REFMON_WRITE_DOWN <==>
      te_allows(subject, object, is_self, cls, perm) &&
      read_down(subject, object, cls, perm) &&
      !write_up(subject, object, cls, perm);
    ensures strict: \result == REFMON_STRICT <==>
      te_allows(subject, object, is_self, cls, perm) &&
      read_down(subject, object, cls, perm) &&
      write_up(subject, object, cls, perm);
*/
static OUTLINED enum refmon_cause cause_find(u32 subject, u32 object,
					     bool is_self, u32 cls, u32 perm)
{
	u32 rules = rule_mask(row_index(subject, object, is_self), is_self,
			      cls);

	if (!bit32_test(rules, perm)) {
		return REFMON_NO_RULE;
	}
	if (bit32_test(refmon_class_reads[cls], perm) &&
	    !high_over_low(subject, object)) {
		return REFMON_READ_UP;
	}
	if (bit32_test(refmon_class_writes[cls], perm) &&
	    !high_over_low(object, subject)) {
		return REFMON_WRITE_DOWN;
	}
	return REFMON_STRICT;
}

enum refmon_cause refmon_decide(u32 subject, u32 object, bool is_self, u32 cls,
				u32 perm)
{
	if (!is_query(subject, object, is_self, cls, perm)) {
		return REFMON_BAD_QUERY;
	}
	return bit32_test(decide_allowed(subject, object, is_self, cls), perm)
		       ? REFMON_PERMIT
		       : cause_find(subject, object, is_self, cls, perm);
}
