/* SPDX-License-Identifier: Apache-2.0 */
/* `casemate top`: what the domains make the core do, from one look to the
 * next. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "casemate/cli.h"
#include "casemate/domain.h"
#include "casemate/stats.h"

#define DELAY_MS 1000
#define FIRST_DELAY_MS 200 /* on a terminal: do not make wait at the start */
#define PAGES_PER_MIB 256u
#define LINE_BYTES 512
#define CLEAR "\033[H\033[J"

/* One look at all domains. */
struct look {
	uint64_t at_ns;
	uint32_t count;
	struct {
		struct ctl_getinfo info;
		struct ctl_stats stats;
	} domain[CASEMATE_MAX_DOMAINS];
};

struct top {
	struct door *door;
	const struct options *options;
	struct look looks[2];
	const struct look *before, *now;
	bool is_live; /* on a terminal, until told to stop */
	struct termios saved;
};

/* One domain's line. */
struct line {
	const struct ctl_getinfo *info;
	char name[GUEST_NAME_MAX + 1];
	char label[GUEST_LABEL_MAX + 1];
	double seconds;
	double cpu_percent;
	double hypercalls;	 /* a second */
	struct ctl_stats during; /* since the last look */
};

static volatile sig_atomic_t is_stopped;

static void stop(int signal_number)
{
	(void)signal_number;
	is_stopped = 1;
}

/* Without SA_RESTART: the wait ends, and the terminal is put in order. */
static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = stop };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

/* A domain may go away between the two calls. */
static int take(struct top *top, struct look *look, struct fail *fail)
{
	uint32_t next = 0;
	int rc;

	look->at_ns = clock_ns();
	look->count = 0;
	while (look->count < CASEMATE_MAX_DOMAINS) {
		struct ctl_getinfo *info = &look->domain[look->count].info;

		rc = domain_next(top->door, next, info);
		if (rc != 0) {
			return rc == -ESRCH ? 0
					    : door_fail(fail, rc,
							"listing the domains");
		}
		next = info->domid + 1;
		rc = stats_get(top->door, info->domid,
			       &look->domain[look->count].stats);
		if (rc != 0 && rc != -ESRCH) {
			return door_fail(fail, rc,
					 "reading a domain's counters");
		}
		look->count += rc == 0 ? 1 : 0;
	}
	return 0;
}

/* The place of the same domain in a look; -1: it is new. */
static int find(const struct look *look, const struct ctl_getinfo *info)
{
	for (uint32_t i = 0; i < look->count; i++) {
		const struct ctl_getinfo *other = &look->domain[i].info;

		if (other->domid == info->domid &&
		    other->created_ns == info->created_ns) {
			return (int)i;
		}
	}
	return -1;
}

/* A new domain is compared with itself: it has done nothing yet. */
static void fill(struct top *top, uint32_t i, struct line *line)
{
	const struct ctl_getinfo *info = &top->now->domain[i].info;
	int was = find(top->before, info);
	const struct look *from = was < 0 ? top->now : top->before;
	uint32_t at = was < 0 ? i : (uint32_t)was;
	double ns = (double)(top->now->at_ns - top->before->at_ns);

	line->info = info;
	domain_name(info, line->name);
	domain_label(top->door, info->label, line->label);
	line->seconds = ns / 1e9;
	line->cpu_percent =
		(double)(info->cpu_ns - from->domain[at].info.cpu_ns) * 100.0 /
		ns;
	line->hypercalls =
		(double)(info->hypercalls - from->domain[at].info.hypercalls) /
		line->seconds;
	line->during = stats_since(&from->domain[at].stats,
				   &top->now->domain[i].stats);
}

static double rate(const struct line *line, uint64_t count)
{
	return (double)count / line->seconds;
}

static cJSON *line_json(const struct line *line)
{
	cJSON *json = cJSON_CreateObject();
	cJSON *exits;

	cli_add_number(json, "domid", line->info->domid);
	cJSON_AddStringToObject(json, "name", line->name);
	cJSON_AddStringToObject(json, "label", line->label);
	cJSON_AddStringToObject(json, "state", domain_state(line->info));
	cli_add_number(json, "vcpus", line->info->vcpu_count);
	cJSON_AddNumberToObject(json, "cpu_percent", line->cpu_percent);
	cli_add_number(json, "frames", line->info->frames);
	cJSON_AddNumberToObject(json, "hypercalls_per_s", line->hypercalls);
	cli_add_number(json, "denials", line->info->denials);
	cJSON_AddNumberToObject(json, "p99_ns",
				stats_percentile(&line->during, 99));
	exits = cJSON_AddObjectToObject(json, "exits_per_s");
	for (uint32_t i = 0; stats_cause(i) != NULL; i++) {
		cJSON_AddNumberToObject(exits, stats_cause(i),
					rate(line, line->during.exits[i]));
	}
	return json;
}

/* What is left: seldom, so it stands together. */
static uint64_t other_exits(const struct ctl_stats *s)
{
	return stats_exits(s) - s->exits[CTL_EXIT_IRQ] -
	       s->exits[CTL_EXIT_HYPERCALL] - s->exits[CTL_EXIT_HLT] -
	       s->exits[CTL_EXIT_IO] - s->exits[CTL_EXIT_RDMSR] -
	       s->exits[CTL_EXIT_WRMSR];
}

/* Not wider than the terminal, if it says how wide it is. */
static void put_line(const struct top *top, const char *text)
{
	struct winsize size;
	int width = LINE_BYTES;

	if (top->is_live && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	    size.ws_col > 0) {
		width = size.ws_col;
	}
	printf("%.*s\n", width, text);
}

