/* SPDX-License-Identifier: Apache-2.0 */
/* An accepted image as text for people, and the counts both commands give. */
#pragma once

#include "image.h"

/* " CLASS { PERMISSION ... } ..." and a line's end. */
void dump_access(const u32 *av, FILE *out);
void dump_image(const struct image_view *v, FILE *out);
void summary_print(const struct image_view *v, FILE *out);
void summary_print_json(const struct image_view *v, FILE *out); /* an object */
