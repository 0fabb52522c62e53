/* SPDX-License-Identifier: Apache-2.0 */
/* `casemate debug`: what helps with a bug report, in one archive. Each part is
 * made by a process of its own: one that fails or hangs up spoils no other. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "casemate/cli.h"
#include "casemate/domain.h"
#include "casemate/settings.h"

#define COPY_BYTES 65536

static const char about[] =
	"A bundle for a Casemate bug report, written by `casemate debug`.\n"
	"\n"
	"It may hold names of guests and of files, labels of the policy, and\n"
	"who was refused what. Look through it before you pass it on, and "
	"treat\n"
	"it as its labels ask for.\n"
	"It holds no guest's memory, no guest's console, and nothing of\n"
	"xenstore that a guest may write.\n"
	"\n"
	"  version.json   tool, core, policy, limits, memory\n"
	"  list.json      the domains; info-N.json: domain N with its "
	"counters\n"
	"  labels.json    the policy's labels\n"
	"  audit.jsonl    refused operations, one a line\n"
	"  xenstore.txt   domain 0's keys\n"
	"  dmesg.txt      domain 0's kernel\n"
	"  core.log       the core's console, where domain 0 keeps it\n"
	"  keeper-*.log   what each guest's keeper did\n"
	"  errors.txt     why a part is missing\n";

struct bundle {
	char parent[256]; /* made by mkdtemp */
	char name[64];	  /* the directory in it, and in the archive */
	int directory;	  /* open */
	uint32_t missing; /* parts that could not be had */
	cJSON *files;
};

/* One part: a sub-command of ours, or a program. */
struct part {
	char file[NAME_MAX + 1];
	int (*run)(const struct options *options, struct fail *fail);
	struct options options;
	char *const *program; /* instead */
};

static int open_file(const struct bundle *b, const char *file, int flags)
{
	return openat(b->directory, file,
		      O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
}

static int run_part(const struct part *part)
{
	struct fail fail = { 0 };
	int rc;

	if (part->program != NULL) {
		execvp(part->program[0], part->program);
		cli_warn("%s: %s", part->program[0], strerror(errno));
		return EXIT_ERROR;
	}
	rc = part->run(&part->options, &fail);
	if (rc != EXIT_OK) {
		cli_warn("%s", fail.text);
	}
	return rc;
}

static void part_process(const struct part *part, int out, int errors)
{
	int rc = EXIT_ERROR;

	if (dup2(out, STDOUT_FILENO) >= 0 && dup2(errors, STDERR_FILENO) >= 0) {
		rc = run_part(part);
		fflush(NULL);
	}
	_exit(rc);
}

static bool is_done(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			return false;
		}
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_OK;
}

/* What did not succeed stays as far as it came. */
static void add(struct bundle *b, const struct part *part)
{
	int out = open_file(b, part->file, O_TRUNC);
	int errors = open_file(b, "errors.txt", O_APPEND);
	pid_t pid = -1;

	fflush(NULL);
	if (out >= 0 && errors >= 0) {
		pid = fork();
	}
	if (pid == 0) {
		part_process(part, out, errors);
	}
	if (pid < 0 || !is_done(pid)) {
		b->missing++;
	}
	cJSON_AddItemToArray(b->files, cJSON_CreateString(part->file));
	close(out);
	close(errors);
}

static void add_command(struct bundle *b, const char *file,
			int (*run)(const struct options *, struct fail *),
			const char *argument)
{
	struct part part = {
		.run = run, .options = { .json = true, .argument = argument }
	};

	snprintf(part.file, sizeof(part.file), "%s", file);
	add(b, &part);
}

static void add_program(struct bundle *b, const char *file,
			char *const *program)
{
	struct part part = { .program = program };

	snprintf(part.file, sizeof(part.file), "%s", file);
	add(b, &part);
}

static int dump_store(const struct options *options, struct fail *fail)
{
	struct store *store = store_open(fail);

	(void)options;
	if (store == NULL) {
		return EXIT_ERROR;
	}
	store_dump(store, stdout);
	store_close(store);
	return EXIT_OK;
}

static void add_domains(struct bundle *b)
{
	struct fail fail = { 0 };
	struct door *door = door_open(&fail);
	struct ctl_getinfo info;
	uint32_t next = 0;

	while (door != NULL && domain_next(door, next, &info) == 0) {
		char file[32], id[16];

		snprintf(file, sizeof(file), "info-%u.json", info.domid);
		snprintf(id, sizeof(id), "%u", info.domid);
		add_command(b, file, cmd_info, id);
		next = info.domid + 1;
	}
	door_close(door);
}

static void add_copy(struct bundle *b, const char *from, const char *file)
{
	char *const program[] = { (char *)"cat", (char *)from, NULL };

	if (access(from, F_OK) == 0) {
		add_program(b, file, program);
	}
}

