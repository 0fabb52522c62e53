/* SPDX-License-Identifier: Apache-2.0 */
/* The flow theorem, checked on the policy at hand before it is used. */
#pragma once

#include "refmon/spec.h"

/* For every ordered pair of labels, class and allowed permission: does what
 * flows X -> Y find high(Y) over low(X)? Dominance is computed again from
 * the levels first, so a wrong table does not vouch for itself. */
/*@ requires ok: policy_ok;
    assigns \nothing;
    ensures exact: \result == 1;
    ensures theorem: flow_ok;
*/
bool flow_holds(void);
