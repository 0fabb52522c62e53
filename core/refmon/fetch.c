/* SPDX-License-Identifier: Apache-2.0 */
/* The image's bytes: copied in once, then read as little-endian fields. The
 * only file of the monitor that follows a pointer it was given.
 * WP-ALIAS: pol_live,pol_type_count,pol_level_count,pol_label_count
 * WP-ALIAS: pol_row_count,pol_sens_count,pol_cat_count,pol_names_bytes
 * WP-ALIAS: pol_type_flags,pol_type_name,pol_level_sens,pol_level_name
 * WP-ALIAS: pol_level_cat,pol_label_type,pol_label_low,pol_label_high
 * WP-ALIAS: pol_label_name,pol_self,pol_pair,pol_rows,pol_strict
 * WP-ALIAS: pol_initial,pol_names,pol_dom,pol_image,pol_image_bytes
 * WP-ALIAS: refmon_class_perms,refmon_class_reads,refmon_class_writes
 * WP-ALIAS: refmon_class_self
 */
#include "refmon/layout.h"

u16 image_rd16(u32 at)
{
	u32 b0 = pol_image[at], b1 = pol_image[at + 1u];

	//@ assert range: b0 < 256 && b1 < 256;
	return (u16)(b0 + 256u * b1);
}

u32 image_rd32(u32 at)
{
	u32 b0 = pol_image[at], b1 = pol_image[at + 1u];
	u32 b2 = pol_image[at + 2u], b3 = pol_image[at + 3u];

	//@ assert range: b0 < 256 && b1 < 256 && b2 < 256 && b3 < 256;
	return b0 + 256u * b1 + 65536u * b2 + 16777216u * b3;
}

u64 image_rd64(u32 at)
{
	u64 lo = image_rd32(at);
	u64 hi = image_rd32(at + 4u);

	return lo + 4294967296ull * hi;
}

void image_fetch(const u8 *image, u32 bytes)
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
}

enum refmon_error refmon_install(const u8 *image, u32 bytes)
{
	image_fetch(image, bytes);
	return image_install();
}
