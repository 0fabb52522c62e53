/* SPDX-License-Identifier: Apache-2.0 */
/* keygen, sign and verify. */
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/sha384.h"
#include "sign/signer.h"

#define MAX_HEX_BYTES 4096u

static void digest_of(const struct policy *p, u8 digest[SHA384_BYTES])
{
	struct sha384 h;

	sha384_init(&h);
	sha384_update(&h, p->image, p->view.header->total_bytes);
	sha384_final(&h, digest);
}

int cmd_keygen(const struct options *opt)
{
	const char *path = opt->operands[0];
	const char *why;
	struct signer s;

	if (opt->height && strcmp(opt->height, "5") != 0 &&
	    strcmp(opt->height, "10") != 0) {
		return tool_error("--height is 5 (32 signatures) or 10 "
				  "(1,024)");
	}
	why = signer_make(&s, path,
			  opt->height && !strcmp(opt->height, "5") ? 5 : 10);
	if (why[0]) {
		signer_forget(&s);
		return tool_error("%s: %s", path, why);
	}
	fputs(opt->is_json ? "{\"public\":\"" : "", stdout);
	print_hex(s.public, LMS_KEY_BYTES, stdout);
	if (opt->is_json) {
		printf("\",\"signatures\":%u}", 1u << s.height);
	}
	putchar('\n');
	signer_forget(&s);
	return EXIT_OK;
}

/* ---- sign */

static int write_signed(const struct options *opt, const struct policy *p,
			const u8 *signature, u32 bytes)
{
	u8 *all = zalloc(p->bytes + bytes);
	int error;

	memcpy(all, p->text, p->bytes);
	memcpy(all + p->bytes, signature, bytes);
	error = file_write(opt->out, all, p->bytes + bytes);
	free(all);
	return error ? tool_file_error(opt->out, error) : EXIT_OK;
}

static int sign(const struct options *opt, const struct policy *p)
{
	u8 digest[SHA384_BYTES], *signature;
	struct signer s;
	u32 index = 0, bytes;
	const char *why = signer_reserve(&s, opt->operands[0], &index);
	int status;

	if (why[0]) {
		signer_forget(&s);
		return tool_error("%s: %s", opt->operands[0], why);
	}
	bytes = lms_signature_bytes(s.public);
	signature = zalloc(bytes);
	digest_of(p, digest);
	signer_sign(&s, index, digest, sizeof(digest), signature);
	status = write_signed(opt, p, signature, bytes);
	if (status == EXIT_OK) {
		printf(opt->is_json
			       ? "{\"index\":%u,\"left\":%u}\n"
			       : "signed with index %u; %u signatures left\n",
		       index, (1u << s.height) - s.next);
	}
	free(signature);
	signer_forget(&s);
	return status;
}

int cmd_sign(const struct options *opt)
{
	struct policy p;
	int status;

	if (!opt->out) {
		return tool_error("sign needs -o OUT.img");
	}
	status = policy_open(opt, opt->operands[1], &p);
	if (status == EXIT_OK && p.is_source) {
		status = tool_error("%s is a source: sign the image that "
				    "compile makes",
				    p.path);
	}
	if (status == EXIT_OK) {
		status = sign(opt, &p);
	}
	policy_close(&p);
	return status;
}

/* ---- verify */

/* KEY is the hexadecimal digits, or a file that holds them. */
static int key_take(const char *key, u8 *public)
{
	char *text = NULL;
	bool is_good;
	u32 bytes;

	if (strspn(key, "0123456789abcdef") != 2 * LMS_KEY_BYTES) {
		text = file_read(key, MAX_HEX_BYTES, &bytes);
		if (!text) {
			return tool_file_error(key, errno);
		}
	}
	is_good = hex_take(text ? text : key, public, LMS_KEY_BYTES) &&
		  lms_signature_bytes(public);
	free(text);
	return is_good ? EXIT_OK
		       : tool_error("%s: not a public key: %u hexadecimal "
				    "digits, as keygen prints them",
				    key, 2 * LMS_KEY_BYTES);
}

/* Is the signature at `at` of this key? As the core does it. */
static bool is_signed(const struct policy *p, u32 at, const u8 *key,
		      const u8 *digest)
{
	u32 bytes = lms_signature_bytes(key);
	struct lms l;

	if (p->bytes - at < bytes ||
	    !lms_begin(&l, key, (const u8 *)p->text + at, bytes, digest,
		       SHA384_BYTES)) {
		return false;
	}
	while (lms_step(&l)) {
	}
	return lms_is_good(&l);
}

static int verify(const struct options *opt, const struct policy *p)
{
	u32 at = p->view.header->total_bytes;
	u8 digest[SHA384_BYTES], key[LMS_KEY_BYTES];

	digest_of(p, digest);
	for (u32 i = 0; i < opt->n_keys; i++) {
		int status = key_take(opt->keys[i], key);

		if (status != EXIT_OK) {
			return status;
		}
		if (!is_signed(p, at, key, digest)) {
			fprintf(stderr, "%s: signature %u is not by key %s\n",
				p->path, i + 1, opt->keys[i]);
			return EXIT_NO;
		}
		at += lms_signature_bytes(key);
	}
	if (at != p->bytes) {
		fprintf(stderr,
			"%s: more follows the signatures: one for each "
			"key, in the order of the core's policy-key\n",
			p->path);
		return EXIT_NO;
	}
	return EXIT_OK;
}

int cmd_verify(const struct options *opt)
{
	struct policy p;
	int status = policy_open(opt, opt->operands[0], &p);

	if (status == EXIT_OK && p.is_source) {
		status = tool_error("%s is a source, not an image", p.path);
	} else if (status == EXIT_OK && !opt->n_keys) {
		status = tool_error("verify needs --key for each signature");
	}
	if (status == EXIT_OK) {
		status = verify(opt, &p);
		if (opt->is_json) {
			printf("{\"signed\":%s}\n",
			       status == EXIT_OK ? "true" : "false");
		} else if (status == EXIT_OK) {
			printf("%s: good, by %u key%s\n", p.path, opt->n_keys,
			       opt->n_keys == 1 ? "" : "s");
		}
	}
	policy_close(&p);
	return status;
}
