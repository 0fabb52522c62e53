/* SPDX-License-Identifier: Apache-2.0 */
#include "casemate/news.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "casemate/probe.h"
#include "casemate/settings.h"
#include "casemate/store.h"

/* Deaths come together; and who hands over touches the file while it still has
 * the lock for a moment. */
#define STEP_MS 50

struct news {
	int file;
	int touched;	     /* inotify's descriptor */
	bool is_watcher;     /* has the lock */
	struct store *store; /* the watcher's; NULL while xenstored is dead */
	int watch_fd;
};

struct news *news_open(void)
{
	struct news *news = calloc(1, sizeof(*news));
	char path[PATH_MAX];

	if (news == NULL) {
		abort();
	}
	snprintf(path, sizeof(path), "%s/news", settings_run_dir());
	news->file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	news->touched = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	inotify_add_watch(news->touched, path, IN_ATTRIB);
	news->watch_fd = -1;
	return news;
}

/* The first event comes at once: what happened before it is not missed. */
static void open_watch(struct news *news)
{
	struct fail ignored = { 0 };

	news->store = store_open(&ignored);
	if (news->store != NULL) {
		news->watch_fd = store_watch_deaths(news->store);
	}
}

static void close_watch(struct news *news)
{
	store_close(news->store);
	news->store = NULL;
	news->watch_fd = -1;
}

/* libxenstore does not tell of xenstored's own death: ask now and then. */
static void look_at_xenstored(struct news *news, bool has_event)
{
	bool is_dead;

	if (news->store == NULL) {
		return;
	}
	is_dead = has_event ? store_drain_watch(news->store) != 0
			    : probe_xenstored() != 0;
	if (is_dead) {
		close_watch(news);
	}
	if (has_event) {
		futimens(news->file, NULL);
	}
}

static void drain_touched(struct news *news)
{
	char events[1024];

	while (read(news->touched, events, sizeof(events)) > 0) {
	}
}

bool news_wait(struct news *news)
{
	struct pollfd poll_fd = { .events = POLLIN };
	bool has_event;

	news->is_watcher = news->is_watcher ||
			   flock(news->file, LOCK_EX | LOCK_NB) == 0;
	if (news->is_watcher && news->store == NULL) {
		open_watch(news);
	}
	poll_fd.fd = news->is_watcher ? news->watch_fd : news->touched;
	has_event = poll(&poll_fd, 1, settings_keeper_poll_ms()) > 0;
	if (has_event) {
		poll(NULL, 0, STEP_MS);
	}
	drain_touched(news);
	look_at_xenstored(news, has_event);
	return !news->is_watcher || news->store != NULL;
}

void news_hand_over(struct news *news)
{
	if (news->is_watcher) {
		close_watch(news);
		news->is_watcher = false;
		flock(news->file, LOCK_UN);
		futimens(news->file, NULL);
	}
}

void news_close(struct news *news)
{
	news_hand_over(news);
	close(news->touched);
	close(news->file);
	free(news);
}
