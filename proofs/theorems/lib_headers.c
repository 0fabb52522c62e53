/* SPDX-License-Identifier: Apache-2.0 */
/* Proof job for the inline functions of core/lib; never linked. */
#include "lib/bits.h"
#include "lib/checked.h"
#include "lib/le.h"