static void put_domain(const struct top *top, const struct line *line)
{
	const struct ctl_stats *d = &line->during;
	char text[LINE_BYTES];

	snprintf(
		text, sizeof(text),
		"%4u  %-16s %-9s %5u %6.1f %7llu %8.0f %7.0f %7.0f %7.0f "
		"%7.0f %7.0f %7.0f %8.1f %8llu  %s",
		line->info->domid, line->name[0] == '\0' ? "-" : line->name,
		domain_state(line->info), line->info->vcpu_count,
		line->cpu_percent,
		(unsigned long long)(line->info->frames / PAGES_PER_MIB),
		line->hypercalls, rate(line, d->exits[CTL_EXIT_HYPERCALL]),
		rate(line, d->exits[CTL_EXIT_HLT]),
		rate(line, d->exits[CTL_EXIT_IRQ]),
		rate(line, d->exits[CTL_EXIT_RDMSR] + d->exits[CTL_EXIT_WRMSR]),
		rate(line, d->exits[CTL_EXIT_IO]), rate(line, other_exits(d)),
		stats_percentile(d, 99) / 1000.0,
		(unsigned long long)line->info->denials, line->label);
	put_line(top, text);
}

static void put_head(const struct top *top)
{
	char text[LINE_BYTES];
	time_t now = time(NULL);
	char day[32] = "";
	struct tm tm;

	if (localtime_r(&now, &tm) != NULL) {
		strftime(day, sizeof(day), "%F %T", &tm);
	}
	snprintf(text, sizeof(text), "%s%s  %u domains, over %.1f s%s",
		 top->is_live ? CLEAR : "", day, top->now->count,
		 (double)(top->now->at_ns - top->before->at_ns) / 1e9,
		 top->is_live ? "; q leaves" : "");
	printf("%s\n", text);
	snprintf(text, sizeof(text), "%*s", 84, "exits a second, by cause");
	put_line(top, text);
	snprintf(text, sizeof(text),
		 "%4s  %-16s %-9s %5s %6s %7s %8s %7s %7s %7s %7s %7s %7s %8s "
		 "%8s  %s",
		 "id", "name", "state", "vcpus", "cpu %", "MiB", "hcall/s",
		 "hcall", "hlt", "irq", "msr", "io", "other", "p99 us",
		 "denials", "label");
	put_line(top, text);
}

/* EXIT_OK, or EXIT_ERROR if nobody takes the output. */
static int show(struct top *top)
{
	struct line line;
	cJSON *json, *domains;

	if (!top->options->json) {
		put_head(top);
		for (uint32_t i = 0; i < top->now->count; i++) {
			fill(top, i, &line);
			put_domain(top, &line);
		}
		return fflush(stdout) == 0 ? EXIT_OK : EXIT_ERROR;
	}
	json = cJSON_CreateObject();
	cli_add_number(json, "interval_ns",
		       top->now->at_ns - top->before->at_ns);
	domains = cJSON_AddArrayToObject(json, "domains");
	for (uint32_t i = 0; i < top->now->count; i++) {
		fill(top, i, &line);
		cJSON_AddItemToArray(domains, line_json(&line));
	}
	return cli_print_json(json);
}

/* Wait, on a terminal for a key as well: q leaves, any other looks again. */
static void wait_a_while(const struct top *top, uint64_t ms)
{
	struct pollfd key = { .fd = STDIN_FILENO, .events = POLLIN };
	char c;

	if (poll(&key, top->is_live ? 1 : 0, (int)ms) > 0 &&
	    (read(STDIN_FILENO, &c, 1) != 1 || c == 'q' || c == 'Q')) {
		is_stopped = 1;
	}
}

static int watch(struct top *top, struct fail *fail)
{
	const struct options *options = top->options;
	uint64_t delay = options->delay_ms == 0 ? DELAY_MS : options->delay_ms;
	uint64_t left = options->count == 0 ? 1 : options->count;
	uint64_t first = top->is_live && delay > FIRST_DELAY_MS ? FIRST_DELAY_MS
								: delay;
	uint32_t i = 0;

	if (take(top, &top->looks[0], fail) != 0) {
		return EXIT_ERROR;
	}
	wait_a_while(top, first);
	while (!is_stopped && left > 0) {
		top->before = &top->looks[i % 2];
		i++;
		if (take(top, &top->looks[i % 2], fail) != 0) {
			return EXIT_ERROR;
		}
		top->now = &top->looks[i % 2];
		if (show(top) != EXIT_OK) {
			fail_set(fail, "output: %s", strerror(errno));
			return EXIT_ERROR;
		}
		left -= top->is_live ? 0 : 1;
		if (left > 0) {
			wait_a_while(top, delay);
		}
	}
	return EXIT_OK;
}

/* Keys at once and unseen. ^C stays a signal. */
static void terminal_take(struct top *top)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &top->saved) != 0) {
		top->is_live = false;
		return;
	}
	raw = top->saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

int cmd_top(const struct options *options, struct fail *fail)
{
	struct top *top = calloc(1, sizeof(*top));
	int rc;

	if (top == NULL) {
		fail_set(fail, "no memory");
		return EXIT_ERROR;
	}
	top->options = options;
	top->door = door_open(fail);
	if (top->door == NULL) {
		free(top);
		return EXIT_ERROR;
	}
	top->is_live = isatty(STDOUT_FILENO) && isatty(STDIN_FILENO) &&
		       options->count == 0 && !options->json;
	if (top->is_live) {
		catch_signals();
		terminal_take(top);
	}
	rc = watch(top, fail);
	if (top->is_live) {
		tcsetattr(STDIN_FILENO, TCSANOW, &top->saved);
	}
	door_close(top->door);
	free(top);
	return rc;
}
