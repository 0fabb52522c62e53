/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy promises, derived from what is proved of the code: the
 * bodies are only the inductions, they are never linked into the core.
 *
 * Information moves x -> y if somebody labelled x may use a W permission on
 * y, or somebody labelled y may use an R permission on x. Along any path of
 * such moves through untrusted labels, the last level dominates the first;
 * so a path that lowers information passes a trusted label.
 * WP-ALIAS: pol_live,pol_type_count,pol_level_count,pol_label_count
 * WP-ALIAS: pol_row_count,pol_sens_count,pol_cat_count,pol_names_bytes
 * WP-ALIAS: pol_type,pol_level,pol_label,pol_self,pol_pair,pol_rows
 * WP-ALIAS: pol_initial,pol_names,pol_dom,refmon_class_perms
 * WP-ALIAS: refmon_class_reads,refmon_class_writes,refmon_class_self
 */
#include "refmon/refmon.h"

/*@ lemma dom_refl{L}: \forall integer a; lvl_dom(a, a);

    lemma dom_trans{L}: \forall integer a, b, c;
      lvl_dom(a, b) ==> lvl_dom(b, c) ==> lvl_dom(a, c);
*/
/*@ predicate writes_to{L}(integer x, integer y) =
      \exists integer c, p; permitted(x, y, 0, c, p) &&
        bit(refmon_class_writes[c], p);

    predicate reads_from{L}(integer y, integer x) =
      \exists integer c, p; permitted(y, x, 0, c, p) &&
        bit(refmon_class_reads[c], p);

    predicate edge{L}(integer x, integer y) =
      writes_to(x, y) || reads_from(y, x);

    predicate untrusted{L}(integer x) =
      0 <= x < pol_label_count && !is_trusted(pol_label[x].type);

    predicate path{L}(u32 *v, integer n) =
      (\forall integer i; 0 <= i <= n ==> untrusted(v[i])) &&
      (\forall integer i; 0 <= i < n ==> edge(v[i], v[i + 1]));

    // An untrusted label has one level.
    predicate one_level{L}(integer x) =
      pol_label[x].low == pol_label[x].high;

    lemma edge_dom{L}: \forall integer x, y;
      edge(x, y) ==> lvl_dom(pol_label[y].high, pol_label[x].low);

    lemma single{L}: \forall integer x;
      policy_ok ==> untrusted(x) ==> label_flow(x) && one_level(x);
*/

/* Path of any length through untrusted labels: no information flows down. */
/*@ requires inv: policy_inv && pol_live == 1;
    requires buf: \valid_read(v + (0 .. n));
    requires path: path(v, n);
    assigns \nothing;
    ensures up: lvl_dom(pol_label[v[n]].low, pol_label[v[0]].low);
*/
void theorem_no_flow_down(const u32 *v, u32 n)
{
	/*@ loop invariant range: 0 <= i <= n;
	    loop invariant up:
	      lvl_dom(pol_label[v[i]].low, pol_label[v[0]].low);
	    loop assigns i;
	    loop variant n - i;
	*/
	for (u32 i = 0; i < n; i++) {
		//@ assert edge: edge(v[i], v[i + 1]);
		//@ assert single: one_level(v[i + 1]);
		/*@ assert step:
		      lvl_dom(pol_label[v[i + 1]].low, pol_label[v[i]].low); */
	}
}

/* One step through a trusted label: in from at most its high, out to at
 * least its low. That is all a trusted label can do. */
/*@ requires inv: policy_inv && pol_live == 1;
    requires in: edge(x, t);
    requires out: edge(t, y);
    assigns \nothing;
    ensures taken: lvl_dom(pol_label[t].high, pol_label[x].low);
    ensures given: lvl_dom(pol_label[y].high, pol_label[t].low);
*/
void theorem_trusted_is_bounded(u32 x, u32 t, u32 y)
{
	(void)x;
	(void)t;
	(void)y;
}

/* Labels of different single levels share nothing that flows both ways. */
/*@ requires inv: policy_inv && pol_live == 1;
    requires ends: untrusted(x) && untrusted(y);
    requires both: edge(x, y) && edge(y, x);
    assigns \nothing;
    ensures same: lvl_eq(pol_label[x].low, pol_label[y].low);
*/
void theorem_two_way_is_one_level(u32 x, u32 y)
{
	//@ assert single: one_level(x) && one_level(y);
	/*@ assert up: lvl_dom(pol_label[x].low, pol_label[y].low) &&
	      lvl_dom(pol_label[y].low, pol_label[x].low); */
	/*@ assert sub: \forall integer i; 0 <= i < POLICY_CAT_WORDS ==>
	      (\forall integer b; 0 <= b < 64 ==>
	        (bit(pol_level[pol_label[x].low].cat[i], b) <==>
	         bit(pol_level[pol_label[y].low].cat[i], b))); */
}

/* The decision is what opens an edge, and nothing else does. */
/*@ requires inv: policy_inv;
    requires flow: cls < POLICY_CLASSES && perm < POLICY_PERMS;
    assigns \nothing;
    ensures writes: \result == 1 && bit(refmon_class_writes[cls], perm) ==>
      lvl_dom(pol_label[o].high, pol_label[s].low);
    ensures reads: \result == 1 && bit(refmon_class_reads[cls], perm) ==>
      lvl_dom(pol_label[s].high, pol_label[o].low);
*/
bool theorem_decision_flows_up(u32 s, u32 o, u32 cls, u32 perm)
{
	return refmon_decide(s, o, false, cls, perm) == REFMON_PERMIT;
}

/* Fail closed: without a live policy every decision is a denial. */
/*@ requires dead: pol_live == 0;
    assigns \nothing;
    ensures denied: \result == REFMON_BAD_QUERY;
*/
enum refmon_cause theorem_dead_denies(u32 s, u32 o, bool self, u32 cls,
				      u32 perm)
{
	return refmon_decide(s, o, self, cls, perm);
}
