/* SPDX-License-Identifier: Apache-2.0 */
/* `casemate console`: the terminal that xenconsoled offers for a guest. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "casemate/cli.h"
#include "casemate/domain.h"

#define LEAVE 0x1d /* ^] */
#define TTY_TRIES 50
#define TTY_WAIT_MS 100

static char *find_tty(uint32_t domid, struct fail *fail)
{
	struct store *store = store_open(fail);
	char *tty = NULL;

	if (store == NULL) {
		return NULL;
	}
	/* xenconsoled writes it a moment after the guest was made. */
	for (int i = 0; i < TTY_TRIES; i++) {
		tty = store_read(store, domid, "console/tty");
		if (tty != NULL && tty[0] != '\0') {
			break;
		}
		free(tty);
		tty = NULL;
		poll(NULL, 0, TTY_WAIT_MS);
	}
	store_close(store);
	if (tty == NULL) {
		fail_set(fail,
			 "domain %u has no console terminal; is xenconsoled "
			 "running?",
			 domid);
	}
	return tty;
}

static int write_all(int fd, const char *data, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = write(fd, data, bytes);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return -1;
		}
		data += n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* Copy once. Returns whether to go on. */
static bool copy(int from, int to, bool has_escape)
{
	char data[1024];
	ssize_t n = read(from, data, sizeof(data));
	char *leave;

	if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
		return true;
	}
	if (n <= 0) {
		return false;
	}
	leave = has_escape ? memchr(data, LEAVE, (size_t)n) : NULL;
	if (leave != NULL) {
		n = leave - data;
	}
	return write_all(to, data, (size_t)n) == 0 && leave == NULL;
}

static void relay(int tty)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
				 { .fd = tty, .events = POLLIN } };
	bool is_open = true;

	while (is_open) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR) {
			return;
		}
		if (fds[1].revents != 0) {
			is_open = copy(tty, STDOUT_FILENO, false);
		}
		if (is_open && fds[0].revents != 0 &&
		    !copy(STDIN_FILENO, tty, true)) {
			return;
		}
	}
}

static void attach(int tty)
{
	struct termios saved, raw;
	bool is_terminal = tcgetattr(STDIN_FILENO, &saved) == 0;
	struct termios line;

	if (tcgetattr(tty, &line) == 0) {
		cfmakeraw(&line);
		tcsetattr(tty, TCSANOW, &line);
	}
	if (is_terminal) {
		raw = saved;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	relay(tty);
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
		fputs("\n", stdout);
	}
}

int cmd_console(const struct options *options, struct fail *fail)
{
	struct door *door = door_open(fail);
	struct ctl_getinfo info;
	char *tty = NULL;
	int fd = -1;

	if (door == NULL) {
		return EXIT_ERROR;
	}
	if (domain_find(door, options->argument, &info, fail) == 0) {
		tty = find_tty(info.domid, fail);
	}
	door_close(door);
	if (tty != NULL) {
		fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (fd < 0) {
			fail_set(fail,
				 "cannot open %s: %s; run casemate as "
				 "root",
				 tty, strerror(errno));
		}
		free(tty);
	}
	if (fd < 0) {
		return EXIT_ERROR;
	}
	attach(fd);
	close(fd);
	return EXIT_OK;
}
