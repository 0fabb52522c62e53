/* SPDX-License-Identifier: Apache-2.0 */
/* A plan's sink that only hashes. */
#include "launch/digest.h"

#include <mbedtls/sha512.h>
#include <string.h>

#define BUFFER_PAGES 16u

static int sha384(const void *a, size_t a_bytes, const void *b, size_t b_bytes,
		  uint8_t out[DIGEST_BYTES])
{
	mbedtls_sha512_context context;
	uint8_t full[64];
	int rc;

	mbedtls_sha512_init(&context);
	rc = mbedtls_sha512_starts_ret(&context, 1);
	if (rc == 0) {
		rc = mbedtls_sha512_update_ret(&context, a, a_bytes);
	}
	if (rc == 0) {
		rc = mbedtls_sha512_update_ret(&context, b, b_bytes);
	}
	if (rc == 0) {
		rc = mbedtls_sha512_finish_ret(&context, full);
	}
	mbedtls_sha512_free(&context);
	if (rc != 0) {
		return -1;
	}
	memcpy(out, full, DIGEST_BYTES);
	return 0;
}

int digest_extend(uint8_t value[DIGEST_BYTES], const struct launch_record *r)
{
	return sha384(value, DIGEST_BYTES, r, sizeof(*r), value);
}

static int extend(struct digest *digest, const struct launch_record *r,
		  struct fail *fail)
{
	if (digest_extend(digest->value, r) != 0) {
		return fail_set(fail, "SHA-384 is not available in mbedTLS");
	}
	return 0;
}

static int sink_create(void *self, const struct plan *plan, struct fail *fail)
{
	struct launch_record r = { .op = LAUNCH_CREATE,
				   .arg0 = plan->vcpus,
				   .arg1 = plan->max_frames };

	memcpy(r.data, plan->label, strnlen(plan->label, sizeof(r.data)));
	return extend(self, &r, fail);
}

static int sink_populate(void *self, uint64_t gfn, uint64_t count,
			 struct fail *fail)
{
	const struct launch_record r = { .op = LAUNCH_POPULATE,
					 .arg0 = gfn,
					 .arg1 = count };

	return extend(self, &r, fail);
}

static int load_page(struct digest *digest, uint32_t kind, uint64_t gfn,
		     const uint8_t *page, struct fail *fail)
{
	struct launch_record r = { .op = LAUNCH_PAGE,
				   .kind = kind,
				   .arg0 = gfn };

	if (sha384(page, PLAN_PAGE, NULL, 0, r.data) != 0) {
		return fail_set(fail, "SHA-384 is not available in mbedTLS");
	}
	if (digest->page != NULL) {
		digest->page(digest->arg, kind, gfn, r.data);
	}
	return extend(digest, &r, fail);
}

static int sink_load(void *self, uint32_t kind, uint64_t gfn, uint32_t count,
		     struct fail *fail)
{
	struct digest *digest = self;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < count; i++) {
		rc = load_page(digest, kind, gfn + i,
			       digest->buffer + (size_t)i * PLAN_PAGE, fail);
	}
	return rc;
}

static int sink_start(void *self, uint32_t entry, uint32_t start_info,
		      struct fail *fail)
{
	const struct launch_record r = { .op = LAUNCH_START,
					 .arg0 = entry,
					 .arg1 = start_info };

	return extend(self, &r, fail);
}

static const struct plan_sink digest_sink = { sink_create, sink_populate,
					      sink_load, sink_start };

int digest_plan(struct digest *digest, const struct plan *plan,
		struct fail *fail)
{
	static uint8_t buffer[BUFFER_PAGES * PLAN_PAGE];

	memset(digest->value, 0, sizeof(digest->value));
	digest->buffer = buffer;
	return plan_run(plan, &digest_sink, digest, buffer, BUFFER_PAGES, fail);
}
