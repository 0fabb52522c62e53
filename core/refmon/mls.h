/* SPDX-License-Identifier: Apache-2.0 */
/* Dominance: computed from levels once per install, then looked up. */
#pragma once

#include "refmon/spec.h"

/* Does level a dominate level b? From sensitivities and compartments. */
/*@ requires range: a < POLICY_MAX_LEVELS && b < POLICY_MAX_LEVELS;
    assigns \nothing;
    ensures exact: \result == 1 <==> lvl_dom(a, b);
*/
bool mls_dominates(u32 a, u32 b);

/* Fill pol_dom. */
/*@ requires range: pol_level_count <= POLICY_MAX_LEVELS;
    assigns pol_dom[..];
    ensures exact: dom_ok;
*/
void mls_derive(void);

/* Is pol_dom still what the levels say? */
/*@ requires range: pol_level_count <= POLICY_MAX_LEVELS;
    assigns \nothing;
    ensures exact: \result == 1 <==> dom_ok;
*/
bool mls_holds(void);
