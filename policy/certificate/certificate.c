/* SPDX-License-Identifier: Apache-2.0 */
/*
 * casemate-certificate IMAGE CERTIFICATE: does the image keep two things apart
 * as the certificate says? Nothing of the compiler is in here: the core's own
 * monitor is asked about every permission there is. The certificate lists a
 * set of labels, "closed"; it must have FROM in it and TO not, and no flow may
 * lead out of it, but to labels of trusted types that are listed as "except".
 * What it is about is printed: one who took a line away claims less.
 *
 *     casemate-certificate 1
 *     image HEX             SHA-384 of the image, without signatures
 *     from LABEL            one line for each label
 *     to LABEL
 *     except LABEL
 *     closed LABEL
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/policy_image.h"
#include "measure/sha384.h"
#include "refmon/refmon.h"

#define FILE_MAX (1u << 20)
#define LINE_MAX_BYTES 8192

enum mark {
	MARK_FROM = 1,
	MARK_TO = 2,
	MARK_EXCEPT = 4,
	MARK_CLOSED = 8
};

/* The class table as the image has it: the core refused any other. */
static struct policy_header header;
static unsigned char marks[POLICY_MAX_LABELS];
static bool is_trusted[POLICY_MAX_LABELS];

static int no(const char *why, const char *what)
{
	fprintf(stderr, "casemate-certificate: %s%s\n", why, what);
	return 1;
}

static unsigned char *read_image(const char *path, size_t *bytes)
{
	unsigned char *image = calloc(1, FILE_MAX);
	FILE *in = image ? fopen(path, "rb") : NULL;

	if (!in) {
		free(image);
		return NULL;
	}
	*bytes = fread(image, 1, FILE_MAX, in);
	fclose(in);
	return image;
}

/* After this the sections are known to be where the counts put them. */
static void find_trusted(const unsigned char *image)
{
	const unsigned char *types = image + sizeof(header);
	const unsigned char *labels =
		types + header.type_count * sizeof(struct policy_type) +
		header.level_count * sizeof(struct policy_level);
	struct policy_label label;
	struct policy_type type;

	for (u32 i = 0; i < header.label_count; i++) {
		memcpy(&label, labels + i * sizeof(label), sizeof(label));
		memcpy(&type, types + label.type * sizeof(type), sizeof(type));
		is_trusted[i] = type.flags & POLICY_TYPE_TRUSTED;
	}
}

/* Signatures behind the image are not its business. */
static int install(const char *path, char hex[97])
{
	u8 digest[SHA384_BYTES];
	struct sha384 h;
	size_t bytes = 0;
	unsigned char *image = read_image(path, &bytes);
	enum refmon_error e = REFMON_E_SHORT;

	if (!image) {
		perror(path);
		return 2;
	}
	memcpy(&header, image, sizeof(header));
	if (header.total_bytes <= bytes) {
		e = refmon_install(image, header.total_bytes);
		sha384_init(&h);
		sha384_update(&h, image, header.total_bytes);
		sha384_final(&h, digest);
		for (u32 i = 0; i < SHA384_BYTES; i++) {
			snprintf(hex + 2 * (size_t)i, 3, "%02x", digest[i]);
		}
	}
	if (e == REFMON_OK) {
		find_trusted(image);
	}
	free(image);
	return e == REFMON_OK ? 0 : no("the image: ", refmon_error_text(e));
}

static int mark(const char *name, enum mark m)
{
	for (u32 i = 0; i < refmon_label_count(); i++) {
		if (!strcmp(refmon_label_name(i), name)) {
			marks[i] |= (unsigned char)m;
			return 0;
		}
	}
	return no("the image has no label ", name);
}