static void add_keeper_logs(struct bundle *b)
{
	DIR *directory = opendir(settings_log_dir());
	const struct dirent *entry;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		const char *end = strrchr(entry->d_name, '.');
		char from[PATH_MAX], file[NAME_MAX + 1];

		if (end == NULL || strcmp(end, ".log") != 0) {
			continue;
		}
		snprintf(from, sizeof(from), "%s/%s", settings_log_dir(),
			 entry->d_name);
		snprintf(file, sizeof(file), "keeper-%.200s", entry->d_name);
		add_copy(b, from, file);
	}
	if (directory != NULL) {
		closedir(directory);
	}
}

static void add_all(struct bundle *b)
{
	char *const dmesg[] = { (char *)"dmesg", NULL };

	add_command(b, "version.json", cmd_version, NULL);
	add_command(b, "list.json", cmd_list, NULL);
	add_domains(b);
	add_command(b, "labels.json", cmd_labels, NULL);
	add_command(b, "audit.jsonl", cmd_audit, NULL);
	add_command(b, "xenstore.txt", dump_store, NULL);
	add_program(b, "dmesg.txt", dmesg);
	add_copy(b, settings_core_log(), "core.log");
	add_keeper_logs(b);
}

static int write_about(const struct bundle *b)
{
	int fd = open_file(b, "README", 0);
	ssize_t n = write(fd, about, sizeof(about) - 1);

	close(fd);
	return n == sizeof(about) - 1 ? 0 : -1;
}

static int make_directory(struct bundle *b, struct fail *fail)
{
	const char *where = getenv("TMPDIR");
	time_t now = time(NULL);
	struct tm tm;
	int parent;

	localtime_r(&now, &tm);
	strftime(b->name, sizeof(b->name), "casemate-debug-%Y%m%dT%H%M%S", &tm);
	snprintf(b->parent, sizeof(b->parent), "%s/casemate-XXXXXX",
		 where == NULL ? "/tmp" : where);
	if (mkdtemp(b->parent) == NULL) {
		return fail_set(fail, "cannot make %s: %s", b->parent,
				strerror(errno));
	}
	parent = open(b->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(parent, b->name, 0700) == 0) {
		b->directory = openat(parent, b->name,
				      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	close(parent);
	if (b->directory < 0 || write_about(b) != 0) {
		return fail_set(fail, "cannot write in %s: %s", b->parent,
				strerror(errno));
	}
	return 0;
}

/* The archive, on a descriptor that was opened for it alone. */
static int pack(const struct bundle *b, int fd, const char *file,
		struct fail *fail)
{
	const char *end = strrchr(file, '.');
	bool is_plain = end != NULL && strcmp(end, ".tar") == 0;
	pid_t pid = fork();

	if (pid == 0) {
		dup2(fd, STDOUT_FILENO);
		execlp("tar", "tar", is_plain ? "-c" : "-cz", "-C", b->parent,
		       b->name, "-f", "-", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || !is_done(pid)) {
		return fail_set(fail,
				"tar failed: is it installed, is there room "
				"for %s?",
				file);
	}
	return 0;
}

static void remove_all(const struct bundle *b)
{
	DIR *directory = b->directory < 0 ? NULL : fdopendir(b->directory);
	int parent = open(b->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] != '.') {
			unlinkat(b->directory, entry->d_name, 0);
		}
	}
	unlinkat(parent, b->name, AT_REMOVEDIR);
	rmdir(b->parent);
	close(parent);
	if (directory != NULL) {
		closedir(directory);
	}
}

static int report(const struct options *options, struct bundle *b,
		  const char *file)
{
	cJSON *json;

	if (!options->json) {
		printf("wrote %s: %d parts, %u of them incomplete (errors.txt "
		       "says why).\n"
		       "It may hold names and labels; no guest's memory or "
		       "console. Its README says more.\n",
		       file, cJSON_GetArraySize(b->files), b->missing);
		return EXIT_OK;
	}
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "file", file);
	cJSON_AddItemToObject(json, "parts", b->files);
	b->files = NULL;
	cli_add_number(json, "incomplete", b->missing);
	return cli_print_json(json);
}

static int write_bundle(const struct options *options, struct bundle *b,
			struct fail *fail)
{
	char file[PATH_MAX];
	int fd;

	snprintf(file, sizeof(file), "%s.tar.gz", b->name);
	if (options->argument != NULL) {
		snprintf(file, sizeof(file), "%s", options->argument);
	}
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		return fail_set(fail,
				"cannot make %s: %s; name a file that does "
				"not exist yet",
				file, strerror(errno));
	}
	add_all(b);
	if (pack(b, fd, file, fail) != 0) {
		unlink(file);
	}
	close(fd);
	return fail->text[0] != '\0' ? -1 : report(options, b, file);
}

int cmd_debug(const struct options *options, struct fail *fail)
{
	struct bundle *b = calloc(1, sizeof(*b));
	int rc = EXIT_ERROR;

	if (b == NULL) {
		fail_set(fail, "no memory");
		return EXIT_ERROR;
	}
	b->files = cJSON_CreateArray();
	b->directory = -1;
	if (make_directory(b, fail) == 0) {
		rc = write_bundle(options, b, fail);
	}
	remove_all(b);
	cJSON_Delete(b->files);
	free(b);
	return rc == EXIT_OK ? EXIT_OK : EXIT_ERROR;
}
