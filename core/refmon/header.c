/* SPDX-License-Identifier: Apache-2.0 */
/* The image's header: identity, class table, counts, exact size. Reads no
 * byte beyond those given; writes the counts and nothing else.
 * WP-ALIAS: pol_type_count,pol_level_count,pol_label_count,pol_row_count
 * WP-ALIAS: pol_sens_count,pol_cat_count,pol_names_bytes
 * WP-ALIAS: refmon_class_perms,refmon_class_reads,refmon_class_writes
 * WP-ALIAS: refmon_class_self
 */
#include "refmon/layout.h"

/*@ requires buf: readable(image, bytes) && bytes >= 360;
    requires range: c < POLICY_CLASSES;
    assigns \nothing;
    ensures exact: \result == 1 <==> class_matches(image, c);
*/
static bool class_holds(const u8 *image, u32 bytes, u32 c)
{
	u32 at = AT_CLASSES + 16u * c;

	return le_rd32(image, bytes, at) == refmon_class_perms[c] &&
	       le_rd32(image, bytes, at + 4u) == refmon_class_reads[c] &&
	       le_rd32(image, bytes, at + 8u) == refmon_class_writes[c] &&
	       le_rd32(image, bytes, at + 12u) == refmon_class_self[c];
}

/*@ requires buf: readable(image, bytes) && bytes >= 360;
    assigns \nothing;
    ensures exact: \result == 1 <==> classes_match(image);
*/
static bool classes_hold(const u8 *image, u32 bytes)
{
	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant done: \forall integer k; 0 <= k < c ==>
	      class_matches(image, k);
	    loop assigns c;
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		if (!class_holds(image, bytes, c)) {
			return false;
		}
	}
	return true;
}

/* The policy's name: printable, NUL-terminated, nothing after the NUL. */
/*@ requires buf: readable(image, bytes) && bytes >= 360;
    assigns \nothing;
    ensures exact: \result == 1 <==> image[47] == 0 &&
      (\forall integer i; 16 <= i < 48 ==>
        image[i] == 0 || 32 <= image[i] <= 126) &&
      (\forall integer i; 17 <= i < 48 ==>
        image[i - 1] == 0 ==> image[i] == 0);
*/
static bool title_holds(const u8 *image, u32 bytes)
{
	(void)bytes;
	if (image[47] != 0 || !layout_is_text(image[16])) {
		return false;
	}
	/*@ loop invariant range: 17 <= i <= 48;
	    loop invariant text: \forall integer k; 16 <= k < i ==>
	      image[k] == 0 || 32 <= image[k] <= 126;
	    loop invariant tail: \forall integer k; 17 <= k < i ==>
	      image[k - 1] == 0 ==> image[k] == 0;
	    loop assigns i;
	    loop variant 48 - i;
	*/
	for (u32 i = 17; i < 48u; i++) {
		if (!layout_is_text(image[i]) ||
		    (image[i - 1u] == 0 && image[i] != 0)) {
			return false;
		}
	}
	return true;
}

/*@ assigns \nothing;
    ensures exact: \result == 1 <==> counts_ok;
*/
static bool counts_hold(void)
{
	return pol_type_count - 1u < POLICY_MAX_TYPES &&
	       pol_level_count - 1u < POLICY_MAX_LEVELS &&
	       pol_label_count - 1u < POLICY_MAX_LABELS &&
	       pol_row_count - 1u < POLICY_MAX_ROWS &&
	       pol_sens_count - 1u < POLICY_MAX_SENS &&
	       pol_cat_count <= 64u * POLICY_CAT_WORDS &&
	       pol_names_bytes - 1u < POLICY_MAX_NAMES;
}

/*@ requires buf: readable(image, bytes) && bytes >= 360;
    assigns pol_type_count, pol_level_count, pol_label_count, pol_row_count,
      pol_sens_count, pol_cat_count, pol_names_bytes;
    ensures types: pol_type_count == le32(image, 56);
    ensures levels: pol_level_count == le32(image, 60);
    ensures labels: pol_label_count == le32(image, 64);
    ensures rows: pol_row_count == le32(image, 68);
    ensures sens: pol_sens_count == le32(image, 72);
    ensures cats: pol_cat_count == le32(image, 76);
    ensures names: pol_names_bytes == le32(image, 80);
*/
static void load_counts(const u8 *image, u32 bytes)
{
	pol_type_count = le_rd32(image, bytes, 56);
	pol_level_count = le_rd32(image, bytes, 60);
	pol_label_count = le_rd32(image, bytes, 64);
	pol_row_count = le_rd32(image, bytes, 68);
	pol_sens_count = le_rd32(image, bytes, 72);
	pol_cat_count = le_rd32(image, bytes, 76);
	pol_names_bytes = le_rd32(image, bytes, 80);
}


enum refmon_error header_load(const u8 *image, u32 bytes)
{
	if (bytes < HEADER_BYTES) {
		return REFMON_E_SHORT;
	}
	if (le_rd64(image, bytes, 0) != POLICY_MAGIC ||
	    le_rd32(image, bytes, 8) != POLICY_FORMAT) {
		return REFMON_E_MAGIC;
	}
	if (!classes_hold(image, bytes)) {
		return REFMON_E_CLASSES;
	}
	load_counts(image, bytes);
	if (!counts_hold()) {
		return REFMON_E_COUNTS;
	}
	if (bytes < layout_end()) {
		return REFMON_E_SHORT;
	}
	if (bytes > layout_end() || le_rd32(image, bytes, 12) != bytes) {
		return REFMON_E_SIZE;
	}
	return title_holds(image, bytes) ? REFMON_OK : REFMON_E_NAMES;
}
