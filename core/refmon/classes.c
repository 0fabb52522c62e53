/* SPDX-License-Identifier: Apache-2.0 */
/* The class table: classes.def turned into constant masks. Each inclusion
 * continues an initializer: CLASS opens the next element, PERM adds a bit. */
#include "refmon/state.h"

#define LAST_EMPTY [POLICY_CLASSES - 1u] = 0u
#define CLASS(c, n) , [n] = 0u

/* A direction as bits: 1 the object is read, 2 written, 4 neither. */
#define FLOW_R 1u
#define FLOW_W 2u
#define FLOW_B 3u
#define FLOW_N 4u

#define PERM(c, p, b, d) | (1u << (b))
const u32 refmon_class_perms[POLICY_CLASSES] = { LAST_EMPTY
#include "refmon/classes.def"
};
#undef PERM

#define PERM(c, p, b, d) | ((FLOW_##d & 1u) << (b))
const u32 refmon_class_reads[POLICY_CLASSES] = { LAST_EMPTY
#include "refmon/classes.def"
};
#undef PERM

#define PERM(c, p, b, d) | ((FLOW_##d >> 1 & 1u) << (b))
const u32 refmon_class_writes[POLICY_CLASSES] = { LAST_EMPTY
#include "refmon/classes.def"
};
#undef PERM

#define PERM(c, p, b, d) | ((FLOW_##d >> 2) << (b))
const u32 refmon_class_self[POLICY_CLASSES] = { LAST_EMPTY
#include "refmon/classes.def"
};
#undef PERM
