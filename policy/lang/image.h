/* SPDX-License-Identifier: Apache-2.0 */
/* A checked policy to the image of core/abi/policy_image.h. */
#pragma once

#include "model.h"

struct image {
	u8 *bytes;
	u32 n;
};

/* Reports, at the policy statement, a policy too big for the format; the
 * image is then empty. image_free in any case. */
void image_build(const struct model *m, struct place where, struct image *out,
		 struct diags *d);
void image_free(struct image *image);

/* Sections of an image that the reference monitor has accepted. */
struct image_view {
	const struct policy_header *header;
	const struct policy_type *types;
	const struct policy_level *levels;
	const struct policy_label *labels;
	const u16 *self;
	const u16 *pair;
	const struct policy_row *rows;
	const u32 *strict;
	const char *names;
};
void image_view(const u8 *bytes, struct image_view *out);
