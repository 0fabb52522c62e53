/* SPDX-License-Identifier: Apache-2.0 */
/* The class table: classes.def turned into constant masks. Each inclusion
 * continues an initializer: CLASS opens the next element, PERM adds a bit. */
#include "refmon/classes.h"

#define LAST_EMPTY [POLICY_CLASSES - 1u] = 0u
#define BIT(b) (1u << (b))
#define CLASS(c, n) , [n] = 0u

#define PERM(c, p, b, d) | BIT(b)
const u32 refmon_class_perms[POLICY_CLASSES] = { LAST_EMPTY
#include "refmon/classes.def"
};
#undef PERM

#define READS_R(b) BIT(b)
#define READS_W(b) 0u
#define READS_B(b) BIT(b)
#define READS_N(b) 0u
#define PERM(c, p, b, d) | READS_##d(b)
const u32 refmon_class_reads[POLICY_CLASSES] = { LAST_EMPTY
#include "refmon/classes.def"
};
#undef PERM

#define WRITES_R(b) 0u
#define WRITES_W(b) BIT(b)
#define WRITES_B(b) BIT(b)
#define WRITES_N(b) 0u
#define PERM(c, p, b, d) | WRITES_##d(b)
const u32 refmon_class_writes[POLICY_CLASSES] = { LAST_EMPTY
#include "refmon/classes.def"
};
#undef PERM

#define SELF_R(b) 0u
#define SELF_W(b) 0u
#define SELF_B(b) 0u
#define SELF_N(b) BIT(b)
#define PERM(c, p, b, d) | SELF_##d(b)
const u32 refmon_class_self[POLICY_CLASSES] = { LAST_EMPTY
#include "refmon/classes.def"
};
#undef PERM
