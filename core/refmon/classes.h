/* SPDX-License-Identifier: Apache-2.0 */
/* The class table as masks, one word per class: which permissions exist and
 * which way information flows when they are used. Made from classes.def. */
#pragma once

#include "abi/policy_image.h"
#include "lib/types.h"

extern const u32 refmon_class_perms[POLICY_CLASSES];  /* all that exist */
extern const u32 refmon_class_reads[POLICY_CLASSES];  /* object -> subject */
extern const u32 refmon_class_writes[POLICY_CLASSES]; /* subject -> object */
extern const u32 refmon_class_self[POLICY_CLASSES];   /* self plane only */
