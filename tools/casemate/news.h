/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How keepers hear that some domain died. One of them, the one that has the lock
 * on a file, watches xenstore and touches the file; the others wait for that.
 * With a connection each, every request of anybody would cost xenstored a look
 * at all of them.
 */
#pragma once

#include <stdbool.h>

struct news;

/* Never fails: without its file news_wait() only takes its time. */
struct news *news_open(void);
/* Until a domain may have died since the last call, or for a while. False if it
 * is for this process to watch xenstore, and xenstored does not answer. */
bool news_wait(struct news *news);
/* Before anything long: if this process watches, let another one. */
void news_hand_over(struct news *news);
void news_close(struct news *news);
