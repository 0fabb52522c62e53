/* SPDX-License-Identifier: Apache-2.0 */
/* The rules a loaded policy must satisfy before anything trusts its tables.
 */
#pragma once

#include "refmon/refmon.h"
#include "refmon/spec.h"

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> levels_ok;
*/
bool check_levels(void);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> cats_ok;
*/
bool check_cats(void);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> label_ranges;
*/
bool check_label_ranges(void);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> labels_sorted;
*/
bool check_label_order(void);

/*@ requires counts: counts_ok;
    requires dom: dom_ok;
    requires ranges: label_ranges;
    assigns \nothing;
    ensures exact: \result == 1 <==> label_flows;
*/
bool check_label_flows(void);

/*@ assigns \nothing;
    ensures exact: \result == 1 <==> row_zero;
*/
bool check_row_zero(void);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> rows_ok;
*/
bool check_rows(void);

/*@ assigns \nothing;
    ensures exact: \result == 1 <==> strict_bits_ok;
*/
bool check_strict_bits(void);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> self_ok;
*/
bool check_self(void);

/*@ requires counts: counts_ok;
    assigns \nothing;
    ensures exact: \result == 1 <==> pairs_ok;
*/
bool check_pairs(void);

/* Check everything, derive dominance on the way. */
/*@ requires counts: counts_ok;
    assigns pol_dom[..];
    ensures exact: \result == REFMON_OK <==> tables_ok;
    ensures ready: \result == REFMON_OK ==> policy_ok;
*/
enum refmon_error check_tables(void);