static int take_line(char *line, const char *hex)
{
	char *word = line, *rest = strchr(line, ' ');

	line[strcspn(line, "\n")] = '\0';
	if (!rest) {
		return no("not a line of a certificate: ", line);
	}
	*rest++ = '\0';
	if (!strcmp(word, "image")) {
		return strcmp(rest, hex) ? no("it is about another image", "")
					 : 0;
	}
	return !strcmp(word, "from")	 ? mark(rest, MARK_FROM)
	       : !strcmp(word, "to")	 ? mark(rest, MARK_TO)
	       : !strcmp(word, "except") ? mark(rest, MARK_EXCEPT)
	       : !strcmp(word, "closed")
		       ? mark(rest, MARK_CLOSED)
		       : no("not a line of a certificate: ", word);
}

static int read_certificate(const char *path, const char *hex)
{
	static char line[LINE_MAX_BYTES];
	FILE *in = fopen(path, "r");
	u32 images = 0;
	int status = 0;

	if (!in) {
		perror(path);
		return 2;
	}
	if (!fgets(line, sizeof(line), in) ||
	    strcmp(line, "casemate-certificate 1\n") != 0) {
		status = no("not a certificate: ", path);
	}
	while (!status && fgets(line, sizeof(line), in)) {
		images += !strncmp(line, "image ", 6);
		status = take_line(line, hex);
	}
	fclose(in);
	return status || images == 1 ? status
				     : no("it names no image, or two", "");
}

/* May information get from a to b in one step? */
static bool flows(u32 a, u32 b)
{
	for (u32 cls = 0; cls < POLICY_CLASSES; cls++) {
		const struct policy_class *c = &header.classes[cls];

		for (u32 p = 0; p < POLICY_PERMS; p++) {
			if ((c->writes >> p & 1 &&
			     refmon_decide(a, b, false, cls, p) ==
				     REFMON_PERMIT) ||
			    (c->reads >> p & 1 &&
			     refmon_decide(b, a, false, cls, p) ==
				     REFMON_PERMIT)) {
				return true;
			}
		}
	}
	return false;
}

static bool has_mark(enum mark m)
{
	for (u32 i = 0; i < refmon_label_count(); i++) {
		if (marks[i] & m) {
			return true;
		}
	}
	return false;
}

static int check_label(u32 a)
{
	if (marks[a] & MARK_FROM && !(marks[a] & MARK_CLOSED)) {
		return no("not in the closed set: ", refmon_label_name(a));
	}
	if (marks[a] & MARK_CLOSED && marks[a] & (MARK_TO | MARK_EXCEPT)) {
		return no("in the closed set: ", refmon_label_name(a));
	}
	if (marks[a] & MARK_EXCEPT && (marks[a] & MARK_TO || !is_trusted[a])) {
		return no("no exception can be: ", refmon_label_name(a));
	}
	for (u32 b = 0; marks[a] & MARK_CLOSED && b < refmon_label_count();
	     b++) {
		if (a != b && !(marks[b] & (MARK_CLOSED | MARK_EXCEPT)) &&
		    flows(a, b)) {
			return no("information leaves the closed set, to ",
				  refmon_label_name(b));
		}
	}
	return 0;
}

static void print_marked(const char *word, enum mark m)
{
	for (u32 i = 0; i < refmon_label_count(); i++) {
		if (marks[i] & m) {
			printf("%s %s\n", word, refmon_label_name(i));
		}
	}
}

int main(int argc, char **argv)
{
	char hex[97] = "";
	int status;

	if (argc != 3) {
		fputs("usage: casemate-certificate IMAGE CERTIFICATE\n"
		      "Exit status 0 it holds, 1 it does not, 2 usage or "
		      "files.\n",
		      stderr);
		return 2;
	}
	status = install(argv[1], hex);
	if (!status) {
		status = read_certificate(argv[2], hex);
	}
	if (!status && !(has_mark(MARK_FROM) && has_mark(MARK_TO))) {
		status = no("it says not what is apart from what", "");
	}
	for (u32 a = 0; !status && a < refmon_label_count(); a++) {
		status = check_label(a);
	}
	if (!status) {
		print_marked("from", MARK_FROM);
		print_marked("to", MARK_TO);
		print_marked("except", MARK_EXCEPT);
		puts(has_mark(MARK_EXCEPT) ? "holds, except via what it lists"
					   : "holds");
	}
	return status;
}
