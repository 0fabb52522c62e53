/* SPDX-License-Identifier: Apache-2.0 */
/* The image's bytes: copied in once, then read as little-endian fields. The
 * only file of the monitor that follows a pointer it was given.
 * WP-ALIAS: pol_live,pol_type_count,pol_level_count,pol_label_count
 * WP-ALIAS: pol_row_count,pol_sens_count,pol_cat_count,pol_names_bytes
 * WP-ALIAS: pol_type,pol_level,pol_label,pol_self,pol_pair,pol_rows
 * WP-ALIAS: pol_initial,pol_names,pol_dom,pol_image,pol_image_bytes
 * WP-ALIAS: refmon_class_perms,refmon_class_reads,refmon_class_writes
 * WP-ALIAS: refmon_class_self
 */
#include "refmon/parts.h"

u16 image_rd16(u32 at)
{
	u32 b0 = pol_image[at], b1 = pol_image[at + 1u];

	//@ assert range: b0 < 256 && b1 < 256;
	return (u16)(b0 + 256u * b1);
}

u32 image_rd32(u32 at)
{
	return image_rd16(at) + 65536u * image_rd16(at + 2u);
}

u64 image_rd64(u32 at)
{
	return image_rd32(at) + 4294967296ull * image_rd32(at + 4u);
}

/* As much as the largest image has; of a longer one only the size counts. */
enum refmon_error refmon_install(const u8 *image, u32 bytes)
{
	u32 n = bytes < POLICY_IMAGE_MAX ? bytes : POLICY_IMAGE_MAX;

	pol_image_bytes = bytes;
	/*@ loop invariant range: 0 <= i <= n;
	    loop invariant same: \forall integer k; 0 <= k < i ==>
	      pol_image[k] == image[k];
	    loop assigns i, pol_image[..];
	    loop variant n - i;
	*/
	for (u32 i = 0; i < n; i++) {
		pol_image[i] = image[i];
	}
	return image_install();
}
