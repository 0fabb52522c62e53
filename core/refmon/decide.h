/* SPDX-License-Identifier: Apache-2.0 */
/* The permissions of one class that a pair of labels has; refmon_decide()
 * and the check of the flow theorem both rest on it. */
#pragma once

#include "refmon/spec.h"

/* Rule row AND level masks, all 32 permissions of a class at once. */
/*@ requires ok: policy_ok;
    requires range: s < pol_label_count && o < pol_label_count &&
      cls < POLICY_CLASSES;
    assigns \nothing;
    ensures exact: \forall integer p; 0 <= p < 32 ==>
      (bit(\result, p) <==>
       te_allows(s, o, is_self, cls, p) && read_down(s, o, cls, p) &&
       write_up(s, o, cls, p) && strict_ok(s, o, cls, p));
*/
u32 decide_allowed(u32 s, u32 o, bool is_self, u32 cls);
