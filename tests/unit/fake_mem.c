/* SPDX-License-Identifier: Apache-2.0 */
/* The one function of core/lib/mem.c that the C library does not have. */
#include <string.h>

#include "lib/mem.h"

void mem_zero(void *dst, size_t n)
{
	memset(dst, 0, n);
}
