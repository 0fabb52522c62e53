/* SPDX-License-Identifier: Apache-2.0 */
/* Inside grants: the tables of uses and mappings (grant_table.c), as the
 * hypercalls (grant.c, grant_copy.c) see them. Results are GNTST_*. */
#pragma once

#include "vmm/grant.h"
#include "vmm/hypercall.h"

/* One use of a granted page, from check to release. */
struct grant_use {
	domid_t granter;
	u32 ref;
	bool is_write;
	bool is_shown; /* may the granter see the use? */
	mfn_t mfn;
};

/* Check the entry (read once) and begin the use; u->mfn is the page. The
 * monitor has permitted `user` this access to the granter. */
int grant_use_open(struct grant_use *u, const struct domain *user);
void grant_use_close(const struct grant_use *u);
/* The frame behind a domain's gfn, if it is that domain's own RAM. */
bool grant_ram_find(const struct domain *d, gfn_t gfn, mfn_t *out);

/* Open the use and put its page into the mapper's empty slot. */
int grant_map_commit(struct domain *mapper, struct grant_use *u, gfn_t gfn,
		     u32 *handle);
/* The mapping behind a handle; NULL for a free one or none. */
const struct grant_map *grant_map_find(const struct domain *mapper, u32 handle);

#define GRANT_UNMAP_BATCH 16u /* unmappings that share one flush */
/* Unmappings whose pages may still be in some processor's TLB. */
struct grant_unmap {
	u32 count;
	struct grant_use uses[GRANT_UNMAP_BATCH];
};

/* The mapper's slot and handle are free again; the page is not yet. */
void grant_unmap_begin(struct domain *mapper, u32 handle,
		       struct grant_unmap *b);
/* No processor of the mapper can reach the pages any more: let them go. */
void grant_unmap_finish(struct domain *mapper, struct grant_unmap *b);

/* One entry of GNTTABOP_copy: struct gnttab_copy without its unions; `page` is
 * a gfn, or a reference in its low half. */
struct grant_copy_side {
	u64 page;
	domid_t domid;
	u16 offset;
	u32 pad;
};
struct grant_copy_op {
	struct grant_copy_side source;
	struct grant_copy_side dest;
	u16 len;
	u16 flags;
	int16_t status;
	u16 pad;
};
int grant_copy_one(struct vcpu *v, const struct hypercall_row *row,
		   const struct grant_copy_op *op);
