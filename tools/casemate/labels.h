/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of the policy the core runs. */
#pragma once

#include <stdint.h>

#include "casemate/door.h"

/* The index of a label that a domain may carry; -1 with a text that lists the
 * nearest names. */
int label_find(struct door *door, const char *name, uint32_t *label,
	       struct fail *fail);
