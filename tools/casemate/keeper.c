/* SPDX-License-Identifier: Apache-2.0 */
/*
 *            creator gone            shut down
 *   waiting --------------> watching ---------> poweroff: destroy, end
 *      |                       |  ^              reboot: destroy, exec create
 *      | still building:       |  |              crash: on_crash
 *      v destroy               v gone
 *     end                     end
 */
#include "casemate/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xen/sched.h>

#include "casemate/domain.h"
#include "casemate/news.h"
#include "casemate/settings.h"

/* A guest that reboots at once must not take the machine's time. */
#define REBOOT_WAIT_SECONDS 1
#define STEP_MS 50
#define CLEAN_TRIES 40

struct message {
	uint32_t domid;
	uint32_t reserved;
	uint64_t created_ns;
};

struct keeper {
	struct door *door;
	struct news *news;
	bool is_loss_told; /* xenstored's */
	struct message domain;
};

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	char when[32];
	time_t now = time(NULL);
	struct tm tm;
	va_list args;

	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%F %T", &tm);
	printf("%s ", when);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* Own session, log as output, no descriptor of the creator's but the pipe. */
static int detach(int pipe_fd, int log_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(log_fd, 1) < 0 ||
	    dup2(log_fd, 2) < 0 || dup2(pipe_fd, 3) < 0) {
		return -1;
	}
	fcntl(3, F_SETFD, FD_CLOEXEC);
	close_range(4, ~0u, 0);
	setsid();
	prctl(PR_SET_NAME, "casemate-keeper");
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

/* Until the creator ends. Returns whether it told us of a domain. */
static bool wait_for_creator(struct message *domain)
{
	size_t got = 0;

	for (;;) {
		char *to = (char *)domain + got;
		char rest;
		ssize_t n = got < sizeof(*domain)
				    ? read(3, to, sizeof(*domain) - got)
				    : read(3, &rest, 1);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			break;
		}
		got += got < sizeof(*domain) ? (size_t)n : 0;
	}
	close(3);
	return got == sizeof(*domain);
}

static int look(const struct keeper *k, struct ctl_getinfo *info)
{
	int rc = domain_get(k->door, k->domain.domid, info);

	if (rc == 0 && info->created_ns != k->domain.created_ns) {
		return -ESRCH;
	}
	return rc;
}

static int end_domain(struct keeper *k)
{
	struct fail fail = { 0 };
	int rc = domain_destroy(k->door, k->domain.domid, k->domain.created_ns,
				&fail);

	if (rc != 0) {
		say("domain %u: %s", k->domain.domid, fail.text);
	} else {
		say("domain %u: destroyed", k->domain.domid);
	}
	return rc < 0 ? -1 : 0;
}

/* Become a `casemate create`, which has its own keeper. */
static void create_again(const char *config)
{
	char *const argv[] = { (char *)"casemate", (char *)"create",
			       (char *)config, NULL };

	sleep(REBOOT_WAIT_SECONDS);
	say("creating it again from %s", config);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	execv("/proc/self/exe", argv);
	say("cannot run casemate again: %s", strerror(errno));
}

static const char *reason_text(uint32_t reason)
{
	static const char *const texts[] = { "powered off", "rebooted",
					     "suspended", "crashed",
					     "was stopped by its watchdog" };

	return reason < sizeof(texts) / sizeof(*texts) ? texts[reason]
						       : "stopped";
}

/* Returns whether there is nothing left to watch. */
static bool handle_shutdown(struct keeper *k, const struct ctl_getinfo *info)
{
	struct record record;
	bool has_record = domain_record(info, &record) == 0;

	say("domain %u: it %s (reason %u)", info->domid,
	    reason_text(info->shutdown_reason), info->shutdown_reason);
	switch (info->shutdown_reason) {
	case SHUTDOWN_poweroff:
		return end_domain(k) == 0;
	case SHUTDOWN_reboot:
		if (end_domain(k) == 0 && has_record) {
			create_again(record.config);
		}
		return true;
	case SHUTDOWN_suspend:
		return true;
	default:
		if (has_record && record.on_crash == ON_CRASH_PRESERVE) {
			say("domain %u: preserved", info->domid);
			return true;
		}
		return end_domain(k) == 0;
	}
}

static void wait_for_news(struct keeper *k)
{
	bool is_lost = !news_wait(k->news);

	if (is_lost && !k->is_loss_told) {
		say("xenstored went away; domain %u goes on without it",
		    k->domain.domid);
	}
	k->is_loss_told = is_lost;
}

static void watch(struct keeper *k)
{
	struct ctl_getinfo info;
	int rc;

	while ((rc = look(k, &info)) == 0) {
		if (info.state != STATE_SHUTDOWN) {
			wait_for_news(k);
			continue;
		}
		news_hand_over(k->news);
		if (handle_shutdown(k, &info)) {
			return;
		}
		poll(NULL, 0, settings_keeper_poll_ms());
	}
	say("domain %u: %s", k->domain.domid,
	    rc == -ESRCH ? "gone" : strerror(-rc));
}

static void reaped(uint32_t domid)
{
	say("domain %u: its creator was killed; cleaned up", domid);
}

/* A creator that cleaned up itself leaves nothing to be found. One that was
 * killed may close its pipe a moment before its lock on the record. */
static void clean_up(const struct keeper *k)
{
	struct ctl_getinfo info;
	struct fail fail = { 0 };

	for (int i = 0; i < CLEAN_TRIES; i++) {
		poll(NULL, 0, STEP_MS);
		if (domain_reap(k->door, reaped, &fail) != 0) {
			say("%s", fail.text);
		}
		if (look(k, &info) != 0 || info.state != STATE_BUILDING) {
			return;
		}
	}
}

static bool is_complete(const struct keeper *k)
{
	struct ctl_getinfo info;

	return look(k, &info) == 0 && info.state != STATE_BUILDING;
}

static void keep(void)
{
	struct keeper k = { 0 };
	bool has_domain = wait_for_creator(&k.domain);
	struct fail fail = { 0 };

	k.door = door_open(&fail);
	if (k.door == NULL) {
		return;
	}
	if (!has_domain || !is_complete(&k)) {
		clean_up(&k);
	}
	if (has_domain) {
		k.news = news_open();
		watch(&k);
		news_close(k.news);
	}
	door_close(k.door);
}

static int open_log(const char *guest_name, struct fail *fail)
{
	char path[PATH_MAX];
	int fd;

	mkdir(settings_log_dir(), 0750);
	snprintf(path, sizeof(path), "%s/%s.log", settings_log_dir(),
		 guest_name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0) {
		return fail_set(fail, "cannot open %s: %s; run as root", path,
				strerror(errno));
	}
	return fd;
}

int keeper_fork(const char *guest_name, struct fail *fail)
{
	int log = open_log(guest_name, fail);
	int ends[2];
	pid_t pid;

	if (log < 0) {
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC) != 0) {
		close(log);
		return fail_set(fail, "pipe: %s", strerror(errno));
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		if (detach(ends[0], log) == 0) {
			keep();
		}
		_exit(0);
	}
	close(ends[0]);
	close(log);
	if (pid < 0) {
		close(ends[1]);
		return fail_set(fail, "cannot start the guest's keeper: %s",
				strerror(errno));
	}
	return ends[1];
}

void keeper_tell(int fd, uint32_t domid, uint64_t created_ns)
{
	const struct message message = { .domid = domid,
					 .created_ns = created_ns };

	if (write(fd, &message, sizeof(message)) != sizeof(message)) {
		/* A dead keeper: the next command that lists cleans up. */
		return;
	}
}
