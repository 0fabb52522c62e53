/* SPDX-License-Identifier: Apache-2.0 */
/* The image's header: identity, class table, counts, exact size. Reads no
 * byte beyond those given; writes the counts and nothing else.
 */
#include "refmon/parts.h"

/*@ assigns \nothing;
    ensures exact: \result == 1 <==> classes_match;
*/
static bool classes_hold(void)
{
	/*@ loop invariant range: 0 <= c <= POLICY_CLASSES;
	    loop invariant done: \forall integer k; 0 <= k < c ==>
	      class_matches(k);
	    loop assigns c;
	    loop variant POLICY_CLASSES - c;
	*/
	for (u32 c = 0; c < POLICY_CLASSES; c++) {
		u32 at = AT_CLASSES + 16u * c;

		if (image_rd32(at) != refmon_class_perms[c] ||
		    image_rd32(at + 4u) != refmon_class_reads[c] ||
		    image_rd32(at + 8u) != refmon_class_writes[c] ||
		    image_rd32(at + 12u) != refmon_class_self[c]) {
			return false;
		}
	}
	return true;
}

/* The policy's name: printable, NUL-terminated, nothing after the NUL. */
/*@ assigns \nothing;
    ensures exact: \result == 1 <==> pol_image[47] == 0 &&
      (\forall integer i; 16 <= i < 48 ==>
        pol_image[i] == 0 || 32 <= pol_image[i] <= 126) &&
      (\forall integer i; 17 <= i < 48 ==>
        pol_image[i - 1] == 0 ==> pol_image[i] == 0);
*/
static bool title_holds(void)
{
	/*@ loop invariant range: 16 <= i <= 48;
	    loop invariant text: \forall integer k; 16 <= k < i ==>
	      pol_image[k] == 0 || 32 <= pol_image[k] <= 126;
	    loop invariant tail: \forall integer k; 17 <= k < i ==>
	      pol_image[k - 1] == 0 ==> pol_image[k] == 0;
	    loop assigns i;
	    loop variant 48 - i;
	*/
	for (u32 i = 16; i < 48u; i++) {
		if (!layout_is_text(pol_image[i]) ||
		    (i > 16u && pol_image[i - 1u] == 0 && pol_image[i] != 0)) {
			return false;
		}
	}
	return pol_image[47] == 0;
}

/*@ assigns \nothing;
    ensures exact: \result == 1 <==> 1 <= n <= max;
*/
static bool is_count(u32 n, u32 max)
{
	return n >= 1u && n <= max;
}

/*@ assigns \nothing;
    ensures exact: \result == 1 <==> counts_ok;
*/
static bool counts_hold(void)
{
	return is_count(pol_type_count, POLICY_MAX_TYPES) &&
	       is_count(pol_level_count, POLICY_MAX_LEVELS) &&
	       is_count(pol_label_count, POLICY_MAX_LABELS) &&
	       is_count(pol_row_count, POLICY_MAX_ROWS) &&
	       is_count(pol_sens_count, POLICY_MAX_SENS) &&
	       pol_cat_count <= 64u * POLICY_CAT_WORDS &&
	       is_count(pol_names_bytes, POLICY_MAX_NAMES);
}

/*@ assigns pol_type_count, pol_level_count, pol_label_count, pol_row_count,
      pol_sens_count, pol_cat_count, pol_names_bytes;
    ensures types: pol_type_count == le32(56);
    ensures levels: pol_level_count == le32(60);
    ensures labels: pol_label_count == le32(64);
    ensures rows: pol_row_count == le32(68);
    ensures sens: pol_sens_count == le32(72);
    ensures cats: pol_cat_count == le32(76);
    ensures names: pol_names_bytes == le32(80);
*/
static void load_counts(void)
{
	pol_type_count = image_rd32(56);
	pol_level_count = image_rd32(60);
	pol_label_count = image_rd32(64);
	pol_row_count = image_rd32(68);
	pol_sens_count = image_rd32(72);
	pol_cat_count = image_rd32(76);
	pol_names_bytes = image_rd32(80);
}

enum refmon_error header_load(void)
{
	if (pol_image_bytes < HEADER_BYTES) {
		return REFMON_E_SHORT;
	}
	if (image_rd64(0) != POLICY_MAGIC || image_rd32(8) != POLICY_FORMAT) {
		return REFMON_E_MAGIC;
	}
	if (!classes_hold()) {
		return REFMON_E_CLASSES;
	}
	load_counts();
	if (!counts_hold()) {
		return REFMON_E_COUNTS;
	}
	if (pol_image_bytes < layout_end()) {
		return REFMON_E_SHORT;
	}
	if (pol_image_bytes > layout_end() ||
	    pol_image_bytes > POLICY_IMAGE_MAX ||
	    image_rd32(12) != pol_image_bytes) {
		return REFMON_E_SIZE;
	}
	return title_holds() ? REFMON_OK : REFMON_E_NAMES;
}
