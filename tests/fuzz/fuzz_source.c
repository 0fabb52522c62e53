/* SPDX-License-Identifier: Apache-2.0 */
/* A policy source of any bytes to the compiler: it ends, with errors or with an
 * image that the monitor accepts, and all it says can be printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lang/compile.h"
#include "refmon/refmon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static FILE *nowhere;
	struct job j;
	char *text = malloc(bytes + 1);

	if (nowhere == NULL) {
		nowhere = fopen("/dev/null", "w");
	}
	memcpy(text, data, bytes);
	text[bytes] = '\0';
	memset(&j, 0, sizeof(j));
	j.source.path = "p.pol";
	j.source.text = text;
	j.source.bytes = (u32)bytes;
	job_compile(&j, NULL);
	if (j.diags.n_errors == 0 &&
	    (j.image.bytes == NULL ||
	     refmon_install(j.image.bytes, j.image.n) != REFMON_OK)) {
		fuzz_fail("no error, and no good image");
	}
	diag_print(&j.diags, nowhere);
	diag_print_json(&j.diags, nowhere);
	job_free(&j);
	free(text);
	return 0;
}
